"""Planning one golden record: its decisions become operations, and say which bases move when they have landed.

Pure: everything comes in as values. What is unique in a CRM is checked against all records by `Context.held_by`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from crm_pipeline.canonical import Canonical
from crm_pipeline.config.field import FieldMapping
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Act, System, Value
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.decision.decide import Conflict, Decision, decide
from crm_pipeline.plan.decision.state import FieldState
from crm_pipeline.plan.fit.compatibility import is_unique
from crm_pipeline.plan.fit.translate import Untranslatable, blank_of, translate
from crm_pipeline.plan.member import Agreed, Member, Ruled, raw_parts, states
from crm_pipeline.plan.operation import Operation
from crm_pipeline.plan.records.filters import taking_part
from crm_pipeline.plan.references.reference import once, one_by_one, pointed
from crm_pipeline.plan.resting import at_rest, in_step
from crm_pipeline.plan.said.holds import Hold


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
    over, and why; `answered`: fields whose answers count no more; `waiting`: (record key, reason) of records for which
    nothing is decided yet. `inside`: the members that take part; `left_out` and `back`: keys of those that a filter
    leaves out, or lets in again.
    """

    operations: list[Operation] = field(default_factory=list)
    moves: list[Moved] = field(default_factory=list)
    conflicts: list[tuple[str, Conflict]] = field(default_factory=list)
    pinned: list[tuple[str, str]] = field(default_factory=list)
    ended: list[tuple[Hold, str]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    waiting: list[tuple[str, str]] = field(default_factory=list)
    inside: Sequence[Member] = ()
    left_out: Sequence[str] = ()
    back: Sequence[str] = ()

    def wait(self, members: Iterable[Member], reason: str) -> None:
        self.waiting.extend((member.key, reason) for member in members)

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
        before = agreed.get(ruled.mapped.name)
        if ruled.mapped.name in frozen or (not spoken_of and _quiet(golden_id, ruled, view, before, plan, context)):
            continue
        found = context.source_only(ruled, view, states(ruled, view, before, context.settings, context.users))
        _plan_field(_Field(golden_id, ruled, view, before, found), plan, context)
    return plan


@dataclass(frozen=True)
class _Field:
    """One field of a golden record: the records that have it, what was agreed before, its state on each record."""

    golden_id: str
    ruled: Ruled
    members: Sequence[Member]
    before: Agreed | None
    found: Sequence[FieldState]

    @property
    def mapped(self) -> FieldMapping:
        return self.ruled.mapped

    @cached_property
    def by_key(self) -> Mapping[str, Member]:
        return {member.key: member for member in self.members}


def _quiet(
    golden_id: str, ruled: Ruled, view: Sequence[Member], before: Agreed | None, plan: EntityPlan, context: Context
) -> bool:
    """Whether there is nothing to decide about a field; one in step adds what moves all the same."""
    if at_rest(ruled, view, before, context.settings, context.users):
        return True
    step = in_step(ruled, view, context.settings, context.users)
    if step is None:
        return False
    value, bases = step
    mapped = ruled.mapped
    plan.moves.append(Moved(golden_id, mapped.name, value, mapped.rule, ruled.hash, 0, tuple(bases.items())))
    return True


def _plan_field(one: _Field, plan: EntityPlan, context: Context) -> None:
    """Add what the decision of a field comes to, under what people hold and answered."""
    name, found = one.mapped.name, one.found
    ended = context.holds.ends(one.golden_id, name, found, one.ruled.hash)
    plan.ended.extend(ended)
    over = [hold for hold, _ in ended]
    decision = decide(found, one.before.value if one.before else None, one.ruled.policy)
    if context.holds.holds(one.golden_id, None, name, over=over):
        plan.pinned.extend((write.key, name) for write in decision.writes)
        return
    decision, used_up = context.answers.taken_up(
        one.golden_id, one.ruled, one.members, found, one.before, decision, context.settings, context.users
    )
    if used_up:
        plan.answered.append(name)
    plan.conflicts.extend((name, conflict) for conflict in decision.conflicts)
    if decision.agreed is None:
        return
    writes = _kept(one, decision, context)
    pinned = [write.key for write in writes if context.holds.holds(one.golden_id, write.key, name, over=over)]
    plan.pinned.extend((key, name) for key in pinned)
    operations = [_operation(one, write, decision, context) for write in writes if write.key not in pinned]
    operations = once(operations, plan.operations)
    plan.operations.extend(operations)
    # a decision is completed by all of its writes or not at all
    if not pinned and (move := _moved(one, decision.agreed, operations)):
        plan.moves.append(move)


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


def _kept(one: _Field, decision: Decision, context: Context) -> list[FieldState]:
    """The writes, less those of a unique field to any but the primary record."""

    def wanted(write: FieldState) -> bool:
        member = one.by_key[write.key]
        return write.primary or unique_value(one.mapped, member.system, member.object, context) is None

    return [write for write in decision.writes if wanted(write)]


def _operation(one: _Field, write: FieldState, decision: Decision, context: Context) -> Operation:
    assert decision.source
    mapped, member = one.mapped, one.by_key[write.key]
    source = one.by_key.get(decision.source.key)  # none: a person's own value
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
        golden_id=one.golden_id,
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


def _moved(one: _Field, agreed: Canonical, operations: Sequence[Operation]) -> Moved | None:
    """The move of a decision, or None when the carried state says it all already (an unchanged night adds nothing)."""
    mapped = one.mapped
    written = {operation.record_key for operation in operations}
    bases = []
    for member in (one.by_key[state.key] for state in one.found):
        if member.key in written:
            continue
        raw = raw_parts(mapped, member)
        held = member.bases.get(mapped.name)
        if raw is not None and (held is None or (held.value != raw and held.observed != raw)):
            bases.append((member.key, raw))
    settled = one.before == Agreed(agreed, one.ruled.hash)
    if settled and not bases and not operations:
        return None
    return Moved(one.golden_id, mapped.name, agreed, mapped.rule, one.ruled.hash, len(operations), tuple(bases))
