"""JSON Schemas of companies (v2), deals (v1) and deal pipelines (v1), by the names that cases use."""

from __future__ import annotations

from typing import Any

from crm_pipeline_tests.emulator.hubspot.contract.schema_parts import FLAG, TEXT, WHOLE, closed_object


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


_VERSION = closed_object(name=TEXT, value=TEXT, timestamp=WHOLE, sourceId=TEXT, source=TEXT, sourceVid=_list(WHOLE))
_VERSION["properties"]["updatedByUserId"] = WHOLE
_USER = {"type": ["integer", "null"]}
_PROPERTY = closed_object(
    value=TEXT, timestamp=WHOLE, source=TEXT, sourceId=TEXT, updatedByUserId=_USER, versions=_list(_VERSION)
)
_PROPERTIES = {"type": "object", "additionalProperties": _PROPERTY}
_RECORD = {"portalId": WHOLE, "isDeleted": FLAG, "properties": _PROPERTIES, "stateChanges": _list({})}
_COMPANY = closed_object(companyId=WHOLE, additionalDomains=_list(TEXT), mergeAudits=_list({}), **_RECORD)
_ASSOCIATED = closed_object(
    **dict.fromkeys(
        ("associatedVids", "associatedCompanyIds", "associatedDealIds", "associatedTicketIds"), _list(WHOLE)
    )
)
_DEAL = closed_object(
    dealId=WHOLE, associations={"anyOf": [_ASSOCIATED, {"type": "null"}]}, imports=_list({}), **_RECORD
)
_RECENT = {"hasMore": FLAG, "offset": WHOLE, "total": WHOLE}
_STAGE = closed_object(
    stageId=TEXT, label=TEXT, probability={"type": "number"}, active=FLAG, displayOrder=WHOLE, closedWon=FLAG
)
_PIPELINE = closed_object(
    pipelineId=TEXT, label=TEXT, active=FLAG, displayOrder=WHOLE, staticDefault=FLAG, stages=_list(_STAGE)
)
_OLD_VERSION = closed_object(
    **{
        "value": TEXT,
        "source-type": TEXT,
        "source-id": TEXT,
        "source-label": {"type": "null"},
        "updated-by-user-id": _USER,
        "timestamp": WHOLE,
        "selected": FLAG,
    }
)
_VALUE = {**closed_object(value=TEXT), "properties": {"value": TEXT, "versions": _list(_OLD_VERSION)}}
_VALUES = {"type": "object", "additionalProperties": _VALUE}
_IDENTITY = {
    **closed_object(type={"const": "EMAIL"}, value=TEXT, timestamp=WHOLE),
    "additionalProperties": {"const": True},
}
_PROFILE = {
    "vid": WHOLE,
    "saved-at-timestamp": WHOLE,
    "deleted-changed-timestamp": WHOLE,
    "identities": _list(_IDENTITY),
}
_CONTACT = {
    "vid": WHOLE,
    "canonical-vid": WHOLE,
    "merged-vids": _list(WHOLE),
    "portal-id": WHOLE,
    "is-contact": FLAG,
    "properties": _VALUES,
    "form-submissions": _list({}),
    "identity-profiles": _list(closed_object(**_PROFILE)),
    "merge-audits": _list({}),
}
_LISTED = closed_object(addedAt=WHOLE, **_CONTACT)
_ASSOCIATED_COMPANY = closed_object(**{"company-id": WHOLE, "portal-id": WHOLE, "properties": _VALUES})
_SINGLE = closed_object(**{"list-memberships": _list({}), **_CONTACT})
_SINGLE["properties"]["associated-company"] = _ASSOCIATED_COMPANY
_CONTACTS = {"contacts": _list(_LISTED), "has-more": FLAG, "vid-offset": WHOLE}

LEGACY_RECORDS: dict[str, dict[str, Any]] = {
    "problem": {"type": "object", "required": ["status", "message", "correlationId"]},
    "legacy contact": _SINGLE,
    "legacy contacts": closed_object(**_CONTACTS),
    "legacy contacts by id": {"type": "object", "additionalProperties": _SINGLE},
    "recent contacts": closed_object(**_CONTACTS, **{"time-offset": WHOLE}),
    "legacy company": _COMPANY,
    "legacy companies": closed_object(**{"companies": _list(_COMPANY), "has-more": FLAG, "offset": WHOLE}),
    "recent companies": closed_object(results=_list(_COMPANY), **_RECENT),
    "legacy deal": _DEAL,
    "legacy deals": closed_object(deals=_list(_DEAL), hasMore=FLAG, offset=WHOLE),
    "recent deals": closed_object(results=_list(_DEAL), **_RECENT),
    "deal pipeline": _PIPELINE,
    "deal pipelines": _list(_PIPELINE),
}
