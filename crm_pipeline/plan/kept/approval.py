"""The state of plans: which one is current, whether it may be sent, and a person's approval of its content.

An approval names a plan's hash, so that it holds for the same content planned again, and for nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_pipeline.errors import NotFoundError, SafetyError
from crm_pipeline.model import PlanState
from crm_pipeline.warehouse import Connection, Warehouse

#: States in which a plan can still be sent.
OPEN = (PlanState.PROPOSED, PlanState.HELD, PlanState.APPROVED, PlanState.APPLYING)


@dataclass(frozen=True)
class Plan:
    """One row of plan.plan."""

    plan_id: int
    run_id: int
    hash: str
    state: PlanState
    why: str
    mapping_hash: str
    schema_hash: str
    created_at: datetime
    expires_at: datetime
    approved_by: str | None
    settings: str | None


_COLUMNS = "plan_id, run_id, hash, state, why, mapping_hash, schema_hash, created_at, expires_at, approved_by, settings"


def current_plan(connection: Connection) -> Plan | None:
    """The newest plan, whatever its state; None before the first. A held or approved plan past its time is expired."""
    connection.execute(
        "update plan.plan set state = ? where state in (?, ?, ?) and expires_at < now()",
        [PlanState.EXPIRED, PlanState.PROPOSED, PlanState.HELD, PlanState.APPROVED],
    )
    row = connection.execute(f"select {_COLUMNS} from plan.plan order by plan_id desc limit 1").fetchone()
    return _plan(row) if row else None


def set_state(connection: Connection, plan_id: int, state: PlanState) -> None:
    """Move a plan to a state; `applied` remembers when."""
    connection.execute(
        "update plan.plan set state = ?, applied_at = case when ? = 'applied' then now() else applied_at end "
        "where plan_id = ?",
        [state, state, plan_id],
    )


def approved_by(connection: Connection, plan_hash: str, hours: int) -> str | None:
    """Who approved this content in the last `hours`, or None. An approval is used up when its content was applied."""
    row = connection.execute(
        """
        select a.approved_by from state.approval a
        where a.plan_hash = ? and a.approved_at > now() - to_hours(?)
          and not exists (from plan.plan p where p.hash = a.plan_hash and p.applied_at > a.approved_at)
        order by a.approved_at desc limit 1
        """,
        [plan_hash, hours],
    ).fetchone()
    return str(row[0]) if row else None


def approve(warehouse: Warehouse, plan_hash: str, by: str, why: str = "") -> Plan:
    """Approve the held plan with this hash (or its first characters, at least six) in a person's name.

    Raises NotFoundError for an unknown hash, SafetyError when that plan is not the current one or no longer waits.
    """
    if not by.strip():
        raise SafetyError("an approval needs a name: say who approves (by)")
    if len(plan_hash) < 6:
        raise NotFoundError("give at least 6 characters of the plan's hash; `crm-pipeline plan show` prints it")
    warehouse.required()
    with warehouse.connect() as connection:
        plan = current_plan(connection)
        if plan is None or not plan.hash.startswith(plan_hash):
            known = connection.execute(
                "select state from plan.plan where starts_with(hash, ?) order by plan_id desc limit 1", [plan_hash]
            ).fetchone()
            if known:
                raise SafetyError(
                    f"plan {plan_hash} is {known[0]}: a newer plan took its place; "
                    "look at it with `crm-pipeline plan show`"
                )
            raise NotFoundError(f"no plan has the hash {plan_hash}; `crm-pipeline plan show` prints the current one")
        if plan.state not in (PlanState.HELD, PlanState.PROPOSED):
            whose = f" by {plan.approved_by}" if plan.state is PlanState.APPROVED and plan.approved_by else ""
            then = "send it with `crm-pipeline push`" if whose else "`crm-pipeline run --preview` makes a new one"
            raise SafetyError(
                f"plan {plan.hash} is {plan.state}{whose}; only a plan that is held can be approved: {then}"
            )
        connection.execute("insert into state.approval values (?, ?, now(), ?)", [plan.hash, by.strip(), why])
        connection.execute(
            "update plan.plan set state = ?, approved_by = ? where plan_id = ?",
            [PlanState.APPROVED, by.strip(), plan.plan_id],
        )
        return plan


def _plan(row: tuple[Any, ...]) -> Plan:
    plan_id, run_id, hash_, state, *rest = row
    return Plan(plan_id, run_id, hash_, PlanState(state), *rest)
