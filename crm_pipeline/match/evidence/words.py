"""Evidence in words, English and Japanese, for the person who decides.

Pure: templates. Values are shown as compared (folded names, parsed addresses); an area code as it was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from crm_pipeline.match import tables
from crm_pipeline.match.vocabulary import Comparison, Outcome
from crm_pipeline.normalise import tables as places

#: Of a file's own columns, by outcome; {column} is the column's name.
_OWN: Mapping[str, tuple[str, str]] = {
    "equal": ("same {column}: {left}", "{column}が同じ：{left}"),
    "similar": ("similar {column}: {left}, {right}", "{column}が似ている：{left}／{right}"),
    "close": ("{column} is close: {left}, {right}", "{column}がやや似ている：{left}／{right}"),
    "swapped": ("{column} with day and month swapped: {left}, {right}", "{column}の月日が逆：{left}／{right}"),
    "digit": ("{column} differs by one digit: {left}, {right}", "{column}が一桁違い：{left}／{right}"),
    "year": ("{column} agrees in the year only: {left}, {right}", "{column}は年のみ一致：{left}／{right}"),
    "near": ("{column} is near: {left}, {right}", "{column}が近い：{left}／{right}"),
    "different": ("different {column}: {left}, {right}", "{column}が違う：{left}／{right}"),
}


def templates(comparison: Comparison, level: str) -> tuple[str, str]:
    """What an outcome says, in English and in Japanese, with the gaps {left} and {right}; of an area code also {area},
    {region} and {prefecture}. Raises KeyError for an outcome without words."""
    if comparison.method is None:
        return _templates()[comparison.name, level]
    english, japanese = _OWN[level]
    return english.replace("{column}", comparison.name), japanese.replace("{column}", comparison.name)


def without_values(comparison: str, words: str) -> str:
    """What a piece of evidence says in English, without the values that are compared: `same family name`. Of one that
    cannot do without them, what was compared: `area code`."""
    said = words.partition(": ")[0]
    return said if said in _valueless() else comparison.replace("_", " ")


@cache
def _valueless() -> frozenset[str]:
    """What stands before the first value, where nothing of a value does."""
    said = (english.partition(": ") for english, _ in _templates().values())
    return frozenset(before for before, colon, after in said if colon and after.startswith("{") and "{" not in before)


def prefectures() -> Mapping[str, str]:
    """Prefecture -> its name in Latin letters."""
    return {row[0]: row[1] for row in places.rows("prefectures.tsv")}


@cache
def _templates() -> Mapping[Outcome, tuple[str, str]]:
    """(comparison, outcome) -> English, Japanese."""
    return {(row[0], row[1]): (row[2], row[3]) for row in tables.rows("words.tsv")}
