"""Stages of deals and tickets: the options of the field that holds them, each with its pipeline.

Belongs here: which field holds a stage and which the pipeline, and stages as options. Not here: the way of a value
(translate.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.model import System

#: HubSpot object -> (field of the stage, field of the pipeline): a stage is taken by records of its pipeline only.
PIPELINES: Mapping[str, tuple[str, str]] = {
    "deals": ("dealstage", "pipeline"),
    "tickets": ("hs_pipeline_stage", "hs_pipeline"),
}


@dataclass(frozen=True)
class Stage:
    """A live stage of a live pipeline, as raw.stage has it."""

    system: System
    object: str
    pipeline_id: str
    stage_id: str
    label: str


def with_stages(
    schemas: Mapping[tuple[System, str], Mapping[str, FieldSchema]], stages: Iterable[Stage]
) -> dict[tuple[System, str], dict[str, FieldSchema]]:
    """The schemas, with the stages as options of HubSpot's fields of stages: its property definitions name none."""
    found = {of: dict(fields) for of, fields in schemas.items()}
    options: dict[str, list[Option]] = {}
    for stage in stages:
        if stage.system is System.HUBSPOT:
            options.setdefault(stage.object, []).append(Option(stage.stage_id, stage.label, group=stage.pipeline_id))
    for object_, listed in options.items():
        fields = found.get((System.HUBSPOT, object_), {})
        name = PIPELINES[object_][0] if object_ in PIPELINES else ""
        if name in fields:
            fields[name] = replace(fields[name], options=tuple(listed))
    return found


def pipeline_field(object_: str, name: str) -> str | None:
    """The field that holds the pipeline of a field of stages; None for any other field."""
    stage, pipeline = PIPELINES.get(object_, ("", ""))
    return pipeline if name == stage else None
