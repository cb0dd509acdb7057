"""Clusters of a file compared by the best of all their rows: what one row does not say, another does."""

from __future__ import annotations

import random
from pathlib import Path

from crm_pipeline_tests.match.file.test_households import matched

_LETTERS = "abcdefghijklmnoprstuvwz"


def strangers() -> list[list[str]]:
    """Enough rows for a file's data to teach that differences tell people apart."""
    dice = random.Random(5)

    def word(length: int) -> str:
        return "".join(dice.choice(_LETTERS) for _ in range(length))

    rows = []
    for number in range(150):
        family, given = word(7), word(6)
        born = f"{dice.randint(1940, 1999)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        row = [family, given, born, f"{given}@{family}.net", f"{dice.randint(10000, 99999)}"]
        rows += [[f"s{number}-1", *row], [f"s{number}-2", *row]]
    return rows


def test_a_row_that_fits_two_people_does_not_make_them_one(tmp_path: Path) -> None:
    """A. is Annabel by her birth date and might be Abigail by the initial; the two women have one mailbox."""
    people = [
        ["annabel", "hastings", "annabel", "1971-05-23", "home@hastings.net", "31245"],
        ["between", "hastings", "a", "1971-05-23", "", "31245"],
        ["abigail", "hastings", "abigail", "", "home@hastings.net", ""],
    ]
    found = matched(tmp_path, [*strangers(), *people])
    assert found["people.csv", "annabel"] == found["people.csv", "between"]
    assert found["people.csv", "annabel"] != found["people.csv", "abigail"]
    assert found["people.csv", "s0-1"] == found["people.csv", "s0-2"]
