"""The rule tables of spec sync-rules.md, cell by cell, for one record a side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_pipeline.model import Rule, System
from crm_pipeline.plan.decision.decide import Policy, decide
from crm_pipeline.plan.decision.state import ChangeTime, FieldState
from crm_pipeline_tests.plan.states import T0, H, S, state

#: A record's change -> (value, base).
NEW, NEW_BLANK = ("n", None), ("", None)
SAME, SAME_BLANK = ("a", "a"), ("", "")
SET, CLEARED = ("e", "a"), ("", "a")


def outcome(h: tuple[str, str | None], s: tuple[str, str | None], policy: Policy, later: str = "") -> str:
    """`S>H:x` Salesforce's x goes to HubSpot; `S>H:` a blank does; `keep` nothing is written."""
    hubspot = state(H, *h, at=100 if later == "h" else 0)
    salesforce = state(S, *s, at=100 if later == "s" else 0)
    agreed = next(((b,) for _, b in (h, s) if b is not None), None)
    decision = decide([hubspot, salesforce], agreed, policy)
    if not decision.writes:
        return "keep"
    assert decision.source
    (target,) = decision.writes
    direction = "S>H" if target.side is H else "H>S"
    assert decision.source.side is not target.side
    return f"{direction}:{decision.source.value[0]}"


def other(value: tuple[str, str | None]) -> tuple[str, str | None]:
    """The same change with a different value, so that the sides do not agree by chance."""
    return (value[0] + "2", value[1]) if value[0] else value


@pytest.mark.parametrize(
    ("hubspot", "salesforce", "expected"),
    [
        (NEW, other(NEW), "S>H:n2"),
        (SAME, other(SET), "S>H:e2"),
        (SET, SAME, "S>H:a"),
        (NEW_BLANK, SAME, "S>H:a"),
        (CLEARED, SAME, "S>H:a"),
        (SAME, CLEARED, "S>H:"),
        (CLEARED, CLEARED, "keep"),
        (NEW, CLEARED, "H>S:n"),
        (NEW_BLANK, CLEARED, "keep"),
        (SET, CLEARED, "H>S:e"),
        (NEW, NEW_BLANK, "H>S:n"),
        (SAME, SAME_BLANK, "H>S:a"),
        (SET, SAME_BLANK, "H>S:e"),
        (NEW_BLANK, NEW_BLANK, "keep"),
    ],
)
def test_prefer_salesforce_unless_blank(
    hubspot: tuple[str, str | None], salesforce: tuple[str, str | None], expected: str
) -> None:
    assert outcome(hubspot, salesforce, Policy(Rule.PREFER_SALESFORCE)) == expected


@pytest.mark.parametrize(
    ("hubspot", "salesforce", "expected"),
    [
        (NEW, other(NEW), "S>H:n2"),
        (SET, SAME, "S>H:a"),
        (SAME, CLEARED, "S>H:"),
        (SET, CLEARED, "S>H:"),
        (NEW, CLEARED, "keep"),
        (NEW, NEW_BLANK, "keep"),
        (SET, SAME_BLANK, "keep"),
        (SAME, SAME_BLANK, "keep"),
    ],
)
def test_always_salesforce(hubspot: tuple[str, str | None], salesforce: tuple[str, str | None], expected: str) -> None:
    assert outcome(hubspot, salesforce, Policy(Rule.ALWAYS_SALESFORCE)) == expected


