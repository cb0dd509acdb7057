"""What a run brought: whom one can reach, what became of the writes, how far both CRMs agree, how good the data is.

Belongs here: reading counts. Not here: the operations one by one (changes.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_pipeline.model import OpState, System
from crm_pipeline.report.page.changes import WHY
from crm_pipeline.warehouse import Connection

#: Runs in charts, conflicts that wait shown one by one, records named as examples of an error.
RUNS, MOST_CONFLICTS, EXAMPLES = 30, 20, 3


@dataclass(frozen=True)
class Reach:
    """Customers with whom a team can do something after a run. `capability`: mail, phone, pick by industry."""

    run_id: int
    measured_at: datetime
    system: System
    capability: str
    customers: int
    without_writes: int
    total: int


@dataclass(frozen=True)
class Written:
    """Operations of a plan by rule and end state (model.OpState; `planned`: not sent yet)."""

    system: System
    rule: str
    state: str
    number: int


@dataclass(frozen=True)
class Failure:
    """Writes that did not go through, by code (push/refusals.py). `code` may be a sentence that nobody listed."""

    system: System
    state: str
    code: str
    number: int
    records: tuple[str, ...]


@dataclass(frozen=True)
class Waiting:
    """A conflict that waits for an answer. Values: the parts, as the CRM gave them."""

    golden_id: str
    field: str
    salesforce: Sequence[Any] | None
    hubspot: Sequence[Any] | None
    why: str


@dataclass(frozen=True)
class Quality:
    """What a field is worth in a CRM after a run: of `records`, so many are filled, and so many of those usable."""

    system: System
    kind: str
    field: str
    records: int
    filled: int
    valid: int
    valid_before: int | None
    records_before: int | None


@dataclass(frozen=True)
class Duplicates:
    """Records of a CRM beside the customers that they are, after a run."""

    run_id: int
    system: System
    kind: str
    records: int
    customers: int


def reach(connection: Connection, run_id: int) -> tuple[Reach, ...]:
    """The last runs up to this one, the oldest first."""
    rows = connection.execute(
        "select run_id, measured_at, system, capability, customers, without_writes, total from publish.reach "
        "where run_id in (select distinct run_id from publish.reach where run_id <= ? order by run_id desc limit ?) "
        "order by run_id, system, capability",
        [run_id, RUNS],
    ).fetchall()
    return tuple(Reach(run, at, System(system), *rest) for run, at, system, *rest in rows)


def written(connection: Connection, plan_id: int) -> tuple[Written, ...]:
    """Every operation of the plan once."""
    rows = connection.execute(
        "select c.system, c.rule, coalesce(e.state, 'planned') as state, count(*) as number "
        "from plan.operation c left join push.operation_end e using (plan_id, op_id) where plan_id = ? "
        "group by all order by number desc, 1, 2, 3",
        [plan_id],
    ).fetchall()
    return tuple(Written(System(system), *rest) for system, *rest in rows)


def failures(connection: Connection, plan_id: int) -> tuple[Failure, ...]:
    """What did not go through or will not, the commonest first; what only waits for approval is none."""
    from crm_pipeline.push.refusals import code_of  # a stage: not while the code location loads

    rows = connection.execute(
        f"""
        with ended as (
            select c.system, coalesce(o.state, c.problem_state) as state, coalesce(nullif(o.code, ''), {WHY}) as code,
                concat_ws('/', c.system, c.object, coalesce(c.record_id, 'new ' || c.create_key)) as record_key
            from plan.operation c left join push.outbox o on o.plan_id = c.since_plan and o.op_id = c.op_id
            where c.plan_id = ?
        )
        select system, state, code, count(*) as number,
            list_sort(list(distinct record_key))[1:{EXAMPLES}] as records
        from ended where state is not null and state not in (?, ?) group by all order by number desc, 1, 2, 3
        """,
        [plan_id, OpState.LANDED, OpState.HELD_BY_GUARD],
    ).fetchall()
    found: dict[tuple[System, str, str], Failure] = {}
    for system, state, code, number, records in rows:
        key = (System(system), state, code_of(code) or code)
        known = found.get(key)
        found[key] = Failure(*key, number + (known.number if known else 0), known.records if known else tuple(records))
    return tuple(found.values())


def conflicts(connection: Connection, plan_id: int) -> tuple[dict[tuple[str, str], int], tuple[Waiting, ...]]:
    """((kind, winner) -> number, those that wait for an answer) of the plan, if it is the newest of a night."""
    from crm_pipeline.plan.decision.answered import WAITING  # a stage: not while the code location loads

    counted = connection.execute(
        "select kind, winner, count(*) as number from plan.conflict where last_plan = ? group by all "
        "order by number desc, 1, 2",
        [plan_id],
    ).fetchall()
    waiting = connection.execute(
        "select golden_id, field, salesforce, hubspot, why from plan.conflict "
        "where last_plan = $plan and list_contains($kinds, kind) order by field, golden_id limit $most",
        {"plan": plan_id, "kinds": list(WAITING), "most": MOST_CONFLICTS},
    ).fetchall()
    return (
        {(kind, winner): number for kind, winner, number in counted},
        tuple(
            Waiting(golden_id, field, _parts(salesforce), _parts(hubspot), why)
            for golden_id, field, salesforce, hubspot, why in waiting
        ),
    )


def quality(connection: Connection, run_id: int) -> tuple[Quality, ...]:
    """Every mapped field, the worst first, beside what was measured in the run before."""
    rows = connection.execute(
        """
        select q.system, q.kind, q.field, q.records, q.filled, q.valid, b.valid, b.records
        from publish.quality q
        left join publish.quality b on b.system = q.system and b.kind = q.kind and b.field = q.field
            and b.run_id = (select max(run_id) from publish.quality where run_id < $run)
        where q.run_id = $run and q.records > 0 order by q.valid / q.records, q.kind, q.field, q.system
        """,
        {"run": run_id},
    ).fetchall()
    return tuple(Quality(System(system), *rest) for system, *rest in rows)


def duplicates(connection: Connection, run_id: int) -> tuple[Duplicates, ...]:
    """The last runs up to this one, the oldest first."""
    rows = connection.execute(
        "select run_id, system, kind, records, customers from publish.duplicates where run_id in "
        "(select distinct run_id from publish.duplicates where run_id <= ? order by run_id desc limit ?) "
        "order by kind desc, system, run_id",
        [run_id, RUNS],
    ).fetchall()
    return tuple(Duplicates(run, System(system), *rest) for run, system, *rest in rows)


def _parts(text: str | None) -> Sequence[Any] | None:
    return None if text is None else list(json.loads(text))
