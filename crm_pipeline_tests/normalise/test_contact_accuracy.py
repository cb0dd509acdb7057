"""Labelled samples of numbers, e-mail addresses, dates and addresses: most come out as a person labelled them."""

from __future__ import annotations

import pytest

from crm_pipeline_tests.normalise.contact_accuracy import FIELDS, wrong


@pytest.mark.parametrize("held_out", [False, True], ids=["tuned on", "held out"])
@pytest.mark.parametrize("kind", FIELDS)
def test_at_least_97_of_100_are_as_labelled_in_every_field(kind, held_out):
    number, by_field = wrong(kind, held_out)
    assert {field: cases for field, cases in by_field.items() if len(cases) > 0.03 * number} == {}
