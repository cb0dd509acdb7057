"""Endpoints for pipelines and their stages (v3; HubSpot documentation, "pipelines").

Belongs here: paths, bodies and answers. Not here: what a pipeline must look like (pipelines.py). The audit endpoints
are not emulated.
"""

from __future__ import annotations

from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.errors import invalid
from crm_pipeline.emulator.hubspot.pipelines import STAGE_PROPERTIES, Part, live_stages, shown


def _pipeline(call: Call, *, archived: bool = False) -> Part:
    return call.store.pipelines.find(call.kind.name, call.path["id"], archived=archived)


def _stage(call: Call, pipeline: Part, *, archived: bool = False) -> Part:
    return call.store.pipelines.find_stage(pipeline, call.path["stage"], archived=archived)


def _changed(call: Call) -> None:
    """The options of the pipeline and stage properties follow the pipelines."""
    call.store.schema.refresh_stages(call.kind.name, call.store.now())


def list_pipelines(call: Call) -> Answer:
    """GET /crm/v3/pipelines/{type}"""
    return 200, {"results": [shown(one) for one in call.store.pipelines.of(call.kind.name)]}


def create_pipeline(call: Call) -> Answer:
    """POST /crm/v3/pipelines/{type}"""
    pipeline = call.store.pipelines.create(call.kind.name, call.json_object(), call.store.now())
    _changed(call)
    return 201, shown(pipeline)


def read_pipeline(call: Call) -> Answer:
    """GET /crm/v3/pipelines/{type}/{id}"""
    return 200, shown(_pipeline(call))


def update_pipeline(call: Call) -> Answer:
    """PATCH /crm/v3/pipelines/{type}/{id}"""
    body = call.json_object()
    pipeline = _pipeline(call, archived=body.get("archived") is False)
    call.store.pipelines.change(call.kind.name, pipeline, body, call.store.now())
    _changed(call)
    return 200, shown(pipeline)


def replace_pipeline(call: Call) -> Answer:
    """PUT /crm/v3/pipelines/{type}/{id}"""
    pipeline, body = _pipeline(call), call.json_object()
    call.store.pipelines.replace(call.kind.name, pipeline, body, call.store.now())
    _changed(call)
    return 200, shown(pipeline)


def delete_pipeline(call: Call) -> Answer:
    """DELETE /crm/v3/pipelines/{type}/{id}; records in it are looked for on demand."""
    pipeline = _pipeline(call)
    if call.flag("validateReferencesBeforeDelete") or call.flag("validateDealStageUsagesBeforeDelete"):
        _refuse_used(call, STAGE_PROPERTIES[call.kind.name][0], pipeline["id"])
    call.store.pipelines.delete(call.kind.name, pipeline, call.store.now())
    _changed(call)
    return 204, None


def list_stages(call: Call) -> Answer:
    """GET /crm/v3/pipelines/{type}/{id}/stages"""
    return 200, {"results": live_stages(_pipeline(call))}


def create_stage(call: Call) -> Answer:
    """POST /crm/v3/pipelines/{type}/{id}/stages"""
    body = call.json_object()
    stage = call.store.pipelines.create_stage(call.kind.name, _pipeline(call), body, call.store.now())
    _changed(call)
    return 201, stage


def read_stage(call: Call) -> Answer:
    """GET /crm/v3/pipelines/{type}/{id}/stages/{stage}"""
    return 200, _stage(call, _pipeline(call))


def update_stage(call: Call) -> Answer:
    """PATCH /crm/v3/pipelines/{type}/{id}/stages/{stage}"""
    body, pipeline = call.json_object(), _pipeline(call)
    stage = _stage(call, pipeline, archived=body.get("archived") is False)
    call.store.pipelines.change_stage(call.kind.name, pipeline, stage, body, call.store.now())
    _changed(call)
    return 200, stage


def replace_stage(call: Call) -> Answer:
    """PUT /crm/v3/pipelines/{type}/{id}/stages/{stage}"""
    body, pipeline = call.json_object(), _pipeline(call)
    if missing := [name for name in ("displayOrder", "label", "metadata") if name not in body]:
        raise invalid(
            f"Invalid input JSON on line 1, column 2. Some required fields were not set: [{', '.join(missing)}]"
        )
    stage = _stage(call, pipeline)
    call.store.pipelines.change_stage(call.kind.name, pipeline, stage, body, call.store.now())
    _changed(call)
    return 200, stage


def delete_stage(call: Call) -> Answer:
    """DELETE /crm/v3/pipelines/{type}/{id}/stages/{stage}"""
    pipeline = _pipeline(call)
    call.store.pipelines.delete_stage(pipeline, _stage(call, pipeline), call.store.now())
    _changed(call)
    return 204, None


def _refuse_used(call: Call, name: str, value: str) -> None:
    table = call.store.table(call.kind.name)
    used = [record.id for record in table.live_records() if record.properties.get(name) == value]
    if used:
        raise invalid(f"{len(used)} {call.kind.name} still use {name} {value}", ids=used[:100])
