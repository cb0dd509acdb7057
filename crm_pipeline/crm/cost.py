"""What a read is going to find, and what it then costs in calls: the words of both CRMs' cost.py.

Not here: a CRM's pages and batches (hubspot/cost.py, salesforce/cost.py), and how many records there are
(extract/forecast.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Reading:
    """An object about to be read. `live`: records that it has; `changed`: those of them that are expected to come;
    `gone`: records that the CRM still lists as deleted; `compared`: ids are compared, too.

    `full`: everything is read, `changed` is `live` then. `fields`, `history`: as in `Crm.pages`.
    """

    object: str
    live: int
    changed: int
    gone: int = 0
    full: bool = False
    compared: bool = False
    fields: Sequence[str] = ()
    history: Sequence[str] = ()


@dataclass(frozen=True)
class Cost:
    """`route`: how the records come (list, search, query, bulk), for people."""

    route: str
    calls: int


class Costs(Protocol):
    """What a CRM's cost.py offers. All of it pure: nothing is asked of the CRM."""

    def of_object(self, reading: Reading) -> Cost:
        """A read of an object: its count, its records, what is gone, and a sample read back."""

    def of_relations(self, records: Mapping[tuple[str, str], int]) -> int:
        """The relations of so many records, by (from object, to object)."""

    def of_schema(self, objects: Sequence[str]) -> int:
        """The account, its users, and the fields and stages of these objects."""
