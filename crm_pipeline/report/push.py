"""What became of a plan: every planned operation in exactly one state (law 25)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_pipeline.model import OpState
from crm_pipeline.warehouse import Connection

#: The newest row of each operation of a plan.
_OUTBOX = "from push.outbox where plan_id = ? qualify row_number() over (partition by op_id order by run_id desc) = 1"


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
    planned = connection.execute("select count(*) from plan.change where plan_id = ?", [plan_id]).fetchone()
    rows = connection.execute(f"select state, count(*) from (select state {_OUTBOX}) group by all", [plan_id])
    assert planned
    return Accounting(plan_id, planned[0], {OpState(state): number for state, number in rows.fetchall()})


def failures(connection: Connection, plan_id: int, limit: int = 10) -> list[tuple[str, str, str, int]]:
    """(state, CRM object, code, number) of what did not land, the commonest first."""
    rows = connection.execute(
        "select state, system || ' ' || object, coalesce(code, ''), count(*) as number "
        f"from (select * {_OUTBOX}) where state <> ? group by all order by number desc, all limit ?",
        [plan_id, OpState.LANDED, limit],
    ).fetchall()
    return [tuple(row) for row in rows]
