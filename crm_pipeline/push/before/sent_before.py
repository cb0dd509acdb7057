"""The same value is never sent twice to one record field without a user's edit between (spec, When bases move).

Belongs here: which operations of a plan repeat our last write, and whether a user edited the field since. Not here: the
re-read that it looks at (rereading.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_pipeline.config.settings import Settings
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.model import OpState, SourceRecord, System, Value
from crm_pipeline.push.before.recheck import same
from crm_pipeline.push.operation import Group, Op
from crm_pipeline.push.outbox import Answers
from crm_pipeline.warehouse import Connection

#: HubSpot's sources of a value that are no person (facts/hubspot.md 4, History).
_ROBOTS = ("AUTOMATION_PLATFORM", "WORKFLOWS", "CALCULATED", "COMPUTED")


@dataclass(frozen=True)
class SentBefore:
    """By op id, what our last write to the same field wrote: `landed` ones, and those of which nobody can tell.

    `keys`: create keys that left in an earlier plan, whatever became of them.
    """

    landed: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    unknown: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()

    def repeats(self, settings: Settings, op: Op) -> OpState | None:
        """What became of our last write, if it wrote what this operation writes."""
        for state, known in ((OpState.UNKNOWN, self.unknown), (OpState.LANDED, self.landed)):
            if op.op_id in known and same(settings, op.system, op.object, op.new, known[op.op_id]):
                return state
        return None


def sent_before(connection: Connection, plan_id: int) -> SentBefore:
    """What a plan's operations may repeat; what a person released is left out.

    In Salesforce only the last write to a record counts: later ones of other fields hide who edited this one.
    """
    landed = connection.execute(
        """
        with named as (
            select c.op_id, c.system, c.system || '/' || c.object || '/' || c.record_id as record_key,
                unnest(json_keys(c.new)) as name
            from plan.change c
            where c.plan_id = ? and c.problem is null and c.record_id is not null and c.operation in ('update', 'clear')
              and not exists (
                  from state.quarantine q where q.fingerprint = c.fingerprint and q.released_at is not null
              )
        ), last as (
            select w.record_key, max(w.run_id) as run_id
            from state.written w semi join named n on n.record_key = w.record_key group by all
        )
        select n.op_id, json_group_object(n.name, w.value)
        from named n
        join state.written w on w.record_key = n.record_key and w.name = n.name
        join last l on l.record_key = w.record_key
        where n.system = 'hubspot' or w.run_id = l.run_id
        group by n.op_id
        """,
        [plan_id],
    ).fetchall()
    unknown = connection.execute(
        """
        select c.op_id, o.new
        from plan.change c
        join push.outbox o on o.system = c.system and o.object = c.object and o.record_id = c.record_id
             and o.field = c.field and o.plan_id < c.plan_id and o.state in ('landed', 'unknown')
        where c.plan_id = ? and c.problem is null and c.operation in ('update', 'clear')
          and not exists (from state.quarantine q where q.fingerprint = c.fingerprint and q.released_at is not null)
        qualify row_number() over (partition by c.op_id order by o.plan_id desc) = 1 and o.code = 'moved_on'
        """,
        [plan_id],
    ).fetchall()
    keys = connection.execute(
        "select distinct o.create_key from push.outbox o join plan.change c on c.create_key = o.create_key "
        "where c.plan_id = ? and o.operation = 'create' and o.sent_at is not null",
        [plan_id],
    ).fetchall()
    return SentBefore(
        {op_id: json.loads(values) for op_id, values in landed},
        {op_id: json.loads(new) for op_id, new in unknown},
        frozenset(key for (key,) in keys),
    )


def without_strangers(
    groups: Sequence[Group], current: Mapping[str, SourceRecord], before: SentBefore, answers: Answers
) -> list[Group]:
    """The groups, less the creates whose key is on a record that this database did not make: it was made by one that is
    lost, or newer than its backup, and is some other customer's. The next plan uses another key."""
    strangers = [g for g in groups if g.first.create_key and g.token in current and g.token not in before.keys]
    for group in strangers:
        why = "a record that this database did not make carries the key of the new one"
        answers.ended(group, OpState.STALE, code="key_taken", message=why)
    return [g for g in groups if g not in strangers]


def without_repeats(
    crm: Crm,
    settings: Settings,
    groups: Sequence[Group],
    current: Mapping[str, SourceRecord],
    before: SentBefore,
    answers: Answers,
) -> list[Group]:
    """The groups, less the operations that repeat our last write without a user's edit since; those have ended."""
    repeated = {op.op_id: state for g in groups for op in g.ops if (state := before.repeats(settings, op))}
    if not repeated:
        return list(groups)
    edited = _edited(crm, [g for g in groups if any(op.op_id in repeated for op in g.ops)], current)
    left = []
    for group in groups:
        unsure = [op for op in group.ops if repeated.get(op.op_id) is OpState.UNKNOWN]
        unkept = [
            op
            for op in group.ops
            if repeated.get(op.op_id) is OpState.LANDED and not edited.get((group.token, op.field))
        ]
        if unsure:
            why = "an earlier write of this value had no answer, and somebody edited the record since"
            answers.ended(Group(tuple(unsure)), OpState.UNKNOWN, code="moved_on", message=why)
        if unkept:
            why = "the CRM did not keep this value when we wrote it last, and no user edited the field since"
            answers.ended(Group(tuple(unkept)), OpState.INVALID, code="unstable", message=why)
        rest = group.less([*unsure, *unkept])
        left += [rest] if rest else []
    return left


def _edited(crm: Crm, groups: Sequence[Group], current: Mapping[str, SourceRecord]) -> dict[tuple[str, str], bool]:
    """By token and field, whether a user edited the field after our last write to it. In doubt one did."""
    us = crm.account().integration_user
    if crm.system is System.SALESFORCE:
        by = {g.token: current[g.token].modified_by for g in groups if g.token in current}
        return {(g.token, op.field): by.get(g.token) != us for g in groups for op in g.ops}
    first = groups[0].first
    names = sorted({name for g in groups for name in g.fields})
    records = crm.read(first.object, [g.first.record_id or "" for g in groups], names, history=names)
    found = {}
    for group in groups:
        record = records.get(group.first.record_id or "")
        for op in group.ops:
            newest = [record.history[n][0].source for n in _changing(op) if record.history.get(n)] if record else []
            found[group.token, op.field] = not newest or not all(s == us or s.startswith(_ROBOTS) for s in newest)
    return found


def _changing(op: Op) -> list[str]:
    """The fields that an operation changes: a group is written whole, and its other parts stay as they are."""
    return [name for name, value in op.new.items() if (value or "") != (op.old.get(name) or "")]
