"""Endpoints for single records: list, read, create, update, archive, search, merge, GDPR delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.associations.errors import unknown_record
from crm_pipeline.emulator.hubspot.associations.sides import shown_associations
from crm_pipeline.emulator.hubspot.associations.types import AssociationType
from crm_pipeline.emulator.hubspot.call import Answer, Call, text_id
from crm_pipeline.emulator.hubspot.errors import invalid, invalid_json, object_not_found, resource_not_found
from crm_pipeline.emulator.hubspot.links import next_page
from crm_pipeline.emulator.hubspot.object_types import object_type
from crm_pipeline.emulator.hubspot.records import Record
from crm_pipeline.emulator.hubspot.schema import required_fields
from crm_pipeline.emulator.hubspot.search.search import search

MOST_WITH_HISTORY = 50  # records of a list or batch read with property histories (HubSpot's own refusal)

Link = tuple[str, str, AssociationType]  # to object, to id, type


def find(call: Call, record_id: str, id_property: str | None, *, archived: bool = False) -> Record | None:
    """The record that an id names; `id_property` None is the record id.

    Raises HubSpotError 400 for a property that does not identify records.
    """
    table = call.store.table(call.kind.name)
    if id_property in (None, "", "hs_object_id"):
        return table.find(record_id, archived=archived)
    if not isinstance(id_property, str) or id_property not in table.unique:
        raise invalid(f"idProperty {id_property} does not exist or is not a unique property")
    if archived:
        raise invalid("archived objects can only be read by their id")
    value = record_id.strip().lower() if id_property == "email" else record_id
    return table.find_unique(id_property, value)


def _named(call: Call, *, archived: bool = False) -> Record:
    record = find(call, call.path["id"], call.query.get("idProperty"), archived=archived)
    if record is None:
        raise object_not_found(call.path["id"])
    return record


def _associations(call: Call, record: Record, wanted: list[str]) -> dict[str, Any]:
    """The `associations` part of a record, with the type names of v3; object types without any are left out."""
    shown: dict[str, Any] = shown_associations(call.store, call.kind, record.id, wanted)
    return shown


def _show(call: Call, record: Record) -> dict[str, Any]:
    answer = call.show(record, call.names("properties"), call.names("propertiesWithHistory"))
    if associations := _associations(call, record, call.names("associations")):
        answer["associations"] = associations
    return answer


def list_records(call: Call) -> Answer:
    """GET /crm/v3/objects/{type}"""
    history, wanted = call.names("propertiesWithHistory"), call.names("associations")
    limit = call.number("limit", 10, MOST_WITH_HISTORY if history else 100)
    table = call.store.table(call.kind.name)
    records, more = table.page(call.cursor(), limit, archived=call.flag("archived"))
    show = call.shower(call.names("properties"), history)
    results = [show(record) for record in records]
    if wanted:
        for record, result in zip(records, results, strict=True):
            if associations := _associations(call, record, wanted):
                result["associations"] = associations
    answer: dict[str, Any] = {"results": results}
    if more:
        answer["paging"] = {"next": {"after": records[-1].id, "link": next_page(records[-1].id)}}
    return 200, answer


def read(call: Call) -> Answer:
    """GET /crm/v3/objects/{type}/{id}"""
    return 200, _show(call, _named(call, archived=call.flag("archived")))


def create(call: Call) -> Answer:
    """POST /crm/v3/objects/{type}"""
    body, store = call.json_object(), call.store
    draft = store.draft(call.kind.name, None, properties_of(body))
    links = checked_associations(call, body.get("associations") or [])
    store.admit(call.kind.name, None)
    record = store.write(call.kind.name, draft, store.source("INTEGRATION"))
    associate(call, record, links)
    return 201, call.show(record, [*call.kind.defaults, *draft.values])


def properties_of(given: Mapping[str, Any], *, update: bool = False) -> Any:
    """The `properties` of a body or batch input. Raises HubSpotError 400 without any; a new record may have none."""
    properties = given.get("properties")
    if update and (properties is None or properties == {}):
        raise invalid("No properties found to update, please provide at least one.", properties=["{}"])
    if properties is None:
        raise required_fields(["properties"])
    return properties


def checked_associations(call: Call, given: Any) -> list[Link]:
    """The associations that a create call asks for, checked: to object, to id, type."""
    if not isinstance(given, list):
        raise invalid_json("associations must be a list")
    links: list[Link] = []
    for one in given:
        try:
            to_id, specs = text_id(one["to"]["id"]), list(one["types"])
            named = [(spec["associationCategory"], spec["associationTypeId"]) for spec in specs]
        except (KeyError, TypeError):
            raise invalid_json("an association needs to.id and types") from None
        for category, type_id in named:
            end, kind = call.store.associations.types.leading_from(call.kind.name, category, type_id)
            record = call.store.table(end).find(to_id)
            if record is None:
                raise unknown_record(object_type(end).singular, to_id)
            links.append((end, record.id, kind))
    return links


def associate(call: Call, record: Record, links: list[Link]) -> None:
    """Make the associations of a record just created."""
    for end, to_id, kind in links:
        call.store.associations.add(call.kind.name, record.id, end, to_id, kind)


def update(call: Call) -> Answer:
    """PATCH /crm/v3/objects/{type}/{id}"""
    store, record = call.store, _named(call)
    draft = store.draft(call.kind.name, record, properties_of(call.json_object(), update=True))
    store.admit(call.kind.name, record.id)
    store.write(call.kind.name, draft, store.source("INTEGRATION"))
    return 200, call.show(record, list(draft.values) or list(call.kind.always))


def archive(call: Call) -> Answer:
    """DELETE /crm/v3/objects/{type}/{id}; archiving what is archived already is no error."""
    table = call.store.table(call.kind.name)
    if table.find(call.path["id"], archived=True) is None:
        record = _named(call)
        call.store.admit(call.kind.name, record.id)
        call.store.archive(call.kind.name, record.id)
    return 204, None


def search_records(call: Call) -> Answer:
    """POST /crm/v3/objects/{type}/search"""
    body, store = call.json_object(), call.store
    page = search(store, call.kind, body)
    show = call.shower(call.body_names("properties"), [])
    answer: dict[str, Any] = {"total": page.total, "results": [show(record) for record in page.records]}
    if page.after:
        answer["paging"] = {"next": {"after": page.after, "link": f"?after={page.after}"}}
    return 200, answer


def merge(call: Call) -> Answer:
    """POST /crm/v3/objects/{type}/merge"""
    body, store = call.json_object(), call.store
    primary, other = text_id(body.get("primaryObjectId")), text_id(body.get("objectIdToMerge"))
    new_id = store.merge(call.kind.name, primary, other, source="INTEGRATION")
    return 200, call.show(store.live(call.kind.name, new_id), list(call.kind.defaults))


def gdpr_delete(call: Call) -> Answer:
    """POST /crm/v3/objects/contacts/gdpr-delete; an unknown e-mail address is only blocked for the future."""
    if call.kind.name != "contacts":
        raise resource_not_found()
    body, store = call.json_object(), call.store
    object_id, id_property = text_id(body.get("objectId")), body.get("idProperty")
    record = find(call, object_id, id_property)
    if record is not None:
        store.purge("contacts", record.id)
    elif id_property == "email":
        store.blocked_e_mails.add(object_id.strip().lower())
    else:
        store.purge("contacts", object_id)
    return 204, None
