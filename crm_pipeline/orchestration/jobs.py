"""Jobs and the schedule: the whole night, the same without writing, and writing what was approved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from crm_pipeline.config import Settings

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
    description="Write the newest plan after somebody approved it: crm-pipeline approve HASH --by NAME.",
    tags={"sync/mode": "push approved"},
)
JOBS: Sequence[Any] = (nightly_sync, preview, push_approved)

_UNDER_WAY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


def build_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """The night of `nightly_sync`, switched off until somebody who knows the plan switches it on."""

    @dg.schedule(
        job=nightly_sync,
        name="nightly",
        cron_schedule=settings.schedule,
        execution_timezone=settings.time_zone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Switch it on when a first plan was read and approved.",
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        names = {job.name for job in JOBS}
        runs = context.instance.get_runs(filters=dg.RunsFilter(statuses=_UNDER_WAY))
        busy = next((run for run in runs if run.job_name in names), None)
        if busy:
            return dg.SkipReason(f"the run {busy.run_id[:8]} ({busy.job_name}) is still at work")
        return dg.RunRequest()

    return nightly
