"""Endpoints for association types (v4 definitions): list them, create, change and delete labels of the account.

Choices where HubSpot does not document it: creating answers 200 as the reference says, changing and deleting 204; a
label that exists is a 400.
"""

from __future__ import annotations

from crm_pipeline.emulator.hubspot.associations.routes import ends
from crm_pipeline.emulator.hubspot.call import Answer, Call, is_whole
from crm_pipeline.emulator.hubspot.errors import invalid, invalid_json, resource_not_found


def _text(call: Call, name: str, *, required: bool = True) -> str | None:
    value = call.json_object().get(name)
    if value is None and required:
        raise invalid(f"Some required fields were not set: [{name}]")
    if value is not None and not isinstance(value, str):
        raise invalid_json(f"{name} must be text")
    return value


def list_labels(call: Call) -> Answer:
    """GET /crm/v4/associations/{from}/{to}/labels"""
    start, end = ends(call)
    kinds = call.store.associations.types.between(start.name, end.name)
    return 200, {"results": [kind.shown() for kind in sorted(kinds, key=lambda kind: kind.type_id)]}


def create_label(call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/labels"""
    start, end = ends(call)
    label, name = _text(call, "label"), _text(call, "name")
    kinds = call.store.associations.types.define(
        start.name, end.name, str(name), str(label), _text(call, "inverseLabel", required=False)
    )
    return 200, {"results": [kind.shown() for kind in kinds]}


def update_label(call: Call) -> Answer:
    """PUT /crm/v4/associations/{from}/{to}/labels"""
    start, end = ends(call)
    type_id, label = call.json_object().get("associationTypeId"), _text(call, "label")
    if not isinstance(type_id, int) or isinstance(type_id, bool):
        raise invalid_json("associationTypeId must be a number")
    inverse_label = _text(call, "inverseLabel", required=False)
    call.store.associations.relabel(start.name, end.name, type_id, str(label), inverse_label)
    return 204, None


def delete_label(call: Call) -> Answer:
    """DELETE /crm/v4/associations/{from}/{to}/labels/{type_id}: off all associations as well"""
    start, end = ends(call)
    if not is_whole(call.path["type_id"]):
        raise resource_not_found()
    call.store.associations.undefine(start.name, end.name, int(call.path["type_id"]))
    return 204, None
