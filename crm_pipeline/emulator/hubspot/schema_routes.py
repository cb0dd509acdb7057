"""Endpoints about object types: their schemas, and how many records the account may hold (v3).

Source: HubSpot documentation, "object schemas" and "limits tracking". Choices where it is silent: the account has no
custom objects and may create none; every object may have 15,000,000 records; which properties of a standard object
count as searchable and displayed.
"""

from __future__ import annotations

from typing import Any

from crm_pipeline.emulator.hubspot.associations.types import TYPES
from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.elsewhere.empty_types import EMPTY
from crm_pipeline.emulator.hubspot.object_types import OBJECT_TYPES, ObjectType

MOST_RECORDS = 15_000_000
#: Properties that name a record, the main one first.
_DISPLAYED = {
    "contacts": ("email", "firstname", "lastname"),
    "companies": ("name", "domain"),
    "deals": ("dealname", "amount", "dealstage"),
    "tickets": ("subject", "hs_pipeline_stage"),
    "tasks": ("hs_task_subject", "hs_task_status"),
    "notes": ("hs_body_preview",),
    "meetings": ("hs_meeting_title", "hs_meeting_start_time"),
    "calls": ("hs_call_title", "hs_call_direction"),
    "emails": ("hs_email_subject", "hs_email_direction"),
}


def _labels(kind: ObjectType) -> tuple[str, str]:
    return kind.singular.replace("_", " ").title(), kind.name.replace("_", " ").title()


def list_schemas(call: Call) -> Answer:
    """GET /crm/v3/schemas: those of custom objects, of which there are none."""
    call.flag("archived")
    return 200, {"results": []}


def read_schema(call: Call) -> Answer:
    """GET /crm/v3/schemas/{type}"""
    kind, store = call.kind, call.store
    singular, plural = _labels(kind)
    displayed = _DISPLAYED.get(kind.name) or (EMPTY[kind.name].own[0][0],)
    return 200, {
        "labels": {"singular": singular, "plural": plural},
        "requiredProperties": list(kind.required),
        "searchableProperties": list(displayed),
        "primaryDisplayProperty": displayed[0],
        "secondaryDisplayProperties": list(displayed[1:]),
        "archived": False,
        "id": kind.type_id,
        "fullyQualifiedName": kind.singular.upper(),
        "properties": list(store.definitions[kind.name].values()),
        "associations": _associations(kind),
        "name": kind.singular.upper(),
        "objectTypeId": kind.type_id,
    }


def _associations(kind: ObjectType) -> list[dict[str, Any]]:
    ids = {other.name: other.type_id for other in OBJECT_TYPES}
    return [
        {
            "id": str(one.type_id),
            "fromObjectTypeId": kind.type_id,
            "toObjectTypeId": ids[to_name],
            "name": one.legacy,
        }
        for (from_name, to_name), types in TYPES.items()
        if from_name == kind.name and to_name in ids
        for one in types
    ]


def record_limits(call: Call) -> Answer:
    """GET /crm/v3/limits/records"""
    objects = []
    for kind in OBJECT_TYPES:
        singular, plural = _labels(kind)
        usage = len(call.store.table(kind.name).live)
        objects.append(
            {
                "objectTypeId": kind.type_id,
                "singularLabel": singular,
                "pluralLabel": plural,
                "limit": MOST_RECORDS,
                "usage": usage,
                "percentage": round(100 * usage / MOST_RECORDS, 4),
            }
        )
    custom = {"overallLimit": 0, "overallUsage": 0, "overallPercentage": 0, "byObjectType": []}
    return 200, {"hubspotDefinedObjectTypes": objects, "customObjectTypes": custom}
