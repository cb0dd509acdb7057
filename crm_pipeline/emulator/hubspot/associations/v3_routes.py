"""Endpoints for associations in version 3: batches, types, and those below a record.

An association type is a name ("contact_to_company") or an id. Choices where HubSpot does not document it: archiving by
one type takes only that type off, and the one without a label ends the association; a batch writes up to 2,000, as v4.
"""

from __future__ import annotations

from typing import Any

from crm_pipeline.emulator.hubspot.associations.routes import (
    MOST_READ,
    MOST_WRITTEN,
    PAGE,
    associate,
    ends,
    id_in,
    missing,
    own_id,
)
from crm_pipeline.emulator.hubspot.associations.sides import (
    MOST_SHOWN,
    no_associations,
    paging,
    position,
    shown_associations,
    v3_results,
)
from crm_pipeline.emulator.hubspot.associations.types import AssociationType
from crm_pipeline.emulator.hubspot.batch_routes import answer
from crm_pipeline.emulator.hubspot.call import Answer, Call, text_id
from crm_pipeline.emulator.hubspot.errors import invalid


def _type(call: Call, name: Any) -> AssociationType:
    start, end = ends(call)
    if name is None:
        raise invalid("Some required fields were not set: [type]")
    return call.store.associations.types.named(start.name, end.name, str(name))


def types(call: Call) -> Answer:
    """GET /crm/v3/associations/{from}/{to}/types"""
    start, end = ends(call)
    kinds = call.store.associations.types.between(start.name, end.name)
    shown = [{"id": str(kind.type_id), "name": kind.legacy} for kind in sorted(kinds, key=lambda kind: kind.type_id)]
    return 200, {"results": shown}


def batch_read(call: Call) -> Answer:
    """POST /crm/v3/associations/{from}/{to}/batch/read"""
    start, end = ends(call)
    results, errors = [], []
    for one in call.inputs(MOST_READ, least=0):
        from_id = text_id(one.get("id"))
        page, more = call.store.associations.page(start.name, own_id(call, start, from_id), end.name, -1, MOST_SHOWN)
        if not page:
            errors.append(no_associations(start, from_id, end).entry())
            continue
        result: dict[str, Any] = {"from": {"id": from_id}, "to": v3_results(page)}
        if more:
            result["paging"] = paging("v3", start, from_id, end, page[-1][0])
        results.append(result)
    return answer(call, 200, results, errors)


def batch_create(call: Call) -> Answer:
    """POST /crm/v3/associations/{from}/{to}/batch/create"""
    asked = [(id_in(one, "from"), id_in(one, "to"), _type(call, one.get("type"))) for one in call.inputs(MOST_WRITTEN)]
    results, errors = [], []
    for from_id, to_id, kind in asked:
        if problem := missing(call, from_id, to_id):
            errors.append(problem.entry())
        else:
            associate(call, from_id, to_id, [kind])
            results.append({"from": {"id": from_id}, "to": {"id": to_id}, "type": kind.legacy})
    return answer(call, 201, results, errors)


def batch_archive(call: Call) -> Answer:
    """POST /crm/v3/associations/{from}/{to}/batch/archive"""
    asked = [(id_in(one, "from"), id_in(one, "to"), _type(call, one.get("type"))) for one in call.inputs(MOST_WRITTEN)]
    for from_id, to_id, kind in asked:
        _take_off(call, from_id, to_id, kind)
    return 204, None


def _take_off(call: Call, from_id: str, to_id: str, kind: AssociationType) -> None:
    start, end = ends(call)
    one, other = own_id(call, start, from_id), own_id(call, end, to_id)
    call.store.associations.remove_label(start.name, one, end.name, other, kind)


def read(call: Call) -> Answer:
    """GET /crm/v3/objects/{from}/{id}/associations/{to}"""
    start, end = ends(call)
    limit, after = call.number("limit", PAGE, PAGE), position(call.query.get("after"))
    record = call.store.live(call.kind.name, call.path["id"])
    page, more = call.store.associations.page(start.name, record.id, end.name, after, limit)
    body: dict[str, Any] = {"results": v3_results(page)}
    if more:
        body["paging"] = paging("v3", start, record.id, end, page[-1][0])
    return 200, body


def create(call: Call) -> Answer:
    """PUT /crm/v3/objects/{from}/{id}/associations/{to}/{to_id}/{type}; answers the record with its associations"""
    associate(call, call.path["id"], call.path["to_id"], [_type(call, call.path["type"])])
    record = call.store.live(call.kind.name, call.path["id"])
    shown = call.show(record, list(call.kind.defaults))
    return 200, shown | {"associations": shown_associations(call.store, call.kind, record.id, [call.path["to_object"]])}


def archive(call: Call) -> Answer:
    """DELETE /crm/v3/objects/{from}/{id}/associations/{to}/{to_id}/{type}"""
    _take_off(call, call.path["id"], call.path["to_id"], _type(call, call.path["type"]))
    return 204, None
