"""Writes whose answer was lost (a crash, a time-out): found out by reading, never by sending again.

Must run before anything is extracted or planned: otherwise our own landed write would look like a user's edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crm_pipeline.config.settings import Settings
from crm_pipeline.crm.protocol import Outcome, WriteResult
from crm_pipeline.model import OpState, SourceRecord, System, Value
from crm_pipeline.push.batch import written
from crm_pipeline.push.before.rereading import Crms, seen_of_ours
from crm_pipeline.push.canary import read_back
from crm_pipeline.push.conclusion import conclude, interrupted
from crm_pipeline.push.job import ended, unfinished
from crm_pipeline.push.operation import Group, Op, Way, grouped
from crm_pipeline.push.outbox import Answers
from crm_pipeline.push.recovery.receipt import judged
from crm_pipeline.push.relations.relating import Relations
from crm_pipeline.warehouse import Connection, Warehouse

#: Records read in one go.
_CHUNK = 200


@dataclass(frozen=True)
class Recovered:
    """How many lost operations turned out landed, not landed (they are planned anew), or cannot be told."""

    landed: int = 0
    not_landed: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class _Lost:
    op: Op
    plan_id: int
    read_modified_at: datetime | None


def recover(warehouse: Warehouse, crms: Crms, settings: Settings, run_id: int) -> Recovered:
    """Give every operation whose answer was lost its end state: by the receipt of its bulk job, else by reading the
    record; and conclude a push that was interrupted. Cheap when there is none."""
    counts = _by_receipts(warehouse, crms, settings, run_id)
    with warehouse.connect() as connection:
        lost = _lost(connection)
        plans = {item.plan_id for item in lost} | interrupted(connection)
    for plan_id in sorted(plans):
        mine = [item for item in lost if item.plan_id == plan_id]
        answers = Answers(settings, plan_id, run_id)
        found = grouped([item.op for item in mine])
        counts = _judge_relations([g for g in found if g.way is Way.ASSOCIATE], crms, settings, answers, counts)
        groups = [g for g in found if g.way is not Way.ASSOCIATE]
        read_at = {item.op.record_key: item.read_modified_at for item in mine}
        for chunk in (groups[i : i + _CHUNK] for i in range(0, len(groups), _CHUNK)):
            counts = _judge_all(chunk, read_at, crms, settings, answers, counts)
        with warehouse.connect() as connection:
            answers.apply(connection)
            conclude(connection, plan_id, run_id)
    return counts


def _by_receipts(warehouse: Warehouse, crms: Crms, settings: Settings, run_id: int) -> Recovered:
    """What the results of unfinished bulk jobs tell. What they do not tell is found out by reading.

    A job that never ran stays unfinished: whoever may write aborts it before the next write (job.abort_unfinished).
    """
    counts = Recovered()
    with warehouse.connect() as connection:
        jobs = unfinished(connection)
        lost = _lost(connection) if jobs else []
    for job in jobs:
        mine = [item.op for item in lost if item.plan_id == job.plan_id]
        groups = [g for g in grouped(mine) if g.token in job.requests]
        desk = crms[job.system].jobs
        if not groups or desk is None:
            continue
        key_field = settings.mapping.kind_of(job.object).key.of(job.system) if groups[0].way is Way.CREATE else ""
        results = {r.token: r for r in desk.receipt(job.job_id, key_field, [written(g) for g in groups])}
        landed = [g for g in groups if results[g.token].outcome is Outcome.LANDED]
        observed = read_back(crms[job.system], settings, landed, results)
        answers = Answers(settings, job.plan_id, run_id)
        for group in groups:
            counts = _told(group, results[group.token], observed.get(group.token), answers, counts)
        with warehouse.connect() as connection:
            answers.apply(connection)
            conclude(connection, job.plan_id, run_id)
            if any(r.outcome is not Outcome.RETRY for r in results.values()):
                ended(connection, job.job_id)
    return counts


def _told(
    group: Group, result: WriteResult, observed: Mapping[str, Value] | None, answers: Answers, counts: Recovered
) -> Recovered:
    number = len(group.ops)
    match result.outcome:
        case Outcome.LANDED:
            answers.landed(group, record_id=result.record_id, observed=observed)
            return replace(counts, landed=counts.landed + number)
        case Outcome.REJECTED:
            answers.ended(group, OpState.REJECTED, code=result.code, message=result.message)
        case Outcome.RETRY:
            why = "the bulk job was ended before it came to this record"
            answers.ended(group, OpState.SUPERSEDED, code="not_landed", message=why)
        case _:
            return counts
    return replace(counts, not_landed=counts.not_landed + number)


def _judge_all(
    groups: Sequence[Group],
    read_at: dict[str, datetime | None],
    crms: Crms,
    settings: Settings,
    answers: Answers,
    counts: Recovered,
) -> Recovered:
    records = _read(groups, crms, settings)
    gone = _gone([g for g in groups if g.way is Way.CREATE and g.token not in records], crms, settings)
    for group in groups:
        crm = crms[group.first.system]
        record = records.get(group.token)
        match group.way:
            case Way.CREATE:
                state = OpState.LANDED if record or group.token in gone else OpState.SUPERSEDED
            case Way.ARCHIVE:
                state = OpState.SUPERSEDED if record else OpState.LANDED
            case _:
                us = crm.account().integration_user
                state = judged(group, record, read_at.get(group.first.record_key), us, settings)
        if state is OpState.LANDED and record:
            seen = seen_of_ours(record, crm)
            counts = _ended(group, state, answers, counts, record_id=record.record_id, observed=seen)
        else:
            counts = _ended(group, state, answers, counts, record_id=gone.get(group.token, ""))
    return counts


def _judge_relations(
    groups: Sequence[Group], crms: Crms, settings: Settings, answers: Answers, counts: Recovered
) -> Recovered:
    for group, state in Relations(crms, settings).judged(groups):
        counts = _ended(group, state, answers, counts)
    return counts


def _ended(
    group: Group,
    state: OpState,
    answers: Answers,
    counts: Recovered,
    *,
    record_id: str = "",
    observed: Mapping[str, Value] | None = None,
) -> Recovered:
    if state is OpState.LANDED:
        answers.landed(group, record_id=record_id, observed=observed)
        return replace(counts, landed=counts.landed + len(group.ops))
    if state is OpState.UNKNOWN:
        answers.ended(group, state, code="moved_on", message="somebody wrote after us: ours may be lost")
        return replace(counts, unknown=counts.unknown + len(group.ops))
    answers.ended(group, state, code="not_landed", message="the answer was lost and the write did not land")
    return replace(counts, not_landed=counts.not_landed + len(group.ops))


def _read(groups: Sequence[Group], crms: Crms, settings: Settings) -> dict[str, SourceRecord]:
    """By token, the records as they are now; creates by their key."""
    found: dict[str, SourceRecord] = {}
    for (system, object_), mine in _by_object(groups).items():
        updates = [g for g in mine if g.way is not Way.CREATE]
        creates = [g for g in mine if g.way is Way.CREATE]
        names = sorted({n for g in mine for n in g.fields})
        if updates:
            ids = [g.first.record_id or "" for g in updates]
            records = crms[system].read(object_, ids, names, history=names)
            found |= {g.token: records[g.first.record_id or ""] for g in updates if g.first.record_id in records}
        if creates:
            key_field = settings.mapping.kind_of(object_).key.of(system)
            keys = [g.first.create_key or "" for g in creates]
            records = crms[system].read_by_key(object_, key_field, keys, settings.mapping.own_fields(object_))
            found |= {g.token: records[g.first.create_key or ""] for g in creates if g.first.create_key in records}
    return found


def _gone(creates: Sequence[Group], crms: Crms, settings: Settings) -> dict[str, str]:
    """By token, the ids of records that were made and are deleted, merged or converted since: their tombstone follows
    with the next read. Whoever took them for never made would make what a person deleted once more (law 30)."""
    found: dict[str, str] = {}
    for (system, object_), mine in _by_object(creates).items():
        tokens = {g.first.create_key or "": g.token for g in mine}
        key_field = settings.mapping.kind_of(object_).key.of(system)
        gone = crms[system].gone_by_key(object_, key_field, [*tokens])
        found |= {tokens[key]: record_id for key, record_id in gone.items()}
    return found


def _by_object(groups: Sequence[Group]) -> dict[tuple[System, str], list[Group]]:
    found: dict[tuple[System, str], list[Group]] = {}
    for group in groups:
        found.setdefault((group.first.system, group.first.object), []).append(group)
    return found


def _lost(connection: Connection) -> list[_Lost]:
    rows = connection.execute(
        """
        select o.plan_id, o.read_modified_at, o.op_id, o.system, o.object,
               case when o.operation = 'create' then null else o.record_id end, o.create_key, o.operation,
               o.field, o.old, o.new, o.golden_id, '' as rule, '' as reason, null as source_key, null as source_value
        from push.outbox o
        where o.state = 'sent' or (o.state = 'unknown' and o.code is distinct from 'moved_on')
        order by o.plan_id, o.system, o.object, coalesce(o.create_key, o.record_id), o.field
        """
    ).fetchall()
    return [_Lost(Op.of(*columns), plan_id, read_at) for plan_id, read_at, *columns in rows]
