"""Endpoints for property definitions and property groups (v3; HubSpot documentation, "properties").

Belongs here: paths, bodies and answers. Not here: the rules of definitions (schema.py, properties.py).

Choice where HubSpot's behaviour is not documented: in a batch create or batch read one refused input is one error of
a 207; the others are done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.batch_routes import answer
from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid, invalid_json
from crm_pipeline.emulator.hubspot.schema import required_fields

#: Keys of a definition that only HubSpot sets.
_NOT_SETTABLE = {"readOnlyValue", "calculated"}


def list_properties(call: Call) -> Answer:
    """GET /crm/v3/properties/{type}; `properties` names those wanted."""
    schema, wanted = call.store.schema, set(call.names("properties"))
    definitions = (schema.archived if call.flag("archived") else schema.definitions)[call.kind.name].values()
    return 200, {"results": [one for one in definitions if not wanted or one["name"] in wanted]}


def read_property(call: Call) -> Answer:
    """GET /crm/v3/properties/{type}/{name}"""
    return 200, call.store.schema.find(call.kind.name, call.path["name"], archived=call.flag("archived"))


def create_property(call: Call) -> Answer:
    """POST /crm/v3/properties/{type}"""
    return 201, _create(call, call.json_object())


def _create(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := sorted(_NOT_SETTABLE & set(given)):
        raise invalid(f"These cannot be set: {', '.join(unknown)}")
    needed = ("groupName", "name", "label", "type", "fieldType")
    if missing := [key for key in needed if given.get(key) is None]:
        raise required_fields(missing)
    return call.store.define_property(call.kind.name, given)


def update_property(call: Call) -> Answer:
    """PATCH /crm/v3/properties/{type}/{name}"""
    store = call.store
    return 200, store.schema.change(call.kind.name, call.path["name"], call.json_object(), store.now())


def archive_property(call: Call) -> Answer:
    """DELETE /crm/v3/properties/{type}/{name}"""
    call.store.archive_property(call.kind.name, call.path["name"])
    return 204, None


def _names(call: Call) -> list[str]:
    names = [one.get("name") for one in call.inputs()]
    if not all(isinstance(name, str) for name in names):
        raise invalid_json("every input needs a name")
    return [str(name) for name in names]


def batch_read(call: Call) -> Answer:
    """POST /crm/v3/properties/{type}/batch/read"""
    archived = call.json_object().get("archived", False)
    if not isinstance(archived, bool):
        raise invalid_json("archived must be true or false")
    results, errors = [], []
    for name in _names(call):
        try:
            results.append(call.store.schema.find(call.kind.name, name, archived=archived))
        except HubSpotError as error:
            errors.append(error.entry({"name": [name]}))
    return answer(call, 200, results, errors)


def batch_create(call: Call) -> Answer:
    """POST /crm/v3/properties/{type}/batch/create"""
    results, errors = [], []
    for one in call.inputs():
        try:
            results.append(_create(call, one))
        except HubSpotError as error:
            errors.append(error.entry({"name": [str(one.get("name"))]}))
    return answer(call, 201, results, errors)


def batch_archive(call: Call) -> Answer:
    """POST /crm/v3/properties/{type}/batch/archive; all or nothing."""
    names = _names(call)
    for name in names:
        if name not in call.store.schema.archived[call.kind.name]:
            call.store.schema.find(call.kind.name, name)
    for name in names:
        call.store.archive_property(call.kind.name, name)
    return 204, None


def list_groups(call: Call) -> Answer:
    """GET /crm/v3/properties/{type}/groups"""
    return 200, {"results": list(call.store.schema.groups[call.kind.name].values())}


def read_group(call: Call) -> Answer:
    """GET /crm/v3/properties/{type}/groups/{name}"""
    return 200, call.store.schema.find_group(call.kind.name, call.path["name"])


def create_group(call: Call) -> Answer:
    """POST /crm/v3/properties/{type}/groups"""
    return 201, call.store.schema.create_group(call.kind.name, call.json_object())


def update_group(call: Call) -> Answer:
    """PATCH /crm/v3/properties/{type}/groups/{name}"""
    return 200, call.store.schema.change_group(call.kind.name, call.path["name"], call.json_object())


def archive_group(call: Call) -> Answer:
    """DELETE /crm/v3/properties/{type}/groups/{name}"""
    call.store.schema.archive_group(call.kind.name, call.path["name"])
    return 204, None
