"""Writes that no CRM can take, of golden records of which nothing changed since: they stand from plan to plan.

An `invalid` write stays invalid until its record, the mapping, the schema or the users change: deciding it again every
night would cost what there is and not what changed. Its golden record is passed over (plan.settled), and its one row
stands in the next plans, too (plan.operation), so that every plan, and what is told from it, has it.

Belongs here: which writes stand, and since and until which plan. Not here: what makes a write invalid (entity.py), what
a CRM refused (push/quarantine.py).
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
            select golden_id from plan.operation where plan_id = {_NEWEST} and problem_state = 'invalid'
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
    """Let the writes that stand go on into the plan in the making: of golden records of a kind that were passed over;
    those of others stood in the plan before for the last time. Call it while the temporary tables of load.entities are
    there. Returns how many there are.

    Once a plan was sent, its rows stand for later ones. Those of a plan that was not have no end yet: they are copied.
    """
    values = {"plan": plan_id, "kind": kind}
    passed_over = "(select golden_id from entity_inputs except select golden_id from pending)"
    connection.execute(
        f"""
        update plan.standing set until_plan = {_NEWEST}
        where until_plan is null and kind = $kind and golden_id not in {passed_over}
        """,
        values,
    )
    decided = f"""
        from plan.change c semi join {passed_over} using (golden_id)
        where c.plan_id = {_NEWEST} and c.kind = $kind and c.problem_state = 'invalid'
        """
    ended = "exists (from push.outbox o where o.plan_id = c.plan_id and o.op_id = c.op_id)"
    connection.execute(
        f"""
        insert into plan.standing by name
        select c.plan_id, c.op_id, c.kind, c.golden_id, null::integer as until_plan {decided} and {ended}
        """,
        values,
    )
    connection.execute(
        f"insert into plan.change by name select c.* replace ($plan::integer as plan_id) {decided} and not {ended}",
        values,
    )
    number = connection.execute(
        """
        select (select count(*) from plan.standing where until_plan is null and kind = $kind)
            + (select count(*) from plan.change where plan_id = $plan and kind = $kind)
        """,
        values,
    ).fetchone()
    return int(number[0]) if number else 0


def end_others(connection: Connection, plan_id: int, kinds: Collection[Kind]) -> None:
    """Writes of kinds that are synced no more stand no more; should such a kind be synced again, all of it is planned
    anew. `kinds`: those that are; `plan_id` as of `carry`."""
    connection.execute(
        f"""
        update plan.standing set until_plan = {_NEWEST}
        where until_plan is null and kind not in (select unnest($kinds::varchar[]))
        """,
        {"plan": plan_id, "kinds": sorted(kinds)},
    )
    connection.execute(
        "delete from plan.settled where split_part(golden_id, '-', 1) not in (select unnest($kinds::varchar[]))",
        {"kinds": sorted(kinds)},
    )
