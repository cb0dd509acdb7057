"""Salesforce's JSON of records and fields, and ours.

Not here: requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_pipeline.crm.protocol import FieldSchema, Option, Page, Span, Tombstone
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.model import UNREADABLE_TIME, SourceRecord, System, Value

#: Types whose values are made of other fields (Bulk API refuses them), or fit no row.
NOT_SELECTABLE = ("address", "location", "base64")

#: Types of numbers with a fraction, which is not written where it is zero.
FRACTIONS = ("double", "currency", "percent")


def page(object_: str, rows: Iterable[Mapping[str, Any]], types: Mapping[str, str], span: Span | None = None) -> Page:
    """Rows of live and of gone records, told apart by the columns of evidence that were asked for."""
    records, gone = [], []
    fractions = fractions_of(types)
    for row in rows:
        stone = tombstone(object_, row)
        if stone is None:
            records.append(source_record(object_, row, types, fractions))
        else:
            gone.append(stone)
    return Page(records, gone, span)


def source_record(
    object_: str, row: Mapping[str, Any], types: Mapping[str, str], fractions: Sequence[str] | None = None
) -> SourceRecord:
    """A record with the fields of `types`, which are the describe's types by field or path; a path over an empty
    relation is blank.

    A column that the row lacks is unknown, not blank. `fractions`: those of the fields that are numbers with a
    fraction, also where JSON writes none.
    """
    fractions = fractions_of(types) if fractions is None else fractions
    fields = {path: row[path] if path in row else value_at(row, path) for path in types if path in row or "." in path}
    for path in fractions:
        if type(value := fields.get(path)) is int:
            fields[path] = float(value)
    created = row.get("CreatedDate") or row.get("LastModifiedDate") or row.get("SystemModstamp")
    return SourceRecord(
        system=System.SALESFORCE,
        object=object_,
        record_id=to_18(row["Id"]),
        created_at=_time(created),
        modified_at=_time(row.get("LastModifiedDate") or row.get("SystemModstamp") or created),
        modified_by=row.get("LastModifiedById") or "",
        fields=fields,
    )


def fractions_of(types: Mapping[str, str]) -> list[str]:
    """The fields of numbers with a fraction."""
    return [path for path, type_ in types.items() if type_ in FRACTIONS]


def tombstone(object_: str, row: Mapping[str, Any]) -> Tombstone | None:
    """What the row is evidence of; None for a live record."""
    if not row.get("IsDeleted") and not row.get("IsConverted"):
        return None
    record_id, at = to_18(row["Id"]), time(row.get("SystemModstamp") or row["LastModifiedDate"])
    if survivor := to_18(row.get("MasterRecordId") or ""):
        return Tombstone(object_, record_id, "merged", at, object_, survivor)
    if row.get("IsConverted"):
        return Tombstone(object_, record_id, "converted", at, "Contact", to_18(row.get("ConvertedContactId") or ""))
    return Tombstone(object_, record_id, "deleted", at)


def value_at(row: Mapping[str, Any], path: str) -> Value:
    """The value of a field, or of a path over relations: `Account.Industry`."""
    *relations, name = path.split(".")
    node: Mapping[str, Any] | None = row
    for relation in relations:
        node = node.get(relation) if node else None
    value: Value = node.get(name) if node else None
    return value


def time(text: str) -> datetime:
    """Salesforce's `2026-01-01T00:00:00.000+0000`."""
    return datetime.fromisoformat(text)


def _time(text: Any) -> datetime:
    """The same of a single record, of which nobody else must suffer."""
    try:
        return time(text)
    except (TypeError, ValueError):
        return UNREADABLE_TIME


def field_schema(field: Mapping[str, Any]) -> FieldSchema:
    """A field of a describe. Required on create: not nillable, and Salesforce puts no default. An owner, who may be a
    queue as well as a user, refers to users."""
    createable = bool(field["createable"])
    refers_to = field.get("referenceTo") or ()
    digits, scale = _size(field)
    return FieldSchema(
        name=field["name"],
        label=field.get("label", ""),
        type=field["type"],
        field_type=(field.get("extraTypeInfo") or ""),
        length=field.get("length", 0),
        nillable=field["nillable"],
        createable=createable,
        updateable=field["updateable"],
        calculated=field.get("calculated", False),
        unique=field.get("unique", False),
        restricted=field.get("restrictedPicklist", False),
        required_on_create=createable and not field["nillable"] and not field.get("defaultedOnCreate", False),
        references="User" if "User" in refers_to else next(iter(refers_to), ""),
        selectable=field["type"] not in NOT_SELECTABLE,
        options=tuple(
            Option(one["value"], one.get("label") or one["value"], one.get("active", True))
            for one in field.get("picklistValues") or ()
        ),
        digits=digits,
        scale=scale,
    )


def _size(field: Mapping[str, Any]) -> tuple[int, int | None]:
    """Digits before and behind the decimal point of a number; `precision` counts both."""
    if field["type"] == "int":
        return field.get("digits", 0), 0
    if field["type"] in ("double", "currency", "percent"):
        scale = field.get("scale", 0)
        return max(field.get("precision", 0) - scale, 0), scale
    return 0, None
