"""What the tables must say after a push of families: accounts, and children that waited for their parents.

Belongs here: laws 25 and 26 in SQL. Not here: what references lead to (model.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from crm_pipeline.model import System
from crm_pipeline.warehouse import Connection
from crm_pipeline_tests.laws.machine.carried import unaccounted
from crm_pipeline_tests.laws.relations.family import Family
from crm_pipeline_tests.laws.relations.model import Thing


def check(connection: Connection, golden: Mapping[str, tuple[Family, Thing]]) -> Iterator[str]:
    """What is wrong with the last plan's push; fields of which only safety is asked from now on are told the model."""
    (plan_id,) = connection.execute("select max(plan_id) from plan.plan").fetchone() or (0,)
    yield from unaccounted(connection, plan_id)
    ends = connection.execute(
        "select o.golden_id, o.system, o.field, o.operation, o.state, coalesce(o.code, ''), coalesce(o.message, ''), "
        "o.needs from push.outbox o where plan_id = ?",
        [plan_id],
    ).fetchall()
    creates = {(g, s): state for g, s, _, operation, state, *_ in ends if operation == "create"}
    for golden_id, system, name, operation, state, code, message, needs in ends:
        for parent in json.loads(needs or "{}").values():
            ended = creates.get((parent, system), "landed")
            if ended == "landed":
                continue
            if state != "blocked":
                yield f"law 26: {operation} of {golden_id} {name} ended {state} while its parent {parent} was {ended}"
            elif parent not in message and golden_id not in message:
                yield f"law 26: {golden_id} {name} is blocked and does not say by {parent}: {message}"
        if golden_id in golden and (code == "moved_on" or state in ("rejected", "invalid", "quarantined")):
            family, thing = golden[golden_id]
            for slot in family.model.of(thing):
                if name == "*" or name.partition("/")[0] == slot.field:
                    slot.excused = slot.excused or f"{state} {code}"


def refused_creates(connection: Connection) -> set[tuple[str, System]]:
    """(golden id, side) of creates that a CRM refused and that are kept back."""
    rows = connection.execute(
        "select golden_id, system from push.outbox where operation = 'create' "
        "qualify row_number() over (partition by golden_id, system order by plan_id desc) = 1 "
        "and state in ('rejected', 'quarantined')"
    ).fetchall()
    return {(golden_id, System(system)) for golden_id, system in rows}


def deleted(family: Family, thing: Thing, side: System) -> bool:
    """Whether a record of the thing that was known, or what such a one was merged into, was deleted there."""
    ends = {reason: set[str]() for reason in ("deleted", "merged", "converted")}
    for system, record in thing.records:
        if system is side and record.retired:
            ends[record.retired].add(family.key(system, record))
    became = (ends["merged"] | ends["converted"]) & family.known
    return bool(ends["deleted"] & family.known or (ends["deleted"] and became))
