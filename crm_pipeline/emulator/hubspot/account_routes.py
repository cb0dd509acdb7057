"""Endpoints about the portal itself: owners, account details, call usage, what the token may do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.errors import invalid, resource_not_found
from crm_pipeline.emulator.hubspot.formats import iso
from crm_pipeline.emulator.hubspot.links import next_page

_MOST_OWNERS = 500


def list_owners(call: Call) -> Answer:
    """GET /crm/v3/owners"""
    archived, email = call.flag("archived"), call.query.get("email")
    limit, after = call.number("limit", 100, _MOST_OWNERS), call.cursor()
    owners = [
        owner
        for owner in call.store.owners.values()
        if owner["archived"] == archived and int(owner["id"]) > after and email in (None, "", owner["email"])
    ]
    return 200, page(owners, limit)


def page(found: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """The first `limit` of what was found, and the cursor of the others."""
    if len(found) <= limit:
        return {"results": found}
    last = found[limit - 1]["id"]
    return {"results": found[:limit], "paging": {"next": {"after": last, "link": next_page(last)}}}


def read_owner(call: Call) -> Answer:
    """GET /crm/v3/owners/{id}"""
    id_property = call.query.get("idProperty", "id")
    if id_property not in ("id", "userId"):
        raise invalid("idProperty must be id or userId")
    for owner in call.store.owners.values():
        if str(owner.get(id_property)) == call.path["id"] and owner["archived"] == call.flag("archived"):
            return 200, owner
    raise resource_not_found()


def _user(owner: Mapping[str, Any]) -> dict[str, Any]:
    user = {
        "id": str(owner["userId"]),
        "email": owner["email"],
        "firstName": owner["firstName"],
        "lastName": owner["lastName"],
        "roleIds": [],
        "superAdmin": False,
    }
    for team in owner.get("teams", []):
        if team["primary"]:
            user["primaryTeamId"] = team["id"]
        else:
            user.setdefault("secondaryTeamIds", []).append(team["id"])
    return user


def _users(call: Call) -> list[dict[str, Any]]:
    return [_user(owner) for owner in call.store.owners.values() if not owner["archived"]]


def list_users(call: Call) -> Answer:
    """GET /settings/v3/users: the users behind the owners that are active"""
    limit, after = call.number("limit", 100, 100), call.cursor()
    users = [user for user in _users(call) if int(user["id"]) > after]
    return 200, page(users, limit)


def read_user(call: Call) -> Answer:
    """GET /settings/v3/users/{id}"""
    id_property = call.query.get("idProperty", "USER_ID")
    if id_property not in ("USER_ID", "EMAIL"):
        raise invalid("idProperty must be USER_ID or EMAIL")
    for user in _users(call):
        if call.path["id"] == user["id" if id_property == "USER_ID" else "email"]:
            return 200, user
    raise resource_not_found()


def list_teams(call: Call) -> Answer:
    """GET /settings/v3/users/teams"""
    teams: dict[str, dict[str, Any]] = {}
    for owner in call.store.owners.values():
        for team in owner.get("teams", []):
            shown = teams.setdefault(
                team["id"], {"id": team["id"], "name": team["name"], "userIds": [], "secondaryUserIds": []}
            )
            if user_id := owner.get("userId"):
                shown["userIds" if team["primary"] else "secondaryUserIds"].append(str(user_id))
    return 200, {"results": list(teams.values())}


def account_details(call: Call) -> Answer:
    """GET /account-info/v3/details"""
    store = call.store
    offset = store.clock.now().astimezone(ZoneInfo(store.time_zone)).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    return 200, {
        "portalId": store.portal_id,
        "accountType": store.account_type,
        "timeZone": store.time_zone,
        "companyCurrency": "JPY",
        "additionalCurrencies": list(store.more_currencies),
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
