"""Reading endpoints from before v3 that connectors still call: property definitions, pipelines, engagements.

Belongs here: the older shapes of what the newer endpoints answer too. Not here: the rest of v1 and v2, which is not
emulated. Source: HubSpot's legacy documentation (properties v2, CRM pipelines v1, engagements v1); their end is
announced for September 2027 (facts 0).
"""

from __future__ import annotations

from typing import Any

from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.errors import invalid, resource_not_found
from crm_pipeline.emulator.hubspot.formats import epoch_ms
from crm_pipeline.emulator.hubspot.object_types import OBJECT_TYPES, ObjectType
from crm_pipeline.emulator.hubspot.pipelines import live_stages
from crm_pipeline.emulator.hubspot.properties import Definition
from crm_pipeline.emulator.hubspot.records import Record
from crm_pipeline.emulator.hubspot.store import HubSpotStore

_ACTIVITIES = [kind for kind in OBJECT_TYPES if kind.is_activity]
_MOST_ENGAGEMENTS, _MOST_RECENT = 250, 100

#: Name in `metadata` -> property, for each type of activity.
_METADATA = {
    "calls": {
        "body": "hs_call_body",
        "title": "hs_call_title",
        "toNumber": "hs_call_to_number",
        "fromNumber": "hs_call_from_number",
        "status": "hs_call_status",
        "durationMilliseconds": "hs_call_duration",
        "disposition": "hs_call_disposition",
        "recordingUrl": "hs_call_recording_url",
    },
    "emails": {
        "subject": "hs_email_subject",
        "html": "hs_email_html",
        "text": "hs_email_text",
        "status": "hs_email_status",
    },
    "meetings": {"body": "hs_meeting_body", "title": "hs_meeting_title"},
    "notes": {"body": "hs_note_body"},
    "tasks": {
        "body": "hs_task_body",
        "subject": "hs_task_subject",
        "status": "hs_task_status",
        "taskType": "hs_task_type",
        "priority": "hs_task_priority",
    },
}
_TIMES = {"meetings": {"startTime": "hs_meeting_start_time", "endTime": "hs_meeting_end_time"}}
_ASSOCIATED = {"contactIds": "contacts", "companyIds": "companies", "dealIds": "deals", "ticketIds": "tickets"}


def list_properties(call: Call) -> Answer:
    """GET /properties/v2/{object}/properties (and v1): all definitions, as a plain list"""
    definitions = call.store.definitions[call.kind.name].values()
    return 200, [_property(one) for one in definitions if not one["archived"]]


def read_property(call: Call) -> Answer:
    """GET /properties/v2/{object}/properties/named/{name}"""
    definition = call.store.definitions[call.kind.name].get(call.path["name"])
    if definition is None or definition["archived"]:
        raise resource_not_found()
    return 200, _property(definition)


def list_pipelines(call: Call) -> Answer:
    """GET /crm-pipelines/v1/pipelines/{object}"""
    pipelines = call.store.pipelines.of(call.kind.name)
    return 200, {"results": [_pipeline(call.kind, one) for one in pipelines]}


def list_engagements(call: Call) -> Answer:
    """GET /engagements/v1/engagements/paged: all activities of all types by id; `offset` is the last id seen"""
    limit = min(call.number("limit", 100, 10**9), _MOST_ENGAGEMENTS)
    offset = _whole(call, "offset")
    found = [
        (record.number, kind, record)
        for kind in _ACTIVITIES
        for record in call.store.table(kind.name).page(offset, limit + 1, archived=False)[0]
    ]
    found.sort(key=lambda one: one[0])
    page = found[:limit]
    last = page[-1][0] if page else offset
    results = [_engagement(call.store, kind, record) for _, kind, record in page]
    return 200, {"results": results, "hasMore": len(found) > limit, "offset": last}


