"""The records of all objects in memory, with an index of the lookup fields and roll-back.

Belongs here: keeping, finding and restoring rows. Not here: what a valid row is. A row is replaced,
never changed in place, so that whoever holds one (a query cursor, the journal) keeps what it saw.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from crm_pipeline.emulator.salesforce.ids import make_id
from crm_pipeline.emulator.salesforce.schema import Field, Schema, SObject

Row = dict[str, Any]
"""All fields of a record in stored form (values.py), and `_`-prefixed notes of the emulator."""


class Rows:
    """Tables by object name; rows by their 18-character id, in order of creation."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in schema.objects}
        self._counters = dict.fromkeys(schema.objects, 0)
        self._index: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
        self._journal: list[tuple[str, str, Row | None]] = []
        self._depth = 0
        for sobject in schema.objects.values():
            for field in sobject.fields.values():
                self.index(sobject, field)

    def new_id(self, sobject: SObject) -> str:
        """An id that no record has had."""
        self._counters[sobject.name] += 1
        return make_id(sobject.key_prefix, self._counters[sobject.name])

    def get(self, object_: str, record_id: str) -> Row | None:
        """The row, deleted or not; None when there is none (any more)."""
        return self.tables[object_].get(record_id)

    def put(self, object_: str, row: Row) -> None:
        """Insert the row, or replace the one with its id."""
        record_id = row["Id"]
        old = self.tables[object_].get(record_id)
        self._remember(object_, record_id, old)
        self.tables[object_][record_id] = row
        self._reindex(object_, record_id, old, row)

    def remove(self, object_: str, record_id: str) -> None:
        """Forget a row for good."""
        old = self.tables[object_].pop(record_id)
        self._remember(object_, record_id, old)
        self._reindex(object_, record_id, old, None)

    def matching(self, sobject: SObject, field: Field, value: Any) -> list[Row]:
        """Live rows with this value of an indexed (external id, unique, id lookup) field."""
        table = self.tables[sobject.name]
        found = self._index[sobject.name, field.name].get(_key(field, value), {})
        return [table[i] for i in found if not table[i].get("IsDeleted")]

    def referring(self, record_id: str) -> Iterator[tuple[SObject, Field, Row]]:
        """Live rows that refer to the record, with the field by which they do."""
        target = self._schema.by_prefix(record_id)
        for sobject in self._schema.objects.values():
            fields = [
                field for field in sobject.fields.values() if target is not None and target.name in field.reference_to
            ]
            for row in list(self.tables[sobject.name].values()) if fields else ():
                for field in fields:
                    if row[field.name] == record_id and not row.get("IsDeleted"):
                        yield sobject, field, row

    def index(self, sobject: SObject, field: Field) -> None:
        """Build the index of a field that records can be looked up by."""
        if not (field.id_lookup or field.unique) or field.type == "id":
            return
        self._index[sobject.name, field.name] = {}
        for record_id, row in self.tables[sobject.name].items():
            self._reindex(sobject.name, record_id, None, row)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Undo everything done inside when the block raises; blocks may be nested."""
        start = len(self._journal)
        self._depth += 1
        try:
            yield
        except BaseException:
            undone = self._journal[start:]
            del self._journal[start:]
            self._depth, depth = 0, self._depth
            for object_, record_id, old in reversed(undone):
                if old is None:
                    self.remove(object_, record_id)
                else:
                    self.put(object_, old)
            self._depth = depth
            raise
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._journal.clear()

    def dump(self) -> dict[str, Any]:
        """Everything that `restore` needs, as JSON values."""
        tables = {name: list(table.values()) for name, table in self.tables.items()}
        return {"tables": tables, "counters": self._counters}

    def restore(self, dumped: dict[str, Any]) -> None:
        """Replace all rows by what `dump` gave."""
        self._counters |= dumped["counters"]
        for name, table in dumped["tables"].items():
            for record_id in list(self.tables[name]):
                self.remove(name, record_id)
            for row in table:
                self.put(name, row)

    def _remember(self, object_: str, record_id: str, old: Row | None) -> None:
        if self._depth:
            self._journal.append((object_, record_id, old))

    def _reindex(self, object_: str, record_id: str, old: Row | None, new: Row | None) -> None:
        for (name, field_name), index in self._index.items():
            if name != object_:
                continue
            field = self._schema.objects[object_].fields[field_name]
            before = old.get(field_name) if old is not None else None
            after = new.get(field_name) if new is not None else None
            if before is not None and before != after:
                index.get(_key(field, before), {}).pop(record_id, None)
            if after is not None:
                index.setdefault(_key(field, after), {})[record_id] = None


def live(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows that are not in the recycle bin."""
    return (row for row in rows if not row.get("IsDeleted"))


def _key(field: Field, value: Any) -> str:
    return str(value) if field.case_sensitive else str(value).lower()
