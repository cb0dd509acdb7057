"""Engagements (v1): all activities of all types in one older shape, for connectors that still read them.

Source: HubSpot's legacy documentation, "engagements v1"; facts 0 (its end is announced for September 2027). Choices
where it is silent: the pages of all engagements go by id; a time without cursor is not included in "modified after";
its cursor is opaque text.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from crm_pipeline.emulator.hubspot.call import Answer, Call, is_whole
from crm_pipeline.emulator.hubspot.errors import invalid, resource_not_found
from crm_pipeline.emulator.hubspot.formats import epoch_ms
from crm_pipeline.emulator.hubspot.legacy.recent import Dated, behind, recent, whole
from crm_pipeline.emulator.hubspot.object_types import OBJECT_TYPES, ObjectType
from crm_pipeline.emulator.hubspot.records import Record
from crm_pipeline.emulator.hubspot.store import HubSpotStore
from crm_pipeline.emulator.hubspot.tables import NUMBER_BITS

_ACTIVITIES = [kind for kind in OBJECT_TYPES if kind.is_activity]
_MOST_ENGAGEMENTS, _MOST_ASSOCIATED, _MOST_AFTER = 250, 100, 1_000

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


def list_engagements(call: Call) -> Answer:
    """GET /engagements/v1/engagements/paged: all activities of all types by id; `offset` is the last id seen"""
    limit = min(call.number("limit", 100, 10**9), _MOST_ENGAGEMENTS)
    offset = whole(call, "offset")
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


def associated_engagements(call: Call) -> Answer:
    """GET /engagements/v1/engagements/associated/{object}/{id}/paged: those of one record, by id"""
    limit = min(call.number("limit", 100, 10**9), _MOST_ASSOCIATED)
    store, start, offset = call.store, call.kind.name, whole(call, "offset")
    record = store.live(start, call.path["id"])
    ids = ((int(one), kind) for kind in _ACTIVITIES for one in store.associations.of(start, record.id, kind.name))
    found = sorted((one for one in ids if one[0] > offset), key=lambda one: one[0])
    page = found[:limit]
    results = [_engagement(store, kind, store.live(kind.name, str(number))) for number, kind in page]
    return 200, {"results": results, "hasMore": len(found) > limit, "offset": page[-1][0] if page else offset}


def recent_engagements(call: Call) -> Answer:
    """GET /engagements/v1/engagements/recent/modified: newest first"""
    page, paging = recent(call, _changes(call.store))
    return 200, {"results": [_engagement(call.store, table.kind, record) for table, record in page], **paging}


def engagements_after(call: Call) -> Answer:
    """GET /engagements/v1/engagements/modified/after: oldest change first; `after` is a time in ms or a cursor"""
    limit = call.number("limit", 100, _MOST_AFTER)
    page, last, more = behind(_changes(call.store), _position(call.query.get("after") or "0"), limit)
    results = [_engagement(call.store, table.kind, record) for table, record in page]
    return 200, {"results": results, "hasMore": more, "after": base64.urlsafe_b64encode(str(last).encode()).decode()}


def read_engagement(call: Call) -> Answer:
    """GET /engagements/v1/engagements/{id}"""
    for kind in _ACTIVITIES:
        record = call.store.table(kind.name).find(call.path["id"])
        if record is not None:
            return 200, _engagement(call.store, kind, record)
    raise resource_not_found()


def _changes(store: HubSpotStore) -> list[Dated]:
    return [(store.table(kind.name), kind.modified_property) for kind in _ACTIVITIES]


def _position(after: str) -> int:
    """The key (`recent.behind`) that a time or cursor means. Raises HubSpotError 400."""
    if is_whole(after):
        return ((int(after) + 1) << NUMBER_BITS) - 1
    try:
        return int(base64.urlsafe_b64decode(after))
    except (ValueError, binascii.Error):
        raise invalid("after must be a timestamp in milliseconds or a cursor", after=[after]) from None


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
