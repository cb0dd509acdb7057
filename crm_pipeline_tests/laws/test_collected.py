"""Every law has a test with its number in the name."""

from __future__ import annotations

from crm_pipeline_tests.laws.collected import LATER, by_law, numbers


def test_every_law_has_a_test() -> None:
    wanted = {*range(1, 52)} - set(LATER)
    assert wanted - set(by_law()) == set()


def test_numbers_are_read_from_names() -> None:
    assert list(numbers("test_law_02_to_05_and_12_every_state")) == [2, 3, 4, 5, 12]
    assert list(numbers("test_law_7_and_9_x")) == [7, 9]
    assert list(numbers("test_law_35_a_decision_outranks")) == [35]
    assert list(numbers("test_lawful")) == []
