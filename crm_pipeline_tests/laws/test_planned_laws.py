"""Laws of planning on one base that two sides changed independently: 11 convergence, 12 quiet, 18 order, 3 direction.

Only the planner: every write succeeds, in a random order. Independent random records hardly ever meet; two changes of
one agreed record do (spec invariants.md, How to test them).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.canonical import is_blank
from crm_pipeline.config import load_settings
from crm_pipeline.config.field import FieldMapping
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Kind, Rule, System, Value
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.decision.state import ChangeTime
from crm_pipeline.plan.entity import EntityPlan, plan_entity
from crm_pipeline.plan.member import Agreed, Base, Member, field_hash, states

H, S = System.HUBSPOT, System.SALESFORCE
T0 = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = load_settings()
PERSON = SETTINGS.mapping.of(Kind.PERSON)
OBJECTS = {H: "contacts", S: "Lead"}
#: A single value, and a group of several parts.
NAMES = ("job_title", "address")
#: Rules that need neither a person's answer nor values of their own.
RULES = tuple(rule for rule in Rule if rule not in (Rule.ASK, Rule.RATCHET))

#: Whose value counts unless it is blank.
MASTERS = {
    Rule.PREFER_SALESFORCE: S,
    Rule.ALWAYS_SALESFORCE: S,
    Rule.PREFER_HUBSPOT: H,
    Rule.ALWAYS_HUBSPOT: H,
}


class World:
    """Records of one golden record, and what was agreed about them, from plan to plan."""

    def __init__(self, rule: Rule, members: Sequence[Member], held: Mapping[str, str]) -> None:
        fields = tuple(f.model_copy(update={"rule": rule}) for f in PERSON.fields if f.name in NAMES)
        mapping = PERSON.model_copy(update={"fields": fields})
        schemas = {
            (system, object_): {n: FieldSchema(n, n, "string") for n in PERSON.crm_fields(object_)}
            for system, object_ in PERSON.objects
        }
        nobody: frozenset[str] = frozenset()
        self.context = Context(mapping, SETTINGS, schemas, {}, {}, nobody, lambda *_: nobody)
        self.fields = {f.name: f for f in fields}
        self.members = {m.key: m for m in members}
        self.agreed = {
            name: Agreed(tuple(value for _ in field.parts), field_hash(field, SETTINGS))
            for name, field in self.fields.items()
            if (value := held.get(name)) is not None
        }
        self.night = 1

    def plan(self) -> EntityPlan:
        return plan_entity("person-1", list(self.members.values()), self.agreed, self.context)

    def push(self, plan: EntityPlan, order: random.Random) -> None:
        """Every operation lands, in any order; then bases and agreed values move."""
        self.night += 1
        at = ChangeTime(T0 + timedelta(days=self.night), certain=True)
        for operation in order.sample(plan.operations, len(plan.operations)):
            assert operation.problem is None
            member = self.members[str(operation.record_key)]
            fields = {**member.fields, **operation.new}
            changed = {**member.changed, **dict.fromkeys(operation.new, at)}
            self.members[member.key] = replace(member, fields=fields, changed=changed)
            self._base(member.key, operation.field)
        for move in plan.moves:
            self.agreed[move.field] = Agreed(move.agreed, move.field_hash)
            for key, raw in move.bases:
                self._base(key, move.field, raw)

    def _base(self, key: str, field: str, raw: tuple[Value, ...] | None = None) -> None:
        member = self.members[key]
        held = raw or tuple(member.fields[n] for n in self.fields[field].names(member.object))
        self.members[key] = replace(member, bases={**member.bases, field: Base(held)})

    def values(self, name: str) -> dict[System, list[tuple[str, ...]]]:
        """Canonical values of a field by side."""
        ruled = next(r for r in self.context.fields if r.mapped.name == name)
        found: dict[System, list[tuple[str, ...]]] = {H: [], S: []}
        for state in states(ruled, list(self.members.values()), self.agreed.get(name), SETTINGS, {}):
            found[state.side].append(state.value)
        return found


value = st.sampled_from(["", "x", "y", " x "])


def _parts(field: FieldMapping, text: str) -> tuple[Value, ...]:
    return tuple(text or None for _ in field.parts)


@st.composite
def worlds(draw: st.DrawFn, records: int = 1) -> World:
    """Records that agreed on a value each, or meet for the first time; then each side is edited by itself."""
    held = {name: draw(st.sampled_from(["", "x"])) for name in NAMES if draw(st.booleans())}
    members = []
    for system in (H, S):
        for number in range(draw(st.integers(1, records))):
            object_ = OBJECTS[system]
            fields: dict[str, Value] = dict.fromkeys(PERSON.crm_fields(object_))
            changed, bases = {}, {}
            for name in NAMES:
                field = PERSON.field(name)
                own = field.names(object_)
                fields |= zip(own, _parts(field, held.get(name, "")), strict=True)
                if name in held and draw(st.integers(0, 4)):
                    bases[name] = Base(tuple(fields[n] for n in own))
                if draw(st.booleans()):
                    at = ChangeTime(T0 + timedelta(hours=draw(st.integers(0, 3))), draw(st.booleans()))
                    fields |= zip(own, _parts(field, draw(value)), strict=True)
                    changed |= dict.fromkeys(own, at)
            key = f"{system}/{object_}/{number}"
            members.append(Member(key, system, object_, str(number), T0, T0, number == 0, fields, changed, bases))
    return World(draw(st.sampled_from(RULES)), members, held)


@given(worlds(), st.randoms(use_true_random=False))
def test_law_11_and_12_two_records_come_to_rest_and_agree(world: World, order: random.Random) -> None:
    rule = next(iter(world.fields.values())).rule
    rounds = []
    for _ in range(4):
        plan = world.plan()
        rounds.append(len(plan.operations))
        world.push(plan, order)
    assert rounds[1:] == [0, 0, 0], "law 12: an immediate second plan is empty"
    for name in NAMES if rule is not Rule.DONT_SYNC else ():
        sides = world.values(name)
        master = MASTERS.get(rule)
        if master is None or not is_blank(sides[master][0]):
            assert sides[H] == sides[S], "law 11: both agree, or the preferred side is blank"


@given(worlds(records=3), st.randoms(use_true_random=False))
def test_law_11_and_12_several_records_a_side_come_to_rest(world: World, order: random.Random) -> None:
    rounds = []
    for _ in range(4):
        plan = world.plan()
        rounds.append(len(plan.operations))
        world.push(plan, order)
    assert rounds[2:] == [0, 0], f"law 11: at most two further plans have something to do, {rounds}"


@given(worlds(records=2), st.integers(0, 2**32), st.integers(0, 2**32))
def test_law_18_the_order_of_writes_changes_nothing(world: World, one: int, other: int) -> None:
    ends = []
    start = dict(world.members), dict(world.agreed)
    for seed in (one, other):
        world.members, world.agreed = dict(start[0]), dict(start[1])
        for _ in range(3):
            world.push(world.plan(), random.Random(seed))
        ends.append({key: dict(m.fields) for key, m in world.members.items()})
    assert ends[0] == ends[1]


@given(worlds(records=2))
def test_law_03_no_rule_writes_the_side_that_it_must_not(world: World) -> None:
    rule = next(iter(world.fields.values())).rule
    never = {
        Rule.DONT_SYNC: {H, S},
        Rule.ALWAYS_SALESFORCE: {S},
        Rule.ALWAYS_HUBSPOT: {H},
    }.get(rule, set())
    assert not {o.system for o in world.plan().operations} & never
