"""Writes that no CRM can take, of golden records of which nothing changed since: they stand from plan to plan.

An `invalid` write stays invalid until its record, the mapping, the schema or the users change: deciding it again every
night would cost what there is and not what changed. Its golden record is passed over (plan.settled), and its row goes
on into the next plan, so that every plan, and what is told from it, has it.

Belongs here: which writes stand, and carrying their rows over. Not here: what makes a write invalid (entity.py), what a
CRM refused (push/quarantine.py).
"""

from __future__ import annotations

from collections.abc import Collection

from crm_pipeline.config.kind import KindMapping
from crm_pipeline.model import Act, Kind
from crm_pipeline.plan.entity import EntityPlan
from crm_pipeline.plan.operation import Operation
from crm_pipeline.warehouse import Connection

_NEWEST = "(select max(plan_id) from plan.plan where purpose is distinct from 'undo' and plan_id < $plan)"


def stands(plan: EntityPlan, mapping: KindMapping) -> bool:
    """Whether a golden record's plan comes out the same until one of its records, the mapping, a schema or a user
    changes: nothing is to be sent, nothing moves, nothing waits, and what is invalid hangs on no other record."""
    if plan.conflicts or plan.waiting or any(not move.writes for move in plan.moves):
        return False
    if plan.operations and (plan.pinned or plan.answered or plan.ended or plan.left_out or plan.back):
        return False
    return all(_stands(operation, mapping) for operation in plan.operations)


def _stands(operation: Operation, mapping: KindMapping) -> bool:
    if operation.problem is None or operation.problem_state != "invalid" or operation.record_id is None:
        return False
    if operation.operation not in (Act.UPDATE, Act.CLEAR) or operation.problem.startswith("held by"):
        return False
    return mapping.field(operation.field.partition("/")[0]).refers_to is None


def look_again(connection: Connection, plan_id: int, apart: Collection[str]) -> None:
    """What people said since about golden records with a write that stands is looked at: they are planned anew.

    `plan_id`: of the plan in the making; `apart`: golden ids that nothing is decided about. Call it before the golden
    records are planned.
    """
    connection.execute(
        f"""
        delete from plan.settled where golden_id in (
            select golden_id from plan.change where plan_id = {_NEWEST} and problem_state = 'invalid'
        ) and (
            golden_id in (select unnest($apart::varchar[]))
            or golden_id in (select golden_id from state.hold where ended_at is null)
            or golden_id in (
                select l.golden_id from state.hold h join golden.link l using (record_key) where h.ended_at is null
            )
        )
        """,
        {"plan": plan_id, "apart": sorted(apart)},
    )


def carry(connection: Connection, plan_id: int, kind: Kind) -> int:
    """Take the writes that stand into the plan in the making: of golden records of a kind that were passed over. Call
    it while the temporary tables of load.entities are there. Returns how many there are."""
    carried = connection.execute(
        f"""
        insert into plan.change by name
        select c.* replace ($plan::integer as plan_id) from plan.change c
        semi join (from entity_inputs anti join pending using (golden_id)) using (golden_id)
        where c.plan_id = {_NEWEST} and c.kind = $kind and c.problem_state = 'invalid'
        """,
        {"plan": plan_id, "kind": kind},
    ).fetchone()
    return int(carried[0]) if carried else 0
