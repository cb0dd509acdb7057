"""What became of a plan: every planned operation in exactly one state (law 25)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_pipeline.model import OpState, System
from crm_pipeline.warehouse import Connection


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
        "select state, count(*) from push.operation_end where plan_id = ? group by all order by all", [plan_id]
    ).fetchall()
    planned = sum(number for _, number in rows)
    return Accounting(plan_id, planned, {OpState(state): number for state, number in rows if state})


def failures(connection: Connection, plan_id: int, limit: int = 10) -> list[tuple[str, str, str, int]]:
    """(state, CRM object, the CRM's code or why it was not sent, number) of what did not land, the commonest first."""
    rows = connection.execute(
        "select state, system, object, coalesce(code, ''), count(*) as number "
        "from push.operation_end where plan_id = ? and state <> ? group by all "
        "order by number desc, 1, 2, 3, 4 limit ?",
        [plan_id, OpState.LANDED, limit],
    ).fetchall()
    return [(state, f"{System(system).label} {object_}", code, number) for state, system, object_, code, number in rows]


def unaccounted(connection: Connection) -> list[tuple[int, int, int]]:
    """(plan, operations without an end, operations with several) of every plan that was sent and does not add up."""
    return connection.execute(
        "select plan_id, missing, twice from push.accounting "
        "where plan_state = 'applied' and (missing > 0 or twice > 0) order by plan_id"
    ).fetchall()