def recent_engagements(call: Call) -> Answer:
    """GET /engagements/v1/engagements/recent/modified: those changed at or after `since` (ms), newest first"""
    since, offset = _whole(call, "since"), _whole(call, "offset")
    count = min(call.number("count", _MOST_RECENT, 10**9), _MOST_RECENT)
    found: list[tuple[int, ObjectType, Record]] = []
    for kind in _ACTIVITIES:
        for record in call.store.table(kind.name).live_records():
            modified = epoch_ms(record.get(kind.modified_property))
            if modified >= since:
                found.append((modified, kind, record))
    found.sort(key=lambda one: (-one[0], one[2].number))
    page = found[offset : offset + count]
    end = offset + len(page)
    results = [_engagement(call.store, kind, record) for _, kind, record in page]
    return 200, {"results": results, "hasMore": end < len(found), "offset": end, "total": len(found)}


def read_engagement(call: Call) -> Answer:
    """GET /engagements/v1/engagements/{id}"""
    for kind in _ACTIVITIES:
        record = call.store.table(kind.name).find(call.path["id"])
        if record is not None:
            return 200, _engagement(call.store, kind, record)
    raise resource_not_found()


def _whole(call: Call, name: str) -> int:
    text = call.query.get(name) or "0"
    if not text.isascii() or not text.isdigit():
        raise invalid(f"{name} must be a number", **{name: [text]})
    return int(text)


def _property(definition: Definition) -> dict[str, Any]:
    kept = ("name", "label", "description", "groupName", "type", "fieldType", "displayOrder", "calculated", "hidden")
    options = [{**option, "readOnly": False, "doubleData": 0.0} for option in definition["options"]]
    return {
        **{key: definition[key] for key in kept},
        "options": options,
        "createdAt": epoch_ms(definition["createdAt"]),
        "updatedAt": epoch_ms(definition["updatedAt"]),
        "externalOptions": definition["externalOptions"],
        "referencedObjectType": definition.get("referencedObjectType"),
        "hubspotDefined": definition.get("hubspotDefined", False),
        "readOnlyValue": definition["modificationMetadata"]["readOnlyValue"],
        "readOnlyDefinition": definition["modificationMetadata"]["readOnlyDefinition"],
        "formField": definition["formField"],
        "hasUniqueValue": definition["hasUniqueValue"],
        "deleted": False,
    }


def _pipeline(kind: ObjectType, pipeline: dict[str, Any]) -> dict[str, Any]:
    stages = [
        {"stageId": stage["id"], "active": True, **_shared(stage), "metadata": stage["metadata"]}
        for stage in live_stages(pipeline)
    ]
    return {
        "pipelineId": pipeline["id"],
        "objectType": kind.singular.upper(),
        "objectTypeId": kind.type_id,
        "active": True,
        **_shared(pipeline),
        "stages": stages,
        "default": pipeline["id"] in ("default", "0"),
    }


def _shared(part: dict[str, Any]) -> dict[str, Any]:
    times = {key: epoch_ms(part[key]) for key in ("createdAt", "updatedAt")}
    return {"label": part["label"], "displayOrder": part["displayOrder"], **times}


def _engagement(store: HubSpotStore, kind: ObjectType, record: Record) -> dict[str, Any]:
    values = record.properties
    owner = values.get("hubspot_owner_id")
    associated = {
        key: [int(one) for one in store.associations.of(kind.name, record.id, to_object)]
        for key, to_object in _ASSOCIATED.items()
    }
    metadata: dict[str, Any] = {key: values[name] for key, name in _METADATA[kind.name].items() if name in values}
    metadata |= {key: epoch_ms(values[name]) for key, name in _TIMES.get(kind.name, {}).items() if name in values}
    if kind.name == "emails":
        metadata["from"] = {"email": values["hs_email_from_email"]} if "hs_email_from_email" in values else {}
        metadata["to"] = [{"email": one} for one in values.get("hs_email_to_email", "").split(";") if one]
    return {
        "engagement": {
            "id": record.number,
            "portalId": store.portal_id,
            "active": True,
            "createdAt": epoch_ms(values[kind.created_property]),
            "lastUpdated": epoch_ms(values[kind.modified_property]),
            "type": kind.singular.upper(),
            "timestamp": epoch_ms(values.get("hs_timestamp") or values[kind.created_property]),
            **({"ownerId": int(owner)} if owner else {}),
        },
        "associations": {**associated, "ownerIds": [int(owner)] if owner else [], "workflowIds": []},
        "attachments": [],
        "metadata": metadata,
    }
