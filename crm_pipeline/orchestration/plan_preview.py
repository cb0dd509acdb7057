"""The newest plan as the UI shows it: the riskiest changes as a red and green diff, with links to their records.

Values are masked (law 45); the full ones stand in DuckDB and in `crm-pipeline plan show --values`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg

from crm_pipeline.orchestration.grid import grid
from crm_pipeline.report import links
from crm_pipeline.report import plan as plans
from crm_pipeline.warehouse import Connection

#: The UI folds Markdown of this many characters into a link.
UNFOLDED = 1_000
_MOST_CHANGES = 20


def ids(connection: Connection) -> dict[str, Any]:
    """Which plan it is. Raises NotFoundError before the first one."""
    plan = plans.plan(connection)
    return {"plan id": str(plan.plan_id), "plan hash": plan.hash}


def state(connection: Connection) -> dict[str, Any]:
    """Where the plan stands, and what a person has to do."""
    plan = plans.plan(connection)
    found: dict[str, Any] = {"state": plan.state.value}
    if plan.waits:
        reasons = "\n".join(f"- {reason}" for reason in plan.why.split("; "))
        found |= {
            "held because": dg.MetadataValue.md(reasons),
            "to approve": to_approve(plan.hash),
        }
    return found


def to_approve(plan_hash: str) -> str:
    """Both ways: whoever reads it is in the UI."""
    return f"the job approve_plan with this hash and your name, or: crm-pipeline approve {plan_hash} --by YOUR_NAME"


def changes(connection: Connection) -> dict[str, Any]:
    """What would be written, the riskiest first, what would not, and how many by rule."""
    plan = plans.plan(connection)
    to_send = [change for change in plans.changes(connection, plan.plan_id, _MOST_CHANGES) if not change.problem]
    nothing = "Nothing can be sent." if plan.problems else "Nothing to write: both CRMs agree."
    found: dict[str, Any] = {"changes": dg.MetadataValue.md(nothing)}
    if to_send:
        found["changes"] = dg.MetadataValue.md(_diff(to_send, plan.changes - plan.problems))
        if records := _records(to_send, links.links(connection)):
            found["their records"] = dg.MetadataValue.md(records)
    refusals = plans.refusals(connection, plan.plan_id)
    if refusals:
        found["will not be sent"] = grid(("CRM", "why", "number"), list(refusals))
    by_rule = [
        (f"{c.system.label} {c.object}", c.operation, c.field, c.rule, c.number)
        for c in plans.counts(connection, plan.plan_id)
    ]
    if by_rule:
        found["by rule"] = grid(("CRM", "operation", "field", "rule", "number"), by_rule)
    return found | {"expires": dg.MetadataValue.timestamp(plan.expires_at)}


def not_landed(connection: Connection) -> dict[str, Any]:
    """A record for each reason why something of the newest plan did not land, as a link."""
    plan = plans.plan(connection)
    if plan.waits:
        return {}
    rows = connection.execute(
        "select concat_ws('/', o.system, o.object, o.record_id), o.field, replace(o.state, '_', ' '), "
        "coalesce(o.code, '') "
        "from plan.operation c join push.outbox o on o.plan_id = c.since_plan and o.op_id = c.op_id "
        "where c.plan_id = ? and o.state <> 'landed' and o.record_id is not null "
        "qualify row_number() over ("
        "partition by o.system, o.object, o.state, o.code order by o.record_id, o.field) = 1 "
        f"order by 3, 4, 1 limit {_MOST_CHANGES}",
        [plan.plan_id],
    ).fetchall()
    link = links.links(connection)

    def text(number: int) -> str:
        return "\n".join(f"- {linked(link, key)} {field}: {state} {code}" for key, field, state, code in rows[:number])

    return {"examples": dg.MetadataValue.md(unfolded(text, len(rows)))} if rows else {}


def unfolded(text: Callable[[int], str], most: int) -> str:
    """`text` of as many things as the UI shows without a click, but at least one."""
    texts = map(text, range(1, most + 1))
    return next(reversed([shown for shown in texts if len(shown) < UNFOLDED]), text(1))


def _diff(of: Sequence[plans.Change], all_of_them: int) -> str:
    def text(number: int) -> str:
        lines = "\n".join(plans.diff(of[:number]))
        return (
            f"```diff\n{lines}\n```\n{number:,} of {all_of_them:,}, the riskiest first; all of them, with their "
            "values: `crm-pipeline plan show --all --values`"
        )

    return unfolded(text, len(of))


def _records(of: Sequence[plans.Change], link: links.Link) -> str:
    """The records of the changes as links, each once; where its value comes from beside it."""
    lines = dict.fromkeys(
        " ← ".join(linked(link, key) for key in (change.target, change.source) if key)
        for change in of
        if link(change.target) or (change.source and link(change.source))
    )
    return unfolded(lambda number: "\n".join(f"- {line}" for line in list(lines)[:number]), len(lines)) if lines else ""


def linked(link: links.Link, record_key: str) -> str:
    """A record's key, which leads to its page in the CRM where there is one."""
    address = link(record_key)
    return f"[{record_key}]({address})" if address else record_key
