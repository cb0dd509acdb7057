"""The words an organisation is made up from: names, places, trades, each with how common it is.

Belongs here: reading the tables and drawing from them by weight. Not here: what is made of the words.
Surnames and their frequencies come from japanese-personal-name-dataset; the other tables stand in tables/.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Generic, NamedTuple, TypeVar

from japanese_personal_name_dataset import load_dataset

T = TypeVar("T")

_TABLES = Path(__file__).parent / "tables"


class Weighted(Generic[T]):
    """Words drawn by weight; `cumulated` are the weights up to and with each word."""

    def __init__(self, words: Sequence[tuple[T, float]]) -> None:
        self.words = [word for word, _ in words]
        self.cumulated = list(accumulate(weight for _, weight in words))

    def draw(self, random: Random) -> T:
        return random.choices(self.words, cum_weights=self.cumulated)[0]


class Name(NamedTuple):
    """A family or given name: its usual spellings (the commonest first), hiragana and wapuro romaji.

    For Western names `kana` is empty, `romaji` is the name and the spellings are the name and what people also write.
    """

    spellings: tuple[str, ...]
    kana: str
    romaji: str


class Town(NamedTuple):
    """A town of Japan; the area code is the one of its city."""

    prefecture: str
    city: str
    town: str
    postal_code: str
    area_code: str
    prefecture_en: str
    city_en: str
    town_en: str


class ForeignTown(NamedTuple):
    """A street abroad; the phone prefix is one that the country keeps for fiction, where it has one."""

    country: str
    state: str
    city: str
    street: str
    postal_code: str
    phone_prefix: str
    phone_digits: int


class Trade(NamedTuple):
    """What a firm does, the word for it in the firm's name, and its usual legal form."""

    industry: str
    word: str
    romaji: str
    legal_form: str


@cache
def surnames() -> Weighted[Name]:
    """The 1,999 commonest surnames, by the number of people. 松本 is left to the guide's example alone."""
    *_, rows = load_dataset(include_last_names=True)
    return Weighted(
        [
            (Name((kanji,), entry["reading"], entry["en"]), float(entry["count"]))
            for kanji, entry in rows.items()
            if kanji != "松本"
        ]
    )


@cache
def given_names() -> Weighted[Name]:
    return Weighted(
        [
            (Name(tuple(spellings.split(",")), kana, romaji), float(weight))
            for romaji, kana, weight, spellings in table("given_names")
        ]
    )


@cache
def western_names(kind: str) -> Weighted[Name]:
    """`kind` is given or family."""
    return Weighted(
        [
            (Name((name, *(other for other in also.split(",") if other)), "", name), float(weight))
            for row_kind, name, weight, also in table("western_names")
            if row_kind == kind
        ]
    )


@cache
def towns() -> Weighted[Town]:
    return Weighted([(Town(*row[:8]), float(row[8])) for row in table("places")])


@cache
def foreign_towns() -> Weighted[ForeignTown]:
    rows = table("foreign_places")
    return Weighted([(ForeignTown(a, b, c, d, e, f, int(g)), float(weight)) for a, b, c, d, e, f, g, weight in rows])


@cache
def trades() -> Weighted[Trade]:
    return Weighted([(Trade(*row[:4]), float(row[4])) for row in table("trades")])


@cache
def brand_halves(half: str) -> list[tuple[str, str]]:
    """(katakana, Latin letters) of the `first` or `second` halves of made-up brands."""
    return [(kana, latin) for row_half, kana, latin in table("brands") if row_half == half]


def table(name: str) -> list[list[str]]:
    """The rows of one of the tables."""
    text = (_TABLES / f"{name}.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
