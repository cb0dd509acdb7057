"""Guards are exact: one over trips, one under does not (law 40)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.config import load_settings
from crm_pipeline.model import Act, Kind, System
from crm_pipeline.plan.guards import exceeds, guards
from crm_pipeline.plan.operation import Operation

SIDE = (System.SALESFORCE, "Lead")
LIMITS = load_settings().guards


def operation(kind: Act, n: int, field: str = "phone") -> Operation:
    return Operation(
        Kind.PERSON,
        *SIDE,
        kind,
        field,
        {},
        {"Phone": "1"},
        "person-1",
        "r",
        "w",
        record_id=None if kind is Act.CREATE else str(n),
    )


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 1000))
def test_law_40_guards_are_exact(number: int, total: int, tenths: int) -> None:
    assert exceeds(number, total, tenths / 10) == (number * 1000 > tenths * total)


@pytest.mark.parametrize(("number", "trips"), [(199, False), (200, False), (201, True)])
def test_one_over_trips(number: int, trips: bool) -> None:
    found = guards([operation(Act.UPDATE, n) for n in range(number)], {SIDE: 1000}, {}, LIMITS, first_run=False)
    assert [g.tripped for g in found if g.guard == "updates"] == [trips]


@pytest.mark.parametrize(("number", "trips"), [(20, False), (21, True)])
def test_clears_have_a_floor(number: int, trips: bool) -> None:
    found = guards([operation(Act.CLEAR, n) for n in range(number)], {SIDE: 1000}, {}, LIMITS, first_run=False)
    assert [g.tripped for g in found if g.guard == "clears"] == [trips]


def test_relations_count_as_updates_and_people_taken_off_as_clears_of_one_field() -> None:
    ops = [operation(Act.ASSOCIATE, n) for n in range(201)]
    ops += [operation(Act.CLEAR, 1, f"people/person-{n}") for n in range(21)]
    tripped = {(g.guard, g.subject) for g in guards(ops, {SIDE: 1000}, {}, LIMITS, first_run=False) if g.tripped}
    assert tripped == {("updates", ""), ("clears", "people")}


def test_an_unknown_total_trips() -> None:
    found = guards([operation(Act.UPDATE, 1)], {SIDE: None}, {}, LIMITS, first_run=False)
    assert next(g for g in found if g.guard == "updates").tripped


def test_the_first_run_of_a_mapping_is_held() -> None:
    assert any(g.tripped for g in guards([operation(Act.UPDATE, 1)], {SIDE: 1000}, {}, LIMITS, first_run=True))
    assert not any(g.tripped for g in guards([], {SIDE: 1000}, {}, LIMITS, first_run=True))


def test_invalid_operations_do_not_count() -> None:
    refused = [operation(Act.UPDATE, n).refused("no") for n in range(900)]
    assert not any(g.tripped for g in guards(refused, {SIDE: 1000}, {}, LIMITS, first_run=True))


def test_records_count_once_however_many_fields_they_get() -> None:
    both = [operation(Act.UPDATE, n, field) for n in range(150) for field in ("phone", "e_mail")]
    found = guards(both, {SIDE: 1000}, {}, LIMITS, first_run=False)
    assert next(g for g in found if g.guard == "updates").number == 150
