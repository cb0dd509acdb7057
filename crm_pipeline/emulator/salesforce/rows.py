"""The records of all objects in memory, with roll-back.

Belongs here: keeping, finding and restoring rows over all objects. Not here: what a valid row is, the form of a row
(layout.py), the indexes of one object (tables.py). A row is replaced, never changed in place, so that whoever holds
one (a query cursor, the journal) keeps what it saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.salesforce.ids import make_id
from crm_pipeline.emulator.salesforce.layout import Row
from crm_pipeline.emulator.salesforce.schema import Field, Schema, SObject
from crm_pipeline.emulator.salesforce.tables import Deletion, Table
from crm_pipeline.emulator.salesforce.values import format_datetime, parse_datetime

__all__ = ["Deletion", "Row", "Rows"]


class _Step(NamedTuple):
    """What a record was before a write."""

    object_: str
    record_id: str
    row: Row | None
    deletion: Deletion | None


class Rows:
    """Tables by object name; rows by their 18-character id, in order of creation.

    `indexed` False makes every query scan: the answers are the same. With `commit_delay` seconds, queries see what a
    transaction wrote only that long after its SystemModstamp (facts 3.3, late visibility).
    """

    def __init__(self, schema: Schema, clock: Clock | None = None) -> None:
        self.schema = schema
        self.tables: dict[str, Table] = {name: Table(sobject) for name, sobject in schema.objects.items()}
        self.counters = dict.fromkeys(schema.objects, 0)
        self.purged: dict[str, str] = {}
        self.indexed = True
        self.commit_delay = 0.0
        self._clock = clock or Clock()
        self._journal: list[_Step] = []
        self._depth = 0
        self._references: dict[str, list[tuple[SObject, Field]]] = {}

    def new_id(self, sobject: SObject) -> str:
        """An id that no record has had."""
        self.counters[sobject.name] += 1
        return make_id(sobject.key_prefix, self.counters[sobject.name])

    def get(self, object_: str, record_id: str) -> Row | None:
        """The row, deleted or not; None when there is none (any more)."""
        return self.tables[object_].get(record_id)  # type: ignore[no-any-return]

    def put(self, object_: str, row: Mapping[str, Any], deletion: Deletion | None = None) -> None:
        """Insert the row, or replace the one with its id. `deletion` tells when a deleted row was deleted."""
        table = self.tables[object_]
        made = row if isinstance(row, Row) else table.layout.row(row)
        self._remember(table, object_, made.id)
        table.put(made, deletion)

    def remove(self, object_: str, record_id: str) -> None:
        """Forget a row for good; one from the recycle bin stays in the list of deletions."""
        table = self.tables[object_]
        self._remember(table, object_, record_id)
        if record_id in table.deletions:
            self.purged[record_id] = table.deletions[record_id].at
        table.remove(record_id)

    def matching(self, sobject: SObject, field: Field, value: Any) -> list[Row]:
        """Live rows with this value of an indexed (external id, unique, id lookup) field."""
        return self.tables[sobject.name].looked_up(field.name, value)

    def referring(self, record_id: str) -> Iterator[tuple[SObject, Field, Row]]:
        """Live rows that refer to the record (which is no user), with the field by which they do."""
        target = self.schema.by_prefix(record_id)
        for sobject, field in self._referring(target.name) if target is not None else ():
            table = self.tables[sobject.name]
            index = table.sorted_by(field.name)
            found: Iterator[Row]
            if index is None:
                found = (row for row in table.all() if row[field.name] == record_id)
            else:
                found = table.in_order_of(index, record_id, record_id)
            for row in list(found):
                if row.id not in table.deletions:
                    yield sobject, field, row

    def changed_between(self, object_: str, start: str, end: str) -> list[str]:
        """Ids of the live records, as queries see them, with `start` <= SystemModstamp < `end`.

        Rows of a history object have no such stamp: they never change after CreatedDate.
        """
        table = self.tables[object_]
        stamp = "SystemModstamp" if "SystemModstamp" in table.ordered else "CreatedDate"
        index = table.sorted_by(stamp)
        if index is None:
            return []
        seen: dict[str, Row | None] = {row.id: row for row in table.in_order_of(index, start, end)}
        seen |= self.unseen(object_)
        return sorted(
            record_id
            for record_id, row in seen.items()
            if row is not None and not row.get("IsDeleted") and start <= row[stamp] < end
        )

    def deleted_between(self, object_: str, start: str, end: str) -> dict[str, str]:
        """Time of deletion by id, of records that were deleted from `start` until before `end`."""
        prefix = self.schema.objects[object_].key_prefix
        gone = {record_id: deletion.at for record_id, deletion in self.tables[object_].deletions.items()}
        gone |= {record_id: at for record_id, at in self.purged.items() if record_id.startswith(prefix)}
        return {record_id: at for record_id, at in gone.items() if start <= at < end}

    def unseen(self, object_: str) -> dict[str, Row | None]:
        """What queries see now in place of records that are not committed yet; None: nothing."""
        return self.tables[object_].unseen(self._clock.now().timestamp())

    def add_object(self, sobject: SObject) -> None:
        """Take in a new object, which has no rows."""
        self.tables[sobject.name] = Table(sobject)
        self.counters[sobject.name] = 0
        self._references.clear()

    def add_field(self, sobject: SObject, field: Field) -> None:
        """Take in a new field of an object; its rows have the default."""
        self.tables[sobject.name].add_field(field)
        self._references.clear()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Undo everything done inside when the block raises; blocks may be nested."""
        start = len(self._journal)
        self._depth += 1
        try:
            yield
        except BaseException:
            self._undo(start)
            raise
        finally:
            self._depth -= 1
            if self._depth == 0:
                if self.commit_delay and self._journal:
                    self._hold()
                self._journal.clear()

    def _referring(self, target: str) -> list[tuple[SObject, Field]]:
        """The fields of all objects that may refer to the object."""
        if target not in self._references:
            self._references[target] = [
                (sobject, field)
                for sobject in self.schema.objects.values()
                for field in sobject.fields.values()
                if target in field.reference_to
            ]
        return self._references[target]

    def _remember(self, table: Table, object_: str, record_id: str) -> None:
        if self._depth:
            self._journal.append(_Step(object_, record_id, table.get(record_id), table.deletions.get(record_id)))

    def _undo(self, start: int) -> None:
        undone = self._journal[start:]
        del self._journal[start:]
        for step in reversed(undone):
            table = self.tables[step.object_]
            self.purged.pop(step.record_id, None)
            if step.row is not None:
                table.put(step.row, step.deletion)
            elif step.record_id in table:
                table.remove(step.record_id)

    def _hold(self) -> None:
        before: dict[tuple[str, str], Row | None] = {}
        for step in self._journal:
            before.setdefault((step.object_, step.record_id), step.row)
        now = format_datetime(self._clock.now())
        for (object_, record_id), row in before.items():
            new = self.tables[object_].get(record_id)
            written = parse_datetime((new.get("SystemModstamp") if new else None) or now)
            assert written is not None
            self.tables[object_].hold(record_id, row, written.timestamp() + self.commit_delay)
