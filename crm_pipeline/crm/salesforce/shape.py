"""What an object offers to a reader, by its describe: which columns tell its times and its end, which rows are live.

Not here: asking for the describe, and the mapped fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from crm_pipeline.crm.salesforce import soql
from crm_pipeline.crm.salesforce.soql import Query

#: Asked of every record that has them. LastModifiedDate is a user's change, SystemModstamp also Salesforce's own.
_SYSTEM = ("Id", "CreatedDate", "LastModifiedDate", "LastModifiedById", "SystemModstamp")
#: What tells that a record is gone, and where it went.
_EVIDENCE = ("IsDeleted", "MasterRecordId", "IsConverted", "ConvertedContactId")
#: What a window of changes is cut by: the first of them that a query may filter, which not every object's
#: SystemModstamp is (facts/salesforce.md 3.2).
_CLOCKS = ("SystemModstamp", "LastModifiedDate", "CreatedDate")


class Shape:
    """An object. `clock`: the field that windows of changes are cut by, "" where there is none."""

    def __init__(self, described: Mapping[str, Any]) -> None:
        self.name: str = described["name"]
        self.fields: Mapping[str, Mapping[str, Any]] = {field["name"]: field for field in described["fields"]}
        self.lists_deletions: bool = described.get("replicateable", True)
        self.clock = next((name for name in _CLOCKS if self._filterable(name)), "")
        self.system = tuple(name for name in _SYSTEM if name in self.fields)
        self.evidence = tuple(name for name in _EVIDENCE if name in self.fields)

    def _filterable(self, name: str) -> bool:
        return bool(self.fields.get(name, {}).get("filterable", False))

    def everything(self, columns: Iterable[str]) -> Query:
        """All live records. Archived tasks and events are live, and only queryAll shows them."""
        archives = "IsArchived" in self.fields and self._filterable("IsDeleted")
        conditions = ["IsDeleted = false"] if archives else []
        if self._filterable("IsConverted"):
            conditions.append("IsConverted = false")  # the person is a Contact from then on
        return Query(self.name, tuple(columns), tuple(conditions), deleted=archives)

    def changes(self, columns: Iterable[str], since: datetime | None, until: datetime | None) -> Query:
        """Everything that happened to records in [since, until): changes, deletions, merges, conversions."""
        names = (*self.system, *self.evidence, *columns)
        return Query(self.name, names, tuple(soql.window(self.clock, since, until)), deleted=True)

    def gone(self, more: Iterable[str] = ()) -> list[Query]:
        """Records in the recycle bin, and converted ones. `more`: columns beside those that tell where they went."""
        ends = [("IsDeleted = true", True), ("IsConverted = true", False)]
        columns = (*self.system, *self.evidence, *more)
        return [
            Query(self.name, columns, (condition,), deleted=deleted)
            for condition, deleted in ends
            if self._filterable(condition.partition(" ")[0])
        ]
