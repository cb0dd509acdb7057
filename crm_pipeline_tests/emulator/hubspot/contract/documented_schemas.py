"""JSON Schemas of answers that HubSpot documents and its client has no model for; by the names that cases use."""

from __future__ import annotations

from typing import Any

from crm_pipeline_tests.emulator.hubspot.contract.legacy_schemas import LEGACY_RECORDS
from crm_pipeline_tests.emulator.hubspot.contract.schema_parts import FLAG, TEXT, TEXTS, TIME, WHOLE
from crm_pipeline_tests.emulator.hubspot.contract.schema_parts import closed_object as _object

_USAGE = _object(
    name=TEXT,
    usageLimit=WHOLE,
    currentUsage=WHOLE,
    collectedAt=TIME,
    fetchStatus={"enum": ["SUCCESS", "CACHED", "UNAVAILABLE"]},
    resetsAt=TIME,
)

_OBJECT, _ANY_TEXT, _IDS = {"type": "object"}, {"anyOf": [TEXT, {"enum": [None]}]}, {"type": "array", "items": WHOLE}
_LEGACY_PROPERTY = _object(
    **dict.fromkeys(("name", "label", "description", "groupName", "type", "fieldType"), TEXT),
    **dict.fromkeys(("displayOrder", "createdAt", "updatedAt"), WHOLE),
    **dict.fromkeys(("calculated", "hidden", "externalOptions", "hubspotDefined", "readOnlyValue"), FLAG),
    **dict.fromkeys(("readOnlyDefinition", "formField", "hasUniqueValue", "deleted"), FLAG),
    options={"type": "array", "items": _OBJECT},
    referencedObjectType=_ANY_TEXT,
)
_PART = {"label": TEXT, "displayOrder": WHOLE, "active": FLAG, "createdAt": WHOLE, "updatedAt": WHOLE}
_LEGACY_STAGE = _object(stageId=TEXT, metadata=_OBJECT, **_PART)
_LEGACY_PIPELINE = _object(
    pipelineId=TEXT,
    objectType=TEXT,
    objectTypeId=TEXT,
    default=FLAG,
    stages={"type": "array", "items": _LEGACY_STAGE},
    **_PART,
)
_ENGAGEMENT = _object(
    engagement={
        "type": "object",
        "required": ["id", "portalId", "active", "createdAt", "lastUpdated", "type", "timestamp"],
        "properties": {
            **dict.fromkeys(("id", "portalId", "createdAt", "lastUpdated", "timestamp", "ownerId"), WHOLE),
            "active": FLAG,
            "type": {"enum": ["CALL", "EMAIL", "MEETING", "NOTE", "TASK"]},
        },
        "additionalProperties": False,
    },
    associations=_object(
        **dict.fromkeys(("contactIds", "companyIds", "dealIds", "ticketIds", "ownerIds", "workflowIds"), _IDS)
    ),
    attachments={"type": "array"},
    metadata=_OBJECT,
)
_RESULTS = {"results": {"type": "array", "items": _ENGAGEMENT}, "hasMore": FLAG}
_ENGAGEMENTS = {**_RESULTS, "offset": WHOLE}

DOCUMENTED: dict[str, dict[str, Any]] = {
    "details": _object(
        portalId=WHOLE,
        accountType={"enum": ["APP_DEVELOPER", "DEVELOPER_TEST", "SANDBOX", "STANDARD"]},
        timeZone=TEXT,
        companyCurrency=TEXT,
        additionalCurrencies=TEXTS,
        utcOffset=TEXT,
        utcOffsetMilliseconds=WHOLE,
        uiDomain=TEXT,
        dataHostingLocation=TEXT,
    ),
    "usage": _object(results={"type": "array", "items": _USAGE}),
    "private token": _object(userId=WHOLE, hubId=WHOLE, appId=WHOLE, scopes=TEXTS),
    "introspection": _object(
        hub_id=WHOLE,
        user_id=WHOLE,
        scopes=TEXTS,
        active=FLAG,
        token_use={"enum": ["access_token", "refresh_token"]},
        token_type=TEXT,
        exp=WHOLE,
        client_id=TEXT,
    ),
    "empty": {"type": ["object", "array"], "maxItems": 0, "additionalProperties": {"maxItems": 0}},
    "nothing": _object(),
    "record limits": {"type": "object"},
    "legacy property": _LEGACY_PROPERTY,
    "legacy properties": {"type": "array", "items": _LEGACY_PROPERTY},
    "legacy pipelines": _object(results={"type": "array", "items": _LEGACY_PIPELINE}),
    "engagement": _ENGAGEMENT,
    "engagements": _object(**_ENGAGEMENTS),
    "recent engagements": _object(**_ENGAGEMENTS, total=WHOLE),
    "changed engagements": _object(**_RESULTS, after=TEXT),
    **LEGACY_RECORDS,
}
