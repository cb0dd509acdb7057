"""What an administrator of a portal looks at and sets up: scopes, calls of the day, properties.

Belongs here: the calls and the names of scopes. Not here: what is wanted (connecting/), records.
Source: facts/hubspot.md 4 (preflight, scopes), properties guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_pipeline.crm.calls import CallClass
from crm_pipeline.crm.gateway import Call
from crm_pipeline.crm.hubspot.answers import refusal
from crm_pipeline.crm.hubspot.wire import Wire
from crm_pipeline.errors import DailyLimitError, PermanentError
from crm_pipeline.model import System

#: What HubSpot's own connector to Salesforce writes into each record that it syncs.
CONNECTOR_CLOCK = "salesforcelastsynctime"
_OWN_SCOPES = frozenset({"contacts", "companies", "deals"})
#: A property that HubSpot has in every portal: ours goes into its group.
_ANCHORS = {"contacts": "email", "companies": "name", "deals": "dealname", "tickets": "subject"}


@dataclass(frozen=True)
class Portal:
    """`kind`: STANDARD, SANDBOX, DEVELOPER_TEST or APP_DEVELOPER. `currencies`: the first is the company's own.
    `scopes`: what the token may do, None where HubSpot does not tell (a service key). `calls`: used today, and allowed.
    """

    kind: str
    currencies: tuple[str, ...]
    scopes: frozenset[str] | None
    calls: tuple[int, int] | None

    @property
    def production(self) -> bool:
        return self.kind == "STANDARD"


def portal(wire: Wire) -> Portal:
    """Three calls. Raises CrmError when the token is not accepted."""
    details = wire.get("/account-info/v3/details")
    known = wire.token_info().get("scopes")
    currencies = (details.get("companyCurrency") or "", *(details.get("additionalCurrencies") or ()))
    return Portal(
        str(details.get("accountType") or ""),
        tuple(filter(None, currencies)),
        None if known is None else frozenset(known),
        _calls(wire),
    )


def _calls(wire: Wire) -> tuple[int, int] | None:
    """What the portal says about its day; else what the answers' headers said, None if neither does."""
    try:
        found = wire.get("/account-info/v3/api-usage/daily/private-apps")
        day: Mapping[str, Any] = next(iter(found.get("results") or ()), {})
    except DailyLimitError:
        raise
    except PermanentError:
        day = {}
    if day.get("usageLimit"):
        return int(day.get("currentUsage", 0)), int(day["usageLimit"])
    usage = wire.gateway.calls.usage
    return (usage.daily_used, usage.daily_limit) if usage.daily_limit else None


def scope(object_: str, use: str) -> str:
    """The scope that reading or writing (`use`) records of an object needs: activities go with contacts."""
    if object_ == "tickets":
        return "tickets"
    return f"crm.objects.{object_ if object_ in _OWN_SCOPES else 'contacts'}.{use}"


def schema_scope(object_: str) -> str:
    """The scope that creating a property of an object needs."""
    if object_ == "tickets":
        return "tickets"
    return f"crm.schemas.{object_ if object_ in _OWN_SCOPES else 'contacts'}.write"


def scopes_needed(reads: Iterable[str], writes: Iterable[str]) -> list[str]:
    """The scopes for reading and writing the records of these objects, in the order of HubSpot's list."""
    reads, writes = list(reads), list(writes)
    needed = {scope(object_, "read") for object_ in reads} | {scope(object_, "write") for object_ in writes}
    if "emails" in (*reads, *writes):
        needed.add("sales-email-read")
    return sorted(needed | {"crm.objects.owners.read"})


def synced_since(wire: Wire, object_: str, since: datetime) -> int:
    """How many records HubSpot's own connector has synced since. A search."""
    condition = {
        "propertyName": CONNECTOR_CLOCK,
        "operator": "GTE",
        "value": str(int(since.timestamp() * 1000)),
    }
    body = {"filterGroups": [{"filters": [condition]}], "limit": 1}
    answer = wire.ask(wire.client.crm.objects.search_api.do_search, object_, body)
    return int(answer.get("total", 0))


def create_property(wire: Wire, object_: str, definition: Mapping[str, Any]) -> None:
    """Create a property in the group of HubSpot's own. Raises PermanentError when HubSpot refuses it."""
    api = wire.client.crm.properties
    found = wire.ask(api.core_api.get_all, object_)["results"]
    groups = [one.get("groupName") for one in found if one["name"] == _ANCHORS.get(object_)]
    groups += [one.get("groupName") for one in found if one.get("hubspotDefined")] + ["contactinformation"]
    reply = wire.reply(api.core_api.create, object_, {"groupName": groups[0], **definition})
    if reply.status < 300:
        return
    code = str((reply.json() or {}).get("category", ""))
    raise refusal(reply, Call(CallClass.READ, f"properties of {object_}")) or PermanentError(
        f"HubSpot refused the property {definition['name']} of {object_} (status {reply.status} {code}).",
        system=System.HUBSPOT,
        status=reply.status,
        code=code,
    )
