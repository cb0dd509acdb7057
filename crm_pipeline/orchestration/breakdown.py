"""What is behind a number: the commonest reasons of an asset's rows, and what to do about them.

Belongs here: one query a table. Reasons name codes and fields, no value of a record (law 45).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from crm_pipeline.model import System
from crm_pipeline.orchestration.grid import grid
from crm_pipeline.warehouse import Connection

_MOST = 10
#: What a code of ours or of a CRM asks for, once a code.
_TO_DO = "(select system, code, any_value(meaning) as meaning, any_value(action) as action from push.code group by all)"


def _crm(system: str) -> str:
    """A CRM as people write it."""
    names = " ".join(f"when '{one}' then '{one.label}'" for one in System)
    return f"case {system} {names} else '' end"


@dataclass(frozen=True)
class _Question:
    """`sql`: the rows, the last column is their number."""

    title: str
    columns: tuple[str, ...]
    sql: str


_QUESTIONS: Mapping[str, _Question] = {
    "raw.quarantine": _Question(
        "why",
        ("CRM", "object", "why", "number"),
        f"select {_crm('system')}, object, reason, count(*) from raw.quarantine where released_run is null "
        "group by all",
    ),
    "match.problem": _Question(
        "which", ("kind", "problem", "number"), "select kind, problem, count(*) from match.problem group by all"
    ),
    "plan.conflict": _Question(
        "in the newest plan",
        ("of", "field", "what", "who won", "number"),
        "select split_part(golden_id, '-', 1), field, replace(kind, '_', ' '), winner, count(*) from plan.conflict "
        "where last_plan = (select max(plan_id) from plan.plan where purpose = 'sync') group by all",
    ),
    "plan.waiting": _Question(
        "for what",
        ("CRM", "object", "waits for", "number"),
        f"select {_crm('split_part(record_key, chr(47), 1)')}, split_part(record_key, '/', 2), "
        "replace(reason, '_', ' '), count(distinct record_key) from plan.waiting "
        "where plan_id = (select max(plan_id) from plan.plan) group by all",
    ),
    "push.outbox": _Question(
        "not landed",
        ("CRM", "state", "why", "what to do", "number"),
        f"select {_crm('e.system')} || ' ' || e.object, replace(e.state, '_', ' '), coalesce(c.meaning, e.code, ''), "
        "coalesce(c.action, ''), count(*) from push.operation_end e "
        f"left join {_TO_DO} c on c.code = e.code and c.system in (e.system, 'ours') "
        "where e.plan_id = (select max(plan_id) from plan.plan) and e.state <> 'landed' "
        "and (select arg_max(state, plan_id) from plan.plan) <> 'held' "
        "group by all",
    ),
    "state.quarantine": _Question(
        "why",
        ("CRM", "field", "code", "what to do", "number"),
        f"select {_crm('q.system')}, q.field, q.code, coalesce(c.action, ''), count(*) from state.quarantine q "
        f"left join {_TO_DO} c on c.code = q.code and c.system in (q.system, 'ours') "
        "where q.released_at is null group by all",
    ),
}


def reasons(connection: Connection, relation: str) -> Mapping[str, dg.MetadataValue[Any]]:
    """The commonest reasons of a table's rows, the commonest first; nothing where it has no rows or no reasons."""
    question = _QUESTIONS.get(relation)
    if question is None:
        return {}
    number = len(question.columns)
    order = ", ".join([f"{number} desc", *map(str, range(1, number))])
    rows = connection.execute(f"{question.sql} order by {order} limit {_MOST}").fetchall()
    return {question.title: grid(question.columns, rows)} if rows else {}
