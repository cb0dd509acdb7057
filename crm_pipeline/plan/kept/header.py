"""The row of a new plan: its state by guards and approval, and the open plan whose place it takes.

Belongs here: rows of plan.plan at their making. Not here: what a plan holds (stage.py, undo/stage.py), and its later
life (approval.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from crm_pipeline.config.settings import Settings
from crm_pipeline.model import PlanState
from crm_pipeline.plan.guards import Guard
from crm_pipeline.plan.kept.approval import OPEN, approved_by
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert

Purpose = Literal["sync", "undo"]


@dataclass(frozen=True)
class Asked:
    """What an undo takes back, as its command names it (`7`, `--record hubspot/contacts/151`), who wants it and why."""

    undoes: str
    by: str
    why: str


@dataclass(frozen=True)
class Opened:
    """A plan that was just written down. `why` it is held; `gave_way`: an undo that it superseded unsent, in words."""

    plan_id: int
    state: PlanState
    why: str
    gave_way: str


def open_plan(
    connection: Connection,
    settings: Settings,
    run_id: int,
    plan_hash: str,
    schema_hash: str,
    guards: Sequence[Guard],
    asked: Asked | None = None,
) -> Opened:
    """Write down a new plan; open ones are superseded, and what older ones decided goes. `asked`: it is an undo.

    It is held when a guard tripped and nobody has approved this content yet.
    """
    tripped = [guard for guard in guards if guard.tripped]
    approver = approved_by(connection, plan_hash, settings.guards.plan_hours) if tripped else None
    state = PlanState.PROPOSED if not tripped else PlanState.APPROVED if approver else PlanState.HELD
    why = "; ".join(words(guard) for guard in tripped)
    gave_way = _supersede(connection, run_id)
    plan_id = next_plan_id(connection)
    now = datetime.now(UTC)
    purpose: Purpose = "undo" if asked else "sync"
    row: dict[str, object] = {
        "plan_id": plan_id,
        "run_id": run_id,
        "hash": plan_hash,
        "state": state,
        "why": why,
        "mapping_hash": settings.mapping.hash,
        "schema_hash": schema_hash,
        "created_at": now,
        "expires_at": now + timedelta(hours=settings.guards.plan_hours),
        "approved_by": approver,
        "purpose": purpose,
        "undoes": asked.undoes if asked else None,
        "asked_by": asked.by if asked else None,
        "asked_why": asked.why if asked else None,
        "settings": settings.deciding,
    }
    insert(connection, "plan.plan", [row])
    _forget_decided(connection)
    return Opened(plan_id, state, why, gave_way)


def next_plan_id(connection: Connection) -> int:
    """The id that `open_plan` is going to give."""
    (last,) = connection.execute("select coalesce(max(plan_id), 0) from plan.plan").fetchone() or (0,)
    return int(last) + 1


def _supersede(connection: Connection, run_id: int) -> str:
    """Every open plan gives way. An undo that does is told: a person waits for it. Returns that in words, or ''."""
    waiting = connection.execute(
        "select undoes, asked_by from plan.plan where purpose = 'undo' and list_contains(?, state) "
        "order by plan_id desc",
        [[str(state) for state in OPEN]],
    ).fetchone()
    connection.execute(
        """
        update plan.plan
        set state = $superseded,
            why = case when purpose = 'undo' then 'run ' || $run || ' planned anew before this undo was sent; make it '
                || 'again with: crm-pipeline undo ' || undoes || ' --by YOUR_NAME' else why end
        where list_contains($open, state)
        """,
        {"superseded": PlanState.SUPERSEDED, "run": run_id, "open": [str(state) for state in OPEN]},
    )
    if waiting is None:
        return ""
    undoes, by = waiting
    return (
        f"the undo that {by} asked for was not sent and gave way to this plan; "
        f"make it again with: crm-pipeline undo {undoes} --by YOUR_NAME"
    )


def _forget_decided(connection: Connection) -> None:
    """What plans before the newest one of a night decided: none of them is sent any more, so that only the answer of a
    write that is still missing can complete a decision (push/recovery/recover.py)."""
    for table in ("plan.decision", "plan.base"):
        connection.execute(
            f"""
            delete from {table}
            where plan_id < (select max(plan_id) from plan.plan where purpose = 'sync')
              and plan_id not in (
                select plan_id from push.outbox
                where state = 'sent' or (state = 'unknown' and code is distinct from 'moved_on'))
            """
        )


def words(guard: Guard) -> str:
    """Why a guard holds a plan."""
    where = f"{guard.system.label} {guard.object}"
    if guard.guard == "first_run":
        return f"{where}: first run of this mapping"
    what = f"clears of {guard.subject}" if guard.subject else guard.guard
    total = "an unknown number of" if guard.total is None else str(guard.total)
    return f"{where}: {guard.number} {what} for {total} linked records (allowed {guard.allowed})"
