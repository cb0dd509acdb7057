"""Endpoints for associations (v4): read, create, default, archive, for one record and in batches; their labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.associations import (
    AssociationType,
    default_type,
    known_type,
    no_associations,
    types_between,
)
from crm_pipeline.emulator.hubspot.batch_routes import answer
from crm_pipeline.emulator.hubspot.call import Answer, Call, text_id
from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid_json, objects_not_found
from crm_pipeline.emulator.hubspot.object_types import ObjectType, object_type

#: HubSpot changelog "Batch Read Limit for HubSpot Associations API"; creating: associations v4 documentation.
_MOST_READ, _MOST_WRITTEN = 1000, 2000
_PAGE = 500


def _ends(call: Call) -> tuple[ObjectType, ObjectType]:
    start, end = object_type(call.path["object"]), object_type(call.path["to_object"])
    types_between(start.name, end.name)
    return start, end


def _links(call: Call, from_id: str, after: int, limit: int) -> tuple[list[dict[str, Any]], str]:
    """Associations of a record from position `after`, and the cursor of those that are left."""
    start, end = _ends(call)
    kinds = types_between(start.name, end.name)
    links = list(call.store.associations.of(start.name, from_id, end.name).items())
    page = [
        {"toObjectId": int(to_id), "associationTypes": [_type_shown(kinds[one]) for one in types]}
        for to_id, types in links[after : after + limit]
    ]
    return page, str(after + limit) if after + limit < len(links) else ""


def _type_shown(kind: AssociationType) -> dict[str, Any]:
    return {"category": "HUBSPOT_DEFINED", "typeId": kind.type_id, "label": kind.label}


def _position(given: Any) -> int:
    text = str(given or "0")
    if not text.isascii() or not text.isdigit():
        raise invalid_json("after is not a paging cursor of this endpoint")
    return int(text)


def batch_read(call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/read"""
    start, end = _ends(call)
    results, errors = [], []
    for one in call.inputs(_MOST_READ):
        from_id = text_id(one.get("id"))
        record = call.store.table(start.name).find(from_id)
        page, after = _links(call, record.id if record else from_id, _position(one.get("after")), _PAGE)
        if not page:
            errors.append(no_associations(start.singular, from_id, end.singular).entry())
            continue
        result: dict[str, Any] = {"from": {"id": from_id}, "to": page}
        if after:
            result["paging"] = {"next": {"after": after, "link": f"?after={after}"}}
        results.append(result)
    return answer(call, 200, results, errors)


def read(call: Call) -> Answer:
    """GET /crm/v4/objects/{from}/{id}/associations/{to}; a record without any has an empty list."""
    limit = call.number("limit", _PAGE, _PAGE)
    record = call.store.live(_ends(call)[0].name, call.path["id"])
    page, after = _links(call, record.id, call.cursor(), limit)
    body: dict[str, Any] = {"results": page}
    if after:
        body["paging"] = {"next": {"after": after, "link": f"?after={after}"}}
    return 200, body


def _id_in(one: Mapping[str, Any], name: str) -> str:
    end = one.get(name)
    if not isinstance(end, Mapping):
        raise invalid_json(f"{name} must be an object with an id")
    return text_id(end.get("id"))


def _types(call: Call, given: Any) -> list[AssociationType]:
    start, end = _ends(call)
    if not isinstance(given, list) or not given or not all(isinstance(one, Mapping) for one in given):
        raise invalid_json("association types must be a list of objects")
    return [
        known_type(start.name, end.name, one.get("associationCategory"), one.get("associationTypeId")) for one in given
    ]


def _missing(call: Call, from_id: str, to_id: str) -> HubSpotError | None:
    """Why two records cannot be associated: one of them does not exist."""
    for kind, record_id in zip(_ends(call), (from_id, to_id), strict=True):
        if call.store.table(kind.name).find(record_id) is None:
            return objects_not_found(kind.singular, [record_id])
    return None


