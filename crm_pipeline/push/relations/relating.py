"""Writing relations: associations of HubSpot, people of Salesforce opportunities. They are no fields of a record.

Belongs here: the same steps as for fields (batch.py): read again, write ahead, send, write down; reading what became
of a write whose answer was lost. A relation that is there already has landed: it is never made twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby

from crm_pipeline.config.relation import has_main, is_relation, leads_to
from crm_pipeline.config.settings import Settings
from crm_pipeline.crm.protocol import Association, Crm, Outcome, Tie, WriteResult
from crm_pipeline.model import OpState, SourceRecord, System, Value, record_key, split_record_key
from crm_pipeline.push.before.leaving import WHY, Leaving
from crm_pipeline.push.before.recheck import same
from crm_pipeline.push.canary import CanaryError
from crm_pipeline.push.operation import Group, Op
from crm_pipeline.push.outbox import Answers, write_ahead
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert

#: (system, object, relation) of the records at its near end.
_End = tuple[System, str, str]


@dataclass(frozen=True)
class Relations:
    """Reads relations as they are now."""

    crms: Mapping[System, Crm]
    settings: Settings

    def judged(self, groups: Sequence[Group]) -> Iterator[tuple[Group, OpState]]:
        """What became of relations whose answer was lost: landed, not landed, or nobody can tell."""
        held = self.held([g.first for g in groups])
        for group in groups:
            now = held[group.first.op_id]
            state = OpState.SUPERSEDED if now == _text(_value(group.first.old)) else OpState.UNKNOWN
            yield group, OpState.LANDED if now == _text(_value(group.first.new)) else state

    def held(self, ops: Sequence[Op]) -> dict[str, str]:
        """By operation, the id that the relation leads to now; empty for none."""
        found: dict[str, str] = {}
        for (system, object_, name), mine in _by_end(ops).items():
            related = self._related(system, object_, name, [op.record_id or "" for op in mine])
            found |= {op.op_id: _led_to(op, op.old, related.get(op.record_id or "", [])) for op in mine}
        return found

    def _related(self, system: System, object_: str, name: str, ids: Sequence[str]) -> dict[str, list[Association]]:
        found: dict[str, list[Association]] = {}
        for one in self.crms[system].associations(object_, leads_to(name), sorted(set(ids))):
            found.setdefault(one.from_id, []).append(one)
        return found

    def unmoved_sources(self, ops: Sequence[Op]) -> set[str]:
        """The operations whose source still holds what the plan read there."""
        unmoved: set[str] = set()
        by_source: dict[_End, list[Op]] = {}
        for op in ops:
            if not op.source_key:
                unmoved.add(op.op_id)
                continue
            system, object_, _ = split_record_key(op.source_key)
            by_source.setdefault((system, object_, next(iter(op.source_value))), []).append(op)
        for (system, object_, name), mine in by_source.items():
            if is_relation(name):
                led = self.sources_lead_to(mine)
                unmoved.update(op.op_id for op in mine if led[op.op_id][name] == _text(op.source_value[name]))
            else:
                ids = {op.op_id: split_record_key(op.source_key or "")[2] for op in mine}
                records = self.crms[system].read(object_, sorted(set(ids.values())), [name])
                for op in mine:
                    record = records.get(ids[op.op_id])
                    if record and same(self.settings, system, object_, op.source_value, record.fields):
                        unmoved.add(op.op_id)
        return unmoved

    def sources_lead_to(self, ops: Sequence[Op]) -> dict[str, dict[str, str]]:
        """By operation, the id that each relation among the values of its source leads to now, empty for none."""
        found: dict[str, dict[str, str]] = {op.op_id: {} for op in ops}
        by_source: dict[_End, list[Op]] = {}
        for op in ops:
            system, object_, _ = split_record_key(op.source_key or "")
            for name in filter(is_relation, op.source_value):
                by_source.setdefault((system, object_, name), []).append(op)
        for (system, object_, name), mine in by_source.items():
            ids = {op.op_id: split_record_key(op.source_key or "")[2] for op in mine}
            related = self._related(system, object_, name, [*ids.values()])
            for op in mine:
                there, before = replace(op, object=object_, new={}), {name: op.source_value[name]}
                found[op.op_id][name] = _led_to(there, before, related.get(ids[op.op_id], []))
        return found

    def left(self, ops: Sequence[Op], leaving: Leaving) -> set[str]:
        """The operations whose record, or that of their source, a filter leaves out by now. Where no filter asks
        anything of them nothing is read."""
        wanted: dict[tuple[System, str], dict[str, set[str]]] = {}
        ends = [(op, op.record_key) for op in ops] + [(op, op.source_key) for op in ops if op.source_key]
        for op, key in ends:
            system, object_, record_id = split_record_key(key)
            if names := leaving.asked(op, system, object_):
                wanted.setdefault((system, object_), {}).setdefault(record_id, set()).update(names)
        found: dict[str, SourceRecord] = {}
        for (system, object_), by_id in wanted.items():
            records = self.crms[system].read(object_, sorted(by_id), sorted(set().union(*by_id.values())))
            found |= {record_key(system, object_, record_id): record for record_id, record in records.items()}
        return {op.op_id for op, key in ends if (record := found.get(key)) and leaving.left(op, record)}


@dataclass(frozen=True)
class Relating:
    """What every batch of relations needs. `linked`: golden id -> the Salesforce objects of its records."""

    warehouse: Warehouse
    crms: Mapping[System, Crm]
    settings: Settings
    plan_id: int
    run_id: int
    linked: Mapping[str, Collection[str]] = field(default_factory=dict)

    def send(self, groups: Sequence[Group], *, canary: bool = False) -> None:
        """Send one batch: groups of one object, each of one operation.

        Raises CanaryError when `canary` and a relation that the CRM acknowledged was not kept.
        """
        for _, some in groupby(groups, key=lambda g: g.first.relation):
            self._send([*some], canary)

    def _send(self, groups: Sequence[Group], canary: bool) -> None:
        answers = Answers(self.settings, self.plan_id, self.run_id)
        relations = Relations(self.crms, self.settings)
        held = relations.held([g.first for g in groups])
        sources = relations.unmoved_sources([g.first for g in groups])
        left = relations.left([g.first for g in groups], Leaving(self.settings, self.linked))
        ready = [g for g in groups if self._still_valid(g, held, sources, left, answers)]
        with self.warehouse.connect() as connection:
            answers.apply(connection)
            write_ahead(connection, self.plan_id, self.run_id, ready, {})
        if not ready:
            return
        results = self._request(ready)
        answers = Answers(self.settings, self.plan_id, self.run_id)
        for group in ready:
            _answered(group, results[group.token], answers)
        with self.warehouse.connect() as connection:
            answers.apply(connection)
            insert(connection, "push.attempt", (self._attempt(g, results[g.token]) for g in ready))
        if canary:
            _require_kept(relations, [g.first for g in ready if results[g.token].outcome is Outcome.LANDED])

    def _still_valid(
        self, group: Group, held: Mapping[str, str], sources: set[str], left: set[str], answers: Answers
    ) -> bool:
        op, now = group.first, held[group.first.op_id]
        if now == _text(_value(op.new)):
            answers.landed(group)
            return False
        if now != _text(_value(op.old)):
            why = "the relation was edited since the plan was made"
            answers.ended(group, OpState.STALE, code="target_moved", message=why)
            answers.source_seen(group)
            return False
        if op.op_id not in sources:
            why = "its source was edited since the plan was made"
            answers.ended(group, OpState.STALE, code="source_moved", message=why)
            return False
        if op.op_id in left:
            answers.ended(group, OpState.STALE, code="left_filter", message=WHY)
            return False
        return True

    def _request(self, groups: Sequence[Group]) -> dict[str, WriteResult]:
        """Make relations, or end them. What a record was related to before stays so, unless the relation is to be
        blank: so does HubSpot's own user interface."""
        first = groups[0].first
        crm, to_object = self.crms[first.system], leads_to(first.relation)
        making = [
            Tie(g.token, g.first.record_id or "", to_id, primary=has_main(first.object, first.relation))
            for g in groups
            if (to_id := _text(_value(g.first.new)))
        ]
        results = {r.token: r for r in crm.associate(first.object, to_object, making)} if making else {}
        ending = [
            Tie(g.token, g.first.record_id or "", _text(_value(g.first.old)), ends=True)
            for g in groups
            if not _text(_value(g.first.new))
        ]
        return results | ({r.token: r for r in crm.associate(first.object, to_object, ending)} if ending else {})

    def _attempt(self, group: Group, result: WriteResult) -> dict[str, object]:
        return {
            "plan_id": self.plan_id,
            "run_id": self.run_id,
            "request_id": group.token,
            "system": group.first.system,
            "object": group.first.object,
            "outcome": result.outcome,
            "status": result.status,
            "code": result.code,
            "answered_at": datetime.now(UTC),
        }


