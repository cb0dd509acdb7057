"""The reference model of who belongs to whom: who knows which choice, and what a correct sync may make of it.

Written from spec invariants.md, without a look at the product's decisions. A slot is one reference of one thing (a
company, a person, a deal, a task), or one member of a set. Things are told apart by what users made, not by ids. What
vanished because the record at its other end was deleted was taken away by nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from crm_pipeline.model import System
from crm_pipeline_tests.laws.machine.crm import Kept


@dataclass(eq=False)
class Thing:
    """One company, person, deal or task, with its records in both CRMs. `into`: what it was merged into; `messy`:
    several records of it may hold several references, of which only safety is asked."""

    number: int
    kind: str
    records: list[tuple[System, Kept]] = field(default_factory=list)
    into: Thing | None = None
    messy: bool = False
    refused: set[System] = field(default_factory=set)
    golden: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        return f"{self.kind} {self.number}"

    def live(self, side: System | None = None) -> list[tuple[System, Kept]]:
        return [(s, r) for s, r in self.records if r.retired is None and side in (None, s)]


def one(thing: Thing | None) -> Thing | None:
    """What a thing is by now."""
    while thing and thing.into:
        thing = thing.into
    return thing


@dataclass(frozen=True)
class Choice:
    """A user's choice: the thing that a reference leads to, None for nothing. `known`: the choices that it was made
    with knowledge of."""

    number: int
    side: System
    value: Thing | None
    known: frozenset[int]


@dataclass
class Slot:
    """`knows`: record key -> choices that it knows of; `excused`: why only safety is asked; `seen`: what the plan was
    made with; `at_plan`: record key -> what it led to then; `vanished`: things that this led to on a side where their
    record was deleted."""

    name: str
    choices: list[Choice] = field(default_factory=list)
    knows: dict[str, frozenset[int]] = field(default_factory=dict)
    seen: frozenset[int] = frozenset()
    at_plan: dict[str, frozenset[Thing]] = field(default_factory=dict)
    agreeing: bool = False
    excused: str = ""
    vanished: set[Thing] = field(default_factory=set)

    @property
    def field(self) -> str:
        """The reference."""
        return self.name.rpartition(".")[2].partition("/")[0]

    def choose(self, side: System, key: str, peers: Collection[str], value: Thing | None) -> None:
        """A user gives the reference of the record `key` a value; `peers`: all records of that side."""
        known = frozenset().union(*(self.knows.get(peer, frozenset()) for peer in peers))
        self.choices.append(Choice(len(self.choices), side, value, known))
        self.knows[key] = known | {len(self.choices) - 1}

    def planned(self, held: Mapping[str, frozenset[Thing]]) -> None:
        """A plan is made; `held`: record key -> what it leads to now."""
        self.seen = frozenset().union(*(self.knows.get(key, frozenset()) for key in held))
        self.at_plan = dict(held)

    def moved(self, key: str, now: frozenset[Thing]) -> bool:
        """Whether a record leads elsewhere than it did when the plan was made."""
        before = self.at_plan.get(key, frozenset())
        return not before & now if before else bool(now)

    def learnt(self, keys: Collection[str]) -> None:
        """What the plan was made with is known there."""
        for key in keys:
            self.knows[key] = self.knows.get(key, frozenset()) | self.seen

    def undominated(self) -> list[Choice]:
        known = frozenset().union(*(choice.known for choice in self.choices)) if self.choices else frozenset()
        return [choice for choice in self.choices if choice.number not in known]

    def chosen(self, value: Thing) -> bool:
        """Whether somebody ever chose that."""
        return any(one(choice.value) is one(value) for choice in self.choices)

    def taken_away(self, value: Thing | None) -> bool:
        """Whether somebody took away the reference to that, knowing of it; None: to whatever. So has who chose another
        that vanished since: nothing is left of either."""
        gone = {None, *map(one, self.vanished)}
        left = {one(value)} if value else {one(choice.value) for choice in self.choices} - gone
        mine = {choice.number for choice in self.choices if one(choice.value) in left}
        return any(
            (value is None and choice.value is None) or (one(choice.value) in gone - left and choice.known & mine)
            for choice in self.choices
        )


@dataclass
class Model:
    """All slots of a family, by thing, reference and, of a set, member. `created_by`: create keys of what was made."""

    edit_vs_clear: str
    slots: dict[tuple[Thing, str, Thing | None], Slot] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    created_by: set[str] = field(default_factory=set)

    def slot(self, thing: Thing, name: str, member: Thing | None = None) -> Slot:
        at = (one(thing) or thing, name, one(member))
        if at not in self.slots:
            self.slots[at] = Slot(f"{at[0]}.{name}" + (f"/{at[2]}" if at[2] else ""))
        return self.slots[at]

    def of(self, thing: Thing) -> list[Slot]:
        return [slot for (owner, _, _), slot in self.slots.items() if one(owner) is one(thing)]

    def joined(self, gone: Thing, stays: Thing) -> None:
        """Two things are one by now: so are their slots, of which less is asked."""
        gone.into = stays
        stays.records += gone.records
        stays.messy = True
        stays.golden |= gone.golden
        stays.refused |= gone.refused
        by: dict[tuple[Thing, str, Thing | None], list[Slot]] = defaultdict(list)
        for (owner, name, member), slot in self.slots.items():
            by[one(owner) or owner, name, one(member)].append(slot)
        self.slots = {at: self._merged(found) for at, found in by.items()}

    def _merged(self, found: list[Slot]) -> Slot:
        first, *others = found
        for other in others:
            shift = len(first.choices)
            first.choices += [
                Choice(c.number + shift, c.side, c.value, frozenset(n + shift for n in c.known)) for c in other.choices
            ]
            for key, known in other.knows.items():
                first.knows[key] = first.knows.get(key, frozenset()) | {n + shift for n in known}
            first.vanished |= other.vanished
            first.excused = "two of them were merged"
        return first

    def wrong(self, law: int | str, what: str) -> None:
        self.violations.append(f"law {law}: {what}")

    # -- laws of a write, at the moment it lands

    def led(self, slot: Slot, key: str, value: Thing | None, before: Thing | None, mastered: bool) -> None:
        """A reference of ours lands: from `before` to `value`. `mastered`: it follows Salesforce whatever is here."""
        anyhow = mastered or self.edit_vs_clear != "edit_wins"
        if value is not None and not slot.chosen(value):
            self.wrong(36, f"{slot.name} of {key} is led to {value}, which nobody chose")
        if value is not None and value is before:
            self.wrong(17, f"{slot.name} of {key} is written although it leads there")
        if value is None and before is not None and not slot.taken_away(None if anyhow else before):
            self.wrong(4, f"{slot.name} of {key} is taken off {before}, and nobody did that")
        slot.learnt([key])

    # -- laws of the end

    def ends(self, slot: Slot, hubspot: Thing | None, salesforce: Thing | None, mastered: bool) -> None:
        """`hubspot`, `salesforce`: what the reference leads to in the end, where it could lead to the same thing."""
        if slot.excused:
            return
        if hubspot is not salesforce and not (mastered and salesforce is None):
            self.wrong(11, f"{slot.name}: HubSpot leads to {hubspot}, Salesforce to {salesforce}")
        if mastered:
            return
        left = [one(choice.value) for choice in slot.undominated()]
        gone = hubspot is None and {one(thing) for thing in slot.vanished} >= set(left)
        if left and hubspot not in left and not gone:
            law = 14 if len(left) == 1 else 15
            self.wrong(law, f"{slot.name}: the end is {hubspot}, the newest choices are {left}")