@pytest.mark.parametrize(
    ("hubspot", "salesforce", "later", "expected"),
    [
        (NEW, NEW_BLANK, "", "H>S:n"),
        (NEW, other(NEW), "h", "H>S:n"),
        (NEW, other(NEW), "s", "S>H:n2"),
        (NEW, SAME_BLANK, "", "H>S:n"),
        (NEW_BLANK, SAME, "", "S>H:a"),
        (NEW, SAME, "h", "H>S:n"),
        (NEW, SAME, "s", "S>H:a"),
        (NEW_BLANK, SET, "", "S>H:e"),
        (NEW, SET, "h", "H>S:n"),
        (NEW, SET, "s", "S>H:e"),
        (NEW_BLANK, CLEARED, "", "keep"),
        (NEW, CLEARED, "s", "H>S:n"),
        (SAME, other(SET), "", "S>H:e2"),
        (SAME, CLEARED, "", "S>H:"),
        (SAME, SAME_BLANK, "", "H>S:a"),
        (SET, other(SET), "h", "H>S:e"),
        (SET, other(SET), "s", "S>H:e2"),
        (SET, CLEARED, "s", "H>S:e"),
        (CLEARED, CLEARED, "", "keep"),
    ],
)
def test_two_way_latest_wins(
    hubspot: tuple[str, str | None], salesforce: tuple[str, str | None], later: str, expected: str
) -> None:
    assert outcome(hubspot, salesforce, Policy(Rule.TWO_WAY), later) == expected
    mirrored = {"h": "s", "s": "h", "": ""}[later]
    swapped = expected.translate(str.maketrans("HS", "SH")) if expected != "keep" else expected
    assert outcome(salesforce, hubspot, Policy(Rule.TWO_WAY), mirrored) == swapped


@pytest.mark.parametrize(
    ("edit_vs_clear", "later", "expected"),
    [
        ("edit_wins", "s", "H>S:e"),
        ("latest", "s", "S>H:"),
        ("latest", "h", "H>S:e"),
        ("clear_wins", "h", "S>H:"),
    ],
)
def test_an_edit_meets_a_clear(edit_vs_clear: str, later: str, expected: str) -> None:
    policy = Policy(Rule.TWO_WAY, edit_vs_clear=edit_vs_clear)  # type: ignore[arg-type]
    assert outcome(SET, CLEARED, policy, later) == expected
    decision = decide([state(H, *SET), state(S, *CLEARED)], ("a",), policy)
    assert [c.kind for c in decision.conflicts] == ["edit_vs_clear"]


@pytest.mark.parametrize("rule", [Rule.PREFER_HUBSPOT, Rule.ALWAYS_HUBSPOT])
def test_the_hubspot_rules_are_the_salesforce_rules_with_sides_swapped(rule: Rule) -> None:
    twin = Rule(rule.value.replace("hubspot", "salesforce"))
    changes = [NEW, NEW_BLANK, SAME, SAME_BLANK, SET, CLEARED]
    for hubspot in changes:
        for salesforce in changes:
            swapped = outcome(hubspot, other(salesforce), Policy(twin)).translate(str.maketrans("HS", "SH"))
            result = outcome(other(salesforce), hubspot, Policy(rule))
            assert result == ("keep" if swapped == "keep" else swapped)


def test_dont_sync_writes_nothing_and_keeps_no_base() -> None:
    decision = decide([state(H, *SET), state(S, *NEW)], None, Policy(Rule.DONT_SYNC))
    assert decision.writes == ()
    assert decision.agreed is None


def test_ask_is_two_way_until_both_sides_changed() -> None:
    policy = Policy(Rule.ASK)
    assert outcome(SET, SAME, policy) == "H>S:e"
    both = decide([state(H, *SET), state(S, *other(SET))], ("a",), policy)
    assert both.writes == ()
    assert both.agreed is None, "bases stay until a person has decided"
    assert [c.kind for c in both.conflicts] == ["ask"]


def test_a_fuller_name_wins_on_first_contact() -> None:
    def name(side: System, family: str, given: str, base: tuple[str, str] | None = None) -> FieldState:
        return replace(state(side, "", None), value=(family, given), raw=(family, given), base=base)

    short, full = name(H, "松本", ""), name(S, "松本", "次郎")
    decision = decide([short, full], None, Policy(Rule.MOST_COMPLETE))
    assert decision.source is full
    assert decision.writes == (short,)
    later = replace(name(H, "松本", "", ("松本", "次郎")), changed=ChangeTime(T0, True))
    unchanged = name(S, "松本", "次郎", ("松本", "次郎"))
    again = decide([later, unchanged], ("松本", "次郎"), Policy(Rule.MOST_COMPLETE))
    assert again.source is later, "after the first contact an edit counts, even one that shortens"


