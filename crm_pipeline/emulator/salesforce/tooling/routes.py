"""Endpoints of the Tooling API: queries on custom fields and validation rules, and new custom fields.

Source: Tooling API guide, "CustomField", "ValidationRule"; bodies as public repositories send them. Choices where the
platform is not documented: the id of a custom field counts the fields; without "View Setup and Configuration" there are
no such objects, without "Customize Application" no field is made.
"""

from __future__ import annotations

from typing import Any

from crm_pipeline.emulator.salesforce import soql
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.ids import make_id
from crm_pipeline.emulator.salesforce.layout import Draft
from crm_pipeline.emulator.salesforce.rows import Rows
from crm_pipeline.emulator.salesforce.schema import Schema
from crm_pipeline.emulator.salesforce.soql.fields import Data
from crm_pipeline.emulator.salesforce.store import SalesforceStore
from crm_pipeline.emulator.salesforce.tooling.definitions import SHARED, definition, objects_of

_FIELD_PREFIX = "00N"
_OBJECTS = (
    ("CustomField", _FIELD_PREFIX, ("DeveloperName", "TableEnumOrId", "NamespacePrefix"), ()),
    ("ValidationRule", "03d", ("ValidationName", "EntityDefinitionId", "ErrorMessage", "NamespacePrefix"), ("Active",)),
)


def query(call: Call) -> Answer:
    """GET /tooling/query?q="""
    store = call.store
    if not granted(store, "PermissionsViewSetup"):
        raise ApiError("INVALID_TYPE", "sObject type is not supported for this user")
    rows = _rows(store)
    result = soql.run(
        Data(rows.schema, rows),
        call.query.get("q", ""),
        today=store.clock.now().astimezone(store.zone).date(),
        zone=store.zone,
        version=call.version,
        include_deleted=False,
        user_id=call.user_id,
    )
    page = store.cursors.first(result, 2000, store.clock.now())
    return Answer(200, {"size": page.total, "totalSize": page.total, "done": True, "records": page.records})


def create_field(call: Call) -> Answer:
    """POST /tooling/sobjects/CustomField; nobody sees the new field until a permission set or profile grants it"""
    store, body = call.store, call.json_object()
    if not granted(store, "PermissionsCustomizeApplication"):
        raise ApiError("INSUFFICIENT_ACCESS", "insufficient access rights on entity: CustomField", [], status=403)
    full_name, metadata = str(body.get("FullName", "")), body.get("Metadata")
    objects = objects_of(full_name.partition(".")[0])
    if not isinstance(metadata, dict) or any(one not in store.schema.objects for one in objects):
        raise ApiError("INVALID_FIELD", f"{full_name} names no object", [])
    made = definition(full_name, metadata)
    if any(store.schema.objects[one].find_any(made["name"]) for one in objects):
        message = f"There is already a field named {made['name'].removesuffix('__c')} on {full_name.partition('.')[0]}."
        raise ApiError("DUPLICATE_DEVELOPER_NAME", message, [])
    for one in objects:
        store.define_field(one, made)
        store.hide_field(one, made["name"])
    number = len(store.schema.custom)
    return Answer(
        201, {"id": make_id(_FIELD_PREFIX, number), "success": True, "errors": [], "warnings": [], "infos": []}
    )


def granted(store: SalesforceStore, permission: str) -> bool:
    """Whether the integration user has a permission."""
    (row,) = store.rows.tables["UserPermissionAccess"].values()
    return bool(row[permission])


def _rows(store: SalesforceStore) -> Rows:
    """The set-up as rows, as it is now."""
    schema = Schema()
    for name, prefix, texts, flags in _OBJECTS:
        schema.add_object(_condensed(name, prefix, texts, flags))
    rows = Rows(schema, store.clock)
    shared = {one: name for name, objects in SHARED.items() for one in objects}
    seen = dict.fromkeys((shared.get(one, one), field["name"]) for one, field in store.schema.custom)
    for object_, name in seen:
        _put(rows, "CustomField", {"DeveloperName": name.removesuffix("__c"), "TableEnumOrId": object_})
    for number, rule in enumerate(store.validation_rules, 1):
        values = {"ValidationName": f"Rule_{number}", "EntityDefinitionId": rule.object_, "ErrorMessage": rule.message}
        _put(rows, "ValidationRule", {**values, "Active": True})
    return rows


def _put(rows: Rows, object_: str, values: dict[str, Any]) -> None:
    table = rows.tables[object_]
    draft = Draft(table.layout)
    draft.update({"Id": rows.new_id(rows.schema.objects[object_]), **values})
    rows.put(object_, draft.row())


def _condensed(name: str, prefix: str, texts: tuple[str, ...], flags: tuple[str, ...]) -> dict[str, Any]:
    """What a file in describe/ would hold."""
    key = {"name": "Id", "type": "id", "label": "Id", "length": 18, "soapType": "tns:ID", "idLookup": True}
    fields = [key | {"nillable": False}]
    fields += [{"name": text, "type": "string", "label": text, "length": 255} for text in texts]
    fields += [
        {"name": flag, "type": "boolean", "label": flag, "defaultValue": False, "nillable": False} for flag in flags
    ]
    about = {"name": name, "keyPrefix": prefix, "label": name, "labelPlural": name, "layoutable": False}
    return {"object": about, "childRelationships": [], "fields": fields}
