"""The names of a synthetic organisation with all the forms in which they are written, as columns.

Belongs here: family and given names of all languages, each spelling one entry. Not here: which form somebody types.
The names come from the tables of vocabulary.py, japanese-personal-name-dataset (given names beyond the commonest) and
tables/names_abroad.tsv.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from japanese_personal_name_dataset import load_dataset

from crm_pipeline.emulator.organisation import vocabulary
from crm_pipeline.emulator.organisation.entities import NAME_VARIANTS, passport
from crm_pipeline.emulator.organisation.synthetic.draws import Floats, Ints, choose
from crm_pipeline.emulator.organisation.synthetic.sizes import LANGUAGES
from crm_pipeline.emulator.organisation.synthetic.texts import Texts, column
from crm_pipeline.emulator.organisation.typing_habits import KEYBOARD, half_width_kana, katakana, weak_variant

#: Bearers in a thousand who write a name with a rarer character, where it has one; and the weight of all the given
#: names that are not among the commonest.
_RARE_CHARACTER, _RARE_GIVEN_NAMES = 250, 0.12
_SPELLINGS_OF_A_RARE_NAME = 2


class _Entry(NamedTuple):
    language: str
    spelling: str
    kana: str
    romaji: str
    weight: int
    other: str


@dataclass(frozen=True)
class Names:
    """Family or given names. `true` is the bearer's own spelling, `keyboard` the same without rare characters.

    `kana` and `half_kana` are katakana; `roman` is as passports have it, `wapuro` as it is typed (satou), `letters` for
    an e-mail address, `other` what people also write. All are filled; a form a language does not have is `roman`.
    """

    true: Texts
    keyboard: Texts
    kana: Texts
    half_kana: Texts
    roman: Texts
    wapuro: Texts
    letters: Texts
    other: Texts
    first: tuple[int, ...]
    cumulated: tuple[Ints, ...]

    def draw(self, languages: Ints, uniform: Floats) -> Ints:
        """A name in each language (its place in LANGUAGES), by weight."""
        drawn = np.zeros(len(languages), dtype=np.int64)
        for language in range(len(LANGUAGES)):
            where = languages == language
            drawn[where] = self.first[language] + choose(uniform[where], self.cumulated[language])
        return drawn


@cache
def family_names() -> Names:
    """Family names; 松本 is left to the guide's example."""
    japanese = [("ja", name, weight) for name, weight in _weights(vocabulary.surnames())]
    western = [("en", name, weight * 100) for name, weight in _weights(vocabulary.western_names("family"))]
    return _names([*_japanese(japanese), *_western(western), *_abroad("family")])


@cache
def given_names() -> Names:
    """Given names; the commonest by their weight, and some 15,000 spellings of rarer ones."""
    commonest = [("ja", name, weight * 10_000) for name, weight in _weights(vocabulary.given_names())]
    western = [("en", name, weight * 100) for name, weight in _weights(vocabulary.western_names("given"))]
    rare = list(_rare_given_names())
    each = max(1, round(sum(weight for *_, weight in commonest) * _RARE_GIVEN_NAMES / len(rare)))
    weighted = [("ja", name, each) for name in rare]
    return _names([*_japanese([*commonest, *weighted]), *_western(western), *_abroad("given")])


def _rare_given_names() -> Iterator[vocabulary.Name]:
    *given, _ = load_dataset(include_last_names=True)
    known = {name.kana for name, _ in _weights(vocabulary.given_names())}
    for rows in given:
        for kana, row in rows.items():
            if kana not in known and len(kana) > 1:
                yield vocabulary.Name(tuple(row["kanji"][:_SPELLINGS_OF_A_RARE_NAME]), kana, row["en"])


def _weights(words: vocabulary.Weighted[vocabulary.Name]) -> Iterator[tuple[vocabulary.Name, int]]:
    before = 0.0
    for name, cumulated in zip(words.words, words.cumulated, strict=True):
        yield name, round(cumulated - before)
        before = cumulated


def _japanese(names: Iterable[tuple[str, vocabulary.Name, int]]) -> Iterator[_Entry]:
    """One entry for each spelling; a little more than half of the bearers write the commonest."""
    for language, name, weight in names:
        others = name.spellings[1:]
        for spelling in name.spellings:
            part = weight * (55 if spelling == name.spellings[0] and others else 45 if others else 100)
            part = part // (100 if spelling == name.spellings[0] else 100 * len(others))
            rare = "".join(NAME_VARIANTS.get(character, character) for character in spelling)
            common = part if rare == spelling else part * (1000 - _RARE_CHARACTER) // 1000
            yield _Entry(language, spelling, name.kana, name.romaji, max(1, common), weak_variant(spelling))
            if rare != spelling:
                weight_of_rare = max(1, part - common)
                yield _Entry(language, rare, name.kana, name.romaji, weight_of_rare, weak_variant(spelling))


def _western(names: Iterable[tuple[str, vocabulary.Name, int]]) -> Iterator[_Entry]:
    for language, name, weight in names:
        others = name.spellings[1:]
        for number, other in enumerate(others or (name.romaji,)):
            yield _Entry(language, name.romaji, "", name.romaji, max(1, weight // (number + 1)), other)


def _abroad(kind: str) -> Iterator[_Entry]:
    for language, row_kind, name, latin, kana, weight, also in vocabulary.table("names_abroad"):
        if row_kind == kind:
            for other in also.split(","):
                yield _Entry(language, name, kana, latin, int(weight) * 100, other or latin)


def _names(entries: list[_Entry]) -> Names:
    ordered = sorted(entries, key=lambda entry: LANGUAGES.index(entry.language))
    weights = [[e.weight for e in ordered if e.language == language] for language in LANGUAGES]
    first = np.cumsum([0, *map(len, weights[:-1])]).tolist()
    kana = [katakana(e.kana) or e.romaji for e in ordered]
    roman = [passport(e.romaji) if e.language == "ja" else e.romaji for e in ordered]
    return Names(
        true=column(e.spelling for e in ordered),
        keyboard=column(e.spelling.translate(KEYBOARD) if e.language == "ja" else plain(e.spelling) for e in ordered),
        kana=column(kana),
        half_kana=column(
            half_width_kana(k) if k.isascii() is False and e.kana else k for k, e in zip(kana, ordered, strict=True)
        ),
        roman=column(roman),
        wapuro=column(e.romaji.capitalize() if e.language == "ja" else e.romaji for e in ordered),
        letters=column(re.sub(r"[^a-z]", "", plain(text).lower()) for text in roman),
        other=column(e.other for e in ordered),
        first=tuple(first),
        cumulated=tuple(np.cumsum(np.array(part, dtype=np.int64)) for part in weights),
    )


def plain(text: str) -> str:
    """Latin letters without accents; other scripts as they are: Müller -> Muller, 王 -> 王."""
    if not any("\u00c0" <= character <= "\u024f" for character in text):
        return text
    letters = unicodedata.normalize("NFD", text.replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
