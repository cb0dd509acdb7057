"""Endpoints of single records, named by their id, by the value of an external id field, or by a relationship.

Source: REST API guide, "sObject Rows", "sObject Rows by External ID", "sObject Relationships". Not there: writing
through a relationship.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.salesforce import ids
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError, not_found
from crm_pipeline.emulator.salesforce.preconditions import check_write, conditional
from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import Field, SObject

_CREATED_TOLD_SINCE = 46
"""Up to API version 45 an upsert that updates answers 204; since 46 it answers 200 and `created`."""


def create(call: Call) -> Answer:
    """POST /sobjects/{object}"""
    sobject = call.sobject()
    record_id = call.create(sobject, call.json_object())
    return _created(call, sobject, {"id": record_id, "success": True, "errors": []})


def create_by_id(call: Call) -> Answer:
    """POST /sobjects/{object}/Id: create a record, as by POST /sobjects/{object}"""
    if call.params["id"].lower() != "id":
        message = "HTTP Method 'POST' not allowed. Allowed are HEAD,GET,PATCH,DELETE"
        raise ApiError("METHOD_NOT_ALLOWED", message, status=405)
    return create(call)


def read(call: Call) -> Answer:
    """GET /sobjects/{object}/{id}?fields="""
    sobject = call.sobject()
    row = call.store.rows.get(sobject.name, _record_id(call))
    if row is None or row.get("IsDeleted"):
        raise not_found()
    return _answered(call, sobject, row)


def update(call: Call) -> Answer:
    """PATCH /sobjects/{object}/{id}"""
    sobject = call.sobject()
    row = call.store.live_row(sobject.name, _record_id(call))
    check_write(call.headers, row, sobject.name)
    call.update(sobject, row["Id"], call.json_object())
    return Answer(204)


def delete(call: Call) -> Answer:
    """DELETE /sobjects/{object}/{id}"""
    call.store.delete(call.sobject().name, _record_id(call), user_id=call.user_id)
    return Answer(204)


def read_by_key(call: Call) -> Answer:
    """GET /sobjects/{object}/{field}/{value}; 300 with the urls when several records have the value"""
    sobject = call.sobject()
    if ids.canonical(call.params["field"]) and sobject.find(call.params["field"]) is None:
        return _related(call, sobject)
    rows = matching(call, sobject, key_field(sobject, call.params["field"]), call.params["value"])
    if not rows:
        raise not_found()
    return _ambiguous(call, sobject, rows) if len(rows) > 1 else _answered(call, sobject, rows[0])


def upsert(call: Call) -> Answer:
    """PATCH /sobjects/{object}/{field}/{value}: update the record that has the value, or create one that has it"""
    sobject, fields = call.sobject(), call.json_object()
    field, value = key_field(sobject, call.params["field"]), call.params["value"]
    if field.name.lower() in {name.lower() for name in fields}:
        raise ApiError("INVALID_FIELD", f"The {field.name} field should not be specified in the sobject data.")
    rows = matching(call, sobject, field, value)
    if len(rows) > 1:
        return _ambiguous(call, sobject, rows)
    if not rows and (field.type == "id" or call.flag(call.query, "updateOnly")):
        raise not_found()
    tells_created = {"created": not rows} if float(call.version) >= _CREATED_TOLD_SINCE else {}
    if not rows:
        record_id = call.create(sobject, {**fields, field.name: value})
        return _created(call, sobject, {"id": record_id, "success": True, "errors": [], **tells_created})
    check_write(call.headers, rows[0], sobject.name)
    call.update(sobject, rows[0]["Id"], fields)
    if not tells_created:
        return Answer(204)
    return Answer(200, {"id": rows[0]["Id"], "success": True, "errors": [], **tells_created})


def delete_by_key(call: Call) -> Answer:
    """DELETE /sobjects/{object}/{field}/{value}"""
    sobject = call.sobject()
    rows = matching(call, sobject, key_field(sobject, call.params["field"]), call.params["value"])
    if not rows:
        raise not_found()
    if len(rows) > 1:
        return _ambiguous(call, sobject, rows)
    call.store.delete(sobject.name, rows[0]["Id"], user_id=call.user_id)
    return Answer(204)


def key_field(sobject: SObject, name: str) -> Field:
    """The field that records may be named by in a path: Id, an external id, or one with idLookup."""
    field = sobject.find(name)
    if field is None or not field.id_lookup:
        raise ApiError(
            "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}", status=404
        )
    return field


def matching(call: Call, sobject: SObject, field: Field, value: str) -> list[Row]:
    """Live records with the value in a key field."""
    if field.type != "id":
        return call.store.rows.matching(sobject, field, value.strip())
    row = call.store.rows.get(sobject.name, ids.canonical(value) or "")
    return [] if row is None or row.get("IsDeleted") else [row]


def whole_record(call: Call, sobject: SObject, row: Row, names: list[str]) -> dict[str, Any]:
    """A record as it is answered: `attributes`, then the named fields."""
    attributes = {"type": sobject.name, "url": call.record_url(sobject, row["Id"])}
    return {"attributes": attributes, **{name: row[name] for name in names}}


def field_names(sobject: SObject, listed: list[str]) -> list[str]:
    """Canonical names of listed fields, and Id; all fields when none is listed."""
    names = []
    for name in listed:
        field = sobject.find(name)
        if field is None:
            raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        names.append(field.name)
    return list(dict.fromkeys([*names, "Id"])) if names else [known.name for known in sobject.visible()]


def _related(call: Call, sobject: SObject) -> Answer:
    """GET /sobjects/{object}/{id}/{relationship}: the parent, 204 without one, or the children."""
    row, name = call.store.live_row(sobject.name, call.params["field"]), call.params["value"]
    reference = sobject.find_relationship(name)
    if reference is not None:
        target = call.store.schema.by_prefix(row[reference.name]) if row[reference.name] else None
        parent = call.store.rows.get(target.name, row[reference.name]) if target else None
        if target is None or parent is None:
            return Answer(204)
        return Answer(200, whole_record(call, target, parent, _asked(call, target)))
    for relation in sobject.children:
        child = call.store.schema.find(relation["childSObject"])
        if child is not None and (relation["relationshipName"] or "").lower() == name.lower():
            names = _asked(call, child)
            referring = call.store.rows.referring(row["Id"])
            found = [r for o, field, r in referring if o is child and field.name == relation["field"]]
            records = [whole_record(call, child, child_row, names) for child_row in found]
            return Answer(200, {"done": True, "totalSize": len(records), "records": records})
    raise not_found()


def _answered(call: Call, sobject: SObject, row: Row) -> Answer:
    answer = Answer(200, whole_record(call, sobject, row, _asked(call, sobject)))
    return conditional(call.headers, row, sobject.name, answer)


def _asked(call: Call, sobject: SObject) -> list[str]:
    return field_names(sobject, [name.strip() for name in call.query.get("fields", "").split(",") if name.strip()])


def _record_id(call: Call) -> str:
    record_id = ids.canonical(call.params["id"])
    if record_id is None:
        key_field(call.sobject(), call.params["id"])
        raise not_found()
    return record_id


def _created(call: Call, sobject: SObject, body: Mapping[str, Any]) -> Answer:
    return Answer(201, body, {"Location": call.record_url(sobject, body["id"])})


def _ambiguous(call: Call, sobject: SObject, rows: list[Row]) -> Answer:
    return Answer(300, [call.record_url(sobject, row["Id"]) for row in rows])