def _associate(call: Call, from_id: str, to_id: str, kinds: list[AssociationType]) -> dict[str, Any]:
    start, end = _ends(call)
    from_id, to_id = call.store.live(start.name, from_id).id, call.store.live(end.name, to_id).id
    for kind in kinds:
        call.store.associations.add(start.name, from_id, end.name, to_id, kind)
    return {
        "fromObjectTypeId": start.type_id,
        "fromObjectId": int(from_id),
        "toObjectTypeId": end.type_id,
        "toObjectId": int(to_id),
        "labels": [kind.label for kind in kinds if kind.label],
    }


def _default_pair(call: Call, from_id: str, to_id: str) -> list[dict[str, Any]]:
    """Associate by the type without a label; the answer names both directions."""
    start, end = _ends(call)
    kind = default_type(start.name, end.name)
    _associate(call, from_id, to_id, [kind])
    return [
        {
            "from": {"id": one},
            "to": {"id": other},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id},
        }
        for one, other, type_id in ((from_id, to_id, kind.type_id), (to_id, from_id, kind.inverse))
    ]


def batch_create(call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/create"""
    asked = [
        (_id_in(one, "from"), _id_in(one, "to"), _types(call, one.get("types"))) for one in call.inputs(_MOST_WRITTEN)
    ]
    results, errors = [], []
    for from_id, to_id, kinds in asked:
        if missing := _missing(call, from_id, to_id):
            errors.append(missing.entry())
        else:
            results.append(_associate(call, from_id, to_id, kinds))
    return answer(call, 201, results, errors)


def batch_default(call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/associate/default"""
    asked = [(_id_in(one, "from"), _id_in(one, "to")) for one in call.inputs(_MOST_WRITTEN)]
    results, errors = [], []
    for from_id, to_id in asked:
        if missing := _missing(call, from_id, to_id):
            errors.append(missing.entry())
        else:
            results += _default_pair(call, from_id, to_id)
    return answer(call, 200, results, errors)


def batch_archive(call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/archive: all associations between the records."""
    start, end = _ends(call)
    asked = []
    for one in call.inputs(_MOST_WRITTEN):
        targets = one.get("to")
        if not isinstance(targets, list):
            raise invalid_json("to must be a list of objects with an id")
        asked += [(_id_in(one, "from"), _id_in({"to": target}, "to")) for target in targets]
    for from_id, to_id in asked:
        call.store.associations.remove(start.name, from_id, end.name, to_id)
    return 204, None


def batch_archive_labels(call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/labels/archive"""
    start, end = _ends(call)
    asked = [
        (_id_in(one, "from"), _id_in(one, "to"), _types(call, one.get("types"))) for one in call.inputs(_MOST_WRITTEN)
    ]
    for from_id, to_id, kinds in asked:
        for kind in kinds:
            call.store.associations.remove_label(start.name, from_id, end.name, to_id, kind)
    return 204, None


def create(call: Call) -> Answer:
    """PUT /crm/v4/objects/{from}/{id}/associations/{to}/{to_id}"""
    return 201, _associate(call, call.path["id"], call.path["to_id"], _types(call, call.body))


def create_default(call: Call) -> Answer:
    """PUT /crm/v4/objects/{from}/{id}/associations/default/{to}/{to_id}"""
    return answer(call, 200, _default_pair(call, call.path["id"], call.path["to_id"]), [])


def archive(call: Call) -> Answer:
    """DELETE /crm/v4/objects/{from}/{id}/associations/{to}/{to_id}"""
    start, end = _ends(call)
    call.store.associations.remove(start.name, call.path["id"], end.name, call.path["to_id"])
    return 204, None


def labels(call: Call) -> Answer:
    """GET /crm/v4/associations/{from}/{to}/labels"""
    start, end = _ends(call)
    kinds = types_between(start.name, end.name).values()
    return 200, {"results": [_type_shown(kind) for kind in sorted(kinds, key=lambda kind: kind.type_id)]}
