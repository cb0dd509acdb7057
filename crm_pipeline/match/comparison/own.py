"""The columns of a file that have no role: exact, text, name, date, number.

Belongs here: how an outcome is found. Not here: which outcomes there are (own_columns.py of match).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.comparison.dates import dates
from crm_pipeline.match.comparison.pairs import Levels, Pairs
from crm_pipeline.match.comparison.similarity import distinct, jaro_winkler, lengths, one_edit, shorter
from crm_pipeline.match.own_columns import PREFIX
from crm_pipeline.match.vocabulary import Comparison

#: Jaro-Winkler similarities from which on texts, and names, are similar and close.
_SIMILAR, _CLOSE = 0.92, 0.8
#: Below this length one edit makes another word.
_SHORTEST = 4
#: Numbers that differ by at most this part of the larger one are near.
_NEAR = 0.01


def own(pairs: Pairs, comparison: Comparison) -> tuple[Levels, NDArray[np.float32]]:
    """Compare one of a file's own columns by its method."""
    column = PREFIX + comparison.name
    level = {one.name: comparison.code(one.name) for one in comparison.levels}
    if not pairs.has(column):
        return np.zeros(len(pairs), dtype=np.uint8), np.zeros(len(pairs), dtype=np.float32)
    if comparison.method == "date":
        return dates(pairs, column, level)
    left, right = pairs.codes(column)
    levels = np.zeros(len(pairs), dtype=np.uint8)
    levels[pairs.equal(column)] = level["equal"]
    places = np.flatnonzero((left >= 0) & (right >= 0) & (left != right))
    levels[places] = _METHODS[comparison.method or "exact"](pairs.some(places), column, level)
    return levels, np.minimum(pairs.rarity(column, left), pairs.rarity(column, right))


def _exact(pairs: Pairs, column: str, level: Mapping[str, int]) -> Levels:
    outcome = np.full(len(pairs), level["different"], dtype=np.uint8)
    if "similar" in level and len(pairs):
        texts = pairs.texts(column)
        found = distinct(*pairs.codes(column))
        length = pairs.of_texts(column, lengths)
        near = one_edit(texts, length, found) & (shorter(length, found) >= _SHORTEST)
        outcome[near[found.places]] = level["similar"]
    return outcome


def _text(pairs: Pairs, column: str, level: Mapping[str, int]) -> Levels:
    outcome = np.full(len(pairs), level["different"], dtype=np.uint8)
    if not len(pairs):
        return outcome
    texts = pairs.texts(column)
    found = distinct(*pairs.codes(column))
    alike = jaro_winkler(texts, found)
    long = shorter(pairs.of_texts(column, lengths), found) >= _SHORTEST
    outcome[((alike >= _CLOSE) & long)[found.places]] = level["close"]
    outcome[((alike >= _SIMILAR) & long)[found.places]] = level["similar"]
    return outcome


def _number(pairs: Pairs, column: str, level: Mapping[str, int]) -> Levels:
    left, right = pairs.codes(column)
    numbers = pairs.of_texts(column, _numbers)
    one, other = numbers[left], numbers[right]
    with np.errstate(invalid="ignore"):
        apart = np.abs(one - other)
        near = apart <= _NEAR * np.maximum(np.abs(one), np.abs(other))
        outcome = np.where(near, level["near"], level["different"]).astype(np.uint8)
        outcome[apart == 0] = level["equal"]
    outcome[np.isnan(apart)] = 0
    return outcome


def _numbers(texts: Sequence[str]) -> NDArray[np.float64]:
    """NaN for what is no number; one more place for code -1."""
    return np.array([*map(_parsed, texts), math.nan])


def _parsed(text: str) -> float:
    try:
        number = float(text[:40])
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


_METHODS: Mapping[str, Callable[[Pairs, str, Mapping[str, int]], Levels]] = {
    "exact": _exact,
    "text": _text,
    "name": _text,
    "number": _number,
}
