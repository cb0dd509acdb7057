"""Stages of deals and tickets: the options of the field that holds them, each with its pipeline.

Belongs here: stages as options. Not here: which field holds them (config/stage.py), the way of a value (translate.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crm_pipeline.config.stage import PIPELINES
from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.model import System


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
