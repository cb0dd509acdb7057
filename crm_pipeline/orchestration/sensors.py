"""The sensor beside the runs: tells what no run can tell, and ends runs in the list whose process is gone.

Every run tells at its own end (resources.py). Left for here: a run that never began or was killed, data that is late,
messages that did not leave.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from crm_pipeline.config import Settings
from crm_pipeline.orchestration.ending import before_its_steps, ending

if TYPE_CHECKING:
    from crm_pipeline.warehouse import Warehouse

#: Seconds between two looks at the runs, and between two looks at the data.
_EVERY, _LOOK_EVERY = 60, 900.0
#: Seconds after which a run has taken the run lock; jobs of one step that take none are over by then.
STARTED_BY_NOW = 180.0
#: Seconds after its end in which a run has sent its alerts (channel.PATIENCE for each thing that may not answer).
TOLD_BY_NOW = 180.0


def build_sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """One sensor, switched on."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=_EVERY,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells by Slack and e-mail (settings: alerts) what no run could tell at its own end: it did not "
        "start, it was killed, the data is late.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        from crm_pipeline.alerts.tell import channels, tell
        from crm_pipeline.warehouse import Warehouse

        warehouse = Warehouse(settings.warehouse, wait_seconds=5.0)
        ended = end_dead(context.instance, warehouse)
        last = json.loads(context.cursor) if context.cursor else {"failed": time.time(), "looked": 0.0}
        failed = list(_failed_since(context.instance, last["failed"]))
        last["failed"] = max([last["failed"], *(at for _, at in failed)])
        for run, _ in failed:
            _write_down(context.instance, warehouse, settings, run)
        said = [f"ended {len(ended)} whose process is gone"] if ended else []
        if failed or ended or time.time() - last["looked"] > _LOOK_EVERY:
            last["looked"] = time.time()
            unusable: list[str] = []
            ways = channels(settings, without=unusable.append)
            if ways and warehouse.path.exists():
                sent = tell(warehouse, settings, said.append)
                said = said or [f"{sent} messages"]
            elif not (said := [*said, *unusable]):
                said = ["nobody is told: see alerts in the settings"]
        context.update_cursor(json.dumps(last))
        return dg.SkipReason("; ".join(said) or "no news")

    return [alerts]


def end_dead(instance: dg.DagsterInstance, warehouse: Warehouse, now: float | None = None) -> list[str]:
    """End the runs in Dagster's list that say they are at work and whose process is gone: they would keep the night and
    every queued run waiting for good. Returns their ids."""
    from crm_pipeline.warehouse.runs import at_work

    if at_work(warehouse):
        return []
    now = time.time() if now is None else now
    records = instance.get_run_records(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    late = [one.dagster_run for one in records if has_lock_by_now(one, now)]
    dead = [run for run in late if not _tells(warehouse, run.run_id, now)]
    for run in dead:
        instance.report_run_failed(run, "Its process is gone; what was finished is kept. Run it again to go on.")
    return [run.run_id for run in dead]


def has_lock_by_now(record: dg.RunRecord, now: float) -> bool:
    """Whether a run that says it is at work began so long ago that it holds the run lock, if it lives."""
    return now - (record.start_time or record.create_timestamp.timestamp()) > STARTED_BY_NOW


def _tells(warehouse: Warehouse, dagster_run_id: str, now: float) -> bool:
    """Whether a run wrote down its end a moment ago: it lets go of the run lock before it sends its alerts."""
    if not warehouse.path.exists():
        return False
    with warehouse.read() as connection:
        row = connection.execute("select ended_at from state.run where external_id = ?", [dagster_run_id]).fetchone()
    ended: datetime | None = row[0] if row else None
    return ended is not None and now - ended.timestamp() < TOLD_BY_NOW


def _failed_since(instance: dg.DagsterInstance, since: float) -> Iterable[tuple[dg.DagsterRun, float]]:
    """Runs that failed after a time, each with when it ended."""
    filters = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=datetime.fromtimestamp(since, UTC))
    for record in instance.get_run_records(filters=filters):
        if (ended := record.end_time or record.update_timestamp.timestamp()) > since:
            yield record.dagster_run, ended


def _write_down(instance: dg.DagsterInstance, warehouse: Warehouse, settings: Settings, run: dg.DagsterRun) -> None:
    """Note how a run ended that did not do so itself. One that began and has no failed step was killed: its missing end
    says so."""
    from crm_pipeline.alerts.watch import conclude, standing

    if run.tags.get("sync/mode") in ("approve", "undo"):
        return
    stands = standing(warehouse, run.run_id)
    failed = ending(instance, run.run_id).failed
    if stands == "unknown" or (stands == "begun" and failed):
        conclude(warehouse, settings, run.run_id, failed or before_its_steps(instance, run.run_id))
