"""What a call says about how its records are to be saved.

Belongs here: the headers that concern saving, read the platform's way. Not here: the rules they concern
(duplicates.py). Source: REST API Developer Guide, "Duplicate Rule Header".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Saving:
    """How to save: `allow_duplicates` passes alert rules, `with_details` tells the fields of records found; `root` is
    the path of the API version, for the urls of those records."""

    allow_duplicates: bool = False
    with_details: bool = False
    root: str = "/services/data/v62.0"


PLAIN = Saving()


def from_headers(headers: Mapping[str, str], root: str) -> Saving:
    """The options of a call; header names are lower case. Unknown options are passed over."""
    given = headers.get("sforce-duplicate-rule-header", "")
    options = dict(
        option.split("=", 1) for option in re.split(r"[;,]", given.replace(" ", "").lower()) if "=" in option
    )
    return Saving(options.get("allowsave") == "true", options.get("includerecorddetails") == "true", root)
