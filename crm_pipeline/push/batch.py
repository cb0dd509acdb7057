"""One batch of one object: read again, write ahead, send, write down the answers. The only place that writes to a CRM.

Between the re-read and the write remains a window of one round trip in HubSpot; Salesforce closes it, because each of
its writes carries the time of the record as read (If-Unmodified-Since).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from crm_pipeline.config.settings import Settings
from crm_pipeline.crm.protocol import Crm, Outcome, Write, WriteResult
from crm_pipeline.errors import SafetyError
from crm_pipeline.model import Act, OpState, SourceRecord, System, Value, split_record_key
from crm_pipeline.push.operation import Group, Op
from crm_pipeline.push.outbox import Answers, write_ahead
from crm_pipeline.push.recheck import same
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline.warehouse.bulk import insert

Crms = Mapping[System, Crm]


class CanaryError(SafetyError):
    """A CRM acknowledges writes and does not keep them: nothing more is sent."""


@dataclass(frozen=True)
class Batcher:
    """What every batch of a push needs."""

    warehouse: Warehouse
    crms: Crms
    settings: Settings
    plan_id: int
    run_id: int

    def send(self, groups: Sequence[Group], *, canary: bool = False) -> None:
        """Send one batch (all groups of one object, all creates or all updates).

        Raises CanaryError when `canary` and a write that the CRM acknowledged was not kept.
        """
        first = groups[0].first
        creating = first.operation is Act.CREATE
        answers = Answers(self.settings, self.plan_id, self.run_id)
        current = self._creates_there(groups) if creating else self._targets(groups)
        sources = self._sources(groups)
        ready = [g for group in groups for g in self._still_valid(group, current, sources, answers)]
        read_at = {g.token: current[g.token].modified_at for g in ready if g.token in current}
        with self.warehouse.connect() as connection:
            answers.apply(connection)
            write_ahead(connection, self.plan_id, self.run_id, ready, read_at)
        answers = Answers(self.settings, self.plan_id, self.run_id)
        results = self._request(ready, read_at)
        stale = [g for g in ready if results[g.token].outcome is Outcome.STALE]
        if stale:
            again, retried = self._once_more(stale, answers)
            ready = [g for g in ready if g not in stale] + again
            results |= retried
        observed = self._read_back([g for g in ready if results[g.token].outcome is Outcome.LANDED], results)
        for group in ready:
            self._answered(group, results[group.token], observed, answers)
        with self.warehouse.connect() as connection:
            answers.apply(connection)
            _attempts(connection, self.plan_id, self.run_id, ready, results)
        if canary:
            self._check_canary(ready, results, observed)

    def _targets(self, groups: Sequence[Group]) -> dict[str, SourceRecord]:
        """By token, the records to be written as they are now."""
        first = groups[0].first
        names = sorted({name for g in groups for op in g.ops for name in op.old})
        ids = [g.first.record_id or "" for g in groups]
        found = self.crms[first.system].read(first.object, ids, names)
        return {g.token: found[g.first.record_id or ""] for g in groups if g.first.record_id in found}

    def _creates_there(self, groups: Sequence[Group]) -> dict[str, SourceRecord]:
        """By token, records that already carry the create key: landed before, and not sent again."""
        first = groups[0].first
        key_field = self.settings.mapping.kind_of(first.object).key.of(first.system)
        keys = [g.first.create_key or "" for g in groups]
        names = self.settings.mapping.own_fields(first.object)
        found = self.crms[first.system].read_by_key(first.object, key_field, keys, names)
        return {g.token: found[g.first.create_key or ""] for g in groups if g.first.create_key in found}

    def _sources(self, groups: Sequence[Group]) -> dict[str, SourceRecord]:
        """By record key, the records whose values are written, as they are now."""
        wanted: dict[tuple[System, str], dict[str, set[str]]] = {}
        for group in groups:
            for op in group.ops:
                if op.source_key:
                    system, object_, record_id = split_record_key(op.source_key)
                    wanted.setdefault((system, object_), {}).setdefault(record_id, set()).update(op.source_value)
        found = {}
        for (system, object_), by_id in wanted.items():
            names = sorted(set().union(*by_id.values()))
            records = self.crms[system].read(object_, sorted(by_id), names)
            found.update({f"{system}/{object_}/{record_id}": record for record_id, record in records.items()})
        return found

    def _still_valid(
        self,
        group: Group,
        current: Mapping[str, SourceRecord],
        sources: Mapping[str, SourceRecord],
        answers: Answers,
    ) -> list[Group]:
        """The group, less the operations whose target or source moved, if anything is left; the rest has ended."""
        if group.first.operation is Act.CREATE:
            if group.token in current:
                record = current[group.token]
                observed = seen_of_ours(record, self.crms[record.system])
                answers.landed(group, record_id=record.record_id, observed=observed)
                return []
        else:
            unmoved = self._unmoved(group, current.get(group.token), answers)
            if unmoved is None:
                return []
            group = unmoved
        moved = [op for op in group.ops if not self._source_unmoved(op, sources)]
        if moved:
            why = "its source was edited since the plan was made"
            answers.ended(Group(tuple(moved)), OpState.STALE, code="source_moved", message=why)
        left = tuple(op for op in group.ops if op not in moved)
        return [Group(left)] if left else []

    def _unmoved(self, group: Group, record: SourceRecord | None, answers: Answers) -> Group | None:
        """The operations whose field the record still holds as planned. Others are stale: a user was faster."""
        if record is None:
            why = "the record is gone since the plan was made"
            answers.ended(group, OpState.STALE, code="gone", message=why)
            return None
        moved = [op for op in group.ops if not same(self.settings, op.system, op.object, op.old, record.fields)]
        if moved:
            why = "the field was edited since the plan was made"
            answers.ended(Group(tuple(moved)), OpState.STALE, code="target_moved", message=why)
            answers.source_seen(Group(tuple(moved)))
        left = tuple(op for op in group.ops if op not in moved)
        return Group(left) if left else None

    def _source_unmoved(self, op: Op, sources: Mapping[str, SourceRecord]) -> bool:
        if not op.source_key:
            return True
        system, object_, _ = split_record_key(op.source_key)
        source = sources.get(op.source_key)
        return source is not None and same(self.settings, system, object_, op.source_value, source.fields)

    def _request(self, groups: Sequence[Group], read_at: Mapping[str, datetime]) -> dict[str, WriteResult]:
        if not groups:
            return {}
        first = groups[0].first
        crm = self.crms[first.system]
        if first.operation is Act.CREATE:
            writes = [Write(g.token, g.fields, key=g.first.create_key or "") for g in groups]
            key_field = self.settings.mapping.kind_of(first.object).key.of(first.system)
            results = crm.create(first.object, key_field, writes)
        else:
            writes = [
                Write(g.token, g.fields, record_id=g.first.record_id or "", unmodified_since=read_at[g.token])
                for g in groups
            ]
            results = crm.update(first.object, writes)
        return {result.token: result for result in results}

    def _once_more(self, groups: Sequence[Group], answers: Answers) -> tuple[list[Group], dict[str, WriteResult]]:
        """A 412 may come from another field: read, compare, and try once more what did not move."""
        current = self._targets(groups)
        found = [self._unmoved(g, current.get(g.token), answers) for g in groups]
        again = [g for g in found if g is not None]
        return again, self._request(again, {g.token: current[g.token].modified_at for g in again})

    def _read_back(self, groups: Sequence[Group], results: Mapping[str, WriteResult]) -> dict[str, Mapping[str, Value]]:
        """By token, what the CRM made of our writes: from its answer, else read back where we wrote last."""
        told = {g.token: results[g.token].observed for g in groups if results[g.token].observed}
        silent = [g for g in groups if g.token not in told]
        if not silent:
            return dict(told)
        first = silent[0].first
        crm = self.crms[first.system]
        us = crm.account().integration_user
        ids = {g.token: g.first.record_id or results[g.token].record_id for g in silent}
        names = sorted({name for g in silent for name in self._interesting(g)})
        records = crm.read(first.object, sorted(set(ids.values())), names)
        for group in silent:
            record = records.get(ids[group.token])
            if record is not None and record.modified_by in ("", us):
                told[group.token] = {n: record.fields[n] for n in self._interesting(group) if n in record.fields}
        return dict(told)

    def _interesting(self, group: Group) -> set[str]:
        """Fields to read back: those that were sent; of a new record all, because a CRM fills some by itself."""
        names = set(group.fields)
        if group.first.operation is Act.CREATE:
            names.update(self.settings.mapping.own_fields(group.first.object))
        return names

    def _answered(
        self,
        group: Group,
        result: WriteResult,
        observed: Mapping[str, Mapping[str, Value]],
        answers: Answers,
    ) -> None:
        match result.outcome:
            case Outcome.LANDED:
                answers.landed(group, record_id=result.record_id, observed=observed.get(group.token))
            case Outcome.STALE:
                why = "the record is being edited; left for the next run"
                answers.ended(group, OpState.STALE, code=result.code, message=why)
            case Outcome.REJECTED:
                answers.ended(group, OpState.REJECTED, code=result.code, message=result.message)
            case Outcome.RETRY:
                answers.ended(group, OpState.NOT_SENT, code=result.code, message=result.message)
            case Outcome.UNKNOWN:
                answers.ended(group, OpState.UNKNOWN, code=result.code, message=result.message)

    def _check_canary(
        self,
        groups: Sequence[Group],
        results: Mapping[str, WriteResult],
        observed: Mapping[str, Mapping[str, Value]],
    ) -> None:
        """A value that the CRM rewrote is fine; one that it swallowed is not."""
        for group in groups:
            seen = observed.get(group.token)
            if results[group.token].outcome is not Outcome.LANDED or seen is None:
                continue
            for op in group.ops:
                after = {n: seen.get(n) for n in op.new}
                before = {n: op.old.get(n) for n in op.new}
                swallowed = same(self.settings, op.system, op.object, before, after)
                if swallowed and not same(self.settings, op.system, op.object, op.new, after):
                    raise CanaryError(
                        f"{op.system.label} acknowledged a write to {op.object}.{op.field} and did not keep it; the "
                        "push stopped after its first small batch: look for automation there that undoes the change"
                    )


def _attempts(
    connection: Connection, plan_id: int, run_id: int, groups: Sequence[Group], results: Mapping[str, WriteResult]
) -> None:
    insert(
        connection,
        "push.attempt",
        (
            {
                "plan_id": plan_id,
                "run_id": run_id,
                "request_id": g.token,
                "system": g.first.system,
                "object": g.first.object,
                "outcome": results[g.token].outcome,
                "status": results[g.token].status,
                "code": results[g.token].code,
                "answered_at": datetime.now(UTC),
            }
            for g in groups
        ),
    )


def seen_of_ours(record: SourceRecord, crm: Crm) -> dict[str, Value]:
    """What the CRM made of our write, read back: all its fields if we were the last to write there, else nothing."""
    us = crm.account().integration_user
    return dict(record.fields) if record.modified_by and record.modified_by == us else {}
