"""What an asset shows in the UI after a run: counts (they become plots), the plan as a diff, ids of run and plan.

No value of a CRM is shown in full (law 45): those stand in DuckDB only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from crm_pipeline.config import Settings
from crm_pipeline.flow import Step
from crm_pipeline.orchestration.tables import Table
from crm_pipeline.orchestration.tables import of_step as tables_of_step
from crm_pipeline.report import plan as plans
from crm_pipeline.report import push as pushes
from crm_pipeline.report.result import counts
from crm_pipeline.warehouse import Connection

Metadata = dict[str, Any]

#: A longer block is folded into a link by the UI.
_SHOWN_CHANGES = 20


def of_step(connection: Connection, step: Step, settings: Settings, result: Any, run_id: int) -> dict[Table, Metadata]:
    """Metadata of each asset of a step; the main one also shows the step's counts."""
    found: dict[Table, Metadata] = {}
    for asset in tables_of_step(step):
        rows = _rows(connection, asset) if asset.rows else result.rows[asset.name]
        found[asset] = {"run id": run_id, "dagster/row_count": rows}
    main = next(iter(found))
    found[main] |= counts(result)
    if step.stage == "plan":
        found[main] |= _plan(connection)
    elif step.stage == "push":
        found[main] |= _push(connection)
    elif step.stage == "publish":
        found[main] |= {"file": dg.MetadataValue.path(settings.published.resolve())}
    return found


def _rows(connection: Connection, asset: Table) -> int:
    row = connection.execute(f"select count(*) from {asset.rows}").fetchone()
    assert row
    return int(row[0])


def run_tags(connection: Connection, step: Step, run_id: int) -> Mapping[str, str]:
    """Tags that the list of runs shows."""
    tags = {"sync/run_id": str(run_id)}
    if step.stage in ("plan", "push"):
        plan = plans.plan(connection)
        tags |= {"sync/plan_id": str(plan.plan_id), "sync/plan": f"{plan.hash} {plan.state}"}
    return tags


def table(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> dg.MetadataValue[Any]:
    """A table of the UI, which may be empty; at most five columns fit on a page."""
    return dg.MetadataValue.table(
        [dg.TableRecord(dict(zip(columns, map(str, row), strict=True))) for row in rows],
        schema=dg.TableSchema([dg.TableColumn(column) for column in columns]),
    )


def _plan(connection: Connection) -> Metadata:
    plan = plans.plan(connection)
    shown = plans.changes(connection, plan.plan_id, _SHOWN_CHANGES)
    lines = "\n".join(plans.diff(shown))
    found: Metadata = {
        "plan id": plan.plan_id,
        "plan hash": plan.hash,
        "state": plan.state.value,
        "expires": dg.MetadataValue.timestamp(plan.expires_at),
        "waiting for review": plan.waiting,
        "changes": dg.MetadataValue.md(
            f"```diff\n{lines}\n```\n{len(shown)} of {plan.changes}; all of them, with their values: "
            "`crm-pipeline plan show --values`"
            if shown
            else "Nothing to write: both CRMs agree."
        ),
        "by rule": table(
            ("CRM", "operation", "field", "rule", "number"),
            [
                (f"{c.system.label} {c.object}", c.operation, c.field, c.rule, c.number)
                for c in plans.counts(connection, plan.plan_id)
            ],
        ),
    }
    if plan.waits:
        found |= {"held because": plan.why, "to approve": f"crm-pipeline approve {plan.hash} --by YOUR_NAME"}
    return found


def _push(connection: Connection) -> Metadata:
    plan = plans.plan(connection)
    account = pushes.accounting(connection, plan.plan_id)
    found: Metadata = {"plan id": plan.plan_id, "plan hash": plan.hash, "state": plan.state.value}
    found |= {"planned": account.planned} | {state.value.replace("_", " "): n for state, n in account.states.items()}
    failures = pushes.failures(connection, plan.plan_id)
    if failures:
        found["not landed"] = table(("state", "CRM", "code", "number"), list(failures))
    if plan.waits:
        found |= {"held because": plan.why, "to approve": f"crm-pipeline approve {plan.hash} --by YOUR_NAME"}
    return found