class TestRatchet:
    policy = Policy(Rule.RATCHET, tight=frozenset({("true",)}))

    def test_a_tight_value_goes_to_all_records(self) -> None:
        states = [state(H, "true", "false"), state(S, "false", "false"), state(S, "", None, n=1)]
        decision = decide(states, ("false",), self.policy)
        assert {w.key for w in decision.writes} == {"salesforce/0", "salesforce/1"}

    def test_a_loosening_is_neither_copied_nor_reverted(self) -> None:
        states = [state(H, "false", "true"), state(S, "true", "true")]
        decision = decide(states, ("true",), self.policy)
        assert decision.writes == ()
        assert decision.agreed is None
        (conflict,) = decision.conflicts
        assert conflict.kind == "loosening"
        assert (conflict.hubspot, conflict.salesforce) == tuple(states), "a person sees both sides"

    def test_blank_has_no_vote(self) -> None:
        decision = decide([state(H, "", None), state(S, "", None)], None, self.policy)
        assert decision.writes == ()


def test_unknown_on_one_record_freezes_the_field() -> None:
    decision = decide(
        [state(H, *SET), state(S, *SAME), state(S, *SAME, n=1, known=False)], ("a",), Policy(Rule.TWO_WAY)
    )
    assert decision.writes == ()
    assert decision.agreed is None


def test_a_lookup_path_is_a_source_and_never_a_target() -> None:
    path = state(S, "", None, read_only=True)
    assert decide([state(H, *NEW), path], None, Policy(Rule.PREFER_SALESFORCE)).writes == ()
    filled = replace(path, value=("i",), raw=("i",))
    assert decide([state(H, *NEW_BLANK), filled], None, Policy(Rule.PREFER_SALESFORCE)).source is filled


def test_only_the_primary_takes_part_where_told_so() -> None:
    states = [state(H, "", None), state(S, "x", None), state(S, "y", "x", n=1, at=9)]
    decision = decide(states, None, Policy(Rule.TWO_WAY, primary_only=True))
    assert decision.agreed == ("x",)


def test_duplicates_inside_a_crm_do_not_overwrite_each_other() -> None:
    states = [state(H, "", "", at=1), state(S, "x", "o", at=9), state(S, "y", "y", n=1), state(S, "", "", n=2)]
    decision = decide(states, None, Policy(Rule.TWO_WAY))
    assert {w.key for w in decision.writes} == {"hubspot/0", "salesforce/2"}
    assert [(c.kind, c.salesforce.key if c.salesforce else "") for c in decision.conflicts] == [
        ("within_side", "salesforce/1")
    ]


def test_a_clear_leaves_a_record_that_holds_another_value() -> None:
    states = [state(H, "", "x"), state(S, "x", "x"), state(S, "y", "y", n=1)]
    decision = decide(states, ("x",), Policy(Rule.TWO_WAY))
    assert {w.key for w in decision.writes} == {"salesforce/0"}
    assert [c.kind for c in decision.conflicts] == ["not_cleared"]


@pytest.mark.parametrize(
    ("hubspot_at", "certain", "winner"),
    [(100, True, "hubspot"), (1, True, "salesforce"), (100, False, "salesforce"), (-100, True, "salesforce")],
)
def test_a_last_modified_time_without_history_is_only_an_upper_bound(
    hubspot_at: int, certain: bool, winner: str
) -> None:
    hubspot = state(H, "h", None, at=hubspot_at, certain=certain)
    salesforce = state(S, "s", None, at=0, certain=False)
    decision = decide([hubspot, salesforce], None, Policy(Rule.TWO_WAY))
    assert decision.source
    assert decision.source.side == winner
