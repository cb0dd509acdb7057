"""Contacts (v1) in their older shape, for connectors that still read them.

Belongs here: lists, recent ones, single ones, up to 100 by id. Writing with v1 is not emulated; the v1 lists were shut
down in April 2026 except these addresses. Source: HubSpot's legacy documentation, "contacts v1", and bodies of real
portals in public repositories. Choices where they are silent: lists go by id; of identities only e-mail addresses are
shown; the contact of an older id (`vid`) is the merged one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid
from crm_pipeline.emulator.hubspot.formats import epoch_ms
from crm_pipeline.emulator.hubspot.legacy.recent import before, whole
from crm_pipeline.emulator.hubspot.legacy.values import OldVersion, old_versions
from crm_pipeline.emulator.hubspot.records import Record

_DEFAULT, _MOST = 20, 100
_LISTED = ("firstname", "lastname", "company", "lastmodifieddate")
_MODES = ("value_only", "value_and_history")


def list_contacts(call: Call) -> Answer:
    """GET /contacts/v1/lists/all/contacts/all"""
    count, offset = min(call.number("count", _DEFAULT, 10**9), _MOST), whole(call, "vidOffset")
    page, more = call.store.table("contacts").page(offset, count, archived=False)
    last = page[-1].number if page else offset
    return 200, {"contacts": [_listed(call, one) for one in page], "has-more": more, "vid-offset": last}


def recent_contacts(call: Call) -> Answer:
    """GET /contacts/v1/lists/recently_updated/contacts/recent"""
    return _recent(call, "lastmodifieddate")


def new_contacts(call: Call) -> Answer:
    """GET /contacts/v1/lists/all/contacts/recent"""
    return _recent(call, "createdate")


def read_contact(call: Call) -> Answer:
    """GET /contacts/v1/contact/vid/{id}/profile"""
    return 200, _profile(call, call.store.table("contacts").find(call.path["id"]))


def read_by_email(call: Call) -> Answer:
    """GET /contacts/v1/contact/email/{id}/profile"""
    return 200, _profile(call, call.store.table("contacts").find_unique("email", call.path["id"].strip().lower()))


def read_contacts(call: Call) -> Answer:
    """GET /contacts/v1/contact/vids/batch: by id; ids that do not exist are left out"""
    vids = call.query.getlist("vid")
    if len(vids) > _MOST:
        raise invalid(f"A request may ask for {_MOST} contacts")
    found = {vid: call.store.table("contacts").find(vid) for vid in vids}
    return 200, {vid: _profile(call, record, "value_only") for vid, record in found.items() if record is not None}


def _recent(call: Call, time: str) -> Answer:
    page, more, (time_offset, vid_offset) = before(call, call.store.table("contacts"), time)
    return 200, {
        "contacts": [_listed(call, one) for one in page],
        "has-more": more,
        "vid-offset": vid_offset,
        "time-offset": time_offset,
    }


def _mode(call: Call, default: str) -> str:
    mode = call.query.get("propertyMode") or default
    if mode not in _MODES:
        raise invalid(f"propertyMode must be one of [{', '.join(_MODES)}]")
    return mode


def _listed(call: Call, record: Record) -> dict[str, Any]:
    wanted = {"lastmodifieddate", *call.names("property")} if call.names("property") else set(_LISTED)
    added = epoch_ms(record.get("createdate"))
    return {"addedAt": added, **_contact(call, record, wanted, history=_mode(call, "value_only") == _MODES[1])}


def _profile(call: Call, record: Record | None, default: str = "value_and_history") -> dict[str, Any]:
    if record is None:
        raise HubSpotError(404, "contact does not exist")
    wanted = set(call.names("property")) or None
    shown = _contact(call, record, wanted, history=_mode(call, default) == _MODES[1])
    company = call.store.associations.primary("contacts", record.id)
    if company is not None:
        of_company = old_versions(call, call.store.live("companies", company), "companies", None)
        shown["associated-company"] = {
            "company-id": int(company),
            "portal-id": call.store.portal_id,
            "properties": {name: {"value": versions[0].value} for name, versions in of_company.items()},
        }
    return {**shown, "list-memberships": []}


def _contact(call: Call, record: Record, wanted: Collection[str] | None, *, history: bool) -> dict[str, Any]:
    merged = [int(one) for one in record.get("hs_merged_object_ids").split(";") if one]
    return {
        "vid": record.number,
        "canonical-vid": record.number,
        "merged-vids": merged,
        "portal-id": call.store.portal_id,
        "is-contact": True,
        "properties": {
            name: {"value": versions[0].value, **({"versions": [_version(one) for one in versions]} if history else {})}
            for name, versions in old_versions(call, record, "contacts", wanted).items()
        },
        "form-submissions": [],
        "identity-profiles": [_identities(record)],
        "merge-audits": [],
    }


def _version(version: OldVersion) -> dict[str, Any]:
    return {
        "value": version.value,
        "source-type": version.source,
        "source-id": version.source_id,
        "source-label": None,
        "updated-by-user-id": version.user_id,
        "timestamp": version.timestamp,
        "selected": False,
    }


def _identities(record: Record) -> dict[str, Any]:
    values = record.properties
    others = values.get("hs_additional_emails", "").split(";")
    addresses = [one for one in (values.get("email", ""), *others) if one]
    created = epoch_ms(values["createdate"])
    return {
        "vid": record.number,
        "saved-at-timestamp": created,
        "deleted-changed-timestamp": 0,
        "identities": [
            {"type": "EMAIL", "value": one, "timestamp": created, **({"is-primary": True} if position == 0 else {})}
            for position, one in enumerate(addresses)
        ],
    }
