"""Running a test of the sync rules: the case becomes linked records, the real planning decides, and what differs.

Pure: everything comes in as values. Belongs here: a case as members and context, and the comparison. Not here: the
shape of the file (case.py), what the last decision left (carried.py), words on a terminal (cli/test_rules.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crm_pipeline.config import FieldMapping, KindMapping, Settings
from crm_pipeline.config.field import FieldType
from crm_pipeline.config.other_rules import with_rules
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import System, Value, record_key
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.decision.state import ChangeTime
from crm_pipeline.plan.entity import EntityPlan, plan_entity
from crm_pipeline.plan.fit.compatibility import Schemas, left_out, pairings
from crm_pipeline.plan.member import Member
from crm_pipeline.plan.operation import Operation
from crm_pipeline.plan.rules import carried, references
from crm_pipeline.plan.rules.carried import records_of
from crm_pipeline.plan.rules.case import Case, Record, Values
from crm_pipeline.plan.rules.values import BadCaseError, at_time, parts, shown, spelled

#: When everything is older than what a test gives a time to.
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_GOLDEN_ID = "test-1"


@dataclass(frozen=True)
class Difference:
    """What the plan says otherwise than the test. `loc`: where in the test's YAML it is expected."""

    place: str
    expected: str
    got: str
    loc: tuple[str | int, ...]


def run(case: Case, settings: Settings, schemas: Schemas | None = None) -> list[Difference]:
    """What differs from the expectation, nothing if the test passes. `schemas`: those of the CRMs; None: no limits.

    Raises BadCaseError for what the mapping does not know.
    """
    try:
        mapping = with_rules(settings.mapping, {f"{case.kind}.{name}": rule for name, rule in case.rules.items()})
        settings = settings.model_copy(update={"mapping": mapping})
        of = mapping.of(case.kind)
    except ConfigError as error:
        raise BadCaseError(str(error), ("rules",)) from None
    fields = _fields(case, of)
    members = _members(case, of, fields)
    context = _context(of, settings, schemas, members, fields)
    plan = plan_entity(_GOLDEN_ID, members, carried.agreed(case, fields.values(), settings), context)
    return [*_writes(case, fields, members, plan), *_conflicts(case, plan)]


def _fields(case: Case, mapping: KindMapping) -> dict[str, FieldMapping]:
    """The fields that the test names; all others take no part. Raises BadCaseError."""
    known = {field.name: field for field in mapping.fields}
    found: dict[str, FieldMapping] = {}
    for loc, values in _named(case):
        for name in values:
            if name not in known:
                raise BadCaseError(f"{mapping.kind} has no field '{name}'; it has {', '.join(known)}", (*loc, name))
            found[name] = known[name]
    return found


def _named(case: Case) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, object]]]:
    """Every place of a test that names fields."""
    for side in System:
        for number, record in enumerate(records_of(case, side)):
            yield ("given", side.value, number), record.values
            yield ("given", side.value, number, "bases"), record.bases or {}
            yield ("given", side.value, number, "changed"), record.changed
        yield ("given", "bases", side.value), getattr(case.given.bases, side.value)
        yield ("given", "changed", side.value), getattr(case.given.changed, side.value)
        for number, written in enumerate(getattr(case.expect, side.value)):
            yield ("expect", side.value, number), written
    yield ("given", "agreed"), case.given.agreed
    yield ("expect", "refused"), case.expect.refused
    yield ("expect", "conflicts"), case.expect.conflicts or {}


def _members(case: Case, mapping: KindMapping, fields: Mapping[str, FieldMapping]) -> list[Member]:
    """The records in the order of the test; the one that says so is the primary, else the first."""
    members = []
    for side in System:
        records = records_of(case, side)
        primary = next((n for n, record in enumerate(records) if record.primary), 0)
        for number, record in enumerate(records):
            loc = ("given", side.value, number)
            object_ = record.object or next(o for s, o in mapping.objects if s is side)
            if (side, object_) not in mapping.objects:
                raise BadCaseError(f"{mapping.kind} is not synced with {side.label} {object_}", (*loc, "object"))
            taking_part = [field for field in fields.values() if field.has(object_)]
            plain = [field for field in taking_part if field.refers_to is None]
            leading = [field for field in taking_part if field.refers_to is not None]
            bases = carried.bases_of(case, side, record)
            times = {**getattr(case.given.changed, side.value), **record.changed}
            members.append(
                Member(
                    key=record_key(side, object_, str(number + 1)),
                    system=side,
                    object=object_,
                    record_id=str(number + 1),
                    created=_LONG_AGO + timedelta(days=number),
                    modified=_LONG_AGO,
                    primary=number == primary,
                    fields=dict(
                        pair
                        for field in plain
                        for pair in zip(field.names(object_), parts(field, side, record.values, loc), strict=True)
                    )
                    | references.ids(leading, object_, record.values, loc),
                    changed={
                        name: ChangeTime(at_time(times[field.name]), certain=True)
                        for field in taking_part
                        if field.name in times
                        for name in field.names(object_)
                    },
                    bases=carried.bases(case, taking_part, side, object_, bases),
                    refers=references.leads(leading, object_, [record.values, bases]),
                )
            )
    return members


