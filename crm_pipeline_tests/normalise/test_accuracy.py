"""Labelled names and companies: what share comes out as a person labelled it, worked on and held out alike."""

from __future__ import annotations

from functools import cache

import pytest

from crm_pipeline_tests.normalise import accuracy

#: Floors a little below what is reached without the optional lexicon (with it, names are higher).
_FLOORS = {
    ("people", "family"): 0.94,
    ("people", "given"): 0.94,
    ("people", "family_key"): 0.94,
    ("people", "given_key"): 0.94,
    ("people", "reading"): 0.94,
    ("people", "flags"): 0.97,
    ("firms", "key"): 0.94,
    ("firms", "legal_form"): 0.96,
    ("firms", "position"): 0.97,
    ("kanji_pairs", "equal"): 0.99,
    ("kanji_pairs", "weak"): 0.99,
    ("kanji_pairs", "different"): 0.99,
    ("readings", "reading"): 0.88,
}


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize(("table", "field"), _FLOORS)
def test_most_samples_come_out_as_labelled(table, field, held_out):
    agreeing, asked = _shares()[table, field, held_out]
    assert agreeing / asked >= _FLOORS[table, field]


@cache
def _shares() -> dict[tuple[str, str, bool], tuple[int, int]]:
    return accuracy.shares()
