"""True addresses and telephone numbers, as columns. Belongs here: where somebody is. Not here: how it is written.

Towns and postal codes of a city are made up (a code's first two digits are the city's): only their being equal counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from crm_pipeline_tests.benchmarks.match.generator import words
from crm_pipeline_tests.benchmarks.match.generator.names import Ints, Texts, texts


@dataclass(frozen=True)
class Cities:
    """Japanese cities, then those abroad (`prefecture` is the country, `area` its calling code)."""

    prefecture: Texts
    city: Texts
    area: Texts
    postal: Texts
    cumulated: Ints
    abroad: int


@dataclass(frozen=True)
class Places:
    """One address each: row of its city, town, chome (0: none), block, house, building (-1: none) with room."""

    city: Ints
    town: Ints
    chome: Ints
    block: Ints
    house: Ints
    building: Ints
    room: Ints

    def at(self, rows: Ints) -> Places:
        return Places(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@cache
def cities() -> Cities:
    japan = [one.split(":") for one in words.CITIES.split()]
    abroad = [one.split(":") for one in words.ABROAD.split()]
    return Cities(
        prefecture=texts([row[0] for row in japan] + [row[1] for row in abroad]),
        city=texts([row[1] for row in japan] + [row[0] for row in abroad]),
        area=texts([row[2] for row in japan] + [row[2] for row in abroad]),
        postal=texts([row[3] for row in japan] + ["" for _ in abroad]),
        cumulated=np.cumsum([int(row[4]) for row in japan]),
        abroad=len(japan),
    )


def draw(rng: np.random.Generator, is_abroad: np.ndarray) -> Places:
    """An address for each."""
    table, count = cities(), len(is_abroad)
    japan = np.searchsorted(table.cumulated, rng.integers(0, table.cumulated[-1], count), side="right")
    away = rng.integers(table.abroad, len(table.city), count)
    return Places(
        city=np.where(is_abroad, away, japan),
        town=rng.integers(0, len(words.TOWNS.split()), count),
        chome=np.where(rng.random(count) < 0.6, rng.integers(1, 7, count), 0),
        block=rng.integers(1, 40, count),
        house=rng.integers(1, 25, count),
        building=np.where(rng.random(count) < 0.4, rng.integers(0, len(words.BUILDINGS.split(",")), count), -1),
        room=rng.integers(1, 10, count) * 100 + rng.integers(1, 9, count),
    )


def line_numbers(rows: Ints, step: int) -> Ints:
    """Seven digits that differ from row to row and look random; the first is 2 to 9."""
    return 2_000_000 + (rows * 1_234_577 + step * 3_456_789) % 8_000_000


def landlines(city: Ints, number: Ints) -> Texts:
    """Fixed-line numbers with hyphens, as the town has them; abroad with the country's code."""
    table = cities()
    area = table.area[city]
    made = [
        _japanese(code, f"{line:07d}") if start == "0" else f"+{code} {line // 10000} {line % 10000:04d}0"
        for code, line, start in zip(area, number.tolist(), (code[0] for code in area), strict=True)
    ]
    return texts(made)


def _japanese(area: str, line: str) -> str:
    """Ten digits with the area code; a shorter code has the digits that fill it up."""
    digits = (line + "35")[: 10 - len(area)]
    return f"{area}-{digits[:-4]}-{digits[-4:]}"


def mobiles(rows: Ints, western: np.ndarray) -> Texts:
    """Mobile numbers, all different."""
    line = 10_000_000 + (rows * 12_345_677 + 987_653) % 90_000_000
    start = np.array(("090", "080", "070"))[(rows * 7) % 3].tolist()
    made = [
        f"+1 415 {n // 10000 % 900 + 100} {n % 10000:04d}"
        if is_west and n % 3 == 0
        else f"{a}-{n // 10000}-{n % 10000:04d}"
        for n, a, is_west in zip(line.tolist(), start, western.tolist(), strict=True)
    ]
    return texts(made)
