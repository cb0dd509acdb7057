"""The rows of one object with their indexes.

Belongs here: keeping and finding the rows of an object, which of them are in the recycle bin, and what queries see of
rows that are not committed yet. Not here: transactions (rows.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, ValuesView
from typing import Any, NamedTuple

from crm_pipeline.emulator.salesforce.indexes import LookupIndex, SortedIndex
from crm_pipeline.emulator.salesforce.layout import Layout, Row
from crm_pipeline.emulator.salesforce.schema import Field, SObject

ORDERED = ("Id", "SystemModstamp", "LastModifiedDate", "CreatedDate")
"""Fields that every record has a value of and by which results are often sorted."""


class Deletion(NamedTuple):
    """When a record got into the recycle bin (stored form), and the id of the record with which it went, if any."""

    at: str
    along_with: str | None = None


class Table(Mapping[str, Row]):
    """Rows by id, always in the order of their ids, which is that of creation.

    `lookups` are the indexes of look-up fields, `ordered` those that `sorted_by` gives, by field name.
    """

    def __init__(self, sobject: SObject) -> None:
        self.layout = Layout(sobject)
        self.deletions: dict[str, Deletion] = {}
        self._rows: dict[str, Row] = {}
        self._last_id = ""
        self._in_order = True
        self._all: list[Row] | None = None
        self._live: list[Row] | None = None
        self.lookups: dict[str, LookupIndex] = {}
        self.ordered: dict[str, SortedIndex] = {}
        self._held: dict[str, list[tuple[float, Row | None]]] = {}
        for field in sobject.fields.values():
            self._index(field)

    # Reading

    def __getitem__(self, record_id: str) -> Row:
        return self._rows[record_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ordered())

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._rows

    def get(self, record_id: str, default: Any = None) -> Any:
        """The row with this id, deleted or not."""
        return self._rows.get(record_id, default)

    def values(self) -> ValuesView[Row]:
        """All rows, in the order of their ids."""
        return self._ordered().values()

    def all(self) -> list[Row]:
        """All rows as a list, which must not be changed: it is shared by all who ask until the next write."""
        if self._all is None:
            self._all = list(self._ordered().values())
        return self._all

    def live(self) -> list[Row]:
        """All rows that are not in the recycle bin, as a list that must not be changed."""
        if not self.deletions:
            return self.all()
        if self._live is None:
            self._live = [row for row in self.all() if row.values_[0] not in self.deletions]
        return self._live

    # Writing

    def put(self, row: Row, deletion: Deletion | None = None) -> None:
        """Insert the row, or replace the one with its id. `deletion` tells when a deleted row was deleted."""
        record_id = row.values_[0]
        old = self._rows.get(record_id)
        if old is None:
            self._in_order = self._in_order and record_id > self._last_id
            self._last_id = max(record_id, self._last_id)
        self._rows[record_id] = row
        self._all = self._live = None
        if row.get("IsDeleted"):
            known = deletion or self.deletions.get(record_id)
            self.deletions[record_id] = known or Deletion(str(row.get("SystemModstamp")))
        elif self.deletions:
            self.deletions.pop(record_id, None)
        self._reindex(record_id, old, row)

    def remove(self, record_id: str) -> None:
        """Forget a row for good."""
        old = self._rows.pop(record_id)
        self.deletions.pop(record_id, None)
        self._all = self._live = None
        self._reindex(record_id, old, None)

    def add_field(self, field: Field) -> None:
        """Take in a new field: rows that are there have its default."""
        if self._rows:
            self.layout.append(field)
            self._index(field)
        else:
            self.layout.arrange()
            for known in self.layout.sobject.fields.values():
                self._index(known)

    # Finding

    def looked_up(self, name: str, value: Any) -> list[Row]:
        """Live rows with the value of a look-up field. KeyError when the field is none."""
        found = self.lookups[name].ids(value)
        return [self._rows[i] for i in found if i not in self.deletions]

    def sorted_by(self, name: str) -> SortedIndex | None:
        """The index of a time stamp or of a reference (but to users), ready to be read; None for other fields."""
        index = self.ordered.get(name)
        if index is not None and not index.is_built:
            index.build(self._ordered().values())
        return index

    def in_order_of(
        self, index: SortedIndex, low: str | None, high: str | None, *, descending: bool = False
    ) -> Iterator[Row]:
        """The rows, deleted or not, whose value lies from `low` to `high`; ties always in the order of their ids."""
        return map(self._rows.__getitem__, index.ids(self._rows, low, high, descending=descending))

    # Late commits

    def hold(self, record_id: str, before: Row | None, due: float) -> None:
        """Until `due` (Unix time) queries see the record as it was before; None: not at all."""
        self._held.setdefault(record_id, []).append((due, before))

    def unseen(self, now: float) -> dict[str, Row | None]:
        """What queries see now in place of records that were written but are not committed yet."""
        for record_id, versions in list(self._held.items()):
            waiting = [version for version in versions if version[0] > now]
            if waiting:
                self._held[record_id] = waiting
            else:
                del self._held[record_id]
        return {record_id: versions[0][1] for record_id, versions in self._held.items()}

    def _ordered(self) -> dict[str, Row]:
        if not self._in_order:
            self._rows = dict(sorted(self._rows.items()))
            self._in_order = True
        return self._rows

    def _index(self, field: Field) -> None:
        get = self.layout.getter(field.name)
        if (field.id_lookup or field.unique) and field.type != "id":
            index = self.lookups[field.name] = LookupIndex(field, get)
            for record_id, row in self._rows.items():
                if (value := get(row)) is not None:
                    index.add(value, record_id)
        if field.name in ORDERED or (field.type == "reference" and "User" not in field.reference_to):
            self.ordered[field.name] = SortedIndex(get)

    def _reindex(self, record_id: str, old: Row | None, new: Row | None) -> None:
        for index in self.lookups.values():
            before = index.get(old) if old is not None else None
            after = index.get(new) if new is not None else None
            if before == after:
                continue
            if before is not None:
                index.discard(before, record_id)
            if after is not None:
                index.add(after, record_id)
        for ordered in self.ordered.values():
            if ordered.is_built and (old is None or new is None or ordered.get(old) != ordered.get(new)):
                ordered.note(record_id)
