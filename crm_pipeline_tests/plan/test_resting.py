"""What nothing happened to is passed over: the decision, asked all the same, has nothing to say about it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.model import Rule, System, Value
from crm_pipeline.plan.decision.decide import Policy, decide
from crm_pipeline.plan.member import Agreed, Base, Member, Ruled, states
from crm_pipeline.plan.resting import at_rest
from crm_pipeline_tests.plan.states import T0, H, S, state

_SETTINGS = load_settings()


@pytest.mark.parametrize("rule", Rule)
def test_a_field_at_rest_is_neither_written_nor_reported_nor_moved(rule: Rule) -> None:
    for value, primary_only, tight, clash, locked in itertools.product(
        ("", "x"), (False, True), ((), ("x",)), ("edit_wins", "latest", "clear_wins"), (None, H, S)
    ):
        policy = Policy(rule, clash, S, tight=frozenset((one,) for one in tight), primary_only=primary_only)
        for hubspot, salesforce in itertools.product(range(4), repeat=2):
            sides = [(H, n) for n in range(hubspot)] + [(S, n) for n in range(salesforce)]
            found = [state(side, value, value, n=n, at=n, read_only=side is locked) for side, n in sides]
            decision = decide(found, (value,), policy)
            assert decision.agreed in (None, (value,))
            assert not decision.writes
            assert not decision.conflicts


def _member(system: System, object_: str, value: Value, base: Base | None) -> Member:
    name = {"contacts": "phone", "Contact": "Phone"}[object_]
    bases = {} if base is None else {"phone": base}
    return Member(f"{system}/{object_}/1", system, object_, "1", T0, T0, True, {name: value}, {}, bases)


_PHONE = Ruled.of(_SETTINGS.mapping.person.field("phone"), _SETTINGS)
_AGREED = Agreed(("+81312345678",), _PHONE.hash)
_HELD = _member(H, "contacts", "03-1234-5678", Base(("03-1234-5678",)))
_OTHER = _member(S, "Contact", "(03) 1234 5678", Base(("(03) 1234 5678",), ("0312345678",)))


def test_values_that_are_spelled_otherwise_are_at_rest_too() -> None:
    assert at_rest(_PHONE, [_HELD, _OTHER], _AGREED, _SETTINGS, {})
    assert {s.change for s in states(_PHONE, [_HELD, _OTHER], _AGREED, _SETTINGS, {})} == {"SAME"}


@pytest.mark.parametrize(
    "member",
    [
        replace(_OTHER, fields={}),  # not read
        replace(_OTHER, bases={}),
        replace(_OTHER, fields={"Phone": "0312345678"}),  # as the CRM made it: the base still has to move
        replace(_OTHER, fields={"Phone": "06-1234-5678"}),
        replace(_OTHER, fields={"Phone": "06-1234-5678"}, bases={"phone": Base(("06-1234-5678",))}),  # not agreed
        replace(_OTHER, fields={"Phone": True}, bases={"phone": Base((1,))}),
    ],
)
def test_what_is_new_changed_unknown_or_not_agreed_is_not_at_rest(member: Member) -> None:
    assert not at_rest(_PHONE, [_HELD, member], _AGREED, _SETTINGS, {})


def test_nothing_is_at_rest_under_another_mapping_or_before_a_first_decision() -> None:
    for agreed in (None, replace(_AGREED, field_hash="another")):
        assert not at_rest(_PHONE, [_HELD, _OTHER], agreed, _SETTINGS, {})
