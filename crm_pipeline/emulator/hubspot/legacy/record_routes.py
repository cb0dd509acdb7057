"""Companies (v2) and deals (v1) in their older shape, for connectors that still read them.

Belongs here: lists, recent ones, single ones. Writing with v1 and v2 is not emulated. Source: HubSpot's legacy
documentation, "companies v2" and "deals v1", and bodies of real portals in public repositories (each property with its
`versions`; times and dates in milliseconds). Choices where they are silent: lists go by id; a property without a value
is left out; a deleted record is 404.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.errors import HubSpotError
from crm_pipeline.emulator.hubspot.legacy.recent import recent, whole
from crm_pipeline.emulator.hubspot.legacy.values import OldVersion, old_versions
from crm_pipeline.emulator.hubspot.object_types import object_type
from crm_pipeline.emulator.hubspot.records import Record

_MOST = 250
_ASSOCIATED = {
    "associatedVids": "contacts",
    "associatedCompanyIds": "companies",
    "associatedDealIds": "deals",
    "associatedTicketIds": "tickets",
}
_COMPANIES, _DEALS = object_type("companies"), object_type("deals")

Show = Callable[[Record], dict[str, Any]]


def list_companies(call: Call) -> Answer:
    """GET /companies/v2/companies/paged"""
    names, history = call.names("properties"), call.names("propertiesWithHistory")
    shown, more, last = _page(call, "companies", _company(call, {*names, *history}, set(history)))
    return 200, {"companies": shown, "has-more": more, "offset": last}


def recent_companies(call: Call) -> Answer:
    """GET /companies/v2/companies/recent/modified"""
    return _recent(call, "companies", _COMPANIES.modified_property, _company(call))


def new_companies(call: Call) -> Answer:
    """GET /companies/v2/companies/recent/created"""
    return _recent(call, "companies", _COMPANIES.created_property, _company(call))


def read_company(call: Call) -> Answer:
    """GET /companies/v2/companies/{id}: with all properties"""
    return 200, _company(call)(_find(call, "companies"))


def list_deals(call: Call) -> Answer:
    """GET /deals/v1/deal/paged"""
    names, history = set(call.names("properties")), set(call.names("propertiesWithHistory"))
    wanted: set[str] | None = names | history
    if call.flag("includeAllProperties"):
        wanted = None
        if call.query.get("allPropertiesFetchMode") == "all_versions":
            history = set(call.store.definitions["deals"])
    show = _deal(call, wanted, history, associations=call.flag("includeAssociations"))
    shown, more, last = _page(call, "deals", show)
    return 200, {"deals": shown, "hasMore": more, "offset": last}


def recent_deals(call: Call) -> Answer:
    """GET /deals/v1/deal/recent/modified"""
    return _recent(call, "deals", _DEALS.modified_property, _whole_deal(call))


def new_deals(call: Call) -> Answer:
    """GET /deals/v1/deal/recent/created"""
    return _recent(call, "deals", _DEALS.created_property, _whole_deal(call))


def read_deal(call: Call) -> Answer:
    """GET /deals/v1/deal/{id}: with all properties and associations"""
    return 200, _whole_deal(call)(_find(call, "deals"))


def _page(call: Call, object_: str, show: Show) -> tuple[list[dict[str, Any]], bool, int]:
    limit = min(call.number("limit", 100, 10**9), _MOST)
    offset = whole(call, "offset")
    page, more = call.store.table(object_).page(offset, limit, archived=False)
    return [show(record) for record in page], more, page[-1].number if page else offset


def _recent(call: Call, object_: str, time: str, show: Show) -> Answer:
    page, paging = recent(call, [(call.store.table(object_), time)])
    return 200, {"results": [show(record) for _, record in page], **paging}


def _find(call: Call, object_: str) -> Record:
    record = call.store.table(object_).find(call.path["id"])
    if record is None:
        raise HubSpotError(404, "resource not found")
    return record


def _company(call: Call, wanted: Collection[str] | None = None, history: Collection[str] = ()) -> Show:
    """A function that shows companies; `wanted` None: all properties; `history`: those with all their versions."""

    def show(record: Record) -> dict[str, Any]:
        return {
            "portalId": call.store.portal_id,
            "companyId": record.number,
            "isDeleted": False,
            "properties": _properties(call, record, "companies", wanted, history),
            "additionalDomains": [],
            "stateChanges": [],
            "mergeAudits": [],
        }

    return show


def _whole_deal(call: Call) -> Show:
    with_versions = call.flag("includePropertyVersions")
    history = set(call.store.definitions["deals"]) if with_versions else set[str]()
    return _deal(call, None, history, associations=True)


def _deal(call: Call, wanted: Collection[str] | None, history: Collection[str], *, associations: bool) -> Show:
    links = call.store.associations

    def show(record: Record) -> dict[str, Any]:
        associated = {
            key: [int(one) for one in links.of("deals", record.id, to_object)] for key, to_object in _ASSOCIATED.items()
        }
        return {
            "portalId": call.store.portal_id,
            "dealId": record.number,
            "isDeleted": False,
            "associations": associated if associations else None,
            "properties": _properties(call, record, "deals", wanted, history),
            "imports": [],
            "stateChanges": [],
        }

    return show


def _properties(
    call: Call, record: Record, object_: str, wanted: Collection[str] | None, history: Collection[str]
) -> dict[str, Any]:
    """The set properties of a record, each with who set it and when."""
    return {
        name: _property(name, versions if name in history else versions[:1])
        for name, versions in old_versions(call, record, object_, wanted).items()
    }


def _property(name: str, versions: list[OldVersion]) -> dict[str, Any]:
    shown = [_version(name, one) for one in versions]
    newest = {key: shown[0][key] for key in ("value", "timestamp", "source", "sourceId")}
    return {**newest, "updatedByUserId": versions[0].user_id, "versions": shown}


def _version(name: str, version: OldVersion) -> dict[str, Any]:
    shown = {
        "name": name,
        "value": version.value,
        "timestamp": version.timestamp,
        "sourceId": version.source_id,
        "source": version.source,
        "sourceVid": [],
    }
    if version.user_id:
        shown["updatedByUserId"] = version.user_id
    return shown
