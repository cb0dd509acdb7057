"""Object types that HubSpot has and the emulated portal has no records of: the app may read them, and finds nothing.

Belongs here: the list (empty_types.tsv). A connector that reads everything asks for them, and some stop at a refusal.
`properties` of the file are the ones of their own, as name:type/fieldType, the one that names a record first;
`scope` is the word in the names of the scopes. Source: HubSpot's API reference and guide of each object. Choice: an app
that only reads is not granted their writing scopes.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple


class EmptyType(NamedTuple):
    """A line of the file; `other_name` is an older name or empty."""

    name: str
    singular: str
    type_id: str
    other_name: str
    scope: str
    properties: str

    @property
    def own(self) -> list[tuple[str, str]]:
        """Its own properties: name and type/fieldType."""
        pairs = (one.partition(":") for one in self.properties.split(";"))
        return [(name, kind) for name, _, kind in pairs]

    @property
    def title(self) -> str:
        """What it is called in labels."""
        return self.singular.replace("_", " ").capitalize()


def _rows() -> list[EmptyType]:
    with Path(__file__).with_name("empty_types.tsv").open(encoding="utf-8", newline="") as lines:
        return [EmptyType(**row) for row in csv.DictReader(lines, delimiter="\t")]


EMPTY_TYPES = _rows()
EMPTY = {one.name: one for one in EMPTY_TYPES}
