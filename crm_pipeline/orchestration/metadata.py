"""What an asset shows in the UI after a run: ids and time, what a person reads first, then the counts.

Numbers become plots, one point a run; an id is text, so that it does not. An asset keeps what its last run showed, also
when a later run did not get that far: ids and time tell which run it was.

No value of a CRM is shown in full (law 45): those stand in DuckDB only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import dagster as dg

from crm_pipeline.config import Settings
from crm_pipeline.errors import NotFoundError
from crm_pipeline.flow import Step
from crm_pipeline.orchestration import breakdown, extracted, match_preview, plan_preview
from crm_pipeline.orchestration.grid import grid
from crm_pipeline.orchestration.tables import Table
from crm_pipeline.orchestration.tables import of_step as tables_of_step
from crm_pipeline.report import plan as plans
from crm_pipeline.report.match import tiers
from crm_pipeline.report.reach import reach
from crm_pipeline.report.result import counts
from crm_pipeline.warehouse import Connection

Metadata = dict[str, Any]


@dataclass(frozen=True)
class Moment:
    """The run that wrote, and when it was through with it."""

    run_id: int
    at: datetime


def of_step(
    connection: Connection, step: Step, settings: Settings, result: Any, moment: Moment
) -> dict[Table, Metadata]:
    """Metadata of each asset of a step; the main one also shows the numbers of the step's result."""
    tables = tables_of_step(step, settings)
    ids = _ids(connection, step, moment)
    found = {table: dict(ids) for table in tables}
    shown = found[tables[0]]
    if step.stage in ("plan", "push"):
        shown |= plan_preview.state(connection)
    for table in tables:
        found[table] |= _own(connection, table, settings, moment)
    if step.stage == "plan":
        shown |= plan_preview.changes(connection)
        if result.explained:
            shown["for your attention"] = result.explained
    elif step.stage == "push":
        shown |= plan_preview.not_landed(connection)
        if result.why and shown["state"] != "held":
            shown["nothing sent because"] = result.why
    elif step.stage == "extract":
        shown |= extracted.of_step(connection, step, result, moment.run_id)
    numbers = {name: number for name, number in counts(result).items() if not isinstance(number, str)}
    shown |= {name: number for name, number in numbers.items() if name not in shown}
    if step.stage == "push":
        shown["planned"] = plans.plan(connection).changes
    for table in tables:
        rows = result.rows.get(table.name) if table.is_mart else _rows(connection, table)
        found[table] |= {} if rows is None else {"dagster/row_count": rows}
    return found


def run_tags(connection: Connection, step: Step, run_id: int) -> Mapping[str, str]:
    """Tags that the list of runs shows."""
    tags = {"sync/run_id": str(run_id)}
    if step.stage in ("plan", "push"):
        plan = plans.plan(connection)
        tags |= {"sync/plan_id": str(plan.plan_id), "sync/plan": f"{plan.hash} {plan.state}"}
    return tags


def _ids(connection: Connection, step: Step, moment: Moment) -> Metadata:
    """Which run, which plan, when."""
    found: Metadata = {"run id": str(moment.run_id)}
    if step.stage in ("plan", "push", "publish"):
        try:
            found |= plan_preview.ids(connection)
        except NotFoundError:
            found["plan id"] = "there is no plan yet"
    return found | {"written": dg.MetadataValue.timestamp(moment.at)}


def _own(connection: Connection, table: Table, settings: Settings, moment: Moment) -> Metadata:
    """What only this asset shows."""
    found: Metadata = dict(breakdown.reasons(connection, table.relation))
    if table.relation in ("match.pair", "match.review"):
        found |= match_preview.pairs(connection, table.relation) | tiers(connection, table.relation)
    elif table.is_mart:
        found |= _files(settings, moment.run_id)
        if table.name == "reach":
            found |= _reach(connection, moment.run_id)
    return found


def _files(settings: Settings, run_id: int) -> Metadata:
    """Where to go on: the report of the run, and the copy that the mart is in."""
    from crm_pipeline.report.page.file import path_of  # a whole page's modules: not while the code location loads

    report = path_of(settings, run_id).resolve()
    found: Metadata = {"report": dg.MetadataValue.path(report)} if report.exists() else {}
    return found | {
        "to open the report": f"crm-pipeline report {run_id} --open",
        "file": dg.MetadataValue.path(settings.published.resolve()),
    }


def _rows(connection: Connection, table: Table) -> int:
    row = connection.execute(f"select count(*) from {table.rows}").fetchone()
    assert row
    return int(row[0])


def _reach(connection: Connection, run_id: int) -> Metadata:
    measured = reach(connection, run_id)
    rows = [(r.question, r.without_writes, r.customers, r.customers - r.without_writes, r.total) for r in measured]
    return {"by our writes": grid(("question", "without", "now", "gained", "of"), rows)} | {
        r.question: r.customers for r in measured
    }
