"""Records that leave a golden record give back what we wrote there from records of the other part (sync-rules.md).

Belongs here: which values of a record came, by our own writes, from a record that belongs to somebody else by now, and
the operations that put back what stood there before. Not here: taking back a run (take_back.py, stage.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from crm_pipeline.canonical import Canonical
from crm_pipeline.config.relation import is_relation
from crm_pipeline.model import Act, Kind, Value
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.entity import plan_entity
from crm_pipeline.plan.member import Agreed, Base, Member, meaning
from crm_pipeline.plan.operation import Operation
from crm_pipeline.plan.references.reference import ids_in
from crm_pipeline.plan.undo.take_back import Standing, Written, take_back
from crm_pipeline.warehouse import Connection

RULE = "unlink_restore"


@dataclass(frozen=True)
class Foreign:
    """By golden id, our writes to its records whose source is another golden record's by now, one a field."""

    writes: Mapping[str, Sequence[Written]]

    def operations(
        self, golden_id: str, members: Sequence[Member], agreed: Mapping[str, Agreed], context: Context
    ) -> list[Operation]:
        """What puts back the values that are still in place; held ones, those that somebody edited and those that the
        next night would write again are left. `agreed`: by field name."""
        by_key = {m.key: m for m in members}
        found = []
        for written in self.writes.get(golden_id, ()):
            member = by_key.get(written.key)
            if member is None or context.holds.holds(golden_id, member.key, written.field):
                continue
            reason = "written from a record that turned out to be another customer's"
            operation = take_back(written, Standing(member.fields), context, reason)
            if operation is not None and operation.problem_state != "stale":
                found.append(replace(operation, operation=Act.UNLINK_RESTORE, rule=RULE))
        return _lasting(found, golden_id, members, agreed, context)


def _lasting(
    found: Sequence[Operation],
    golden_id: str,
    members: Sequence[Member],
    agreed: Mapping[str, Agreed],
    context: Context,
) -> list[Operation]:
    """Those that the next night would not undo: a value that the customer's own records call for is theirs as well."""
    if not found:
        return []
    back = [_given_back(member, [o for o in found if o.record_key == member.key]) for member in members]
    again = {
        (o.record_key, o.field): o for o in plan_entity(golden_id, back, agreed, context).operations if not o.problem
    }
    by_key = {m.key: m for m in members}

    def undone(operation: Operation) -> bool:
        next_one = again.get((operation.record_key, operation.field))
        if next_one is None or not next_one.new:
            return False
        mapped, member = context.mapping.field(operation.field), by_key[str(operation.record_key)]

        def form(values: Mapping[str, Value]) -> Canonical:
            raw = tuple(values[name] for name in mapped.names(member.object))
            return meaning(mapped, member, raw, context.settings, context.users)

        return form({**operation.old, **next_one.new}) == form(operation.old)

    return [operation for operation in found if not undone(operation)]


def _given_back(member: Member, operations: Iterable[Operation]) -> Member:
    """The record as the operations leave it, those that cannot be sent as well: what they say is so in the end."""
    fields, bases = dict(member.fields), dict(member.bases)
    for operation in operations:
        for name, value in operation.new.items():
            if not is_relation(name):
                fields[name] = value
            elif name in fields:
                others = [one for one in ids_in(fields[name]) if one != str(operation.old[name])]
                fields[name] = ";".join([*others, str(value)] if value else others)
        if operation.new:
            whole = {**operation.old, **operation.new}
            bases[operation.field] = Base(tuple(whole.values()))
    return replace(member, fields=fields, bases=bases)


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
