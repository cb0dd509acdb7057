"""Records that the other CRM lacks: which golden records get one, with which values, and what the others wait for.

Nothing is created for a record that has an open review pair with that side, a tombstone there, or whose counterpart
side was not read to the end (law 50).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_pipeline.canonical import Canonical
from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Act, Rule, System, Value
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.decision.decide import may_write
from crm_pipeline.plan.decision.side import SideValue, side_value
from crm_pipeline.plan.decision.state import FieldState
from crm_pipeline.plan.entity import EntityPlan, Moved, held_elsewhere
from crm_pipeline.plan.fit.required import lacking, never_filled
from crm_pipeline.plan.fit.translate import Untranslatable, translate
from crm_pipeline.plan.member import Agreed, Member, Ruled, raw_parts, states
from crm_pipeline.plan.operation import Operation
from crm_pipeline.plan.records.newer import Since, is_new
from crm_pipeline.plan.references.reference import one_by_one, pointed, waits


@dataclass(frozen=True)
class Obstacles:
    """Why a golden record gets no record on a side: in review, deleted there (or merged there into a record that is not
    here), or the side was not read whole.

    `in_review`: it may be a customer who has a record on that side. `made`: (golden id, object) -> records that were
    created for it before, wherever they are now. `asked`: who asks for one again that was deleted there.
    """

    in_review: frozenset[tuple[str, System]]
    deleted: frozenset[tuple[str, System]]
    incomplete: frozenset[System]
    made: Mapping[tuple[str, str], int]
    asked: Mapping[tuple[str, System], str] = field(default_factory=dict)

    def of(self, golden_id: str, side: System) -> str | None:
        """The reason to wait, or None."""
        if (golden_id, side) in self.in_review:
            return "waiting_for_review"
        if (golden_id, side) in self.deleted and (golden_id, side) not in self.asked:
            return "deleted_there"
        if side in self.incomplete:
            return "extract_incomplete"
        return None

    def number(self, golden_id: str, object_: str) -> int:
        """The last part of a create key: a record that left keeps its own, so that no key is used twice."""
        return 1 + self.made.get((golden_id, object_), 0)


def missing_side(members: Sequence[Member]) -> System | None:
    """The side on which a golden record has no live record."""
    sides = {m.system for m in members}
    return next(iter(sides)).other if len(sides) == 1 else None


def object_to_create(mapping: KindMapping, members: Sequence[Member], side: System, since: Since) -> str | None:
    """The object that the mapping lets us create on that side for these members, or None.

    `since`: only newer records of a kind that is linked get a counterpart.
    """
    source = source_of_create(members)
    if not is_new(mapping, source, side, since):
        return None
    if mapping.pairs:
        pair = mapping.pair_of(source.object, source.fields)
        if pair is None or mapping.switch(pair.salesforce).towards(side) != "create":
            return None
        return pair.salesforce if side is System.SALESFORCE else pair.hubspot
    if side is System.SALESFORCE:
        allowed = (o for o, switch in mapping.salesforce.items() if switch.to_salesforce == "create")
        return next(allowed, None)
    wanted = any(mapping.switch(m.object).to_hubspot == "create" for m in members)
    return mapping.hubspot if wanted else None


def source_of_create(members: Sequence[Member]) -> Member:
    """The record that a create stands for: the primary, else the oldest."""
    return min(members, key=lambda m: (not m.primary, m.created, m.key))


def plan_create(
    golden_id: str,
    members: Sequence[Member],
    agreed: Mapping[str, Agreed],
    side: System,
    object_: str,
    context: Context,
    number: int = 1,
    asked_by: str = "",
) -> EntityPlan:
    """The create of a golden record's first record on a side: fields flow as their rules would fill a blank.

    `number`: 2 where one that was created before has left, and so on. `asked_by`: who asks for it after a deletion.
    """
    primary = source_of_create(members)
    create_key = f"{golden_id}/{object_}/{number}"
    values: dict[str, Value] = {}
    moves: list[Moved] = []
    problem: str | None = None
    needs: dict[str, str] = {}
    following: list[Operation] = []
    untold: dict[str, str] = {}
    for ruled, view in (pair for one in context.fields for pair in one_by_one(one, members)):
        mapped = ruled.mapped
        if not mapped.has(object_) or mapped.read_only(object_) or not may_write(mapped.rule, side):
            continue
        if context.holds.holds(golden_id, None, mapped.name):
            continue
        before = agreed.get(mapped.name)
        found = states(ruled, view, before, context.settings, context.users)
        value = _to_create(ruled, found, before, context.target(side, object_).fields)
        if value is None or value.blank or not all(s.known for s in found):
            continue
        if mapped.refers_to is not None:
            if mapped.names(object_)[0] in values | needs:
                continue  # a look-up that another reference of the mapping has filled
            owner = next(m for m in members if m.key == value.record.key)
            pointing = _following(create_key, mapped, value, owner, side, object_, context)
            if pointing.operation is Act.ASSOCIATE or waits(pointing):
                following.append(pointing)
                moves.append(_move(golden_id, ruled, value, view, writes=2))
            elif not pointing.problem:
                values |= pointing.new
                needs |= pointing.needs
                moves.append(_move(golden_id, ruled, value, view))
            continue
        try:
            translated = translate(mapped, value.record, context.target(side, object_))
        except Untranslatable as reason:
            parts = zip(mapped.names(object_), value.value, strict=True)
            untold |= {name: str(reason) for name, part in parts if part}
            continue  # a blank here: the update that fills it is planned next time, and says what is wrong
        holder = held_elsewhere(mapped, side, object_, value.value[0], None, context)
        problem = problem or (f"held by {holder}" if holder else None)
        values |= {n: v for n, v in translated.items() if v not in ("", None)}
        moves.append(_move(golden_id, ruled, value, members))
    values |= _defaults(context.mapping, object_, values)
    if side is System.SALESFORCE and (pair := context.mapping.pair_of(primary.object, primary.fields)):
        values |= pair.on_create
    schema = context.schemas[side, object_]
    if unseen := [name for name in values if name not in schema]:
        problem = f"{side.label} {object_}.{unseen[0]} cannot be seen; restore the field or the permission to read it"
    key_field = context.mapping.key.of(side)
    if key_field not in schema:
        problem = f"{side.label} {object_} has no field {key_field}; create it as a unique text field"
    problem = problem or _lacking(side, object_, values | needs, untold, context)
    operation = Operation(
        kind=context.mapping.kind,
        system=side,
        object=object_,
        operation=Act.CREATE,
        field="*",
        old={},
        new=values,
        golden_id=golden_id,
        rule="create",
        reason=(
            f"deleted in {side.label}, asked for again by {asked_by}"
            if asked_by
            else f"{side.label} has no record of this {context.mapping.kind}"
        ),
        create_key=create_key,
        source_key=primary.key,
        source_value=_source_values(primary, side, object_, context),
        needs=needs,
    )
    return EntityPlan([operation.refused(problem) if problem else operation, *following], moves)


def _lacking(
    side: System, object_: str, given: Mapping[str, Value], untold: Mapping[str, str], context: Context
) -> str | None:
    """Why a new record lacks what the CRM requires: a value that it cannot take (`untold`: CRM field -> reason), a
    field that is not mapped, or a blank. None if nothing is lacking."""
    schema = context.schemas[side, object_].values()
    names = sorted(f.name for f in schema if f.required_on_create and f.name not in given)
    if not names:
        return None
    if reason := next((untold[name] for name in names if name in untold), None):
        return reason
    if unmapped := [n for n in never_filled(context.mapping, context.schemas, side, object_) if n in names]:
        return lacking(side, object_, unmapped)
    return f"{side.label} {object_} needs {', '.join(names)}, which no linked record has"


def _following(
    create_key: str,
    mapped: FieldMapping,
    value: SideValue,
    holder: Member,
    side: System,
    object_: str,
    context: Context,
) -> Operation:
    """A reference of a record that is being created, as a write of its own after the create."""
    (name,) = mapped.names(object_)
    return pointed(
        Operation(
            kind=context.mapping.kind,
            system=side,
            object=object_,
            operation=Act.UPDATE,
            field=mapped.name,
            old={name: None},
            new={},
            golden_id=create_key.split("/", 1)[0],
            rule=mapped.rule,
            reason="goes with the new record",
            create_key=create_key,
            source_key=holder.key,
            source_value=dict(zip(mapped.names(holder.object), value.record.raw, strict=True)),
        ),
        mapped,
        value.record,
        holder,
        context.schemas,
    )


def _to_create(
    ruled: Ruled, found: Sequence[FieldState], before: Agreed | None, target: Mapping[str, FieldSchema]
) -> SideValue | None:
    """The value that a new record gets: that of the side; of a ratchet a tight one, if a record holds one and the new
    one can take it."""
    if ruled.policy.rule is Rule.RATCHET:
        if any(
            name in target and not target[name].createable
            for part in ruled.mapped.parts
            for name in part.names.values()
        ):
            return None
        return next((SideValue(s) for s in found if s.value in ruled.policy.tight), None)
    return side_value(found, before.value if before else None)


def _move(golden_id: str, ruled: Ruled, value: SideValue, members: Sequence[Member], *, writes: int = 1) -> Moved:
    """`writes`: 2 where the create is followed by another write of the field."""
    mapped = ruled.mapped
    bases = []
    for member in members:
        raw = raw_parts(mapped, member) if mapped.has(member.object) else None
        if raw is not None:
            bases.append((member.key, raw))
    agreed: Canonical = value.value
    return Moved(golden_id, mapped.name, agreed, mapped.rule, ruled.hash, writes, tuple(bases))


def _defaults(mapping: KindMapping, object_: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """`default_on_create` of fields that stayed blank."""
    return {
        field.names(object_)[0]: field.default_on_create[object_]
        for field in mapping.fields
        if object_ in field.default_on_create and field.names(object_)[0] not in values
    }


def _source_values(primary: Member, side: System, object_: str, context: Context) -> dict[str, Value]:
    """What the primary held at plan time: if one of these moves before the create is sent, the create is stale. Of its
    relations those that the new record may hold as a look-up; the others are writes of their own (`_following`)."""

    def made_from(field: FieldMapping) -> bool:
        if not field.is_relation(primary.object):
            return True
        looked_up = field.has(object_) and not field.is_relation(object_) and not field.read_only(object_)
        return looked_up and may_write(field.rule, side)

    mapped = [f.mapped for f in context.fields if f.mapped.has(primary.object) and made_from(f.mapped)]
    return {n: primary.fields[n] for f in mapped for n in f.names(primary.object) if n in primary.fields}
