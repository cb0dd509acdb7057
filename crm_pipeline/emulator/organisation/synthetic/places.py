"""Where people and firms of a synthetic organisation are, and the phone numbers that belong there, as columns.

Belongs here: towns of Japan and abroad in one table, true addresses and phone numbers. Not here: their spelling.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeVar

import numpy as np

from crm_pipeline.emulator.organisation import vocabulary
from crm_pipeline.emulator.organisation.synthetic.draws import Draws, Flags, Floats, Ints, choose
from crm_pipeline.emulator.organisation.synthetic.sizes import LANGUAGES
from crm_pipeline.emulator.organisation.synthetic.texts import (
    FOUR_DIGITS,
    NUMBERS,
    THREE_DIGITS,
    TWO_DIGITS,
    Texts,
    column,
    either,
    kept,
    replaced,
)

T = TypeVar("T", bound="Columns")
_MOBILE = column(("090", "080", "070"))


class Columns:
    """A table held as columns of equal length, one for each field of the dataclass."""

    def at(self: T, rows: Ints | Flags) -> T:
        """Only those rows."""
        chosen: Iterator[Any] = (getattr(self, one.name) for one in fields(self))  # type: ignore[arg-type]  # subclasses are dataclasses
        return type(self)(*(value.at(rows) if isinstance(value, Columns) else value[rows] for value in chosen))


@dataclass(frozen=True)
class Places(Columns):
    """Towns; abroad `town` is a street and `area_code` begins with + and goes up to the last four digits."""

    language: Ints
    country: Texts
    prefecture: Texts
    city: Texts
    town: Texts
    postal_code: Texts
    area_code: Texts
    prefecture_en: Texts
    city_en: Texts
    town_en: Texts
    exchange: Texts
    exchange_digits: Ints
    weight: Ints

    def draw(self, languages: Ints, uniform: Floats) -> Ints:
        """A town for each language (its place in LANGUAGES), by weight."""
        drawn = np.zeros(len(languages), dtype=np.int64)
        for number in range(len(LANGUAGES)):
            where, rows = languages == number, np.flatnonzero(self.language == number)
            drawn[where] = rows[choose(uniform[where], np.cumsum(self.weight[rows]))]
        return drawn


@dataclass(frozen=True)
class Addresses(Columns):
    """`place` is a row of `places()`; 丁目, 番, 号 count in Japan, `number` is the house number abroad."""

    place: Ints
    chome: Ints
    ban: Ints
    go: Ints
    number: Ints
    building: Ints


@dataclass(frozen=True)
class Phones(Columns):
    """Area code, exchange and line; abroad the first two are blank and the line is the whole number."""

    area: Texts
    exchange: Texts
    line: Texts


@cache
def places() -> Places:
    """All towns: those of Japan first."""
    rows: list[tuple[object, ...]] = []
    for *town, weight in vocabulary.table("places"):
        prefecture, city, name, postal_code, area, prefecture_en, city_en, town_en = town
        digits = 10 - len(area) - 4
        first = {"03": "3", "06": "6"}.get(area, "2" if digits == 3 else "3")
        latin = (prefecture_en, city_en, town_en)
        rows.append((0, "日本", prefecture, city, name, postal_code, area, *latin, first, digits - 1, int(weight)))
    for language, country, state, city, latin_, street, postal_code, prefix, weight_ in vocabulary.table(
        "places_abroad"
    ):
        place = (country, state or None, city, street, postal_code, prefix, state or None, latin_, street)
        rows.append((LANGUAGES.index(language), *place, "", 0, int(weight_)))
    columns: list[Any] = []
    for one, values in zip(fields(Places), zip(*rows, strict=True), strict=True):
        numbers = one.name in ("language", "exchange_digits", "weight")
        columns.append(np.array(values, dtype=np.int64) if numbers else column(values))
    return Places(*columns)


def addresses(draws: Draws, at: Ints) -> Addresses:
    """A true address in each of the places."""
    size = len(at)
    return Addresses(
        at,
        1 + draws.number("chome", size, 5),
        1 + draws.number("ban", size, 29),
        1 + draws.number("go", size, 24),
        1 + draws.number("house", size, 399),
        draws.number("building", size, 17),
    )


def landlines(draws: Draws, at: Ints, *, switchboard: bool = False) -> Phones:
    """A number of the area code of each place; a switchboard's ends in 00."""
    size, known = len(at), places()
    lines = FOUR_DIGITS[draws.number("line", size, 9000) + 1000]
    if switchboard:
        lines = TWO_DIGITS[draws.number("line", size, 89) + 10] + "00"
    exchange = known.exchange[at] + _digits(known.exchange_digits[at], draws.number("exchange", size, 1000))
    return _or_abroad(draws, at, known.area_code[at], exchange, lines)


def mobiles(draws: Draws, at: Ints) -> Phones:
    """A mobile number of each place's country."""
    size = len(at)
    exchange = FOUR_DIGITS[draws.number("exchange", size, 8800) + 1100]
    area = _MOBILE[draws.number("area", size, 3)]
    return _or_abroad(draws, at, area, exchange, FOUR_DIGITS[draws.number("line", size, 9000) + 1000])


def picked(where: Flags, one: Phones, other: Phones) -> Phones:
    """One number where the flag is set, the other elsewhere."""
    return Phones(
        either(where, one.area, other.area),
        either(where, one.exchange, other.exchange),
        either(where, one.line, other.line),
    )


def _digits(number: Ints, drawn: Ints) -> Texts:
    """Up to three drawn digits."""
    texts = either(number == 3, THREE_DIGITS[drawn], TWO_DIGITS[drawn % 100])
    return either(number >= 2, texts, either(number == 1, NUMBERS[drawn % 10], ""))


def _or_abroad(draws: Draws, at: Ints, area: Texts, exchange: Texts, line: Texts) -> Phones:
    known = places()
    abroad = known.language[at] > 0
    digits = FOUR_DIGITS[draws.number("abroad", len(at), 10_000)]
    number = replaced(line, abroad, lambda where: known.area_code[at[where]] + digits[where])
    return Phones(kept(area, ~abroad), kept(exchange, ~abroad), number)
