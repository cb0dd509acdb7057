"""What follows from a person's answer to a conflict that waits: of the rules `ask` and `ratchet` (spec, The rules).

Belongs here: an answer, the states and the rule in, a decision out. Not here: where answers are kept and whether one is
still true (plan/said/answers.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_pipeline.canonical import Canonical
from crm_pipeline.model import Rule, System, Value
from crm_pipeline.plan.decision.decide import Decision, Policy, may_write, stays
from crm_pipeline.plan.decision.eligible import cleared_records, filled_records
from crm_pipeline.plan.decision.side import side_value
from crm_pipeline.plan.decision.state import Change, ChangeTime, FieldState

#: Kinds of conflicts that wait for a person.
WAITING = ("ask", "loosening")


@dataclass(frozen=True)
class Spoken:
    """A person's word: the value of a `side`, or a value of their own as Salesforce holds it (`raw`, `value`)."""

    by: str
    at: datetime
    side: System | None
    value: Canonical | None = None
    raw: tuple[Value, ...] = ()

    @property
    def source(self) -> FieldState:
        """A value that no record holds, as a state."""
        assert self.value is not None
        at = ChangeTime(self.at, certain=True)
        return FieldState("", System.SALESFORCE, self.value, self.raw, None, at, self.at)


def waits(decision: Decision) -> bool:
    """Whether nothing happens until a person has answered."""
    return decision.agreed is None and any(conflict.kind in WAITING for conflict in decision.conflicts)


def answered(
    states: Sequence[FieldState],
    agreed: Canonical | None,
    policy: Policy,
    spoken: Spoken,
    moved: frozenset[System] = frozenset(),
) -> Decision | None:
    """The decision that a person's answer makes, or None when it does not fit any more and a person is asked again.

    `states`: as `decide` found that they wait; `moved`: sides edited since the answer was given. One moved side under
    `ask` is newer than the answer and wins, as in two_way; both moved, or any under `ratchet`, ask again.
    """
    states = sorted((s for s in states if s.primary or not policy.primary_only), key=lambda s: (s.side, *s.order))
    if policy.rule is Rule.RATCHET:
        return None if moved else _ratchet(states, policy, spoken)
    if len(moved) > 1:
        return None
    side = next(iter(moved), spoken.side)
    why = f"edited in {side.label} since {spoken.by} answered" if moved and side else f"{spoken.by} answered"

    def writable(state: FieldState) -> bool:
        return may_write(policy.rule, state.side) and not state.read_only

    if side is None:
        return _own_value(states, agreed, spoken, why, writable)
    found = side_value([s for s in states if s.side is side], agreed)
    if found is None:
        return None
    if not found.blank:
        writes, left = filled_records(states, found.record, agreed, writable)
        conflicts = tuple(stays(state, "within_side") for state in left)
    elif found.change is Change.CLEARED:
        writes, left = cleared_records(states, found.record, writable, also_set=True)
        conflicts = tuple(stays(state, "not_cleared") for state in left)
    else:
        return None
    return Decision(found.value, why, found.record, writes, conflicts)


def _own_value(
    states: Sequence[FieldState],
    agreed: Canonical | None,
    spoken: Spoken,
    why: str,
    writable: Callable[[FieldState], bool],
) -> Decision:
    """A person's own value goes to what stood against each other, on both sides, and to what is blank."""
    source = spoken.source
    met = {side: side_value([s for s in states if s.side is side], agreed) for side in System}
    writes, left = [], []
    for state in states:
        voice = met[state.side]
        if state.value == source.value:
            continue
        if state.blank or state.value == agreed or (voice and state.value == voice.value):
            if writable(state):
                writes.append(state)
        else:
            left.append(state)
    return Decision(source.value, why, source, tuple(writes), tuple(stays(s, "within_side") for s in left))


def _ratchet(states: Sequence[FieldState], policy: Policy, spoken: Spoken) -> Decision | None:
    """A person confirms a loosening, which then goes to all records that still protect, or takes it back."""

    def tight(state: FieldState) -> bool:
        return state.value in policy.tight

    if spoken.side is None:
        source = spoken.source
    else:
        mine = [s for s in states if s.side is spoken.side]
        loosened = [s for s in mine if s.base in policy.tight and not tight(s)]
        named = loosened or [s for s in mine if tight(s)]
        if not named:
            return None
        source = named[0]
    if tight(source):
        writes = [s for s in states if not tight(s) and not s.read_only]
        return Decision(source.value, f"{spoken.by} took a loosening back", source, tuple(writes))
    writes = [s for s in states if tight(s) and not s.read_only]
    if source.blank:
        writes = [s for s in writes if s.change is Change.SAME and s.base == source.base]
    return Decision(source.value, f"{spoken.by} confirmed a loosening", source, tuple(writes))
