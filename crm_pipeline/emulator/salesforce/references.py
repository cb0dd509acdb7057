"""References of one record to others: named by id or by an external id, and checked.

Belongs here: foreign keys in the body of a write, what a reference may point to. Not here: what happens when the
record it points to changes (consequences.py, lifecycle.py).

Sources: REST API Developer Guide, "Insert or Update (Upsert) a Record Using an External ID" (foreign keys); error
texts from public reports. Choice: the code of a reference that would make a circle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import Field, SObject
from crm_pipeline.emulator.salesforce.values import wrong_type

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.records import Records

_LONGEST_CHAIN = 500


def resolved(store: Records, sobject: SObject, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a request with `"Account": {"Key__c": "x"}` replaced by `AccountId`.

    Raises ApiError INVALID_FIELD when no record has the value or the field is none to look up by.
    """
    if not any(isinstance(value, dict) for name, value in fields.items() if name != "attributes"):
        return fields
    plain: dict[str, Any] = {}
    for name, value in fields.items():
        field = sobject.find_relationship(name) if isinstance(value, dict) and name != "attributes" else None
        if field is None:
            plain[name] = value
        else:
            plain[field.name] = _looked_up(store, field, value)
    return plain


def check(store: Records, sobject: SObject, record_id: str, values: Mapping[str, Any]) -> None:
    """Refuse references to what is missing, deleted, of another object, inactive, or the record's own descendant."""
    for name, value in values.items():
        field = sobject.fields[name]
        if field.type != "reference" or value is None:
            continue
        target = store.schema.by_prefix(value)
        if target is not None and target.name not in field.reference_to:
            raise wrong_type(field, value)
        row = store.rows.get(target.name, value) if target is not None else None
        if row is None or target is None:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        if row.get("IsDeleted"):
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", [])
        if name == "OwnerId":
            _check_owner(store, sobject, target, row)
        elif target is sobject:
            _check_circle(store, field, record_id, row)
        elif target.name == "Lead" and row["IsConverted"]:
            raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])


def _looked_up(store: Records, field: Field, named: Mapping[str, Any]) -> str:
    attributes = named.get("attributes")
    kind = attributes.get("type") if isinstance(attributes, Mapping) else named.get("type")
    key = [(name, value) for name, value in named.items() if name not in ("attributes", "type")]
    target = store.schema.find(str(kind)) if kind else None
    if target is None and len(field.reference_to) == 1:
        target = store.schema.find(field.reference_to[0])
    if target is None or target.name not in field.reference_to or len(key) != 1:
        message = f"{field.relationship}: name its type and exactly one external id field"
        raise ApiError("INVALID_FIELD", message, [field.name])
    name, value = key[0]
    lookup = target.find(name)
    if lookup is None or not lookup.id_lookup:
        message = f"Foreign key external ID: {name} is not an External ID or indexed field for {target.name}"
        raise ApiError("INVALID_FIELD", message, [])
    if lookup.type == "id":
        return str(value)
    found = store.rows.matching(target, lookup, value)
    if not found:
        message = f"Foreign key external ID: {value} not found for field {lookup.name} in entity {target.name}"
        raise ApiError("INVALID_FIELD", message, [])
    if len(found) > 1:
        message = f"Foreign key external ID: more than one record of {target.name} has this {lookup.name}"
        raise ApiError("DUPLICATE_EXTERNAL_ID", message, [field.name])
    return found[0].id


def _check_owner(store: Records, sobject: SObject, target: SObject, owner: Row) -> None:
    if target.name == "User" and owner["IsActive"] is False:
        raise ApiError(
            "INACTIVE_OWNER_OR_USER",
            f"operation performed with inactive user [{owner['Id'][:15]}] as owner of {sobject.name.lower()}",
            [],
        )
    if target.name == "Group" and not any(
        assigned["QueueId"] == owner["Id"] and assigned["SobjectType"] == sobject.name
        for assigned in store.rows.tables["QueueSobject"].values()
    ):
        message = f"Queue not associated with this SObject type: {owner['Id']}"
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", message, ["OwnerId"])


def _check_circle(store: Records, field: Field, record_id: str, row: Row) -> None:
    seen = 0
    above: Row | None = row
    while above is not None and seen < _LONGEST_CHAIN:
        if above["Id"] == record_id:
            raise ApiError("CIRCULAR_DEPENDENCY", "attempt to violate hierarchy constraints", [field.name])
        parent = above[field.name]
        above = store.rows.get(above.layout.sobject.name, parent) if parent is not None else None
        seen += 1
