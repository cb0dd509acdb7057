"""Jobs: the whole night, the same without writing, everything read anew, what was refused once more, and writing what
was approved.

Not here: jobs by which a person decides (decisions.py), when they run (schedules.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from crm_pipeline import flow
from crm_pipeline.config import Settings
from crm_pipeline.orchestration import tables
from crm_pipeline.orchestration.decisions import approve_plan, undo_run
from crm_pipeline.orchestration.resources import Pipeline

_EVERYTHING = dg.AssetSelection.all()
_PUSH = dg.AssetSelection.groups("push")

nightly_sync = dg.define_asset_job(
    "nightly_sync",
    _EVERYTHING,
    description="Read both CRMs, plan, write what is within the guards, publish. A plan outside of them is held.",
    tags={"sync/mode": "nightly"},
)
preview = dg.define_asset_job(
    "preview",
    _EVERYTHING - _PUSH,
    description="Everything but writing: read both CRMs and show what would be written.",
    tags={"sync/mode": "preview"},
)
push_approved = dg.define_asset_job(
    "push_approved",
    dg.AssetSelection.groups("push", "publish"),
    description="Write the newest plan, if it was approved (approve_plan) or is within the guards; publish.",
    tags={"sync/mode": "push approved"},
)


def build_jobs(settings: Settings, pipeline: Pipeline) -> Sequence[Any]:
    """All jobs, in the order in which a person needs them; `pipeline`: the resource that they run with."""
    retry, full = _retry_failed(pipeline), _full_refresh(settings)
    return (nightly_sync, preview, approve_plan, push_approved, retry, full, undo_run)


def _retry_failed(pipeline: Pipeline) -> Any:
    """A job's configuration of a resource takes the place of the whole of it, so that all of it stands here."""
    chosen = {"settings_file": pipeline.settings_file, "mapping_file": pipeline.mapping_file, "release": "all"}
    return dg.define_asset_job(
        "retry_failed",
        _EVERYTHING,
        description="As nightly_sync, and what the CRMs refused for good is tried once more. In the configuration of "
        "the resource pipeline, `release` may name one code instead of all.",
        tags={"sync/mode": "retry"},
        config={"resources": {"pipeline": {"config": chosen}}},
    )


def _full_refresh(settings: Settings) -> Any:
    steps = [step for step in flow.steps(settings) if tables.is_of_records(step)]
    return dg.define_asset_job(
        "full_refresh",
        _EVERYTHING,
        description="As nightly_sync, but every record is read, not only what changed since the last run.",
        tags={"sync/mode": "full refresh"},
        config={"ops": {f"extract_{step.name}": {"config": {"full": True}} for step in steps}},
    )
