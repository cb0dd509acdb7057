"""Faults and refusals: which request or record meets which failure, and always the same ones for a seed."""

import pytest

from crm_pipeline.emulator.faults import CutBefore, Delay, Faults
from crm_pipeline.emulator.refusals import Refusals


def _met(faults: Faults, count: int, path: str = "/x") -> list[bool]:
    return [bool(faults.actions("GET", path)) for _ in range(count)]


@pytest.mark.parametrize(
    ("rule", "met"),
    [
        ({}, [True, False, False, False]),
        ({"times": 2}, [True, True, False, False]),
        ({"times": None}, [True, True, True, True]),
        ({"after": 2}, [False, False, True, False]),
        ({"times": None, "after": 1}, [False, True, True, True]),
        ({"method": "post"}, [False, False, False, False]),
        ({"path": "^/y"}, [False, False, False, False]),
    ],
)
def test_a_rule_meets_the_requests_it_names(rule: dict, met: list[bool]) -> None:
    faults = Faults()
    faults.add(action=CutBefore(), **rule)

    assert _met(faults, 4) == met


def test_a_rule_may_name_the_query() -> None:
    faults = Faults()
    faults.add(path="^/x$", query="archived=true", action=CutBefore())

    assert [faults.actions("GET", "/x", query) for query in ("", "archived=false", "limit=1&archived=true")] == [
        [],
        [],
        [CutBefore()],
    ]


def test_a_probability_meets_its_share_and_the_same_requests_for_a_seed() -> None:
    def run(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add(action=CutBefore(), times=None, probability=0.3)
        return _met(faults, 1000)

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 250 < sum(run(1)) < 350


def test_a_further_rule_does_not_change_what_the_others_meet() -> None:
    alone, beside = Faults(7), Faults(7)
    for faults in (alone, beside):
        faults.add(action=CutBefore(), times=None, probability=0.5)
    beside.add(action=Delay(0), times=None, probability=0.5)

    met = [[CutBefore() in faults.actions("GET", "/x") for _ in range(100)] for faults in (alone, beside)]

    assert met[0] == met[1]
    assert 0 < sum(met[0]) < 100


def test_faults_can_be_switched_off() -> None:
    faults = Faults()
    faults.add(action=CutBefore(), times=None)
    faults.clear()

    assert _met(faults, 2) == [False, False]


def _refused(refusals: Refusals, *records: tuple[str, str | None]) -> list[bool]:
    def is_refused(object_: str, record_id: str | None) -> bool:
        try:
            refusals(object_, record_id)
        except LookupError:
            return True
        return False

    return [is_refused(*record) for record in records]


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        ({}, [True, False, False, False]),
        ({"times": None}, [True, True, True, True]),
        ({"object": "Lead", "times": None}, [False, False, True, True]),
        ({"ids": ["2"]}, [False, True, False, False]),
        ({"ids": ["2"], "object": "Lead"}, [False, False, False, False]),
        ({"times": None, "probability": 0.0}, [False, False, False, False]),
    ],
)
def test_a_refusal_meets_the_records_it_names(rule: dict, refused: list[bool]) -> None:
    refusals = Refusals()
    refusals.add(LookupError, **rule)

    assert _refused(refusals, ("Contact", "1"), ("Contact", "2"), ("Lead", "3"), ("Lead", None)) == refused


def test_refusals_by_chance_are_the_same_for_a_seed() -> None:
    def run(seed: int) -> list[bool]:
        refusals = Refusals(seed)
        refusals.add(LookupError, times=None, probability=0.3)
        return _refused(refusals, *[("Lead", str(number)) for number in range(300)])

    assert run(1) == run(1)
    assert run(1) != run(2)
