"""The run that a report is about: how it went step by step, and its plan.

Belongs here: reading state.run, state.step and plan.plan. Not here: what it found and wrote (found.py, outcome.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_pipeline.errors import NotFoundError
from crm_pipeline.model import System
from crm_pipeline.report import plan as plans
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Step:
    """A step of the flow. `calls`: CRM -> {"made", "today", "limit"}; `failed`: the sentence with which it stopped."""

    stage: str
    name: str
    started_at: datetime
    seconds: float
    calls: Mapping[str, Mapping[str, int]]
    failed: str | None = None


@dataclass(frozen=True)
class Run:
    """`outcome`: done, failed, stopped (by a person), or None while it is at work or if its process was killed.

    `is_newest`: no later run has begun, so that what the database holds is what this run left.
    """

    run_id: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    failed: str | None
    steps: tuple[Step, ...]
    is_newest: bool

    @property
    def read_anything(self) -> bool:
        """Whether it read the CRMs; a run that only sends an approved plan does not."""
        return any(step.stage == "normalise" or step.name.endswith("_schema") for step in self.steps)

    @property
    def is_preview(self) -> bool:
        """Whether it planned and published, and writing was none of its steps."""
        stages = {step.stage for step in self.steps}
        return {"plan", "publish"} <= stages and "push" not in stages

    @property
    def seconds(self) -> float | None:
        """From its beginning to the end of its last step; None if nobody noted them."""
        ends = [step.started_at + timedelta(seconds=step.seconds) for step in self.steps]
        return (max(ends) - self.started_at).total_seconds() if ends else None


def run(connection: Connection, run_id: int | None, ending: Step | None = None) -> Run:
    """The run with this number, else the newest. `ending`: its last step, which is about to end well and whose row is
    not there yet. Raises NotFoundError."""
    newest = (connection.execute("select max(run_id) from state.run").fetchone() or (None,))[0]
    if newest is None:
        raise NotFoundError("there was no run yet; start one with `crm-pipeline run --preview`")
    row = connection.execute(
        "select run_id, started_at, ended_at, outcome, failed from state.run where run_id = ?",
        [newest if run_id is None else run_id],
    ).fetchone()
    if row is None:
        raise NotFoundError(f"there is no run {run_id}; the newest one is {newest}: crm-pipeline report {newest}")
    number, started_at, ended_at, outcome, failed = row
    steps = [step for step in _steps(connection, number) if ending is None or step.name != ending.name]
    steps += [ending] if ending else []
    broken = next((step.failed for step in steps if step.failed), None)
    if ending or (outcome is None and steps and steps[-1].stage == "publish" and not broken):
        outcome = "done"
    return Run(
        run_id=number,
        started_at=started_at,
        ended_at=ended_at,
        outcome=outcome or ("failed" if broken else None),
        failed=failed or broken,
        steps=tuple(steps),
        is_newest=number == newest,
    )


def _steps(connection: Connection, run_id: int) -> list[Step]:
    rows = connection.execute(
        "select stage, step, started_at, seconds, calls, failed from state.step where run_id = ? order by started_at",
        [run_id],
    ).fetchall()
    return [
        Step(stage, name, at, seconds, json.loads(calls), failed) for stage, name, at, seconds, calls, failed in rows
    ]


def plan_of(connection: Connection, run: Run) -> plans.Plan | None:
    """The plan that a run sent, else the one that it made; of a run that only sends, the newest. None: it has none."""
    row = connection.execute(
        """
        select coalesce((select max(plan_id) from push.outbox where run_id = $run),
            (select max(plan_id) from plan.plan where run_id = $run),
            case when $sends then (select max(plan_id) from plan.plan) end)
        """,
        {"run": run.run_id, "sends": run.is_newest and bool(run.steps) and not run.read_anything},
    ).fetchone()
    return plans.plan(connection, plan_id=row[0]) if row and row[0] is not None else None


def calls(run: Run) -> dict[System, tuple[int, int, int]]:
    """CRM -> (calls of the run, of everybody today, of a day at most; 0: not told) as its last step that calls knew."""
    found: dict[System, tuple[int, int, int]] = {}
    for step in run.steps:
        for name, numbers in step.calls.items():
            made, today, limit = found.get(System(name), (0, 0, 0))
            found[System(name)] = (
                made + numbers["made"],
                numbers["today"] if numbers["limit"] else today,
                numbers["limit"] or limit,
            )
    return found
