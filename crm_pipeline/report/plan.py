"""A plan as a person reads it before approving: what it would write, its guards, and what it leaves out."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_pipeline.errors import NotFoundError
from crm_pipeline.model import Act, PlanState, System
from crm_pipeline.report import mask
from crm_pipeline.warehouse import Connection

if TYPE_CHECKING:
    from crm_pipeline.plan.guards import Guard

#: The riskiest operations first: what takes a value away, then what replaces one, then what adds.
RISK = """
    case when operation not in ('create', 'update', 'associate') then 0
        when len(list_filter(map_values(old::map(varchar, varchar)), lambda value: value <> '')) > 0 then 1
        else 2
    end
"""

#: Who holds a unique value, and which record is waited for.
_HOLDER = re.compile(r"^held by .*")
_RECORD = re.compile(r"(?<=^blocked: )waits for [a-z]+-\d+: ")


@dataclass(frozen=True)
class Plan:
    """A row of plan.plan; `problems`: operations that will not be sent, each with its reason in plan.operation.

    `purpose`: sync or undo; of an undo, `undoes` is what it takes back and `asked_by` who wants it.
    """

    plan_id: int
    run_id: int
    hash: str
    state: PlanState
    why: str
    created_at: datetime
    expires_at: datetime
    approved_by: str | None
    purpose: str
    undoes: str | None
    asked_by: str | None
    changes: int
    problems: int
    conflicts: int
    waiting: int
    incompatible: int

    @property
    def waits(self) -> bool:
        """Whether it needs a person's word before anything is sent."""
        return self.state is PlanState.HELD


@dataclass(frozen=True)
class Count:
    """How many operations of a kind a plan has."""

    system: System
    object: str
    operation: str
    field: str
    rule: str
    number: int


@dataclass(frozen=True)
class Change:
    """One operation; `old` and `new`: CRM field -> value. `target`: the record that is written, `source`: the record
    whose value it gets; `needs`: CRM field -> golden id that it will refer to."""

    system: System
    object: str
    target: str
    operation: str
    field: str
    rule: str
    reason: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    needs: Mapping[str, str]
    golden_id: str
    source: str | None
    problem: str | None


def plan(connection: Connection, hash_: str | None = None, *, plan_id: int | None = None) -> Plan:
    """The plan whose hash begins like this or that has this id, else the newest. Raises NotFoundError."""
    row = connection.execute(
        """
        select p.plan_id, p.run_id, p.hash, p.state, p.why, p.created_at, p.expires_at, p.approved_by,
            coalesce(p.purpose, 'sync'), p.undoes, p.asked_by,
            (select count(*) from plan.operation c where c.plan_id = p.plan_id),
            (select count(*) from plan.operation c where c.plan_id = p.plan_id and c.problem is not null),
            (select count(*) from plan.conflict c where c.last_plan = p.plan_id),
            (select count(*) from plan.waiting w where w.plan_id = p.plan_id),
            (select count(*) from plan.compatibility i where i.plan_id = p.plan_id and i.problem <> '')
        from plan.plan p where starts_with(p.hash, $hash) and p.plan_id = coalesce($id, p.plan_id)
        order by p.plan_id desc limit 1
        """,
        {"hash": hash_ or "", "id": plan_id},
    ).fetchone()
    if row is None:
        raise NotFoundError(
            f"no plan has a hash that begins with {hash_}; `crm-pipeline plan show` names the newest one"
            if hash_
            else "there is no plan yet; make one with `crm-pipeline run --preview`"
        )
    plan_id, run_id, plan_hash, state, *rest = row
    return Plan(plan_id, run_id, plan_hash, PlanState(state), *rest)


def refusals(connection: Connection, plan_id: int, limit: int = 10) -> list[tuple[str, str, int]]:
    """(CRM object, why, number) of operations that will not be sent, the commonest first; no record is named."""
    rows = connection.execute(
        "select system, object, problem, count(*) from plan.operation where plan_id = ? and problem is not null "
        "group by all",
        [plan_id],
    ).fetchall()
    numbers: Counter[tuple[str, str]] = Counter()
    for system, object_, problem, number in rows:
        numbers[f"{System(system).label} {object_}", reason(problem)] += number
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return [(where, why, number) for (where, why), number in ordered[:limit]]


