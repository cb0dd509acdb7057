"""What the columns of an upload mean, and the field values that a row gives.

Belongs here: from texts in a CSV to a record as the REST API takes it. Not here: writing records (rows.py).

Sources: Bulk API 2.0 guide, "Relationship Fields in a Header Row" (`Account.Key__c`, `User:Owner.Username`), "Valid CSV
Record Rows" (empty is no value, `#N/A` is null), facts 3.6; the texts of errors as users report them. Choices where
the platform is not documented: a field named twice, also as itself and through its relationship, refuses the batch;
`#N/A` in a checkbox column refuses the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.salesforce import ids
from crm_pipeline.emulator.salesforce.bulk.csv_text import NULL, CsvError
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.schema import Field, Schema, SObject

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.store import SalesforceStore

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class Column:
    """A column: the field it sets, and for a relationship column how the parent is named."""

    field: Field
    parent: SObject | None = None
    key: Field | None = None


def columns_of(schema: Schema, sobject: SObject, names: Sequence[str]) -> list[Column]:
    """The meaning of a head line. Raises CsvError for a name that means no field."""
    columns = [_column(schema, sobject, name) for name in names]
    seen: set[str] = set()
    for column, name in zip(columns, names, strict=True):
        if column.field.name in seen:
            raise CsvError(f"InvalidBatch : InvalidBatch : Field name specified more than once : {name}")
        seen.add(column.field.name)
    return columns


def field_not_found(name: str) -> CsvError:
    """A column that must be there is not, or one that is there means nothing."""
    return CsvError(f"InvalidBatch : InvalidBatch : Field name not found : {name}")


def _column(schema: Schema, sobject: SObject, name: str) -> Column:
    path, _, key_name = name.rpartition(".")
    if not path:
        field = sobject.find(name)
        if field is None or field.type in ("address", "location"):
            raise field_not_found(name)
        return Column(field)
    target, _, relationship = path.rpartition(":")
    field = sobject.find_relationship(relationship)
    parent = None
    if field is not None and (target or len(field.reference_to) == 1):
        parent = schema.find(target or field.reference_to[0])
    key = parent.find(key_name) if parent is not None else None
    if field is None or parent is None or parent.name not in field.reference_to or key is None or not key.id_lookup:
        raise field_not_found(name)
    return Column(field, parent, key)


def reader(
    store: SalesforceStore, columns: Sequence[Column], *, without: Field | None = None
) -> Callable[[Sequence[str]], dict[str, Any]]:
    """A function from a row to the fields it gives, but for those of `without`.

    It raises ApiError for a text that its field cannot hold, or that names no parent.
    """
    used = [(index, column) for index, column in enumerate(columns) if column.field is not without]

    def read(row: Sequence[str]) -> dict[str, Any]:
        return {column.field.name: _value(store, column, text) for index, column in used if (text := row[index])}

    return read


def _value(store: SalesforceStore, column: Column, text: str) -> Any:
    field = column.field
    if text == NULL:
        if field.type == "boolean":
            raise wrong_type(field, text)
        return None
    if column.parent is not None and column.key is not None:
        return _parent_id(store, column.parent, column.key, text)
    if field.type == "boolean":
        flag = _BOOLEANS.get(text.strip().lower())
        if flag is None:
            raise wrong_type(field, text)
        return flag
    return text


def wrong_type(field: Field, text: str) -> ApiError:
    """The text is no boolean, number or date."""
    message = f"{field.label}: value not of required type: {text}"
    return ApiError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, [field.name])


def _parent_id(store: SalesforceStore, parent: SObject, key: Field, text: str) -> str:
    found = matching(store, parent, key, text)
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{key.name}: more than one record found for external id field: {found}"
        raise ApiError("DUPLICATE_EXTERNAL_ID", message, [])
    message = f"Foreign key external ID: {text.strip().lower()} not found for field {key.name} in entity {parent.name}"
    raise ApiError("INVALID_FIELD", message, [])


def matching(store: SalesforceStore, sobject: SObject, key: Field, text: str) -> list[str]:
    """Ids of the live records that have the text in a key field."""
    if key.type == "id":
        row = store.rows.get(sobject.name, ids.canonical(text.strip()) or "")
        return [] if row is None or row.get("IsDeleted") else [row["Id"]]
    return [row["Id"] for row in store.rows.matching(sobject, key, text.strip())]


def blamed(
    sobject: SObject, fields: Mapping[str, Any], error: ApiError, check: Callable[[Field, Any], Any]
) -> ApiError:
    """In a bulk job a text of the wrong type is the fault of its field, not of the JSON that never was.

    `check` is what refused one of the fields.
    """
    if error.code != "JSON_PARSER_ERROR":
        return error
    for name, value in fields.items():
        try:
            check(sobject.fields[name], value)
        except ApiError:
            return wrong_type(sobject.fields[name], str(value))
    return error
