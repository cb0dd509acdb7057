"""Writes the rows of an upload, each in its own transaction, as the platform's bulk jobs do.

Belongs here: insert, update, upsert, delete and hard delete of one row. Not here: reading the CSV (csv_text.py,
columns.py), the job around the rows (ingest_jobs.py).

Sources: Bulk API 2.0 guide, "Create a Job" (operations); error codes of facts 3.8. Rows go through SalesforceStore, so
every rule of single records holds, and `before_write` may refuse a row. Choices where the platform is not documented:
two rows of 200 with the same external id are both refused, as in an upsert of the SOAP API.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.salesforce import ids
from crm_pipeline.emulator.salesforce.bulk.columns import Column, blamed, field_not_found, matching, reader
from crm_pipeline.emulator.salesforce.bulk.csv_text import NULL, CsvError
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.schema import Field, SObject
from crm_pipeline.emulator.salesforce.values import coerce

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.store import SalesforceStore

CHUNK = 200
"""Records that the platform works on at once."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a row: its record's id and whether it is new, or the error."""

    record_id: str
    created: bool
    error: ApiError | None = None


@dataclass
class RowWriter:
    """Writes rows for one job; `key` is the external id field of an upsert."""

    store: SalesforceStore
    sobject: SObject
    operation: str
    user_id: str
    columns: Sequence[Column]
    key: Field | None

    def __post_init__(self) -> None:
        """Find the column that names records. Raises CsvError when it is missing, or stands beside others."""
        names = [column.field.name for column in self.columns]
        own = next((f for f in self.sobject.fields.values() if f.type == "id"), None)
        identifier = None if self.operation == "insert" else self.key if self.operation == "upsert" else own
        self._at = -1
        if identifier is not None:
            if identifier.name not in names:
                raise field_not_found(identifier.name)
            self._at = names.index(identifier.name)
        if self.operation in ("delete", "hardDelete") and len(names) > 1:
            raise CsvError(f"InvalidBatch : The '{self.operation}' batch must contain only ids")
        self._inserts_ids = self.operation == "insert" and "Id" in names
        self._read = reader(self.store, self.columns, without=identifier)
        self._write: Callable[[Sequence[str]], Written] = {
            "insert": self._insert,
            "update": self._update,
            "upsert": self._upsert,
            "delete": self._delete,
            "hardDelete": self._hard_delete,
        }[self.operation]

    def write(self, rows: Sequence[Sequence[str]]) -> list[Written]:
        """Write up to CHUNK rows; a row that is refused changes nothing."""
        twice = self._named_twice(rows)
        return [self._one(row, twice) for row in rows]

    def _one(self, row: Sequence[str], twice: frozenset[str]) -> Written:
        given_id = row[self._at] if self._at >= 0 and self.columns[self._at].field.type == "id" else ""
        try:
            if twice and row[self._at].strip().lower() in twice:
                assert self.key is not None
                message = f"Duplicate external id specified: {row[self._at].strip()}"
                raise ApiError("DUPLICATE_VALUE", message, [self.key.name])
            return self._write(row)
        except ApiError as error:
            return Written(given_id, False, _of_record(error))

    def _insert(self, row: Sequence[str]) -> Written:
        if self._inserts_ids:
            message = "cannot specify Id in an insert call"
            raise ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", message, ["Id"])
        return Written(self._create(self._read(row)), True)

    def _update(self, row: Sequence[str]) -> Written:
        record_id = self._given_id(row)
        self._change(record_id, self._read(row))
        return Written(record_id, False)

    def _upsert(self, row: Sequence[str]) -> Written:
        key, value = self.key, row[self._at].strip()
        assert key is not None
        if key.type == "id":
            return Written(self._create(self._read(row)), True) if not value else self._update(row)
        if not value or value == NULL:
            raise ApiError("MISSING_ARGUMENT", f"{key.name} not specified", [])
        found = matching(self.store, self.sobject, key, value)
        if len(found) > 1:
            message = f"{key.name}: more than one record found for external id field: {found}"
            raise ApiError("DUPLICATE_EXTERNAL_ID", message, [key.name])
        if found:
            self._change(found[0], self._read(row))
            return Written(found[0], False)
        return Written(self._create({**self._read(row), key.name: value}), True)

    def _delete(self, row: Sequence[str]) -> Written:
        record_id = self._given_id(row)
        self.store.delete(self.sobject.name, record_id, user_id=self.user_id)
        return Written(record_id, False)

    def _hard_delete(self, row: Sequence[str]) -> Written:
        with self.store.transaction():
            written = self._delete(row)
            self.store.purge(self.sobject.name, written.record_id)
        return written

    def _create(self, fields: dict[str, Any]) -> str:
        try:
            return self.store.create(self.sobject.name, fields, user_id=self.user_id)
        except ApiError as error:
            raise blamed(self.sobject, fields, error, coerce) from None

    def _change(self, record_id: str, fields: dict[str, Any]) -> None:
        try:
            self.store.update(self.sobject.name, record_id, fields, user_id=self.user_id)
        except ApiError as error:
            raise blamed(self.sobject, fields, error, coerce) from None

    def _given_id(self, row: Sequence[str]) -> str:
        text = row[self._at].strip()
        if not text or text == NULL:
            verb = "a delete" if self.operation in ("delete", "hardDelete") else "an update"
            raise ApiError("MISSING_ARGUMENT", f"Id not specified in {verb} call", [])
        record_id = ids.canonical(text)
        if record_id is None or self.store.schema.by_prefix(record_id) is not self.sobject:
            label = self.sobject.described["label"]
            raise ApiError("MALFORMED_ID", f"{label} ID: id value of incorrect type: {text}", ["Id"])
        return record_id

    def _named_twice(self, rows: Sequence[Sequence[str]]) -> frozenset[str]:
        if self.key is None or self.key.type == "id":
            return frozenset()
        counted = Counter(row[self._at].strip().lower() for row in rows)
        return frozenset(value for value, count in counted.items() if value and count > 1)


def _of_record(error: ApiError) -> ApiError:
    """In a job a record that does not exist is a wrong reference, not a missing resource."""
    if error.code != "NOT_FOUND":
        return error
    return ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
