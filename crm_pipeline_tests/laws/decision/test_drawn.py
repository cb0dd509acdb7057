"""Laws 1, 2-5, 7, 9 and 12 on drawn states of up to three records a side, with any times and any clock skew."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.model import Rule, System
from crm_pipeline.plan.decision.decide import Decision, Policy, decide
from crm_pipeline.plan.decision.state import Change, FieldState
from crm_pipeline_tests.plan.states import ONE, H, S, after, state

POLICIES = [
    *(Policy(rule) for rule in Rule if rule is not Rule.RATCHET),
    Policy(Rule.TWO_WAY, edit_vs_clear="latest"),
    Policy(Rule.TWO_WAY, edit_vs_clear="clear_wins"),
    Policy(Rule.PREFER_SALESFORCE, edit_vs_clear="clear_wins"),
    Policy(Rule.TWO_WAY, primary_only=True),
    Policy(Rule.RATCHET, tight=frozenset({("x",)})),
]
ALWAYS = (Rule.ALWAYS_SALESFORCE, Rule.ALWAYS_HUBSPOT)


def check_laws_of_one_decision(states: tuple[FieldState, ...], decision: Decision, policy: Policy) -> None:
    values = {s.side: {r.value for r in states if r.side is s.side} for s in states}
    if len(values) == 2 and values[H] == values[S] and len(values[H]) == 1:
        assert not decision.writes, "law 2: no difference, no write"
    for write in decision.writes:
        assert decision.source
        assert write.value != decision.source.value, "law 2"
        if policy.rule is Rule.ALWAYS_SALESFORCE:
            assert write.side is H, "law 3"
        if policy.rule is Rule.ALWAYS_HUBSPOT:
            assert write.side is S, "law 3"
        assert policy.rule is not Rule.DONT_SYNC, "law 3"
        if decision.clears:
            assert decision.source.change is Change.CLEARED, "law 4: no blank without proof"
            assert write.base is not None, "law 5: first contact never erases"
            may_be_set = policy.rule in ALWAYS or policy.edit_vs_clear != "edit_wins"
            assert write.change is Change.SAME or (may_be_set and write.change is Change.SET), "law 5"
            if write.change is Change.SAME:
                assert write.base == decision.source.base, "law 5: it holds the value that was cleared"


three_a_side = st.tuples(
    st.lists(st.sampled_from(ONE), min_size=1, max_size=3),
    st.lists(st.sampled_from(ONE), min_size=1, max_size=3),
    st.sampled_from([None, ("",), ("x",)]),
    st.lists(st.integers(0, 100), min_size=6, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
)


def built(sides: tuple[list, list, object, list[int], list[bool]]) -> tuple[FieldState, ...]:
    hubspot, salesforce, _, times, certain = sides
    return tuple(
        state(side, v, b, n=n, at=times[n + 3 * (side is S)], certain=certain[n + 3 * (side is S)])
        for side, records in ((H, hubspot), (S, salesforce))
        for n, (v, b) in enumerate(records)
    )


@given(three_a_side, st.sampled_from(POLICIES), st.randoms(use_true_random=False))
def test_law_01_order_of_records_does_not_matter(sides, policy: Policy, rng: random.Random) -> None:
    states = list(built(sides))
    expected = decide(states, sides[2], policy)
    rng.shuffle(states)
    assert decide(states, sides[2], policy) == expected


@given(three_a_side, st.sampled_from(POLICIES))
def test_law_02_to_05_and_12_with_three_records_a_side(sides, policy: Policy) -> None:
    states, agreed = built(sides), sides[2]
    decision = decide(states, agreed, policy)
    check_laws_of_one_decision(states, decision, policy)
    then, agreed_then = after(states, agreed, decision)
    assert not decide(then, agreed_then, policy).writes


def mirrored(states: tuple[FieldState, ...]) -> list[FieldState]:
    return [replace(s, side=s.side.other, key=s.key.replace(s.side, s.side.other)) for s in states]


@given(three_a_side)
def test_law_07_swapping_the_sides_mirrors_the_result(sides) -> None:
    states, agreed = built(sides), sides[2]
    decision = decide(states, agreed, Policy(Rule.TWO_WAY, tie_breaker=S))
    mirror = decide(mirrored(states), agreed, Policy(Rule.TWO_WAY, tie_breaker=H))
    assert {w.key for w in mirrored(decision.writes)} == {w.key for w in mirror.writes}
    assert decision.agreed == mirror.agreed


@given(three_a_side, st.sampled_from(POLICIES))
def test_law_09_unknown_is_frozen(sides, policy: Policy) -> None:
    states = built(sides)
    if policy.primary_only:
        return
    for index in range(len(states)):
        hidden = [replace(s, known=i != index) for i, s in enumerate(states)]
        decision = decide(hidden, sides[2], policy)
        assert not decision.writes
        assert decision.agreed is None


@given(three_a_side, st.integers(-3600, 3600))
def test_law_13_the_decision_is_quiet_for_every_clock_skew(sides, skew: int) -> None:
    states = [
        replace(s, changed=replace(s.changed, at=s.changed.at + timedelta(seconds=skew * (s.side is System.HUBSPOT))))
        for s in built(sides)
    ]
    decision = decide(states, sides[2], Policy(Rule.TWO_WAY))
    check_laws_of_one_decision(tuple(states), decision, Policy(Rule.TWO_WAY))
    then, agreed = after(states, sides[2], decision)
    assert not decide(then, agreed, Policy(Rule.TWO_WAY)).writes
