"""What became of a plan: every planned operation in exactly one state (law 25)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_pipeline.model import OpState, System
from crm_pipeline.warehouse import Connection

#: Operations of a plan with their state: push's word, else the plan's own refusal, else that the whole plan waits.
_STATES = """
    select c.system, c.object,
        coalesce(o.code, regexp_replace(c.problem, '^held by .*', 'held by another record')) as code,
        coalesce(o.state, case
            when p.state = 'superseded' then 'superseded'
            when p.state in ('held', 'approved', 'expired') then coalesce(c.problem_state, 'held_by_guard')
        end) as state
    from plan.change c
    join plan.plan p using (plan_id)
    left join push.outbox o on o.plan_id = c.plan_id and o.op_id = c.op_id
    where c.plan_id = ?
"""


@dataclass(frozen=True)
class Accounting:
    """Planned operations against their end states."""

    plan_id: int
    planned: int
    states: Mapping[OpState, int]

    @property
    def missing(self) -> int:
        """Planned operations without an end state; `sent` is none."""
        return self.planned - sum(number for state, number in self.states.items() if state is not OpState.SENT)


def accounting(connection: Connection, plan_id: int) -> Accounting:
    """The numbers of a plan, zero states left out."""
    rows = connection.execute(
        f"select state, count(*) from ({_STATES}) group by all order by all", [plan_id]
    ).fetchall()
    planned = sum(number for _, number in rows)
    return Accounting(plan_id, planned, {OpState(state): number for state, number in rows if state})


def failures(connection: Connection, plan_id: int, limit: int = 10) -> list[tuple[str, str, str, int]]:
    """(state, CRM object, the CRM's code or why it was not sent, number) of what did not land, the commonest first."""
    rows = connection.execute(
        "select state, system, object, coalesce(code, ''), count(*) as number "
        f"from ({_STATES}) where state <> ? group by all order by number desc, 1, 2, 3, 4 limit ?",
        [plan_id, OpState.LANDED, limit],
    ).fetchall()
    return [(state, f"{System(system).label} {object_}", code, number) for state, system, object_, code, number in rows]
