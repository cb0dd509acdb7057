"""Planning one golden record: its decisions become operations, and say which bases move when they have landed.

Pure: everything comes in as values. What is unique in a CRM is checked against all records by `Context.held_by`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from crm_pipeline.canonical import Canonical
from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.settings import Settings
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Act, Rule, System, Value
from crm_pipeline.plan.decision.decide import Conflict, Decision, decide
from crm_pipeline.plan.decision.state import FieldState
from crm_pipeline.plan.fit.compatibility import Schemas, is_unique, schema_hash
from crm_pipeline.plan.fit.translate import Target, Untranslatable, blank_of, translate
from crm_pipeline.plan.member import Agreed, Member, Ruled, raw_parts, states
from crm_pipeline.plan.operation import Operation
from crm_pipeline.plan.records.filters import taking_part
from crm_pipeline.plan.references.reference import once, one_by_one, pointed
from crm_pipeline.plan.resting import at_rest, in_step
from crm_pipeline.plan.said.answers import Answers
from crm_pipeline.plan.said.holds import Hold, Holds


@dataclass(frozen=True)
class Context:
    """What planning needs to know besides the golden record itself.

    `users`: (system, user id) -> e-mail; `user_ids`: (system, e-mail) -> active id; `skipped`: incompatible fields.
    `held_by(system, object, field, canonical value)`: keys of the records of that CRM that hold a unique value.
    `holds`: what people and undos hold; `answers`: what people said about conflicts. `outside`: keys of records that a
    filter left out before.
    """

    mapping: KindMapping
    settings: Settings
    schemas: Schemas
    users: Mapping[tuple[System, str], str]
    user_ids: Mapping[tuple[System, str], str]
    skipped: frozenset[str]
    held_by: Callable[[System, str, str, str], frozenset[str]]
    holds: Holds = field(default_factory=Holds)
    answers: Answers = field(default_factory=Answers)
    outside: frozenset[str] = frozenset()

    def target(self, system: System, object_: str, held: Mapping[str, Value] | None = None) -> Target:
        """Where values go; `held`: what the record holds, None for a new one."""
        return Target(system, object_, self.schemas[system, object_], self.user_ids, held or {}, self.settings.zone)

    def source_only(self, ruled: Ruled, members: Sequence[Member], found: Sequence[FieldState]) -> Sequence[FieldState]:
        """The states of a ratchet, of which a side that cannot be written tells and is not written: HubSpot's opt-out
        from all e-mail. Other rules leave such a field out as a whole (fit/compatibility.py)."""
        if ruled.policy.rule is not Rule.RATCHET:
            return found
        objects = {m.key: (m.system, m.object) for m in members}

        def told(state: FieldState) -> FieldState:
            system, object_ = objects[state.key]
            fields = (self.schemas[system, object_].get(name) for name in ruled.mapped.names(object_))
            locked = any(field is not None and not field.updateable for field in fields)
            return replace(state, read_only=True) if locked else state

        return [told(state) for state in found]

    @property
    def basis(self) -> str:
        """What decides about a golden record beside its own records; unique values that others hold left out."""
        users = sorted(self.users.items()), sorted(self.user_ids.items())
        how = f"{self.settings.mapping.hash}|{self.settings.sync}|{self.settings.time_zone}"
        return f"{how}|{schema_hash(self.schemas)}|{users}"

    @cached_property
    def fields(self) -> tuple[Ruled, ...]:
        """The fields that take part, each with its policy."""
        return tuple(
            Ruled.of(f, self.settings)
            for f in self.mapping.fields
            if f.name not in self.skipped and f.rule is not Rule.DONT_SYNC
        )


@dataclass(frozen=True)
class Moved:
    """What a decision changes in the carried state when its `writes` have landed: agreed value, bases (raw parts)."""

    golden_id: str
    field: str
    agreed: Canonical
    rule: str
    field_hash: str
    writes: int
    bases: tuple[tuple[str, tuple[Value, ...]], ...]


@dataclass
class EntityPlan:
    """The plan of one golden record.

    `pinned`: (record key, field) of operations that were not made because they are held; `ended`: undos' holds that are
    over, and why; `answered`: fields whose answers count no more. `inside`: the members that take part; `left_out` and
    `back`: keys of those that a filter leaves out, or lets in again.
    """

    operations: list[Operation] = field(default_factory=list)
    moves: list[Moved] = field(default_factory=list)
    conflicts: list[tuple[str, Conflict]] = field(default_factory=list)
    pinned: list[tuple[str, str]] = field(default_factory=list)
    ended: list[tuple[Hold, str]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    inside: Sequence[Member] = ()
    left_out: Sequence[str] = ()
    back: Sequence[str] = ()

    def add_create(self, created: EntityPlan) -> None:
        """Add the create of a missing record. A field that both write (a ratchet among the records of one side) is one
        decision, complete when all its writes have landed (law 22)."""
        own = {move.field: number for number, move in enumerate(self.moves)}
        self.operations.extend(created.operations)
        for move in created.moves:
            if move.field in own:
                before = self.moves[own[move.field]]
                self.moves[own[move.field]] = replace(before, writes=before.writes + move.writes)
            else:
                self.moves.append(move)


def plan_entity(
    golden_id: str,
    members: Sequence[Member],
    agreed: Mapping[str, Agreed],
    context: Context,
    frozen: Collection[str] = (),
) -> EntityPlan:
    """Decisions for all fields of a golden record.

    `members`: its live records; `agreed`: by field name; `frozen`: fields about which nothing is decided now.
    """
    part = taking_part(context.mapping, members, context.outside)
    plan = EntityPlan(inside=part.inside, left_out=part.left_out, back=part.back)
    spoken_of = context.answers.about(golden_id) or context.holds.about(golden_id, (m.key for m in part.inside))
    for ruled, view in (pair for one in context.fields for pair in one_by_one(one, part.inside)):
        mapped = ruled.mapped
        if mapped.name in frozen:
            continue
        before = agreed.get(mapped.name)
        if not spoken_of:
            if at_rest(ruled, view, before, context.settings, context.users):
                continue
            if step := in_step(ruled, view, context.settings, context.users):
                value, bases = step
                plan.moves.append(Moved(golden_id, mapped.name, value, mapped.rule, ruled.hash, 0, (*bases.items(),)))
                continue
        by_key = {m.key: m for m in view}
        found = context.source_only(ruled, view, states(ruled, view, before, context.settings, context.users))
        decision = decide(found, before.value if before else None, ruled.policy)
        over = context.holds.ends(golden_id, mapped.name, found, ruled.hash)
        plan.ended.extend(over)
        holds = context.holds.without(hold for hold, _ in over) if over else context.holds
        if holds.holds(golden_id, None, mapped.name):
            plan.pinned.extend((write.key, mapped.name) for write in decision.writes)
            continue
        decision, used_up = context.answers.taken_up(
            golden_id, ruled, view, found, before, decision, context.settings, context.users
        )
        if used_up:
            plan.answered.append(mapped.name)
        plan.conflicts.extend((mapped.name, conflict) for conflict in decision.conflicts)
        if decision.agreed is None:
            continue
        writes = _kept(decision, mapped, by_key, context)
        pinned = [w.key for w in writes if holds.holds(golden_id, w.key, mapped.name)]
        plan.pinned.extend((key, mapped.name) for key in pinned)
        operations = [
            _operation(golden_id, mapped, by_key, write, decision, context)
            for write in writes
            if write.key not in pinned
        ]
        operations = once(operations, plan.operations)
        plan.operations.extend(operations)
        move = _moved(golden_id, ruled, found, decision, before, by_key, operations, pinned)
        if move:
            plan.moves.append(move)
    return plan


def unique_value(mapped: FieldMapping, system: System, object_: str, context: Context) -> FieldSchema | None:
    """The description of the field if it is unique in its CRM. Groups, relations and paths are never unique."""
    if len(mapped.parts) > 1 or mapped.is_relation(object_) or mapped.read_only(object_):
        return None
    schema = context.schemas[system, object_][mapped.names(object_)[0]]
    return schema if is_unique(system, object_, schema) else None


def held_elsewhere(
    mapped: FieldMapping, system: System, object_: str, value: str, own: str | None, context: Context
) -> str | None:
    """The key of another record of the CRM that holds a unique value already, or None."""
    schema = unique_value(mapped, system, object_, context)
    if schema is None or not value:
        return None
    return min(context.held_by(system, object_, schema.name, value) - {own}, default=None)


def _kept(decision: Decision, mapped: FieldMapping, by_key: Mapping[str, Member], context: Context) -> list[FieldState]:
    """The writes, less those of a unique field to any but the primary record."""

    def wanted(write: FieldState) -> bool:
        member = by_key[write.key]
        return write.primary or unique_value(mapped, member.system, member.object, context) is None

    return [write for write in decision.writes if wanted(write)]


def _operation(
    golden_id: str,
    mapped: FieldMapping,
    by_key: Mapping[str, Member],
    write: FieldState,
    decision: Decision,
    context: Context,
) -> Operation:
    assert decision.source
    member, source = by_key[write.key], by_key.get(decision.source.key)  # none: a person's own value
    names = mapped.names(member.object)
    old = dict(zip(names, write.raw, strict=True))
    planned = Operation(
        kind=context.mapping.kind,
        system=member.system,
        object=member.object,
        record_id=member.record_id,
        operation=Act.CLEAR if decision.clears else Act.UPDATE,
        field=mapped.name,
        old=old,
        new={},
        golden_id=golden_id,
        rule=mapped.rule,
        reason=decision.reason,
        source_key=source.key if source else None,
        source_value=dict(zip(mapped.names(source.object), decision.source.raw, strict=True)) if source else None,
    )
    if mapped.refers_to is not None and source:
        return pointed(planned, mapped, decision.source, source, context.schemas, member)
    try:
        values = translate(mapped, decision.source, context.target(member.system, member.object, member.fields))
    except Untranslatable as reason:
        return planned.refused(str(reason))
    # A group is written whole: what somebody types into one of its parts meanwhile must not stand beside our others
    # (law 51). Parts that do not differ keep the spelling that they have.
    differs = {n: write.value[i] != decision.source.value[i] for i, n in enumerate(names)}
    kept = {n: blank_of(member.system) if old[n] is None else old[n] for n in names}
    planned = replace(planned, new={n: values[n] if differs[n] else kept[n] for n in names})
    holder = held_elsewhere(mapped, member.system, member.object, decision.source.value[0], member.key, context)
    return planned.refused(f"held by {holder}") if holder else planned


def _moved(
    golden_id: str,
    ruled: Ruled,
    found: Sequence[FieldState],
    decision: Decision,
    before: Agreed | None,
    by_key: Mapping[str, Member],
    operations: Sequence[Operation],
    pinned: Sequence[str],
) -> Moved | None:
    """The move of a decision, or None when the carried state says it all already (an unchanged night adds nothing).

    None as well while a write of it is held: a decision is completed by all of its writes or not at all.
    """
    assert decision.agreed is not None
    if pinned:
        return None
    mapped = ruled.mapped
    written = {o.record_key for o in operations}
    bases = []
    for state in found:
        member = by_key[state.key]
        if member.key in written:
            continue
        raw = raw_parts(mapped, member)
        held = member.bases.get(mapped.name)
        if raw is not None and (held is None or (held.value != raw and held.observed != raw)):
            bases.append((member.key, raw))
    settled = before == Agreed(decision.agreed, ruled.hash)
    if settled and not bases and not operations:
        return None
    return Moved(golden_id, mapped.name, decision.agreed, mapped.rule, ruled.hash, len(operations), tuple(bases))
