"""Value maps between two lists of options: by equal labels, and without what is no option.

Not here: whether a map is needed (plan/fit/).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from crm_pipeline.crm.protocol import FieldSchema, Option


def suggested_values(hubspot: FieldSchema, salesforce: FieldSchema) -> dict[str, Any]:
    """`values` of the mapping: HubSpot's options that have no equal value in Salesforce, but one with their label."""
    ours = {one.value for one in hubspot.options if one.active}
    theirs = {one.value: one for one in salesforce.options if one.active}
    free = [one for value, one in theirs.items() if value not in ours]
    found: dict[str, str] = {}
    for option in hubspot.options:
        if not option.active or option.value in theirs:
            continue
        match = next((one for one in free if _words(one) & _words(option)), None)
        if match is not None:
            free.remove(match)
            found[option.value] = match.value
    return {"to_salesforce": found} if found else {}


def without_unknown(
    values: Mapping[str, Any], hubspot: FieldSchema, salesforce: FieldSchema
) -> tuple[dict[str, Any], list[str]]:
    """A value map without lines that name what is no option, and those lines in words."""
    ours = {one.value for one in hubspot.options if one.active}
    theirs = {one.value for one in salesforce.options if one.active}
    forth = {h: s for h, s in values["to_salesforce"].items() if h in ours and s in theirs}
    back = {s: h for s, h in values.get("preferred", {}).items() if h in forth and s in theirs}
    dropped = [f"{h}: {s}" for h, s in values["to_salesforce"].items() if h not in forth]
    dropped += [f"{s}: {h}" for s, h in values.get("preferred", {}).items() if s not in back]
    less: dict[str, Any] = {}
    if forth:
        less["to_salesforce"] = forth
    if forth and back:
        less["preferred"] = back
    return less, dropped


def _words(option: Option) -> set[str]:
    return {unicodedata.normalize("NFKC", text).strip().casefold() for text in (option.label, option.value) if text}
