"""Endpoints for associations (v4): read, create, default, archive, for one record and in batches.

Not here: labels (label_routes.py), v3 (v3_routes.py).

Limits: HubSpot changelog "Batch Read Limit for HubSpot Associations API" (1,000), associations v4 guide (2,000). A
batch read of nothing finds nothing: connectors in daily use (Airbyte's) send it for every page without records.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.associations.associations import Kinds
from crm_pipeline.emulator.hubspot.associations.errors import unknown_record
from crm_pipeline.emulator.hubspot.associations.sides import (
    Side,
    no_associations,
    paging,
    position,
    side,
)
from crm_pipeline.emulator.hubspot.associations.types import AssociationType
from crm_pipeline.emulator.hubspot.batch_routes import answer
from crm_pipeline.emulator.hubspot.call import Answer, Call, text_id
from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid_json, no_body

MOST_READ, MOST_WRITTEN = 1000, 2000
PAGE = 500


def ends(call: Call) -> tuple[Side, Side]:
    """The from and to object types of the path."""
    return side(call.path["object"]), side(call.path["to_object"])


def _links(page: list[tuple[int, Kinds]]) -> list[dict[str, Any]]:
    return [{"toObjectId": to_id, "associationTypes": [kind.shown() for kind in kinds]} for to_id, kinds in page]


def own_id(call: Call, start: Side, given: str) -> str:
    """The id under which a record has its associations: after a merge not the one given."""
    record = call.store.table(start.name).find(given) if start.present else None
    return record.id if record else given


def batch_read(call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/read"""
    start, end = ends(call)
    results, errors = [], []
    for one in call.inputs(MOST_READ, least=0):
        from_id, after = text_id(one.get("id")), position(one.get("after"))
        page, more = call.store.associations.page(start.name, own_id(call, start, from_id), end.name, after, PAGE)
        if not page:
            errors.append(no_associations(start, from_id, end).entry())
            continue
        result: dict[str, Any] = {"from": {"id": from_id}, "to": _links(page)}
        if more:
            result["paging"] = paging("v4", start, from_id, end, page[-1][0])
        results.append(result)
    return answer(call, 200, results, errors)


def read(call: Call) -> Answer:
    """GET /crm/v4/objects/{from}/{id}/associations/{to}; a record without any has an empty list."""
    start, end = ends(call)
    limit, after = call.number("limit", PAGE, PAGE), position(call.query.get("after"))
    record = call.store.live(call.kind.name, call.path["id"])
    page, more = call.store.associations.page(start.name, record.id, end.name, after, limit)
    body: dict[str, Any] = {"results": _links(page)}
    if more:
        body["paging"] = paging("v4", start, record.id, end, page[-1][0])
    return 200, body


def id_in(one: Mapping[str, Any], name: str) -> str:
    """The id of one end of an input. Raises HubSpotError 400."""
    end = one.get(name)
    if not isinstance(end, Mapping):
        raise invalid_json(f"{name} must be an object with an id")
    return text_id(end.get("id"))


def _types(call: Call, given: Any) -> list[AssociationType]:
    start, end = ends(call)
    if given is None:
        raise no_body()
    if not isinstance(given, list) or not given or not all(isinstance(one, Mapping) for one in given):
        raise invalid_json("association types must be a list of objects")
    types = call.store.associations.types
    return [
        types.known(start.name, end.name, one.get("associationCategory"), one.get("associationTypeId")) for one in given
    ]


def missing(call: Call, from_id: str, to_id: str) -> HubSpotError | None:
    """Why two records cannot be associated: one of them does not exist, or they are the same."""
    start, end = ends(call)
    for one, record_id in ((start, from_id), (end, to_id)):
        if not one.present or call.store.table(one.name).find(record_id) is None:
            return unknown_record(one.singular, record_id)
    if start == end and own_id(call, start, from_id) == own_id(call, end, to_id):
        return unknown_record(end.singular, to_id)
    return None


