"""The properties that a new portal has: about 200 of the 400 of a real one, those that connectors and users read.

Belongs here: the data files and how they become definitions. Not here: which values a property takes.

`<object>.tsv` lists the properties of an object, `common.tsv` those of all objects, `activity.tsv` those of calls,
emails, meetings, notes and tasks. Columns: `kind` is type/fieldType; `flags` are letters, see `FLAGS`; `options` is
empty, `value=label;value=label` (or a value alone), `@name` of a set in option_sets.json, or `>TYPE`, the object type
whose records are the options. `groups.json` names the groups of each object; the first is the main one. Object types
without records (empty_types.py) have the common properties and few of their own.
Source: HubSpot's knowledge base pages of default properties and public exports of portals' property definitions.
"""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

from crm_pipeline.emulator.hubspot.elsewhere.empty_types import EMPTY, EMPTY_TYPES
from crm_pipeline.emulator.hubspot.object_types import ALL_TYPES, ObjectType

_HERE = Path(__file__).parent

#: What each letter of the column `flags` sets in a definition.
FLAGS: dict[str, dict[str, Any]] = {
    "R": {"readOnlyValue": True},
    "C": {"readOnlyValue": True, "calculated": True},
    "H": {"hidden": True},
    "F": {"formField": True},
    "E": {"externalOptions": True},
    "$": {"showCurrencySymbol": True},
}


@cache
def _json(name: str) -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads((_HERE / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


#: Groups (name -> label) by object type.
PROPERTY_GROUPS = _json("groups") | {
    one.name: {f"{one.singular}_information": f"{one.title} information"} for one in EMPTY_TYPES
}
#: The main group by object type.
GROUPS = {object_: next(iter(groups)) for object_, groups in PROPERTY_GROUPS.items()}
LIFECYCLE_STAGES = _json("option_sets")["lifecycle_stage"]


def default_properties(kind: ObjectType) -> list[dict[str, Any]]:
    """Definitions of an object type as the keys of the API's create call, plus those in `FLAGS`."""
    files = [*([] if kind.is_empty else [kind.name]), *(["activity"] if kind.is_activity else []), "common"]
    rows = [*_own_rows(kind), *(row for file in files for row in _rows(file))]
    by_name = {row["name"]: row for row in reversed(rows)}  # an object's own row comes before the common one
    if kind.modified_property != "hs_lastmodifieddate":
        del by_name["hs_lastmodifieddate"]
    return [_definition(row, kind) for row in reversed(by_name.values())]


def _own_rows(kind: ObjectType) -> list[dict[str, str]]:
    """The properties of an object type without records, as rows of a file."""
    shared = {"flags": "", "group": "record", "options": ""}
    own = EMPTY[kind.name].own if kind.is_empty else []
    labels = {name: name.removeprefix("hs_").replace("_", " ").capitalize() for name, _ in own}
    return [{"name": name, "kind": type_, "label": labels[name], **shared} for name, type_ in own]


@cache
def _rows(file: str) -> list[dict[str, str]]:
    with (_HERE / f"{file}.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _definition(row: dict[str, str], kind: ObjectType) -> dict[str, Any]:
    type_, field_type = row["kind"].split("/")
    group = GROUPS[kind.name] if row["group"] == "record" else row["group"]
    given: dict[str, Any] = {
        "name": row["name"],
        "label": row["label"],
        "type": type_,
        "fieldType": field_type,
        "groupName": group,
        "formField": False,
    }
    for flag in row["flags"]:
        given |= FLAGS[flag]
    options = row["options"]
    if options.startswith(">"):
        given |= {"referencedObjectType": options[1:], "externalOptions": True}
    elif options:
        given["options"] = _options(options)
    return given


def _options(text: str) -> list[dict[str, Any]]:
    if text.startswith("@"):
        pairs = list(_json("option_sets")[text[1:]].items())
    else:
        pairs = [(value, label or value) for value, _, label in (one.partition("=") for one in text.split(";"))]
    return [{"label": label, "value": value, "displayOrder": order} for order, (value, label) in enumerate(pairs)]


DEFAULT_PROPERTIES: dict[str, list[dict[str, Any]]] = {kind.name: default_properties(kind) for kind in ALL_TYPES}
