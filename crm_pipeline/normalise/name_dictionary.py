"""Japanese family and given names: which there are, how common, how read.

Belongs here: looking up the name dataset (1,999 family names with population counts, 70,000 given names) and our own
table of 3,500 further family names and readings. Not here: the optional lexicon (name_lexicon.py), decisions about one
name (name_split.py). Keys are those of `key`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

from japanese_personal_name_dataset import load_dataset

from crm_pipeline.normalise import kana, kanji, name_lexicon, tables
from crm_pipeline.normalise.text import CJK, KANA, plain_latin, script

_MARKS = re.compile(r"[.'’‘`´,・·\"“”]")
_APART = re.compile(r"[-‐‑–—/=゠]")
_PLAIN = re.compile(f"[{CJK}{KANA}]+")

#: No Japanese name has more letters, family and given name together (in Kana: 14).
LONGEST = 16

#: Population taken for a family name that the dataset lacks, below its rarest.
_RARE = 1


@lru_cache(maxsize=1 << 16)
def key(text: str) -> str:
    """A name, or part of one, for comparing: folded Kanji, Katakana, lower-case Latin without accents and marks."""
    text = kana.katakana(kanji.fold(text))
    if _PLAIN.fullmatch(text):  # nearly every Japanese name, at a third of the cost
        return kanji.repeated(text)
    text = plain_latin(text.casefold())
    text = _APART.sub(" ", _MARKS.sub("", text))
    return " ".join(text.split()) if script(text) in ("latin", "other") else kanji.repeated("".join(text.split()))


@dataclass(frozen=True)
class Dictionary:
    """Readings are romaji keys. `family` and `given` hold Kanji and Kana keys, the other two romaji."""

    family: dict[str, frozenset[str]]
    given: dict[str, frozenset[str]]
    population: dict[str, int]
    romaji_family: dict[str, int]
    romaji_given: frozenset[str]

    def family_readings(self, name_key: str) -> frozenset[str]:
        """All readings of a family name; of 冨樫 those of 富樫, where only that one is known."""
        found = self.family.get(name_key, frozenset()) | name_lexicon.family_readings(name_key)
        return found or self.family.get(kanji.weak(name_key), frozenset())

    def given_readings(self, name_key: str) -> frozenset[str]:
        return self.given.get(name_key, frozenset()) | name_lexicon.given_readings(name_key)


@cache
def dictionary() -> Dictionary:
    """Loaded once, at the first Japanese name (about 0.3 s)."""
    men, women, families = load_dataset("org", include_last_names=True)
    family: defaultdict[str, set[str]] = defaultdict(set)
    given: defaultdict[str, set[str]] = defaultdict(set)
    population: defaultdict[str, int] = defaultdict(int)
    romaji_family: defaultdict[str, int] = defaultdict(int)
    own = tables.listed("surname_readings.tsv")
    wrong = {(key(name), reading[1:]) for name, readings in own.items() for reading in readings if reading[0] == "-"}
    for name, entry in families.items():
        population[key(name)] += entry["count"]
        if (key(name), entry["reading"]) in wrong:
            continue
        _add(family, name, entry["reading"])
        population[key(entry["reading"])] += entry["count"]
        romaji_family[kana.to_romaji(entry["reading"])] += entry["count"]
    for name, readings in own.items():
        for reading in readings:
            if reading[0] == "-":
                continue
            _add(family, name, reading)
            romaji_family[kana.to_romaji(reading)] += _RARE
            population[key(reading)] += _RARE
        population[key(name)] += _RARE
    for names in (men, women):
        for reading, first in names.items():
            spelled = kana.to_romaji(reading)
            for name in first["kanji"]:
                given[key(name)].add(spelled)
            given[key(reading)].add(spelled)
    return Dictionary(
        {name: frozenset(readings) for name, readings in family.items()},
        {name: frozenset(readings) for name, readings in given.items()},
        dict(population),
        dict(romaji_family),
        frozenset(reading for readings in given.values() for reading in readings),
    )


def _add(names: defaultdict[str, set[str]], name: str, reading: str) -> None:
    """Under the name and under its reading in Kana."""
    spelled = kana.to_romaji(reading)
    names[key(name)].add(spelled)
    names[key(reading)].add(spelled)