def associate(call: Call, from_id: str, to_id: str, kinds: list[AssociationType]) -> None:
    """Associate two records of the path's object types. Raises HubSpotError 400."""
    start, end = ends(call)
    if problem := missing(call, from_id, to_id):
        raise problem
    for kind in kinds:
        call.store.associations.add(start.name, own_id(call, start, from_id), end.name, own_id(call, end, to_id), kind)


def _labels_between(call: Call, from_id: str, to_id: str, kinds: list[AssociationType]) -> dict[str, Any]:
    start, end = ends(call)
    associate(call, from_id, to_id, kinds)
    return {
        "fromObjectTypeId": start.type_id,
        "fromObjectId": int(own_id(call, start, from_id)),
        "toObjectTypeId": end.type_id,
        "toObjectId": int(own_id(call, end, to_id)),
        "labels": [kind.label for kind in kinds if kind.label],
    }


def _default_pair(call: Call, from_id: str, to_id: str) -> list[dict[str, Any]]:
    """Associate by the type without a label; the answer names both directions."""
    start, end = ends(call)
    kind = call.store.associations.types.default(start.name, end.name)
    associate(call, from_id, to_id, [kind])
    return [
        {
            "from": {"id": one},
            "to": {"id": other},
            "associationSpec": {"associationCategory": kind.category, "associationTypeId": type_id},
        }
        for one, other, type_id in ((from_id, to_id, kind.type_id), (to_id, from_id, kind.inverse))
    ]


def batch_create(call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/create"""
    asked = [
        (id_in(one, "from"), id_in(one, "to"), _types(call, one.get("types"))) for one in call.inputs(MOST_WRITTEN)
    ]
    results, errors = [], []
    for from_id, to_id, kinds in asked:
        if problem := missing(call, from_id, to_id):
            errors.append(problem.entry())
        else:
            results.append(_labels_between(call, from_id, to_id, kinds))
    return answer(call, 201, results, errors)


def batch_default(call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/associate/default"""
    asked = [(id_in(one, "from"), id_in(one, "to")) for one in call.inputs(MOST_WRITTEN)]
    results, errors = [], []
    for from_id, to_id in asked:
        if problem := missing(call, from_id, to_id):
            errors.append(problem.entry())
        else:
            results += _default_pair(call, from_id, to_id)
    return answer(call, 200, results, errors)


def remove(call: Call, from_id: str, to_id: str) -> None:
    """End all associations between two records of the path's object types."""
    start, end = ends(call)
    call.store.associations.remove(start.name, own_id(call, start, from_id), end.name, own_id(call, end, to_id))


def batch_archive(call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/archive: all associations between the records."""
    asked = []
    for one in call.inputs(MOST_WRITTEN):
        targets = one.get("to")
        if not isinstance(targets, list):
            raise invalid_json("to must be a list of objects with an id")
        asked += [(id_in(one, "from"), id_in({"to": target}, "to")) for target in targets]
    for from_id, to_id in asked:
        remove(call, from_id, to_id)
    return 204, None


def batch_archive_labels(call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/labels/archive

    Taking off the type without a label ends the association with all its labels (SDK, archive_labels).
    """
    start, end = ends(call)
    asked = [
        (id_in(one, "from"), id_in(one, "to"), _types(call, one.get("types"))) for one in call.inputs(MOST_WRITTEN)
    ]
    for from_id, to_id, kinds in asked:
        one, other = own_id(call, start, from_id), own_id(call, end, to_id)
        for kind in kinds:
            call.store.associations.remove_label(start.name, one, end.name, other, kind)
    return 204, None


def create(call: Call) -> Answer:
    """PUT /crm/v4/objects/{from}/{id}/associations/{to}/{to_id}"""
    return 201, _labels_between(call, call.path["id"], call.path["to_id"], _types(call, call.body))


def create_default(call: Call) -> Answer:
    """PUT /crm/v4/objects/{from}/{id}/associations/default/{to}/{to_id}"""
    return answer(call, 200, _default_pair(call, call.path["id"], call.path["to_id"]), [])


def archive(call: Call) -> Answer:
    """DELETE /crm/v4/objects/{from}/{id}/associations/{to}/{to_id}"""
    remove(call, call.path["id"], call.path["to_id"])
    return 204, None