def _context(
    mapping: KindMapping,
    settings: Settings,
    schemas: Schemas | None,
    members: Sequence[Member],
    fields: Mapping[str, FieldMapping],
) -> Context:
    owners = {
        (member.system, str(member.fields[name]))
        for field in fields.values()
        if field.type is FieldType.USER
        for member in members
        if field.has(member.object)
        for name in field.names(member.object)
        if member.fields[name]
    }
    e_mails = {e_mail for _, e_mail in owners}

    def held_by(system: System, object_: str, name: str, value: str) -> frozenset[str]:
        return frozenset(
            member.key
            for member in members
            if (member.system, member.object) == (system, object_)
            and str(member.fields.get(name) or "").strip().lower() == value.strip().lower()
        )

    described = _unlimited(mapping) if schemas is None else schemas
    return Context(
        mapping=mapping,
        settings=settings,
        schemas=described,
        users={(system, e_mail): e_mail.lower() for system in System for e_mail in e_mails},
        user_ids={(system, e_mail.lower()): e_mail for system in System for e_mail in e_mails},
        skipped=frozenset() if schemas is None else left_out(pairings(mapping, schemas)),
        held_by=held_by,
    )


def _unlimited(mapping: KindMapping) -> Schemas:
    """Every mapped field as a text without limits: a test is about the rules."""
    return {
        (system, object_): {name: FieldSchema(name, name, "string") for name in mapping.crm_fields(object_)}
        for system, object_ in mapping.objects
    }


def _writes(
    case: Case, fields: Mapping[str, FieldMapping], members: Sequence[Member], plan: EntityPlan
) -> Iterator[Difference]:
    refused = {(o.record_key, _field_of(o)): o.problem for o in plan.operations if o.problem is not None}
    for side in System:
        own = [member for member in members if member.system is side]
        expected: Sequence[Values] = getattr(case.expect, side.value)
        if len(expected) > len(own):
            raise BadCaseError(f"more records are expected in {side.label} than are given", ("expect", side.value))
        for number, (member, record) in enumerate(zip(own, records_of(case, side), strict=True)):
            wanted = expected[number] if number < len(expected) else {}
            sent = [o for o in plan.operations if o.problem is None and o.record_key == member.key]
            for field in fields.values():
                loc = ("expect", side.value, number, field.name)
                place = f"{side.label} {member.object} {member.record_id}, {field.name}"
                got = _after(field, sent, record, member)
                want = _wanted(field, side, wanted, loc) if field.name in wanted else None
                why = refused.get((member.key, field.name), "")
                if why and want is None and field.name in case.expect.refused:
                    if case.expect.refused[field.name] not in why:
                        yield Difference(place, f"refused: {case.expect.refused[field.name]}", f"refused: {why}", loc)
                elif why:
                    yield Difference(place, shown(want), f"refused: {why}", loc)
                elif spelled(want) != spelled(got):
                    yield Difference(place, shown(want), shown(got), loc)
    named = {field for _, field in refused}
    for name, why in case.expect.refused.items():
        if name not in named:
            yield Difference(name, f"refused: {why}", "nothing is refused", ("expect", "refused", name))


def _field_of(operation: Operation) -> str:
    """The mapped field; of one record of a set the set."""
    return operation.field.partition("/")[0]


def _after(field: FieldMapping, sent: Sequence[Operation], record: Record, member: Member) -> tuple[Value, ...] | None:
    """What a record holds once what is sent to it has landed; None: nothing of the field is sent."""
    if field.refers_to is not None:
        names = references.after(field, sent, references.named(field, record.values, ()))
        return None if names is None else tuple(names)
    written = next((o for o in sent if o.field == field.name), None)
    return (
        None if written is None else tuple({**written.old, **written.new}[name] for name in field.names(member.object))
    )


def _wanted(field: FieldMapping, side: System, wanted: Values, loc: tuple[str | int, ...]) -> tuple[Value, ...]:
    if field.refers_to is not None:
        return tuple(sorted(references.named(field, wanted, loc[:-1])))
    return parts(field, side, wanted, loc)


def _conflicts(case: Case, plan: EntityPlan) -> Iterator[Difference]:
    if case.expect.conflicts is None:
        return
    got = {field.partition("/")[0]: conflict.kind for field, conflict in plan.conflicts}
    for name in sorted(got.keys() | case.expect.conflicts.keys()):
        expected = case.expect.conflicts.get(name, "(none)")
        if expected != got.get(name, "(none)"):
            yield Difference(f"conflict over {name}", expected, got.get(name, "(none)"), ("expect", "conflicts", name))
