"""JSON Schemas of answers that HubSpot documents and its client has no model for; by the names that cases use."""

from __future__ import annotations

from typing import Any

TEXT, WHOLE, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
TIME, TEXTS = {"type": "string", "format": "date-time"}, {"type": "array", "items": TEXT}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_USAGE = _object(
    name=TEXT,
    usageLimit=WHOLE,
    currentUsage=WHOLE,
    collectedAt=TIME,
    fetchStatus={"enum": ["SUCCESS", "CACHED", "UNAVAILABLE"]},
    resetsAt=TIME,
)

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
    "nothing": _object(),
    "record limits": {"type": "object"},
}
