"""Field history: the objects in which tracked fields leave their old and new values.

Belongs here: what these objects look like in describe, and which rows a write leaves. Not here: the administrator's
switch (administration.py). Sources: Object Reference, StandardObjectNameHistory and OpportunityFieldHistory; help page
"Field History Tracking" (20 fields an object, no values of long texts, a look-up field leaves two rows, one with the
names and one with the ids). Choices: each object has ids that begin differently (all of the platform's begin with 017);
a loser's history stays with the loser; imported records come without history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import Field, SObject

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.records import Records

#: Tracked object -> its history object, the field there that names the record, and the beginning of the ids.
HISTORIES: Mapping[str, tuple[str, str, str]] = {
    "Account": ("AccountHistory", "AccountId", "0hA"),
    "Contact": ("ContactHistory", "ContactId", "0hB"),
    "Lead": ("LeadHistory", "LeadId", "0hC"),
    "Opportunity": ("OpportunityFieldHistory", "OpportunityId", "0hD"),
    "Case": ("CaseHistory", "CaseId", "0hE"),
}
_MOST_FIELDS = 20
_LONG = 255  # characters: fields that hold more leave no values
_CREATED = "created"
_DATA_TYPES = {
    "boolean": "Boolean",
    "combobox": "DynamicEnum",
    "currency": "Currency",
    "date": "DateOnly",
    "datetime": "DateTime",
    "double": "Double",
    "email": "Email",
    "int": "Double",
    "multipicklist": "MultiEnum",
    "percent": "Percent",
    "phone": "Phone",
    "picklist": "DynamicEnum",
    "reference": "EntityId",
    "textarea": "MultiLineText",
    "url": "Url",
}
_TEXT = "Text"


def track(records: Records, object_: str, fields: Iterable[str]) -> None:
    """Track these fields and no others of the object from now on; none ends it, and the rows that there are stay.

    Raises KeyError for an object without history or an unknown field, ValueError for more than 20 fields or one that
    cannot be tracked.
    """
    name, _, _ = HISTORIES[object_]
    sobject = records.schema.objects[object_]
    wanted = [sobject.fields[field].name for field in fields]
    if len(wanted) > _MOST_FIELDS:
        raise ValueError(f"{object_}: {len(wanted)} fields, and at most {_MOST_FIELDS} of an object can be tracked.")
    for field in wanted:
        if not sobject.fields[field].updateable or sobject.fields[field].type == "address":
            raise ValueError(f"{object_}.{field} is no field that users change, so it cannot be tracked.")
    if name not in records.schema.objects:
        records.rows.add_object(records.schema.add_object(_described(sobject)))
        _relate(records, sobject)
    records.tracked[object_] = wanted


def note(records: Records, object_: str, before: Row | None, after: Row, author: str) -> None:
    """Leave the rows of a write (`before` None: the record was created)."""
    fields = records.tracked.get(object_)
    if not fields or after.get("IsDeleted") or (before is not None and before.get("IsDeleted")):
        return
    if before is None:
        _add(records, object_, after.id, author, {"Field": _CREATED, "DataType": _TEXT})
        return
    for name in fields:
        old, new = before[name], after[name]
        if old != new:
            for row in _rows(records, after.layout.sobject.fields[name], old, new):
                _add(records, object_, after.id, author, row)


def _rows(records: Records, field: Field, old: Any, new: Any) -> list[dict[str, Any]]:
    kind = _DATA_TYPES.get(field.type, _TEXT)
    if field.type == "reference":
        name = field.relationship if field.relationship and not field.name.endswith("__c") else field.name
        names = {"OldValue": _name(records, field, old), "NewValue": _name(records, field, new)}
        return [
            {"Field": name, "DataType": _TEXT, **names},
            {"Field": name, "DataType": kind, "OldValue": old, "NewValue": new},
        ]
    if field.type in ("textarea", "multipicklist") and field.length > _LONG:
        return [{"Field": field.name, "DataType": kind}]
    return [{"Field": field.name, "DataType": kind, "OldValue": old, "NewValue": new}]


def _name(records: Records, field: Field, record_id: str | None) -> Any:
    found = (records.rows.get(target, record_id) for target in field.reference_to if record_id)
    row = next((one for one in found if one is not None), None)
    return None if row is None else row.get("Name", row.get("CaseNumber"))


def _add(records: Records, object_: str, record_id: str, author: str, values: Mapping[str, Any]) -> None:
    name, parent, _ = HISTORIES[object_]
    sobject = records.schema.objects[name]
    about = {
        "Id": records.rows.new_id(sobject),
        parent: record_id,
        "CreatedById": author,
        "CreatedDate": records.now_text(),
    }
    records.rows.put(name, {**about, **values})


def _relate(records: Records, sobject: SObject) -> None:
    name, parent, _ = HISTORIES[sobject.name]
    child = {"childSObject": name, "field": parent, "relationshipName": "Histories", "cascadeDelete": True}
    sobject.children = [*sobject.children, {**records.schema.defaults("childRelationship"), **child}]


def _described(sobject: SObject) -> dict[str, Any]:
    """The history object's describe, condensed as the files in describe/ are."""
    name, parent, prefix = HISTORIES[sobject.name]
    label = sobject.described["label"]
    unwritable = {"createable": False, "updateable": False}
    reference = {**unwritable, "type": "reference", "length": 18, "byteLength": 18, "soapType": "tns:ID"}
    fixed = {**unwritable, "nillable": False, "defaultedOnCreate": True}
    picklist = {**unwritable, "type": "picklist", "restrictedPicklist": True}
    value = {**unwritable, "type": "anyType", "length": _LONG, "byteLength": 765, "soapType": "xsd:anyType"}
    value |= {"filterable": False, "groupable": False, "aggregatable": False}
    tracked = [[_CREATED, "Created."], *([known.name, known.label] for known in sobject.fields.values())]
    types = [[kind] for kind in sorted({_TEXT, *_DATA_TYPES.values()})]
    return {
        "object": {
            "name": name,
            "label": f"{label} History",
            "labelPlural": f"{label} History",
            "keyPrefix": prefix,
            **dict.fromkeys(
                ("createable", "updateable", "deletable", "undeletable", "layoutable", "searchable"), False
            ),
            **dict.fromkeys(("feedEnabled", "mruEnabled", "searchLayoutable", "triggerable"), False),
        },
        "childRelationships": [],
        "fields": [
            {**fixed, "name": "Id", "type": "id", "label": f"{label} History ID", "length": 18, "byteLength": 18}
            | {"idLookup": True, "soapType": "tns:ID"},
            {**fixed, "name": "IsDeleted", "type": "boolean", "label": "Deleted", "defaultValue": False}
            | {"aggregatable": False, "soapType": "xsd:boolean"},
            {**reference, "name": parent, "label": f"{label} ID", "nillable": False}
            | {"referenceTo": [sobject.name], "relationshipName": sobject.name},
            {**reference, "name": "CreatedById", "label": "Created By ID", "nillable": False}
            | {"referenceTo": ["User"], "relationshipName": "CreatedBy", "defaultedOnCreate": True},
            {**fixed, "name": "CreatedDate", "type": "datetime", "label": "Created Date", "groupable": False}
            | {"soapType": "xsd:dateTime"},
            {**picklist, "name": "Field", "label": "Changed Field", "length": 255, "byteLength": 765}
            | {"nillable": False, "picklistValues": tracked},
            {**picklist, "name": "DataType", "label": "Datatype", "length": 40, "byteLength": 120}
            | {"picklistValues": types},
            {**value, "name": "OldValue", "label": "Old Value"},
            {**value, "name": "NewValue", "label": "New Value"},
        ],
    }
