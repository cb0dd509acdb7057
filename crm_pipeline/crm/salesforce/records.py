"""Salesforce's JSON of records and fields, and ours.

Not here: requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.model import SourceRecord, System, Value

#: Asked of every record. LastModifiedDate is a user's change, SystemModstamp also Salesforce's own housekeeping.
ALWAYS = ("Id", "CreatedDate", "LastModifiedDate", "LastModifiedById")

#: Types whose values are made of other fields (Bulk API refuses them), or fit no row.
NOT_SELECTABLE = ("address", "location", "base64")


def source_record(object_: str, row: Mapping[str, Any], fields: Sequence[str]) -> SourceRecord:
    """A record with `fields`, all of which were asked for; a path over an empty relation is blank."""
    return SourceRecord(
        system=System.SALESFORCE,
        object=object_,
        record_id=to_18(row["Id"]),
        created_at=time(row["CreatedDate"]),
        modified_at=time(row["LastModifiedDate"]),
        modified_by=row["LastModifiedById"] or "",
        fields={path: value_at(row, path) for path in fields},
    )


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


def field_schema(field: Mapping[str, Any]) -> FieldSchema:
    """A field of a describe. Required on create: not nillable, and Salesforce puts no default."""
    createable = bool(field["createable"])
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
        references=next(iter(field.get("referenceTo") or ()), ""),
        selectable=field["type"] not in NOT_SELECTABLE,
        options=tuple(
            Option(one["value"], one.get("label") or one["value"], one.get("active", True))
            for one in field.get("picklistValues") or ()
        ),
    )