def _require_kept(relations: Relations, ops: Sequence[Op]) -> None:
    held = relations.held(ops)
    for op in ops:
        if held[op.op_id] != _text(_value(op.new)):
            raise CanaryError(
                f"{op.system.label} acknowledged a write to {op.object}.{op.field} and did not keep it; the push "
                "stopped after its first small batch: look for automation there that undoes the change"
            )


def _by_end(ops: Sequence[Op]) -> dict[_End, list[Op]]:
    found: dict[_End, list[Op]] = {}
    for op in ops:
        found.setdefault((op.system, op.object, op.relation), []).append(op)
    return found


def _led_to(op: Op, before: Mapping[str, Value], related: Sequence[Association]) -> str:
    """The id that a relation leads to, as far as the operation goes: what it is to lead to if that is so by now, else
    what it led to `before`, if that is still so. A main record is the only one that counts."""
    name = next(iter(before))
    main = has_main(op.object, name)
    ids = sorted({one.to_id for one in related if one.primary or not main}, key=lambda one: (len(one), one))
    wanted = (_text(_value(op.new)), _text(_value(before)))
    if "/" in op.field:  # of many: whether this one is among them
        return next((one for one in wanted if one in ids), "")
    return next((one for one in (*wanted, *ids) if one in ids), "")


def _value(fields: Mapping[str, Value]) -> Value:
    return next(iter(fields.values()), None)


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _answered(group: Group, result: WriteResult, answers: Answers) -> None:
    match result.outcome:
        case Outcome.LANDED:
            answers.landed(group)
        case Outcome.REJECTED:
            answers.ended(group, OpState.REJECTED, code=result.code, message=result.message)
        case Outcome.UNKNOWN:
            answers.ended(group, OpState.UNKNOWN, code=result.code, message=result.message)
        case _:
            answers.ended(group, OpState.NOT_SENT, code=result.code, message=result.message)
