"""Writing a plan down: operations, decisions, conflicts, guards. Values in, rows out."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from crm_pipeline.model import System
from crm_pipeline.plan.decision.decide import Conflict
from crm_pipeline.plan.decision.state import FieldState
from crm_pipeline.plan.entity import Moved
from crm_pipeline.plan.guards import Guard
from crm_pipeline.plan.operation import Operation
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import Row, insert


def save_operations(connection: Connection, plan_id: int, operations: Iterable[Operation]) -> None:
    insert(
        connection,
        "plan.change",
        (
            {
                "plan_id": plan_id,
                "op_id": o.op_id,
                "seq": seq,
                "kind": o.kind,
                "system": o.system,
                "object": o.object,
                "record_id": o.record_id,
                "create_key": o.create_key,
                "operation": o.operation,
                "field": o.field,
                "old": dict(o.old),
                "new": dict(o.new),
                "golden_id": o.golden_id,
                "rule": o.rule,
                "reason": o.reason,
                "source_key": o.source_key,
                "source_value": None if o.source_value is None else dict(o.source_value),
                "fingerprint": o.fingerprint,
                "problem": o.problem,
                "problem_state": o.problem_state,
                "needs": dict(o.needs) or None,
            }
            for seq, o in enumerate(operations)
        ),
    )


def save_moves(connection: Connection, plan_id: int, moves: Iterable[Moved]) -> None:
    moves = list(moves)
    insert(
        connection,
        "plan.decision",
        (
            {
                "plan_id": plan_id,
                "golden_id": m.golden_id,
                "field": m.field,
                "value": list(m.agreed),
                "rule": m.rule,
                "field_hash": m.field_hash,
                "writes": m.writes,
            }
            for m in moves
        ),
    )
    insert(
        connection,
        "plan.base",
        (
            {"plan_id": plan_id, "golden_id": m.golden_id, "record_key": key, "field": m.field, "value": list(raw)}
            for m in moves
            for key, raw in m.bases
        ),
    )


def forget_moves(connection: Connection, plan_id: int, moves: Collection[tuple[str, str]]) -> None:
    """Decisions of a plan, as (golden id, field), that are not completed by it after all."""
    for table in ("plan.decision", "plan.base") if moves else ():
        connection.execute(
            f"delete from {table} where plan_id = ? and (golden_id, field) in "
            "(select unnest(?::varchar[]), unnest(?::varchar[]))",
            [plan_id, *([one[place] for one in moves] for place in (0, 1))],
        )


def save_guards(connection: Connection, plan_id: int, guards: Iterable[Guard]) -> None:
    insert(
        connection,
        "plan.guard",
        (
            {
                "plan_id": plan_id,
                "system": g.system,
                "object": g.object,
                "guard": g.guard,
                "subject": g.subject,
                "number": g.number,
                "total": g.total,
                "allowed": g.allowed,
                "tripped": g.tripped,
            }
            for g in guards
        ),
    )


def save_conflicts(connection: Connection, plan_id: int, conflicts: Iterable[tuple[str, str, Conflict]]) -> None:
    """Upsert by (golden id, field): the newest conflict counts, the plan that first saw one is kept."""
    known = {
        (golden_id, field, kind): first
        for golden_id, field, kind, first in connection.execute(
            "select golden_id, field, kind, first_plan from plan.conflict"
        ).fetchall()
    }
    newest: dict[tuple[str, str], Row] = {}
    for golden_id, field, conflict in conflicts:
        newest[golden_id, field] = {
            "golden_id": golden_id,
            "field": field,
            "kind": conflict.kind,
            **_side(conflict.salesforce, System.SALESFORCE),
            **_side(conflict.hubspot, System.HUBSPOT),
            "certain": conflict.certain,
            "winner": conflict.winner or "nobody",
            "why": conflict.why,
            "first_plan": known.get((golden_id, field, conflict.kind), plan_id),
            "last_plan": plan_id,
        }
    insert(connection, "plan.conflict", newest.values())
    connection.execute(
        "delete from plan.conflict using (select golden_id, field from plan.conflict where last_plan = $plan) n "
        "where plan.conflict.golden_id = n.golden_id and plan.conflict.field = n.field and last_plan < $plan",
        {"plan": plan_id},
    )


def _side(state: FieldState | None, system: System) -> Row:
    if state is None:
        return {system.value: None, f"{system.value}_at": None}
    return {system.value: list(state.raw), f"{system.value}_at": state.changed.at.isoformat()}
