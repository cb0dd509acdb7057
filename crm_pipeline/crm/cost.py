"""What a read or a push is going to cost in calls: the words of both CRMs' cost.py.

Not here: a CRM's pages and batches (hubspot/cost.py, salesforce/cost.py), how many records there are to read
(extract/forecast.py) and to write (push/forecast.py).
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

    def of_named(self, records: int) -> int:
        """So many records of one object, read by their ids or keys."""

    def of_writes(self, records: int, *, by_job: bool = False) -> int:
        """A batch of so many writes, read back where the CRM's answers do not tell what it made of them."""

    def of_push(self, objects: int) -> int:
        """What is asked once in a push that reads or writes so many of the CRM's objects."""

    def of_look(self) -> int:
        """What came into an object since a time, if that is not much."""
