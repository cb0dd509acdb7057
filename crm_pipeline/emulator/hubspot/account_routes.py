"""Endpoints about the portal itself: properties, owners, account details, call usage, what the token may do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.errors import invalid, not_authenticated, resource_not_found
from crm_pipeline.emulator.hubspot.formats import iso

SCOPES = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.owners.read",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
    "crm.schemas.companies.read",
    "crm.schemas.companies.write",
)
_MOST_OWNERS = 500


def list_properties(call: Call) -> Answer:
    """GET /crm/v3/properties/{type}; no property is archived here."""
    definitions = call.store.definitions[call.kind.name].values()
    return 200, {"results": [] if call.flag("archived") else list(definitions)}


def read_property(call: Call) -> Answer:
    """GET /crm/v3/properties/{type}/{name}"""
    definition = call.store.definitions[call.kind.name].get(call.path["name"])
    if definition is None or call.flag("archived"):
        raise resource_not_found()
    return 200, definition


def create_property(call: Call) -> Answer:
    """POST /crm/v3/properties/{type}"""
    body = call.json_object()
    if unknown := sorted({"readOnlyValue", "calculated"} & set(body)):
        raise invalid(f"These cannot be set: {', '.join(unknown)}")
    if "groupName" not in body:
        raise invalid("Some required fields were not set: [groupName]")
    return 201, call.store.define_property(call.kind.name, body)


def list_owners(call: Call) -> Answer:
    """GET /crm/v3/owners"""
    archived, email = call.flag("archived"), call.query.get("email")
    limit, after = call.number("limit", 100, _MOST_OWNERS), call.cursor()
    owners = [
        owner
        for owner in call.store.owners.values()
        if owner["archived"] == archived and int(owner["id"]) > after and email in (None, "", owner["email"])
    ]
    body: dict[str, Any] = {"results": owners[:limit]}
    if len(owners) > limit:
        last = owners[limit - 1]["id"]
        body["paging"] = {"next": {"after": last, "link": f"?after={last}"}}
    return 200, body


def read_owner(call: Call) -> Answer:
    """GET /crm/v3/owners/{id}"""
    id_property = call.query.get("idProperty", "id")
    if id_property not in ("id", "userId"):
        raise invalid("idProperty must be id or userId")
    for owner in call.store.owners.values():
        if str(owner.get(id_property)) == call.path["id"] and owner["archived"] == call.flag("archived"):
            return 200, owner
    raise resource_not_found()


def account_details(call: Call) -> Answer:
    """GET /account-info/v3/details"""
    store = call.store
    offset = store.clock.now().astimezone(ZoneInfo(store.time_zone)).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    return 200, {
        "portalId": store.portal_id,
        "accountType": "STANDARD",
        "timeZone": store.time_zone,
        "companyCurrency": "JPY",
        "additionalCurrencies": [],
        "utcOffset": f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}",
        "utcOffsetMilliseconds": minutes * 60_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }


def daily_usage(call: Call) -> Answer:
    """GET /account-info/v3/api-usage/daily/private-apps"""
    store, now = call.store, call.store.clock.now()
    here = now.astimezone(ZoneInfo(store.time_zone))
    midnight = datetime.combine(here.date() + timedelta(days=1), datetime.min.time(), tzinfo=here.tzinfo)
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": store.limits.per_day,
        "currentUsage": store.limits.calls_today,
        "collectedAt": iso(now),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso(midnight),
    }
    return 200, {"results": [usage]}


def token_info(call: Call) -> Answer:
    """POST /oauth/v2/private-apps/get/access-token-info"""
    if call.json_object().get("tokenKey") != call.store.token:
        raise not_authenticated()
    return 200, {
        "userId": 9_000_001,
        "hubId": call.store.portal_id,
        "appId": call.store.app_id,
        "scopes": list(SCOPES),
    }
