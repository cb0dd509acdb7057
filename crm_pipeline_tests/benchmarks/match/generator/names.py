"""All names of a synthetic organisation in every form, as columns. Belongs here: the tables, and drawing of them.
Not here: which form a record has (spelling.py)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from japanese_personal_name_dataset import load_dataset

from crm_pipeline_tests.benchmarks.match.generator import rates, words

Texts = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]

#: Popularity within the names of the dataset, whose own frequencies nobody publishes: readings, then spellings of one.
_READINGS, _SPELLINGS, _MOST_SPELLINGS = 0.7, 1.2, 12


@dataclass(frozen=True)
class Names:
    """Family or given names by row. Japanese: `written` Kanji, `register` with a rarer character, `other` what it is
    mistaken for. Western: `other` a nickname, `plain` without accents; the other forms are as `written`.

    `ranges`: (first row, cumulated weights) of each kind; kinds are japanese, western (family) or japanese men,
    japanese women, western men, western women (given).
    """

    written: Texts
    register: Texts
    other: Texts
    plain: Texts
    katakana: Texts
    hiragana: Texts
    wapuro: Texts
    passport: Texts
    ranges: tuple[tuple[int, npt.NDArray[np.float64]], ...]

    def draw(self, kinds: Ints, uniform: npt.NDArray[np.float64]) -> Ints:
        """One row for each kind."""
        drawn = np.zeros(len(kinds), dtype=np.int64)
        for kind, (first, cumulated) in enumerate(self.ranges):
            where = np.flatnonzero(kinds == kind)
            drawn[where] = first + np.searchsorted(cumulated, uniform[where] * cumulated[-1], side="right")
        return drawn


Entry = tuple[str, str, str, str, float]  # written, hiragana, romaji, other, weight


def texts(values: Iterable[str]) -> Texts:
    """An array of Python strings (numpy would make fixed-width ones of a list)."""
    listed = list(values)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def without_accents(text: str) -> str:
    """José -> Jose, Sørensen -> Sorensen."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain.translate(str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss"}))


@cache
def families() -> Names:
    """Family names: weights are bearers (dataset), rare ones made of parts, Western ones."""
    _, _, dataset = load_dataset("org", include_last_names=True)
    confused = _pairs(words.CONFUSED)
    counted: list[Entry] = [
        (name, _hiragana(one["reading"]), _romaji(one["en"]), confused.get(name, name), float(one["count"]))
        for name, one in dataset.items()
    ]
    known = {entry[0] for entry in counted}
    rare = [
        (first[0] + last[0], first[1] + last[1], first[2] + last[2])
        for first in _triples(words.RARE_FIRST)
        for last in _triples(words.RARE_LAST)
    ]
    rare = [one for one in rare if one[0] not in known]
    share = rates.RARE_FAMILY_NAME / (1 - rates.RARE_FAMILY_NAME) * sum(entry[4] for entry in counted) / len(rare)
    counted += [(*one, one[0], share) for one in rare]
    stems = [stem + end for stem in words.WESTERN_STEMS.split() for end in words.WESTERN_ENDS.split()]
    western = [name.replace("_", " ") for name in words.WESTERN.split()] + stems
    ranks = np.arange(len(western)) + 30.0
    abroad: list[Entry] = [(name, "", "", name, 1 / rank) for name, rank in zip(western, ranks, strict=True)]
    return _table([counted, abroad])


@cache
def givens() -> Names:
    """Given names of Japanese men and women, Western men and women."""
    men, women = load_dataset("opti")
    return _table(
        [
            _japanese(words.MEN, men),
            _japanese(words.WOMEN, women),
            _western(words.WESTERN_MEN),
            _western(words.WESTERN_WOMEN),
        ]
    )


def _japanese(common: str, dataset: dict) -> list[Entry]:
    """The common ones by rank, then the dataset's by a fixed order of popularity."""
    romaji = {_hiragana(reading): _romaji(one["en"]) for reading, one in dataset.items()}
    found: dict[str, Entry] = {}
    pairs = [tuple(one.split(":")) for one in common.split()]
    pairs = [(written, reading) for written, reading in pairs if reading in romaji]
    mass = 1 / (np.arange(len(pairs)) + 10.0) ** 0.7
    for (written, reading), weight in zip(pairs, mass / mass.sum() * rates.COMMON_GIVEN_NAME, strict=True):
        found[written] = (written, reading, romaji[reading], written, float(weight))
    order = np.random.default_rng(0)
    readings = sorted(dataset)
    mass = 1 / (order.permutation(len(readings)) + 3.0) ** _READINGS
    mass = mass / mass.sum() * (1 - rates.COMMON_GIVEN_NAME)
    for reading, weight in zip(readings, mass, strict=True):
        spelled = [one for one in dataset[reading]["kanji"] if one]
        chosen = [spelled[i] for i in order.permutation(len(spelled))[:_MOST_SPELLINGS]]
        parts = 1 / (np.arange(len(chosen)) + 1.0) ** _SPELLINGS
        for written, part in zip(chosen, parts / (parts.sum() or 1), strict=True):
            kana = _hiragana(reading)
            found.setdefault(written, (written, kana, romaji[kana], written, float(weight * part)))
    return _with_other_kanji(list(found.values()))


def _with_other_kanji(entries: list[Entry]) -> list[Entry]:
    """`other` becomes the next spelling of the same reading."""
    spelled: dict[str, list[str]] = {}
    for entry in entries:
        spelled.setdefault(entry[1], []).append(entry[0])
    following = {
        (reading, one): ones[(place + 1) % len(ones)]
        for reading, ones in spelled.items()
        for place, one in enumerate(ones)
    }
    return [(entry[0], entry[1], entry[2], following[entry[1], entry[0]], entry[4]) for entry in entries]


def _western(table: str) -> list[Entry]:
    names = [one.split(":") for one in table.split()]
    return [(one[0], "", "", one[1] if len(one) > 1 else one[0], 1 / (rank + 30.0)) for rank, one in enumerate(names)]


def _table(kinds: Sequence[Sequence[Entry]]) -> Names:
    ranges, first = [], 0
    for entries in kinds:
        ranges.append((first, np.cumsum([entry[4] for entry in entries])))
        first += len(entries)
    rows = [entry for entries in kinds for entry in entries]
    variants = {ord(common): rarer for common, rarer in _pairs(words.VARIANTS).items()}
    return Names(
        written=texts(row[0] for row in rows),
        register=texts(row[0].translate(variants) for row in rows),
        other=texts(row[3] for row in rows),
        plain=texts(without_accents(row[0]) if not row[1] else row[0] for row in rows),
        katakana=texts(_katakana(row[1]) or row[0] for row in rows),
        hiragana=texts(row[1] or row[0] for row in rows),
        wapuro=texts(row[2] or row[0].lower() for row in rows),
        passport=texts(_passport(row[2]) or row[0].lower() for row in rows),
        ranges=tuple(ranges),
    )


def _hiragana(text: str) -> str:
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text)


def _katakana(text: str) -> str:
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)


def _romaji(text: str) -> str:
    return text.lower().strip()


def _passport(wapuro: str) -> str:
    """Satou -> sato, yuuki -> yuki, ooki -> oki: as in a passport."""
    return wapuro.replace("ou", "o").replace("oo", "o").replace("uu", "u")


def _pairs(table: str) -> dict[str, str]:
    return dict(one.split(":") for one in table.split())  # type: ignore[misc]


def _triples(table: str) -> list[tuple[str, str, str]]:
    return [tuple(one.split(":")) for one in table.split()]  # type: ignore[misc]
