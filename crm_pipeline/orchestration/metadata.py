"""What an asset shows in the UI after a run: counts, the plan as a diff, ids of run and plan.

Numbers become plots, one point a run; an id is text, so that it does not.

No value of a CRM is shown in full (law 45): those stand in DuckDB only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from crm_pipeline.config import Settings
from crm_pipeline.flow import Step
from crm_pipeline.orchestration import extracted
from crm_pipeline.orchestration.grid import grid
from crm_pipeline.orchestration.tables import Table
from crm_pipeline.orchestration.tables import of_step as tables_of_step
from crm_pipeline.report import plan as plans
from crm_pipeline.report import push as pushes
from crm_pipeline.report.match import tiers
from crm_pipeline.report.reach import reach
from crm_pipeline.report.result import counts
from crm_pipeline.warehouse import Connection

Metadata = dict[str, Any]

#: The UI folds Markdown of this many characters into a link.
_UNFOLDED = 1_000
_MOST_CHANGES = 20


def of_step(connection: Connection, step: Step, settings: Settings, result: Any, run_id: int) -> dict[Table, Metadata]:
    """Metadata of each asset of a step; the main one also shows the numbers of the step's result."""
    found: dict[Table, Metadata] = {}
    for asset in tables_of_step(step):
        rows = _rows(connection, asset) if asset.rows else result.rows[asset.name]
        found[asset] = {"run id": str(run_id), "dagster/row_count": rows}
        if asset.rows in ("match.pair", "match.review"):
            found[asset] |= tiers(connection, asset.rows)
        elif (asset.stage, asset.name) == ("publish", "reach"):
            found[asset] |= _reach(connection, run_id)
    shown = found[next(iter(found))]
    if step.stage == "extract":
        shown |= extracted.of_step(connection, step, result, run_id)
    if step.stage in ("plan", "push"):
        shown |= _state_of_plan(connection)
    shown |= {name: number for name, number in counts(result).items() if name not in shown and not _is_text(number)}
    if step.stage == "plan":
        shown |= _plan(connection)
        if result.explained:
            shown["for your attention"] = result.explained
    elif step.stage == "push":
        shown |= _push(connection, result.why)
    elif step.stage == "publish":
        shown |= {"file": dg.MetadataValue.path(settings.published.resolve())}
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


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _state_of_plan(connection: Connection) -> Metadata:
    plan = plans.plan(connection)
    found: Metadata = {"plan id": str(plan.plan_id), "plan hash": plan.hash, "state": plan.state.value}
    if plan.waits:
        reasons = "\n".join(f"- {reason}" for reason in plan.why.split("; "))
        found |= {
            "held because": dg.MetadataValue.md(reasons),
            "to approve": f"crm-pipeline approve {plan.hash} --by YOUR_NAME",
        }
    return found


def _plan(connection: Connection) -> Metadata:
    plan = plans.plan(connection)
    found: Metadata = {"expires": dg.MetadataValue.timestamp(plan.expires_at)}
    to_send = [change for change in plans.changes(connection, plan.plan_id, _MOST_CHANGES) if not change.problem]
    nothing = "Nothing can be sent." if plan.problems else "Nothing to write: both CRMs agree."
    text = _unfolded(to_send, plan.changes - plan.problems) if to_send else nothing
    found["changes"] = dg.MetadataValue.md(text)
    refusals = plans.refusals(connection, plan.plan_id)
    if refusals:
        found["will not be sent"] = grid(("CRM", "why", "number"), list(refusals))
    by_rule = [
        (f"{c.system.label} {c.object}", c.operation, c.field, c.rule, c.number)
        for c in plans.counts(connection, plan.plan_id)
    ]
    if by_rule:
        found["by rule"] = grid(("CRM", "operation", "field", "rule", "number"), by_rule)
    return found


def _unfolded(changes: Sequence[plans.Change], of: int) -> str:
    """As many of the changes as the UI shows without a click, but at least one."""

    def text(number: int) -> str:
        lines = "\n".join(plans.diff(changes[:number]))
        return (
            f"```diff\n{lines}\n```\n{number:,} of {of:,}, the riskiest first; all of them, with their values: "
            "`crm-pipeline plan show --all --values`"
        )

    texts = map(text, range(1, len(changes) + 1))
    return next(reversed([shown for shown in texts if len(shown) < _UNFOLDED]), text(1))


def _push(connection: Connection, why: str) -> Metadata:
    plan = plans.plan(connection)
    found: Metadata = {"planned": plan.changes}
    if why and not plan.waits:
        found["nothing sent because"] = why
    failures = pushes.failures(connection, plan.plan_id)
    if failures and not plan.waits:
        rows = [(state.replace("_", " "), *others) for state, *others in failures]
        found["not landed"] = grid(("state", "CRM", "why", "number"), rows)
    return found


def _reach(connection: Connection, run_id: int) -> Metadata:
    measured = reach(connection, run_id)
    rows = [(r.question, r.without_writes, r.customers, r.customers - r.without_writes, r.total) for r in measured]
    return {r.question: r.customers for r in measured} | {
        "by our writes": grid(("question", "without", "now", "gained", "of"), rows)
    }
