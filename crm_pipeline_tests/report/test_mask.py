import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.report.mask import BLANK, masked, parts


@pytest.mark.parametrize(
    ("value", "expected"), [(None, BLANK), ("  ", BLANK), ("山田", "山…"), (True, "T…"), (0, "0…")]
)
def test_a_masked_value_tells_blank_from_filled_and_little_else(value, expected):
    assert masked(value) == expected


@given(st.text(min_size=2))
def test_no_second_character_ever_shows(value):
    assert masked(value) in (BLANK, f"{value.strip()[:1]}…")


def test_a_group_is_one_text_and_a_group_of_blanks_one_blank():
    assert parts({"State": "長野県", "City": None}, in_full=True) == "長野県"
    assert parts({"State": None, "City": " "}, in_full=False) == BLANK