def reason(problem: str) -> str:
    """Why an operation is not sent, without the record that it is about: the same for all that have that reason."""
    return _RECORD.sub("", _HOLDER.sub("held by another record", problem))


def counts(connection: Connection, plan_id: int) -> list[Count]:
    """What would be sent, by CRM, object, operation, field and rule, the largest first. A set is one."""
    rows = connection.execute(
        "select system, object, operation, split_part(field, '/', 1), rule, count(*) as number from plan.operation "
        "where plan_id = ? and problem is null group by all order by number desc, 1, 2, 3, 4",
        [plan_id],
    ).fetchall()
    return [Count(System(system), *rest) for system, *rest in rows]


def changes(connection: Connection, plan_id: int, limit: int | None = None) -> list[Change]:
    """Operations of a plan, the riskiest first."""
    rows = connection.execute(
        "select system, object, concat_ws('/', system, object, coalesce(record_id, 'new ' || create_key)), operation, "
        "field, rule, reason, golden_id, source_key, problem, old, new, needs from plan.operation where plan_id = ? "
        f"order by problem is not null, {RISK}, seq limit ?",
        [plan_id, limit],
    ).fetchall()
    return [change_of(*row) for row in rows]


def change_of(
    system: str,
    object_: str,
    target: str,
    operation: str,
    field: str,
    rule: str,
    reason: str,
    golden_id: str,
    source: str | None,
    problem: str | None,
    *values: str | None,
) -> Change:
    """From a row whose last three columns are JSON: what stands there, what would, and what it will refer to."""
    old, new, needs = (json.loads(value) or {} if value else {} for value in values)
    return Change(
        System(system), object_, target, operation, field, rule, reason, old, new, needs, golden_id, source, problem
    )


def guards(connection: Connection, plan_id: int) -> list[Guard]:
    """The guards of a plan, the tripped ones first."""
    from crm_pipeline.plan.guards import Guard  # a stage: not while the code location loads

    rows = connection.execute(
        "select system, object, guard, subject, number, total, allowed, tripped from plan.guard where plan_id = ? "
        "order by not tripped, system, object, guard, subject",
        [plan_id],
    ).fetchall()
    return [Guard(System(system), *rest) for system, *rest in rows]


def guard_words(guard: Guard) -> str:
    """`Salesforce Lead: 31 updates for 120 linked records, allowed 20 %`."""
    where = f"{guard.system.label} {guard.object}"
    if guard.guard == "first_run":
        return f"{where}: first run of this mapping"
    what = f"{guard.guard} of {guard.subject}" if guard.subject else guard.guard
    total = "an unknown number of" if guard.total is None else f"{guard.total:,}"
    return f"{where}: {guard.number:,} {what} for {total} linked records, allowed {guard.allowed}"


def diff(of: Sequence[Change], *, in_full: bool = False) -> Iterator[str]:
    """Lines of a diff: what stands in the CRM now, and what would stand there. Values are masked unless `in_full`.

    A refused operation whose value has no form in the CRM has no new value: it must not look like a clear.
    """
    for change in of:
        not_sent = f"  not sent: {change.problem}" if change.problem else ""
        yield f"  {change.target}  {change.operation} {change.field}  ({change.rule}){not_sent}"
        if change.operation != Act.CREATE:
            yield f"- {mask.parts(change.old, in_full=in_full)}"
        if change.operation == Act.CREATE:
            word = mask.shown if in_full else mask.masked
            values = [f"{name} {word(value)}" for name, value in change.new.items()]
            yield "+ " + ", ".join([*values, *(f"{name} of {golden_id}" for name, golden_id in change.needs.items())])
        elif change.operation not in (Act.CLEAR, Act.ARCHIVE) and not (change.problem and _nothing(change.new)):
            yield f"+ {after(change, in_full=in_full)}"


def after(change: Change, *, in_full: bool) -> str:
    """What would stand in the fields of a record that is there already; a record yet to be made by its golden id."""
    values = [mask.parts(change.new, in_full=in_full)] if change.new or not change.needs else []
    return " ".join([*values, *(f"→ {golden_id}" for golden_id in change.needs.values())])


def _nothing(values: Mapping[str, Any]) -> bool:
    return mask.parts(values, in_full=False) == mask.BLANK
