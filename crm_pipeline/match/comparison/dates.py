"""Dates: the same, day and month swapped, one digit off, the same year.

Belongs here: what two dates have to do with each other. Not here: what it weighs (people.py, own_columns.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.comparison.pairs import Levels, Pairs
from crm_pipeline.match.people import BIRTH_DATE

_BIRTH = {level.name: BIRTH_DATE.code(level.name) for level in BIRTH_DATE.levels}
#: Places of the digits in 19880409.
_POWERS = tuple(10**place for place in range(8))


def birth_date(pairs: Pairs) -> tuple[Levels, NDArray[np.float32]]:
    return dates(pairs, "birth_date", _BIRTH)


def dates(pairs: Pairs, column: str, level: Mapping[str, int]) -> tuple[Levels, NDArray[np.float32]]:
    """`level`: equal, swapped, digit, year, different -> code. Texts that are no date are equal or say nothing."""
    left, right = pairs.codes(column)
    levels = np.zeros(len(pairs), dtype=np.uint8)
    open_ = np.flatnonzero((left >= 0) & (right >= 0) & (left != right))
    numbers = pairs.of_texts(column, _numbers)
    one, other = numbers[left[open_]], numbers[right[open_]]
    known = (one > 0) & (other > 0)
    outcome = np.full(len(open_), level["different"], dtype=np.uint8)
    year, other_year = one // 10_000, other // 10_000
    outcome[year == other_year] = level["year"]
    outcome[_digits_apart(one, other) == 1] = level["digit"]
    swapped = (year == other_year) & (one // 100 % 100 == other % 100) & (one % 100 == other // 100 % 100)
    outcome[swapped] = level["swapped"]
    levels[open_] = np.where(known, outcome, 0)
    levels[pairs.equal(column)] = level["equal"]
    return levels, pairs.rarity(column, left)


def _numbers(texts: Sequence[str]) -> NDArray[np.int32]:
    """1988-04-09 -> 19880409; 0 for what is no date. One more place for code -1."""
    return np.array([*map(_number, texts), 0], dtype=np.int32)


def _number(text: str) -> int:
    digits = text[:10].replace("-", "")
    return int(digits) if len(digits) == 8 and digits.isdecimal() and digits.isascii() else 0


def _digits_apart(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.uint8]:
    apart = np.zeros(len(one), dtype=np.uint8)
    for power in _POWERS:
        apart += one // power % 10 != other // power % 10
    return apart
