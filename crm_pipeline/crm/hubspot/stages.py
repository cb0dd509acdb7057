"""HubSpot's pipelines of deals and tickets, and what their stages mean.

Not here: other objects' pipelines (none are stored), requests' wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.crm.hubspot.wire import Wire
from crm_pipeline.crm.protocol import Stage

_WITH_STAGES = ("deals", "tickets")


def stages(wire: Wire, object_: str) -> list[Stage]:
    """Live stages of live pipelines, in the order in which people see them: no record can enter an archived one."""
    if object_ not in _WITH_STAGES:
        return []
    answer = wire.ask(wire.client.crm.pipelines.pipelines_api.get_all, object_)
    return [
        _stage(object_, pipeline, stage, position)
        for pipeline in _live(answer["results"])
        for position, stage in enumerate(_live(pipeline.get("stages") or ()))
    ]


def _live(parts: Any) -> list[Mapping[str, Any]]:
    return sorted((one for one in parts if not one.get("archived")), key=lambda one: one.get("displayOrder") or 0)


def _stage(object_: str, pipeline: Mapping[str, Any], stage: Mapping[str, Any], position: int) -> Stage:
    """A deal's stage has `isClosed` and a `probability` (1: won, 0: lost), a ticket's a `ticketState`."""
    metadata = stage.get("metadata") or {}
    probability = _number(metadata.get("probability"))
    closed = str(metadata.get("isClosed")).lower() == "true" or metadata.get("ticketState") == "CLOSED"
    if object_ == "deals" and metadata.get("isClosed") is None:
        closed = probability in (0.0, 1.0)  # as HubSpot itself derives it from the probability
    return Stage(
        object=object_,
        pipeline_id=str(pipeline["id"]),
        pipeline=str(pipeline.get("label") or ""),
        stage_id=str(stage["id"]),
        label=str(stage.get("label") or ""),
        position=position,
        closed=closed,
        won=closed and probability == 1.0,
        probability=probability,
    )


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
