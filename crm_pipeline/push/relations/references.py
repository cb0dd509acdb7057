"""References at sending: ids that were not known when the plan was made, filled in or waited for.

Belongs here: which record a `needs` became, and what ends `blocked` because there is none (law 26). Not here: writing
relations (relating.py), fields that hold an id, which travel with the record's other fields (batch.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from crm_pipeline.config.settings import Settings
from crm_pipeline.model import Act, OpState, System, split_record_key
from crm_pipeline.plan import load
from crm_pipeline.plan.fit.compatibility import Schemas
from crm_pipeline.plan.references.reference import kind_of, leading_to
from crm_pipeline.push.operation import Group, Op
from crm_pipeline.push.outbox import Answers
from crm_pipeline.warehouse import Connection, Warehouse

#: (golden id, system) -> object and id of its live records there, the primary one first.
_Records = dict[tuple[str, System], list[tuple[str, str]]]


@dataclass
class Filling:
    """Fills in the ids of one push."""

    warehouse: Warehouse
    settings: Settings
    plan_id: int
    run_id: int

    def filled(self, groups: Iterable[Group]) -> list[Group]:
        """The groups with the ids that they need. What needs a record that is not there ends `blocked`, with the reason
        of that record; the rest of its group goes on."""
        groups = list(groups)
        waiting = [op for g in groups for op in g.ops if op.needs or _follows(op)]
        if not waiting:
            return groups
        answers = Answers(self.settings, self.plan_id, self.run_id)
        with self.warehouse.connect() as connection:
            records = _records(connection, waiting)
            created = _created(connection, self.plan_id, waiting)
            ready = [self._ready(connection, g, records, created, answers) for g in groups]
            answers.apply(connection)
        return [g for g in ready if g is not None]

    def _ready(
        self,
        connection: Connection,
        group: Group,
        records: _Records,
        created: dict[str, str],
        answers: Answers,
    ) -> Group | None:
        ops = []
        for op in group.ops:
            done, lacking = self._filled(op, records, created)
            if lacking:
                why = _why(connection, self.plan_id, lacking, op)
                answers.ended(Group((op,)), OpState.BLOCKED, code="blocked", message=why)
            else:
                ops.append(done)
        return Group(tuple(ops)) if ops else None

    def _filled(self, op: Op, records: _Records, created: dict[str, str]) -> tuple[Op, str]:
        """The operation with its ids, or the golden id of the record that is lacking."""
        if _follows(op):
            own = created.get(op.create_key or "")
            if own is None:
                return op, op.golden_id
            op = replace(op, record_id=own, create_key=None)
        for name, golden_id in op.needs.items():
            allowed = leading_to(op.system, op.object, name, kind_of(golden_id), self._schemas)
            there = [i for o, i in records.get((golden_id, op.system), ()) if (op.system, o) in allowed]
            if not there:
                return op, golden_id
            op = replace(op, new={**op.new, name: there[0]})
        return replace(op, needs={}), ""

    @cached_property
    def _schemas(self) -> Schemas:
        with self.warehouse.connect() as connection:
            return load.schemas(connection)


def _follows(op: Op) -> bool:
    return op.record_id is None and op.operation is not Act.CREATE


def _records(connection: Connection, ops: Sequence[Op]) -> _Records:
    """What the golden records that are needed have by now: known by the last match, or created since."""
    rows = connection.execute(
        """
        with needed as (select distinct unnest(?::varchar[]) as golden_id)
        select golden_id, record_key, not is_primary as place from golden.link semi join needed using (golden_id)
        where retired is null
        union
        select coalesce(r.survivor_id, s.golden_id) as golden_id, s.record_key, true as place
        from state.link s left join golden.redirect r on r.golden_id = s.golden_id
        where coalesce(r.survivor_id, s.golden_id) in (select golden_id from needed)
          and s.record_key not in (select record_key from golden.link)
        order by place, record_key
        """,
        [sorted({golden_id for op in ops for golden_id in op.needs.values()})],
    ).fetchall()
    found: _Records = {}
    for golden_id, key, _ in rows:
        system, object_, record_id = split_record_key(key)
        found.setdefault((golden_id, system), []).append((object_, record_id))
    return found


def _created(connection: Connection, plan_id: int, ops: Sequence[Op]) -> dict[str, str]:
    """Create key -> id of the record that this plan made by it."""
    rows = connection.execute(
        "select create_key, record_id from push.outbox where plan_id = ? and operation = 'create' "
        "and state = 'landed' and create_key in (select unnest(?::varchar[]))",
        [plan_id, sorted({op.create_key or "" for op in ops if _follows(op)})],
    ).fetchall()
    return dict(rows)


def _why(connection: Connection, plan_id: int, golden_id: str, op: Op) -> str:
    row = connection.execute(
        "select state, coalesce(code, ''), object from push.outbox "
        "where plan_id = ? and golden_id = ? and system = ? and operation = 'create'",
        [plan_id, golden_id, op.system],
    ).fetchone()
    state, code, object_ = row or ("not there", "", "record")
    ended = f"{state} ({code})" if code else state
    return f"blocked: waits for the {op.system.label} {object_} of {golden_id}, whose create is {ended}"
