"""A file's own columns: what their values are found to be, and when one identifies."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.match.own_columns import own_columns
from crm_pipeline.match.vocabulary import Force
from crm_pipeline.model import Kind
from crm_pipeline_tests.match.compared import levels_of

#: method, left, right, level (None: nothing to compare)
CASES = [
    ("exact", "a1", "a1", "equal"),
    ("exact", "a1", "a2", "different"),
    ("exact", "a1", None, None),
    ("text", "12 high street", "12 high street", "equal"),
    ("text", "12 high street", "12 high streat", "similar"),
    ("text", "12 high street", "21 hihg strt", "close"),
    ("text", "12 high street", "the old mill", "different"),
    ("text", "ab", "ac", "different"),
    ("text", "🙂", "🙂", "equal"),
    ("text", "x" * 2_000_000, "x" * 1_999_999 + "y", "equal"),
    ("name", "melbourne", "melborne", "similar"),
    ("name", "melbourne", "sydney", "different"),
    ("date", "1980-02-03", "1980-02-03", "equal"),
    ("date", "1980-02-03", "1980-03-02", "swapped"),
    ("date", "1980-02-03", "1980-02-04", "digit"),
    ("date", "1980-02-03", "1980-11-27", "year"),
    ("date", "1980-02-03", "1991-07-24", "different"),
    ("date", "no date", "1991-07-24", None),
    ("number", "10.0", "10", "equal"),
    ("number", "1000", "1001", "near"),
    ("number", "1000", "2000", "different"),
    ("number", "nan", "2000", None),
]


def test_own_values_are_found_to_be(tmp_path: Path) -> None:
    comparisons = own_columns({f"{n}": method for n, (method, *_) in enumerate(CASES)}, {})
    extra = []
    for number, (_, left, right, _) in enumerate(CASES):
        for key, value in (("hubspot/contacts/0", left), ("salesforce/Lead/0", right)):
            if value is not None:
                extra.append((key, f"{number}", value))
    (found,) = levels_of(tmp_path, Kind.PERSON, [({}, {})], comparisons, extra)
    assert found == {f"{n}": level for n, (*_, level) in enumerate(CASES) if level}


def test_an_exact_column_of_nearly_unique_values_identifies() -> None:
    unique, common = own_columns({"number": "exact", "state": "exact"}, {"number": 0.97, "state": 0.001})
    assert unique.levels[0].force is Force.IDENTIFIER
    assert common.levels[0].force is Force.SUPPORT
    assert unique.code("similar")


def test_an_identifier_one_slip_off_is_similar(tmp_path: Path) -> None:
    comparisons = own_columns({"number": "exact"}, {"number": 1.0})
    extra = [("hubspot/contacts/0", "number", "1234567"), ("salesforce/Lead/0", "number", "1234657")]
    assert levels_of(tmp_path, Kind.PERSON, [({}, {})], comparisons, extra) == [{"number": "similar"}]


@pytest.mark.parametrize("name", ["it's", 'say "x"', "a|b", "列"])
def test_a_column_may_have_any_name(tmp_path: Path, name: str) -> None:
    extra = [("hubspot/contacts/0", name, "1"), ("salesforce/Lead/0", name, "1")]
    found = levels_of(tmp_path, Kind.PERSON, [({}, {})], own_columns({name: "exact"}, {}), extra)
    assert found == [{name: "equal"}]


def test_a_column_that_no_record_fills_says_nothing(tmp_path: Path) -> None:
    assert levels_of(tmp_path, Kind.PERSON, [({}, {})], own_columns({"empty": "text"}, {})) == [{}]
