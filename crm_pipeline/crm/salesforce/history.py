"""Field history: the values that tracked fields had, and since when.

Belongs here: the objects that keep it, and their values. Not here: what follows from a version (extract/changed_at).

Sources: Object Reference, StandardObjectNameHistory and OpportunityFieldHistory; Salesforce help, "Field History
Tracking" (only fields that an administrator tracks; a look-up leaves two rows, one with names and one with ids; long
texts and multi-select picklists leave a row without values).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from crm_pipeline.crm.protocol import FieldVersion, Span
from crm_pipeline.crm.salesforce import soql
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.crm.salesforce.reading import rows_of
from crm_pipeline.crm.salesforce.records import FRACTIONS, time
from crm_pipeline.crm.salesforce.soql import Query
from crm_pipeline.crm.salesforce.wire import Row, Wire
from crm_pipeline.errors import PermanentError
from crm_pipeline.model import Value, Version

#: Object -> the object of its history, and the field there that names the record.
_HISTORIES: Mapping[str, tuple[str, str]] = {
    "Account": ("AccountHistory", "AccountId"),
    "Contact": ("ContactHistory", "ContactId"),
    "Lead": ("LeadHistory", "LeadId"),
    "Opportunity": ("OpportunityFieldHistory", "OpportunityId"),
    "Case": ("CaseHistory", "CaseId"),
}
_LONG = 255  # characters: of longer texts no values are kept
_NOT_THERE = ("INVALID_TYPE", "NOT_FOUND", "INSUFFICIENT_ACCESS")  # nothing is tracked, or it cannot be seen


def versions(wire: Wire, object_: str, fields: Sequence[str], since: datetime | None) -> Iterator[list[FieldVersion]]:
    """See `protocol.Crm.versions`: those of tracked fields among `fields`; nothing where nothing is tracked."""
    if object_ not in _HISTORIES:
        return
    history, parent = _HISTORIES[object_]
    kept = {
        field["name"]: field for name in fields if (field := wire.shape(object_).fields.get(name)) and _keeps(field)
    }
    # A look-up goes by the name of its relation: Account, Owner.
    names = {field.get("relationshipName") or name: name for name, field in kept.items()} | {
        name: name for name in kept
    }
    query = Query(history, ("Id", parent, "Field", "NewValue", "CreatedDate", "CreatedById"))
    query = query.where(*soql.window("CreatedDate", since, None))
    try:
        for condition in soql.any_of("Field", list(names), query.text(ordered=True)):
            for rows, _ in rows_of(wire, query.where(condition), Span()):
                yield [
                    FieldVersion(to_18(row[parent]), names[row["Field"]], version)
                    for row in rows
                    if (version := _version(row, kept[names[row["Field"]]]))
                ]
    except PermanentError as error:
        if error.code not in _NOT_THERE:
            raise


def _keeps(field: Mapping[str, Any]) -> bool:
    return field["type"] != "multipicklist" and not (field["type"] == "textarea" and field.get("length", 0) > _LONG)


def _version(row: Row, field: Mapping[str, Any]) -> Version | None:
    """None for the row of a look-up that has names instead of ids."""
    value = row["NewValue"]
    if field["type"] == "reference" and value is not None and not _is_id(value):
        return None
    return Version(value_of(value, field["type"]), time(row["CreatedDate"]), to_18(row["CreatedById"] or ""))


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isalnum() and len(value) in (15, 18) and value[0] == "0"


def value_of(value: Any, type_: str) -> Value:
    """A value of a history, which has any type, as the field of that describe's type has it in a record."""
    if value is None or value == "":
        return None
    text = str(value)
    try:
        return _typed(text, type_)
    except ValueError:
        return text  # of a time when the field had another type


def _typed(text: str, type_: str) -> Value:
    if type_ == "boolean":
        return text.lower() == "true"
    if type_ == "int":
        return int(float(text))
    if type_ in FRACTIONS:
        return float(text)
    if type_ == "date":
        return text[:10]
    if type_ == "datetime":
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return to_18(text) if type_ == "reference" else text
