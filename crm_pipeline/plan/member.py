"""A golden record's members as the decision sees them: raw values, bases, times -> field states."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from crm_pipeline.canonical import Canonical, canonical, protecting
from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.config.settings import Settings
from crm_pipeline.model import Kind, System, Value
from crm_pipeline.plan.decision.decide import Policy
from crm_pipeline.plan.decision.state import ChangeTime, FieldState

Users = Mapping[tuple[System, str], str]


@dataclass(frozen=True)
class Base:
    """What a record's CRM held when the last decision was completed, and what it made of our write then. Raw parts."""

    value: tuple[Value, ...]
    observed: tuple[Value, ...] | None = None


@dataclass(frozen=True)
class Agreed:
    """What the last completed decision decided, under which mapping of the field."""

    value: Canonical
    field_hash: str


@dataclass(frozen=True)
class Referred:
    """What an id leads to: a golden record and its live records (system, object, id), the primary ones first.

    `deleted`: the record with that id was deleted in its CRM.
    """

    golden_id: str
    records: tuple[tuple[System, str, str], ...] = ()
    deleted: bool = False


@dataclass(frozen=True)
class Member:
    """A live record linked to a golden record. `changed`: CRM field -> when its value came about. `bases`: by field.

    `refers`: (kind, id) -> what it leads to, of every id that a reference of the record holds or held. `read_only`: the
    mapping switches its direction off; a source, never a target.
    """

    key: str
    system: System
    object: str
    record_id: str
    created: datetime
    modified: datetime
    primary: bool
    fields: Mapping[str, Value]
    changed: Mapping[str, ChangeTime]
    bases: Mapping[str, Base]
    refers: Mapping[tuple[Kind, str], Referred] = dataclasses.field(default_factory=dict)
    read_only: bool = False


def policy(field: FieldMapping, settings: Settings) -> Policy:
    """The field's rule with the settings it falls back on."""
    return Policy(
        rule=field.rule,
        edit_vs_clear=field.edit_vs_clear or settings.sync.edit_vs_clear,
        tie_breaker=field.tie_breaker or settings.sync.tie_breaker,
        skew=timedelta(seconds=settings.sync.clock_skew_seconds),
        tight=protecting(field),
        primary_only=field.write_to == "primary",
    )


def field_hash(field: FieldMapping, settings: Settings) -> str:
    """Changes when the field's rule or mapping does: then bases count only where all records hold the agreed value."""
    told = policy(field, settings)
    if len(told.tight) > 1:  # a set of several is spelled otherwise in every process; the field names them anyway
        told = replace(told, tight=frozenset())
    text = f"{field.model_dump_json()}|{told}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Holder(Protocol):
    """Whatever holds field values as a CRM gave them: a member, or a record that was just read again."""

    @property
    def system(self) -> System: ...
    @property
    def object(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, Value]: ...


def raw_parts(field: FieldMapping, member: Holder) -> tuple[Value, ...] | None:
    """The raw values of the field's parts, or None when one is missing from the payload: unknown."""
    try:
        return tuple([member.fields[name] for name in field.names(member.object)])
    except KeyError:
        return None


@dataclass(frozen=True)
class Ruled:
    """A mapped field with its policy and hash, worked out once for a whole plan."""

    mapped: FieldMapping
    policy: Policy
    hash: str

    @classmethod
    def of(cls, field: FieldMapping, settings: Settings) -> Ruled:
        return cls(field, policy(field, settings), field_hash(field, settings))


def states(
    ruled: Ruled, members: Sequence[Member], agreed: Agreed | None, settings: Settings, users: Users
) -> list[FieldState]:
    """One state for every member that the field is mapped for."""
    field = ruled.mapped
    found = [_state(field, member, settings, users) for member in members if field.has(member.object)]
    if agreed is None or agreed.field_hash == ruled.hash:
        return found
    if all(s.known and s.value == agreed.value for s in found):
        return found
    return [replace(s, base=None) for s in found]


def golden_ids(field: FieldMapping, member: Member, ids: tuple[Value, ...]) -> Canonical:
    """The canonical form of a reference: golden ids. The id of a record that is not read stands for itself alone."""
    assert field.refers_to is not None
    leads = [None if one in (None, "") else member.refers.get((field.refers_to, str(one))) for one in ids]
    return tuple(
        found.golden_id if found else "" if one in (None, "") else f"{member.system}:{one}"
        for one, found in zip(ids, leads, strict=True)
    )


def _state(field: FieldMapping, member: Member, settings: Settings, users: Users) -> FieldState:
    def form(parts: tuple[Value, ...]) -> Canonical:
        return meaning(field, member, parts, settings, users)

    raw = raw_parts(field, member)
    blank = ("",) * len(field.parts)
    held = member.bases.get(field.name)
    base = None if held is None else form(held.value)
    value = blank if raw is None else form(raw)
    if held is not None and held.observed is not None and value == form(held.observed):
        value = base or blank  # what the CRM made of our write: holding it equals holding what we sent
    if base is None and field.type is FieldType.BOOLEAN and member.system is System.SALESFORCE and value == ("false",):
        value = blank  # a checkbox that nobody ever ticked says nothing
    return FieldState(
        key=member.key,
        side=member.system,
        value=value,
        raw=raw or (None,) * len(field.parts),
        base=base,
        changed=_changed(field, member),
        created=member.created,
        primary=member.primary,
        known=raw is not None,
        read_only=member.read_only or field.read_only(member.object),
    )


def meaning(field: FieldMapping, member: Member, raw: tuple[Value, ...], settings: Settings, users: Users) -> Canonical:
    """The canonical form; the stopgap of a required field (`default_on_create`) means blank."""
    if field.default_on_create:
        stopgap = field.default_on_create.get(member.object)
        if stopgap is not None and raw == (stopgap,):
            return ("",) * len(raw)
    if field.refers_to is not None:
        return golden_ids(field, member, raw)
    return canonical(field, member.system, raw, region=settings.phone_region, users=users, zone=settings.zone)


def _changed(field: FieldMapping, member: Member) -> ChangeTime:
    """A group changed when the last of its parts did."""
    times = [member.changed[name] for name in field.names(member.object) if name in member.changed]
    return max(times, key=lambda t: t.at, default=ChangeTime(member.modified, certain=False))
