"""What there is nothing to decide about is told from raw values: the decision, asked all the same, says the same."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.model import Rule, System, Value
from crm_pipeline.plan.decision.decide import Policy, decide
from crm_pipeline.plan.entity import plan_entity
from crm_pipeline.plan.member import Agreed, Base, Member, Ruled, states
from crm_pipeline.plan.resting import at_rest
from crm_pipeline.plan.said.answers import Answer, Answers
from crm_pipeline_tests.plan.people import SETTINGS, T0, H, S, context, member
from crm_pipeline_tests.plan.states import state


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


_PHONE = Ruled.of(SETTINGS.mapping.person.field("phone"), SETTINGS)
_AGREED = Agreed(("+81312345678",), _PHONE.hash)
_HELD = _member(H, "contacts", "03-1234-5678", Base(("03-1234-5678",)))
_OTHER = _member(S, "Contact", "(03) 1234 5678", Base(("(03) 1234 5678",), ("0312345678",)))


def test_values_that_are_spelled_otherwise_are_at_rest_too() -> None:
    assert at_rest(_PHONE, [_HELD, _OTHER], _AGREED, SETTINGS, {})
    assert {s.change for s in states(_PHONE, [_HELD, _OTHER], _AGREED, SETTINGS, {})} == {"SAME"}


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
    assert not at_rest(_PHONE, [_HELD, member], _AGREED, SETTINGS, {})


def test_nothing_is_at_rest_under_another_mapping_or_before_a_first_decision() -> None:
    for agreed in (None, replace(_AGREED, field_hash="another")):
        assert not at_rest(_PHONE, [_HELD, _OTHER], agreed, SETTINGS, {})


#: Everything that a person's records may hold, one value in several spellings.
_VALUES: dict[str, list[Value]] = {
    "phone": [None, "", "03-1234-5678", "(03)12345678", "06-1111-2222"],
    "jobtitle": [None, "", "CEO", "CTO", True, 1],
    "lastname": ["Kato", "Ito"],
    "hubspot_owner_id": [None, "7", "8"],
    "birth_date": [None, "1980-01-02", "315619200000"],
}
_FIELDS = {"phone": "phone", "jobtitle": "job_title", "hubspot_owner_id": "owner", "birth_date": "birth_date"}
_NAMES = {
    "contacts": {name: name for name in _VALUES},
    "Contact": dict(zip(_VALUES, ("Phone", "Title", "LastName", "OwnerId", "Birthdate"), strict=True)),
}


@st.composite
def _records(draw: st.DrawFn) -> list[Member]:
    values = {name: draw(st.sampled_from(found)) for name, found in _VALUES.items()}
    records = []
    for system, object_, n in ((H, "contacts", 1), (H, "contacts", 2), (S, "Contact", 1), (S, "Contact", 2)):
        if n == 2 and draw(st.booleans()):
            continue
        own = {name: draw(st.sampled_from([v, v, v, *_VALUES[name]])) for name, v in values.items()}
        based = {f: (draw(st.sampled_from([own[n], own[n], *_VALUES[n]])),) for n, f in _FIELDS.items()}
        bases = {f: base for f, base in based.items() if draw(st.booleans())}
        fields = {_NAMES[object_][name]: value for name, value in own.items()}
        one = member(system, object_, fields, n=n, primary=n == 1, bases=bases)
        observed = {
            f: replace(b, observed=draw(st.sampled_from([None, b.value, ("CEO",)]))) for f, b in one.bases.items()
        }
        gone = draw(st.sampled_from(["", "", *one.fields]))
        records.append(replace(one, bases=observed, fields={n: v for n, v in one.fields.items() if n != gone}))
    return records


@given(_records(), st.data())
def test_a_plan_is_the_same_when_the_decision_is_asked_about_every_field(
    records: list[Member], data: st.DataObject
) -> None:
    here = context()
    forms = [(), ("",), ("CEO",), ("+81312345678",), ("1980-01-02",), ("hubspot:7",)]
    agreed = {
        ruled.mapped.name: Agreed(form, data.draw(st.sampled_from([ruled.hash, "another"])))
        for ruled in here.fields
        if len(ruled.mapped.parts) == 1 and (form := data.draw(st.sampled_from(forms)))
    }
    about_another_field = Answers([Answer("person-1", "none", S, None, "somebody", T0)])
    asked = plan_entity("person-1", records, agreed, replace(here, answers=about_another_field))
    assert plan_entity("person-1", records, agreed, here) == asked


@pytest.mark.parametrize("rule", [rule for rule in Rule if rule not in (Rule.RATCHET, Rule.DONT_SYNC)])
def test_of_one_value_on_both_sides_only_the_carried_state_moves(rule: Rule) -> None:
    for value, agreed in itertools.product(("", "x"), (None, ("",), ("x",), ("y",))):
        for hubspot, salesforce in itertools.product((1, 2), repeat=2):
            sides = [(H, n) for n in range(hubspot)] + [(S, n) for n in range(salesforce)]
            for bases in itertools.product((None, value), repeat=len(sides)):
                found = [state(side, value, base, n=n, at=n) for (side, n), base in zip(sides, bases, strict=True)]
                decision = decide(found, agreed, Policy(rule))
                assert (decision.agreed, decision.writes, decision.conflicts) == ((value,), (), ())
