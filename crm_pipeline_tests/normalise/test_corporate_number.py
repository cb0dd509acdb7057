"""Corporate numbers as people write them, and what is none."""

import pytest

from crm_pipeline.normalise.corporate_number import corporate_number


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("7000012050002", "7000012050002"),  # the National Tax Agency's own
        ("７０００－０１２０５０００２", "7000012050002"),
        ("T7000012050002", "7000012050002"),
        ("7 0000 1205 0002", "7000012050002"),
        ("7000012050003", None),  # its check digit is wrong
        ("0000000000000", None),
        ("000012050002", None),  # without the check digit it is a registry number
        ("", None),
        (None, None),
    ],
)
def test_a_number_is_read_however_it_is_written(raw, number):
    assert corporate_number(raw) == number
