"""A plan's operations for a page that stays small: every group counted, of each the riskiest few in full.

Belongs here: grouping and its bounds. Not here: a plan as a whole (report/diff/content.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_pipeline.model import System
from crm_pipeline.report import plan as plans
from crm_pipeline.warehouse import Connection

#: Operations shown of one group, and on the whole page.
MOST_OF_A_GROUP, MOST = 20, 800

#: Why an operation is not sent, without the record that it is about (report/plan.py, reason); empty: it is sent.
WHY = r"""coalesce(regexp_replace(regexp_replace(problem, '^held by .*', 'held by another record'),
    '^(blocked: )waits for [a-z]+-\d+: ', '\1'), '')"""


@dataclass(frozen=True)
class Group:
    """Operations of one kind on one field of one object, or those that are not sent for one reason (`why`).

    `number`: all of them; `changes`: the riskiest, at most MOST_OF_A_GROUP."""

    system: System
    object: str
    operation: str
    kind: str
    field: str
    why: str
    number: int
    changes: tuple[plans.Change, ...]


_Key = tuple[str, ...]


def groups(connection: Connection, plan_id: int) -> tuple[Group, ...]:
    """What is sent first, the riskiest group first; when MOST are shown, the other groups are only counted."""
    connection.execute(
        f"""
        create or replace temp table op as
        select op_id, system, object, operation, kind, if(problem is null, split_part(field, '/', 1), '') as field,
            {WHY} as why, seq, {plans.RISK} as risk
        from plan.operation where plan_id = ?
        """,
        [plan_id],
    )
    counted = connection.execute(
        "select system, object, operation, kind, field, why, count(*) as number, why <> '' as refused, "
        "min(risk) as risk "
        "from op group by system, object, operation, kind, field, why "
        "order by refused, risk, number desc, system, object, operation, kind, field, why"
    ).fetchall()
    riskiest = _riskiest(connection, plan_id)
    connection.execute("drop table op")
    found, shown = [], 0
    for *key, number, _, _ in counted:
        changes = riskiest[tuple(key)][: max(0, MOST - shown)]
        shown += len(changes)
        system, object_, operation, kind, field, why = key
        found.append(Group(System(system), object_, operation, kind, field, why, number, tuple(changes)))
    return tuple(found)


def _riskiest(connection: Connection, plan_id: int) -> dict[_Key, list[plans.Change]]:
    """By group, at most MOST_OF_A_GROUP. One query: values of a large plan are read once."""
    rows = connection.execute(
        """
        with first as (
            from op qualify row_number() over (
                partition by system, object, operation, kind, field, why order by risk, seq
            ) <= $most
        )
        select f.system, f.object, f.operation, f.kind, f.field, f.why, c.system, c.object,
            concat_ws('/', c.system, c.object, coalesce(c.record_id, 'new ' || c.create_key)), c.operation, c.field,
            c.rule, c.reason, c.golden_id, c.source_key, c.problem, c.old, c.new, c.needs
        from first f join plan.operation c on c.plan_id = $plan and c.op_id = f.op_id order by f.risk, f.seq
        """,
        {"plan": plan_id, "most": MOST_OF_A_GROUP},
    ).fetchall()
    found: dict[_Key, list[plans.Change]] = {}
    for row in rows:
        found.setdefault(tuple(row[:6]), []).append(plans.change_of(*row[6:]))
    return found
