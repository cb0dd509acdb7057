"""Just before a batch its records are read again, sources and targets: what moved since the plan is left out (law 23).

Not here: the comparison of values (recheck.py), sending (batch.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from crm_pipeline.config.relation import is_relation
from crm_pipeline.config.settings import Settings
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.model import Act, OpState, SourceRecord, System, Value, split_record_key
from crm_pipeline.plan.undo.take_back import UNDO
from crm_pipeline.push.before.leaving import WHY, Leaving
from crm_pipeline.push.before.own_writes import OwnWrites
from crm_pipeline.push.before.recheck import same
from crm_pipeline.push.operation import Group, Op, Way
from crm_pipeline.push.outbox import Answers
from crm_pipeline.push.relations.relating import Relations

Crms = Mapping[System, Crm]

_EDITED = "source_moved", "its source was edited since the plan was made"
_BY_US = "own_push", "this push itself changed what it is made from; the next run makes it"


@dataclass(frozen=True)
class Rereading:
    """Reads the records of a batch as they are now, and says which operations still fit.

    `linked`: golden id -> the Salesforce objects of its records, which a filter may ask for; `own`: what this push
    wrote so far.
    """

    crms: Crms
    settings: Settings
    linked: Mapping[str, Collection[str]]
    own: OwnWrites

    def current(self, groups: Sequence[Group]) -> dict[str, SourceRecord]:
        """By token, the records to be written as they are now. Of creates: those that carry the key already.

        HubSpot gives a merged record's survivor for its id. That is another record: it holds what the plan never saw.
        """
        first = groups[0].first
        crm = self.crms[first.system]
        if groups[0].way is Way.CREATE:
            key_field = self.settings.mapping.kind_of(first.object).key.of(first.system)
            names = self.settings.mapping.own_fields(first.object)
            found = crm.read_by_key(first.object, key_field, [g.first.create_key or "" for g in groups], names)
            return {g.token: found[g.first.create_key or ""] for g in groups if g.first.create_key in found}
        names = sorted({name for g in groups for op in g.ops for name in op.old}.union(*map(self._tested, groups)))
        ids = {g.token: g.first.record_id or "" for g in groups}
        found = crm.read(first.object, [*ids.values()], names)
        return {token: found[one] for token, one in ids.items() if one in found and found[one].record_id == one}

    def sources(self, groups: Sequence[Group]) -> dict[str, SourceRecord]:
        """By record key, the records whose values are written, as they are now."""
        wanted: dict[tuple[System, str], dict[str, set[str]]] = {}
        for group in groups:
            for op in group.ops:
                if op.source_key:
                    system, object_, record_id = split_record_key(op.source_key)
                    tested = self._leaving.asked(op, system, object_)
                    asked = wanted.setdefault((system, object_), {}).setdefault(record_id, set())
                    asked.update(name for name in (*op.source_value, *tested) if not is_relation(name))
        found: dict[str, SourceRecord] = {}
        for (system, object_), by_id in wanted.items():
            names = sorted(set().union(*by_id.values()))
            records = self.crms[system].read(object_, sorted(by_id), names)
            found.update({f"{system}/{object_}/{record_id}": record for record_id, record in records.items()})
        return self._with_relations(groups, found)

    def _with_relations(self, groups: Sequence[Group], sources: Mapping[str, SourceRecord]) -> dict[str, SourceRecord]:
        """The sources with the relations that are written into look-up fields, or that a new record is made with, as if
        they were fields."""
        found = dict(sources)
        ops = [op for g in groups for op in g.ops if op.source_key in found and any(map(is_relation, op.source_value))]
        led = Relations(self.crms, self.settings).sources_lead_to(ops)
        for op in ops:
            record = found[op.source_key or ""]
            now = {name: record_id or None for name, record_id in led[op.op_id].items()}
            found[op.source_key or ""] = replace(record, fields={**record.fields, **now})
        return found

    def valid(
        self,
        groups: Sequence[Group],
        current: Mapping[str, SourceRecord],
        sources: Mapping[str, SourceRecord],
        answers: Answers,
    ) -> list[Group]:
        """The groups, less the operations whose target or source moved; those have ended in `answers`."""
        left = self.unmoved(groups, current, answers)
        return [g for group in left if (g := self._with_sources(group, sources, answers))]

    def unmoved(self, groups: Sequence[Group], current: Mapping[str, SourceRecord], answers: Answers) -> list[Group]:
        """The operations whose field the record still holds as planned. Others are stale: a user was faster. A create
        whose key is there has landed before."""
        found = []
        for group in groups:
            record = current.get(group.token)
            if group.way is not Way.CREATE:
                left = self._where_planned(group, record, answers)
                found += [left] if left else []
            elif record is None:
                found.append(group)
            else:
                observed = seen_of_ours(record, self.crms[record.system])
                answers.landed(group, record_id=record.record_id, observed=observed)
        return found

    def _tested(self, group: Group) -> frozenset[str]:
        return self._leaving.asked(group.first, group.first.system, group.first.object)

    @property
    def _leaving(self) -> Leaving:
        return Leaving(self.settings, self.linked)

    def _where_planned(self, group: Group, record: SourceRecord | None, answers: Answers) -> Group | None:
        if record is None:
            why = "the record is gone since the plan was made"
            answers.ended(group, OpState.STALE, code="gone", message=why)
            return None
        if self._leaving.left(group.first, record):
            answers.ended(group, OpState.STALE, code="left_filter", message=WHY)
            return None
        moved = [
            op
            for op in group.ops
            if not same(self.settings, op.system, op.object, op.old, record.fields) or self._in_hands(op, record)
        ]
        if moved:
            why = "the field was edited since the plan was made"
            answers.ended(Group(tuple(moved)), OpState.STALE, code="target_moved", message=why)
            answers.source_seen(Group(tuple(moved)))
        return group.less(moved)

    def _in_hands(self, op: Op, record: SourceRecord) -> bool:
        """Whether an undo would archive a record that somebody else was the last to change, in whatever field."""
        if op.operation is not Act.ARCHIVE or op.rule != UNDO:
            return False
        return record.modified_by not in ("", self.crms[record.system].account().integration_user)

    def _with_sources(self, group: Group, sources: Mapping[str, SourceRecord], answers: Answers) -> Group | None:
        moved = [op for op in group.ops if not self._source_unmoved(op, sources)]
        by_us = self.own.moved(moved, sources)
        for op in moved:
            code, why = _BY_US if op.op_id in by_us else _EDITED
            answers.ended(Group((op,)), OpState.STALE, code=code, message=why)
        left = [op for op in group.ops if op not in moved and self._source_left(op, sources)]
        if left:
            answers.ended(Group(tuple(left)), OpState.STALE, code="left_filter", message=WHY)
        return group.less([*moved, *left])

    def _source_left(self, op: Op, sources: Mapping[str, SourceRecord]) -> bool:
        source = sources.get(op.source_key or "")
        return source is not None and self._leaving.left(op, source)

    def _source_unmoved(self, op: Op, sources: Mapping[str, SourceRecord]) -> bool:
        if not op.source_key:
            return True
        system, object_, _ = split_record_key(op.source_key)
        source = sources.get(op.source_key)
        return source is not None and same(self.settings, system, object_, op.source_value, source.fields)


def seen_of_ours(record: SourceRecord, crm: Crm) -> dict[str, Value]:
    """What the CRM made of our write, read back: all its fields if we were the last to write there, else nothing."""
    us = crm.account().integration_user
    return dict(record.fields) if record.modified_by and record.modified_by == us else {}
