"""Records that leave a golden record give back what we wrote there from records of the other part (sync-rules.md).

Belongs here: which values of a record came, by our own writes, from a record that belongs to somebody else by now, and
the operations that put back what stood there before. Not here: taking back a run (take_back.py, stage.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from crm_pipeline.model import Act, Kind, Rule
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.member import Member, states
from crm_pipeline.plan.operation import Operation
from crm_pipeline.plan.undo.take_back import Standing, Written, take_back
from crm_pipeline.warehouse import Connection

RULE = "unlink_restore"


@dataclass(frozen=True)
class Foreign:
    """By golden id, our writes to its records whose source is another golden record's by now, one a field."""

    writes: Mapping[str, Sequence[Written]]

    def operations(self, golden_id: str, members: Sequence[Member], context: Context) -> list[Operation]:
        """What puts back the values that are still in place; held ones and those that somebody edited are left."""
        by_key = {m.key: m for m in members}
        found = []
        for written in self.writes.get(golden_id, ()):
            member = by_key.get(written.key)
            if member is None or context.holds.holds(golden_id, member.key, written.field):
                continue
            if self._protected(golden_id, written.field, members, context):
                continue
            reason = "written from a record that turned out to be another customer's"
            operation = take_back(written, Standing(member.fields), context, reason)
            if operation is not None and operation.problem_state != "stale":
                found.append(replace(operation, operation=Act.UNLINK_RESTORE, rule=RULE))
        return found

    def _protected(self, golden_id: str, field: str, members: Sequence[Member], context: Context) -> bool:
        """Whether a record that has the value from nobody protects the customer (`ratchet`): what is given back would
        be written again the next night."""
        ruled = next((r for r in context.fields if r.mapped.name == field and r.policy.rule is Rule.RATCHET), None)
        if ruled is None:
            return False
        borrowed = {written.key for written in self.writes[golden_id] if written.field == field}
        own = [m for m in members if m.key not in borrowed]
        return any(s.value in ruled.policy.tight for s in states(ruled, own, None, context.settings, context.users))


def load(connection: Connection, kind: Kind) -> Foreign:
    """The writes that landed on live records of a kind and whose source has left since, or been left."""
    rows = connection.execute(
        """
        with written as (
            select l.kind, o.system, o.object, o.record_id, l.golden_id, o.operation, o.field, o.old, o.new, o.observed,
                o.run_id, o.plan_id, coalesce(s.golden_id <> l.golden_id, false) as is_foreign
            from push.outbox o
            join plan.change c on c.plan_id = o.plan_id and c.op_id = o.op_id
            join golden.link l on l.system = o.system and l.object = o.object and l.record_id = o.record_id
                and l.retired is null
            left join golden.link s on s.record_key = c.source_key
            where l.kind = ? and o.state = 'landed' and o.field <> '*'
        )
        select is_foreign, kind, system, object, record_id, golden_id, operation, field, old, new, observed, run_id,
            ? as rule
        from written
        qualify first_value(is_foreign) over (partition by system, object, record_id, field order by plan_id desc)
        order by system, object, record_id, field, plan_id desc
        """,
        [kind, RULE],
    ).fetchall()
    found: dict[str, list[Written]] = {}
    for (*_, golden_id), group in groupby(
        ((Written.read(*row), bool(is_foreign)) for is_foreign, *row in rows),
        key=lambda pair: (pair[0].key, pair[0].field, pair[0].golden_id),
    ):
        found.setdefault(golden_id, []).append(_as_one(group))
    return Foreign(found)


def _as_one(writes: Iterable[tuple[Written, bool]]) -> Written:
    """The newest writes of a field from others as one: what stood there before the first of them. `writes`: newest
    first, with whether each came from others."""
    result: Written | None = None
    for written, is_foreign in writes:
        if result is None:
            result = written
        elif is_foreign and all(result.old[name] in _held(written, name) for name in result.old):
            new, observed = {**written.new, **result.new}, {**written.observed, **result.observed}
            result = replace(result, old=written.old, new=new, observed=observed)
        else:
            break
    assert result is not None
    return result


def _held(written: Written, name: str) -> tuple[object, ...]:
    """What a field may have held after a write: as sent, or as the CRM made it."""
    return written.new.get(name, written.old.get(name)), written.made.get(name)
