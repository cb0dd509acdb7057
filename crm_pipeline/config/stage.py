"""Fields that hold a step of a pipeline. Belongs here: which ones, and where the pipeline stands. Not here: stages."""

from __future__ import annotations

from collections.abc import Mapping

#: HubSpot object -> (field of the stage, field of the pipeline): a record takes the stages of its own pipeline only.
PIPELINES: Mapping[str, tuple[str, str]] = {
    "deals": ("dealstage", "pipeline"),
    "tickets": ("hs_pipeline_stage", "hs_pipeline"),
}


def pipeline_field(object_: str, name: str) -> str | None:
    """The field that holds the pipeline of a field of stages; None for any other field."""
    stage, pipeline = PIPELINES.get(object_, ("", ""))
    return pipeline if name == stage else None
