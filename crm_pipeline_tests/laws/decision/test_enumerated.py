"""Laws 1-5, 11 and 12 over every state of a field: what is decided, and what the specification says, state by state.

The reference (reference.py) is written from the specification and not from the code. CI has up to two
records a side, a rule being tried on every fourth state and the next rule on the next fourth; `make laws` has every
state of up to three.
"""

from __future__ import annotations

from itertools import islice

import pytest

from crm_pipeline.plan.decision.decide import decide
from crm_pipeline_tests.laws.decision.reference import CLEARED, SAME, SET, Record, Rules, Verdict, verdict
from crm_pipeline_tests.laws.decision.states import (
    AGREED,
    after,
    canonical,
    field_states,
    policy,
    sides,
    states,
    timed_states,
    told,
)
from crm_pipeline_tests.laws.sizes import ALL

#: Records a side.
MOST = 3 if ALL else 2
#: Which part of the states a rule is tried on.
PART = 1 if ALL else 4
RULES = [
    Rules("prefer_salesforce"),
    Rules("prefer_hubspot"),
    Rules("always_salesforce"),
    Rules("always_hubspot"),
    Rules("two_way"),
    Rules("two_way", edit_vs_clear="latest", tie_breaker="hubspot"),
    Rules("two_way", edit_vs_clear="clear_wins"),
    Rules("two_way", primary_only=True),
    Rules("prefer_salesforce", edit_vs_clear="clear_wins"),
    Rules("prefer_hubspot", edit_vs_clear="latest", primary_only=True),
    Rules("most_complete"),
    Rules("ask"),
    Rules("ratchet"),
    Rules("dont_sync"),
]


def name(rules: Rules) -> str:
    return f"{rules.rule}-{rules.edit_vs_clear}{'-primary' * rules.primary_only}"


def check(records: tuple[Record, ...], rules: Rules, found: Verdict) -> None:
    """Laws 2 to 5 of one verdict."""
    by_name = {r.name: r for r in records}
    values = {r.value for r in records}
    assert len(values) > 1 or not found.written, "law 2: no difference, no write"
    for written in (by_name[n] for n in found.written):
        assert written.value != found.value, "law 2"
        assert rules.rule != "dont_sync", "law 3"
        assert not rules.rule.startswith("always") or written.side != rules.rule.split("_")[1], "law 3"
        if found.value == 0:
            cleared = {r.base for r in records if r.change == CLEARED}
            assert cleared, "law 4: no blank without proof"
            may_be_set = rules.rule.startswith("always") or rules.edit_vs_clear != "edit_wins"
            assert written.change == SAME or (may_be_set and written.change == SET), "law 5"
            assert written.change == SET or written.base in cleared, "law 5: it holds the value that was cleared"


@pytest.mark.parametrize("rules", RULES, ids=name)
def test_law_01_to_05_and_12_every_state_is_decided_as_specified(rules: Rules) -> None:
    asked = policy(rules)
    number = 0
    for records, agreed in islice(states(MOST), RULES.index(rules) % PART, None, PART):
        found = told(decide(field_states(records), canonical(agreed), asked))
        expected = verdict(records, agreed, rules)
        assert found == expected, f"{records} agreed {agreed}"
        check(records, rules, found)
        then, agreed_then = after(records, agreed, found)
        if found.written:
            again = decide(field_states(then), canonical(agreed_then), asked)
            assert not again.writes, f"law 12: {records} agreed {agreed} writes again"
        number += 1
    print(f"{name(rules)}: {number} states of 1 to {MOST} records a side")
    assert number == len(sides(MOST)) ** 2 * len(AGREED) // PART


@pytest.mark.parametrize("rules", RULES, ids=name)
def test_law_01_every_pair_of_times_is_decided_as_specified(rules: Rules) -> None:
    asked = policy(rules)
    for records, agreed in timed_states():
        found = told(decide(field_states(records), canonical(agreed), asked))
        assert found == verdict(records, agreed, rules), f"{records} agreed {agreed}"


@pytest.mark.parametrize("rule", ["two_way", "most_complete", "prefer_salesforce", "prefer_hubspot"])
def test_law_11_the_sides_agree_after_one_decision(rule: str) -> None:
    """One record a side: nothing can stand in the way of agreement."""
    for records, agreed in timed_states():
        found = told(decide(field_states(records), canonical(agreed), policy(Rules(rule))))
        (one, two), _ = after(records, agreed, found)
        assert one.value == two.value, f"{records} agreed {agreed}"
