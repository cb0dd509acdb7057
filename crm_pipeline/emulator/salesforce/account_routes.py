"""Endpoints about the organisation, not its records: access tokens, who am I, API versions, limits."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.store import SalesforceStore

OLDEST_VERSION, NEWEST_VERSION = 31, 67
"""Versions 7 to 30 are retired; 67.0 is Summer '26 (facts 3.1)."""

_RESOURCES = ("composite", "limits", "query", "queryAll", "sobjects")


def token(store: SalesforceStore, headers: Mapping[str, str], body: bytes, base_url: str) -> Answer:
    """POST /services/oauth2/token: the client-credentials flow, with HTTP Basic or the secret in the body."""
    form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    if form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "grant type not supported")
    client_id, secret = _basic(headers) or (form.get("client_id"), form.get("client_secret"))
    if client_id != store.client_id:
        return _refused("invalid_client_id", "client identifier invalid")
    if secret != store.client_secret:
        return _refused("invalid_client", "invalid client credentials")
    now = store.clock.now()
    identity = f"{base_url}/id/{store.organisation_id}/{store.integration_user_id}"
    issued_at = str(int(now.timestamp() * 1000))
    signed = hmac.digest(store.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256)
    return Answer(
        200,
        {
            "access_token": store.sessions.issue(now),
            "signature": base64.b64encode(signed).decode(),
            "scope": "api",
            "instance_url": base_url,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        },
    )


def user_info(store: SalesforceStore, base_url: str) -> Answer:
    """GET /services/oauth2/userinfo"""
    user = store.read("User", store.integration_user_id)
    return Answer(
        200,
        {
            "sub": f"{base_url}/id/{store.organisation_id}/{user['Id']}",
            "user_id": user["Id"],
            "organization_id": store.organisation_id,
            "preferred_username": user["Username"],
            "nickname": user["Alias"],
            "name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "given_name": user["FirstName"],
            "family_name": user["LastName"],
            "zoneinfo": user["TimeZoneSidKey"],
            "locale": user["LocaleSidKey"],
            "language": user["LanguageLocaleKey"],
            "active": user["IsActive"],
            "user_type": "STANDARD",
            "is_app_installed": True,
        },
    )


def versions() -> Answer:
    """GET /services/data"""
    numbers = range(OLDEST_VERSION, NEWEST_VERSION + 1)
    listed = [{"label": _season(n), "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in numbers]
    return Answer(200, listed)


def resources(call: Call) -> Answer:
    """GET /services/data/vXX.0"""
    return Answer(200, {name: f"{call.root}/{name}" for name in _RESOURCES})


def limits(call: Call) -> Answer:
    """GET /limits: the daily limits that this emulator keeps or that a client looks at"""
    usage = call.store.usage
    return Answer(
        200,
        {
            "DailyApiRequests": {"Max": usage.limit, "Remaining": usage.limit - usage.used},
            "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000},
            "DailyBulkV2QueryFileStorageMB": {"Max": 976562, "Remaining": 976562},
            "DailyBulkV2QueryJobs": {"Max": 10000, "Remaining": 10000},
            "DataStorageMB": {"Max": 10240, "Remaining": 10240},
            "FileStorageMB": {"Max": 10240, "Remaining": 10240},
        },
    )


def _refused(error: str, description: str) -> Answer:
    body: dict[str, Any] = {"error": error, "error_description": description}
    return Answer(400, body)


def _basic(headers: Mapping[str, str]) -> tuple[str, str] | None:
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret


def _season(version: int) -> str:
    """The release of an API version: 67.0 is Summer '26, three releases a year."""
    years, season = divmod(version - 52, 3)  # 52.0: Summer '21
    year = 21 + years + (1 if season else 0)
    return f"{('Summer', 'Winter', 'Spring')[season]} '{year}"
