"""Schedules: the night with writing is off until somebody switches it on; without it a preview runs every night.

Not here: what the jobs do (jobs.py).
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import dagster as dg

from crm_pipeline.config import Settings
from crm_pipeline.orchestration.jobs import nightly_sync, preview
from crm_pipeline.orchestration.sensors import has_lock_by_now

_NIGHTLY = "nightly"
_UNDER_WAY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


def build_schedules(settings: Settings) -> Sequence[dg.ScheduleDefinition]:
    """Both at the time of the settings; never both of them, and never beside another run."""

    @dg.schedule(
        job=nightly_sync,
        name=_NIGHTLY,
        cron_schedule=settings.schedule,
        execution_timezone=settings.time_zone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="Switch it on when a first plan was read and approved; the nightly preview then stays away.",
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        reason = busy(context.instance, settings)
        return dg.SkipReason(reason) if reason else dg.RunRequest()

    @dg.schedule(
        job=preview,
        name="nightly_preview",
        cron_schedule=settings.schedule,
        execution_timezone=settings.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="What a night would write, while `nightly` is off. It writes nothing into a CRM.",
    )
    def nightly_preview(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        reason = (
            "the schedule nightly is on" if _is_on(context.instance, _NIGHTLY) else busy(context.instance, settings)
        )
        return dg.SkipReason(reason) if reason else dg.RunRequest()

    return (nightly, nightly_preview)


def busy(instance: dg.DagsterInstance, settings: Settings) -> str:
    """Who is at work, of Dagster's runs and of the command line; empty: nobody.

    A run of Dagster's that says it is at work, and does not hold the run lock long after its start, is dead.
    """
    from crm_pipeline.warehouse import Warehouse
    from crm_pipeline.warehouse.runs import at_work

    if holder := at_work(Warehouse(settings.warehouse)):
        return f"{holder} is still at work"
    for record in instance.get_run_records(filters=dg.RunsFilter(statuses=_UNDER_WAY)):
        run = record.dagster_run
        if run.status is not dg.DagsterRunStatus.STARTED or not has_lock_by_now(record, time.time()):
            return f"the run {run.run_id[:8]} ({run.job_name}) is still at work"
    return ""


def _is_on(instance: dg.DagsterInstance, name: str) -> bool:
    """Whether somebody switched a schedule on that is off by default."""
    states = instance.all_instigator_state()
    return any(state.instigator_name == name and state.is_running for state in states)
