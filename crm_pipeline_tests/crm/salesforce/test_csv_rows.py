"""A page of a bulk result as rows: any text comes back as it was."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.crm.salesforce.csv_rows import rows
from crm_pipeline.errors import TransientError

_TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


def _csv(head: list[str], lines: list[list[str]]) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([head, *lines])
    return target.getvalue().encode()


@settings(max_examples=50)
@given(st.lists(st.lists(_TEXTS, min_size=3, max_size=3), max_size=5))
def test_any_text_comes_back_and_empty_is_null(lines):
    found = list(rows(_csv(["A", "B", "C"], lines), {"A": "string", "B": "id", "C": "textarea"}, len(lines)))
    assert found == [{name: cell or None for name, cell in zip("ABC", line, strict=True)} for line in lines]


@pytest.mark.parametrize(
    ("type_", "cell", "value"),
    [
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("int", "-12", -12),
        ("int", "0.0", 0),
        ("double", "12", 12.0),
        ("currency", "1.5E7", 15_000_000.0),
        ("percent", "", None),
        ("date", "2026-02-28", "2026-02-28"),
        ("datetime", "2026-02-28T00:00:00.000Z", "2026-02-28T00:00:00.000+0000"),
        ("datetime", "2026-02-28T00:00:00.000+0000", "2026-02-28T00:00:00.000+0000"),
        ("time", "10:00:00.000Z", "10:00:00.000Z"),
        ("multipicklist", "a;b", "a;b"),
        ("string", "1.50", "1.50"),
    ],
)
def test_a_cell_becomes_the_value_that_json_has(type_, cell, value):
    (row,) = rows(_csv(["F"], [[cell]]), {"F": type_}, 1)
    assert (row["F"], type(row["F"])) == (value, type(value))


def test_columns_are_found_by_name_whatever_their_spelling_and_order():
    body = _csv(["account.name", "ID"], [["ACME", "1"]])
    assert list(rows(body, {"Id": "id", "Account.Name": "string"}, 1)) == [{"Id": "1", "Account.Name": "ACME"}]


def test_a_text_of_the_longest_field_fits():
    (row,) = rows(_csv(["F"], [["x" * 200_000]]), {"F": "textarea"}, 1)
    assert len(row["F"]) == 200_000


def test_a_result_without_rows_may_be_empty():
    assert list(rows(b"", {"F": "string"}, 0)) == []


@pytest.mark.parametrize(
    "body",
    [
        b'"F"\n"1"\n',
        b'"F"\n"1"\n"2"\n"3"\n',
        b'"F"\n"1"\n"2',
        b'"F"\n"1"x\n"2"\n',
        b'"F"\n"1"\n"\xff"\n',
        b'"G"\n"1"\n"2"\n',
        b'"F","F"\n"1","1"\n"2","2"\n',
        b"",
        b'"F"\n"1","2"\n"2"\n',
    ],
)
def test_a_damaged_page_is_refused(body):
    with pytest.raises(TransientError, match="damaged or incomplete") as error:
        list(rows(body, {"F": "string"}, 2))
    assert error.value.__cause__ is None


@pytest.mark.parametrize("cell", ["s3ntinel", "1.5"])
def test_a_number_that_is_none_is_refused_without_its_text(cell):
    with pytest.raises(TransientError) as error:
        list(rows(_csv(["F"], [[cell]]), {"F": "int"}, 1))
    assert "s3ntinel" not in str(error.value)
