"""What came into a CRM after a plan was made: no record is created for a customer whom somebody typed there meanwhile.

Belongs here: reading what came or changed since the plan's extract, what of it the plan did not know, and which creates
give way. Not here: when two records are alike (likeness.py), the match of the next run, which decides (match/).
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from crm_pipeline.config.mapping import Mapping
from crm_pipeline.config.settings import Settings
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.errors import PermanentError
from crm_pipeline.extract.schema import schema
from crm_pipeline.extract.schema.visibility import may_not_see
from crm_pipeline.model import MATCHED, Kind, OpState, SourceRecord, System, record_key
from crm_pipeline.push.before import known
from crm_pipeline.push.before.known import Fields
from crm_pipeline.push.before.likeness import ROLES, Mark, marks
from crm_pipeline.push.operation import Group, Way
from crm_pipeline.push.outbox import Answers
from crm_pipeline.warehouse import Warehouse

#: What is new in a CRM -> key of the record that it is on.
_Crowd = dict[Mark, str]


def looked_at(mapping: Mapping, groups: Sequence[Group]) -> set[tuple[System, str]]:
    """The objects that are looked at before a batch: where people or companies are created, all that hold such."""
    if not groups or groups[0].way is not Way.CREATE:
        return set()
    first = groups[0].first
    kind = mapping.of_golden(first.golden_id)
    return {place for place in kind.objects if place[0] is first.system} if kind.kind in MATCHED else set()


class _UnseenError(Exception):
    """What came into a CRM cannot be told; the text says what is lacking."""


@dataclass
class Newcomers:
    """What came into the CRMs after one plan was made. Each object is looked at once, before its kind's first create:
    one page while little has changed. What is typed while that push is at work is not seen (docs/operate.md)."""

    warehouse: Warehouse
    crms: abc.Mapping[System, Crm]
    settings: Settings
    plan_id: int
    _seen: dict[tuple[System, Kind], _Crowd | str] = field(default_factory=dict)

    def without_met(self, groups: Sequence[Group], answers: Answers) -> list[Group]:
        """The groups, less creates of people and companies who may have a record there by now; they have ended in
        `answers`. Where nobody can tell none of the creates is left."""
        if not looked_at(self.settings.mapping, groups):
            return list(groups)
        first = groups[0].first
        kind = self.settings.mapping.of_golden(first.golden_id).kind
        crowd = self._crowd(first.system, kind)
        if isinstance(crowd, str):
            why = f"nobody can tell whether the customer has a record there by now: {crowd}"
            for group in groups:
                answers.ended(group, OpState.NOT_SENT, code="unseen", message=why)
            return []
        if not crowd:
            return list(groups)
        wanted = self._wanted(kind, groups)
        left = []
        for group in groups:
            met = min((crowd[mark] for mark in wanted[group.token] if mark in crowd), default=None)
            if met is None:
                left.append(group)
            else:
                why = f"{met} came or was edited after the plan was made and may be the same customer"
                answers.ended(group, OpState.STALE, code="counterpart_came", message=why)
        return left

    def _crowd(self, system: System, kind: Kind) -> _Crowd | str:
        """What is new there, or why nobody can tell."""
        if (system, kind) not in self._seen:
            try:
                self._seen[system, kind] = self._look(system, kind)
            except _UnseenError as reason:
                self._seen[system, kind] = str(reason)
        return self._seen[system, kind]

    def _look(self, system: System, kind: Kind) -> _Crowd:
        crowd: _Crowd = {}
        for of, object_ in self.settings.mapping.of(kind).objects:
            if of is system:
                for record, before in self._changed(system, kind, object_):
                    key = record_key(system, object_, record.record_id)
                    crowd |= dict.fromkeys(self._marks(kind, object_, [record.fields]) - before, key)
        return crowd

    def _changed(self, system: System, kind: Kind, object_: str) -> Iterator[tuple[SourceRecord, frozenset[Mark]]]:
        """Records that came or changed, with what was known of them."""
        mapping = self.settings.mapping.of(kind)
        place = f"{system.label} {object_}"
        with self.warehouse.connect() as connection:
            since = known.read_until(connection, self.plan_id, system, object_)
            fields, _ = schema.read_fields(self.settings, system, object_, schema.stored_names(connection, system))
        if since is None:
            raise _UnseenError(f"{place} was not read before the plan was made; run again")
        names = [name for role, name in mapping.roles(object_) if role in ROLES and name in fields]
        since -= timedelta(minutes=self.settings.extract.overlap_minutes)
        key_field = mapping.key.of(system)
        try:
            pages = self.crms[system].pages(object_, [*names, key_field], since=since)
            records = {record.record_id: record for page in pages for record in page}
        except PermanentError as error:
            if not may_not_see(error):
                raise
            raise _UnseenError(f"{place} cannot be read any more; give the permission back") from None
        for record in records.values():
            if lacking := next((name for name in names if name not in record.fields), None):
                raise _UnseenError(f"{place}.{lacking} cannot be seen any more; give the permission back")
        with self.warehouse.connect() as connection:
            versions = known.versions(connection, self.plan_id, [*records.values()], key_field)
        for record in records.values():
            told = versions.get(record.record_id, [])
            held = [record.fields[name] or None for name in names]
            if not any(held == [one.get(name) or None for name in names] for one in told):
                yield record, self._marks(kind, object_, told)

    def _wanted(self, kind: Kind, groups: Sequence[Group]) -> dict[str, frozenset[Mark]]:
        """By token, what the records to be created are like: what they get, and what the customer's records hold."""
        with self.warehouse.connect() as connection:
            sources = known.of_customers(connection, sorted({g.first.golden_id for g in groups}))
        found = {}
        for group in groups:
            one = self._marks(kind, group.first.object, [group.fields])
            for object_, fields in sources.get(group.first.golden_id, ()):
                one |= self._marks(kind, object_, [fields])
            found[group.token] = one
        return found

    def _marks(self, kind: Kind, object_: str, held: Sequence[Fields]) -> frozenset[Mark]:
        """Of a record of which these versions are known."""
        roles = [*self.settings.mapping.of(kind).roles(object_)]
        versions = ([(role, fields.get(name)) for role, name in roles] for fields in held)
        return frozenset().union(*(marks(kind, values, self.settings.phone_region) for values in versions))
