"""A chunk of pairs, and what every comparison asks about it.

Belongs here: gathering codes, texts and rarities for pairs, values that both records have. Not here: outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.records.subjects import Codes, Flags, Subjects, ValueSets

#: Column of the subjects -> -log10 share of each of its distinct values.
Rarities = Mapping[str, NDArray[np.float32]]
#: A level for each pair, 0 where there is nothing to compare.
Levels = NDArray[np.uint8]
Places = NDArray[np.int64]
#: -log10 share of the agreed value, for each pair.
Rarity = NDArray[np.float32]

_Known = TypeVar("_Known", bound=np.generic)

#: Records with more values than this are few; their pairs are looked at one by one.
_SLOTS = 6


@dataclass(frozen=True)
class Pairs:
    """The records at `left[i]` and `right[i]` of the subjects."""

    subjects: Subjects
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    rarities: Rarities

    def __len__(self) -> int:
        return len(self.left)

    @cached_property
    def _gathered(self) -> dict[str, tuple[Codes, Codes]]:
        return {}

    def codes(self, column: str) -> tuple[Codes, Codes]:
        """The codes of a column, of the left and of the right records."""
        found = self._gathered.get(column)
        if found is None:
            codes = self.subjects.values[column].codes
            found = self._gathered[column] = codes.take(self.left), codes.take(self.right)
        return found

    def flags(self, name: str) -> tuple[Flags, Flags]:
        flags = self.subjects.flags[name]
        return flags.take(self.left), flags.take(self.right)

    def has(self, column: str) -> bool:
        return column in self.subjects.values

    def equal(self, column: str) -> Flags:
        """Pairs that both have a value, and the same."""
        left, right = self.codes(column)
        found: Flags = (left == right) & (left >= 0)
        return found

    def both(self, column: str) -> Flags:
        left, right = self.codes(column)
        found: Flags = (left >= 0) & (right >= 0)
        return found

    def both_sets(self, column: str) -> Flags:
        """Pairs that both have some value of a set."""
        some = self.subjects.sets[column].first >= 0
        found: Flags = some.take(self.left) & some.take(self.right)
        return found

    def texts(self, column: str) -> Sequence[str]:
        return self.subjects.texts(column)

    def of_texts(self, column: str, what: Callable[[Sequence[str]], NDArray[_Known]]) -> NDArray[_Known]:
        """`what` of the distinct values of a column, by code."""
        return self.subjects.of_texts(column, what)

    def rarity(self, column: str, codes: Codes) -> NDArray[np.float32]:
        """How rare the values with these codes are; 0 where there is none (-1), or nothing is known of the column."""
        known = self.rarities.get(column)
        if known is None or not len(known):
            return np.zeros(len(codes), dtype=np.float32)
        return np.where(codes >= 0, known[codes], np.float32(0))

    def some(self, places: Places) -> Pairs:
        """Only these pairs."""
        return Pairs(self.subjects, self.left[places], self.right[places], self.rarities)

    def common(self, left: str, right: str | None = None) -> Codes:
        """The smallest value that both have, of the set `left` and of the set `right` (the same one if None); -1: none.

        Both sets have one numbering.
        """
        return common(self.subjects.sets[left], self.left, self.subjects.sets[right or left], self.right)


def common(a: ValueSets, left: NDArray[np.int32], b: ValueSets, right: NDArray[np.int32]) -> Codes:
    """The smallest code that the sets at `left` of `a` and at `right` of `b` have in common, -1 where there is none."""
    if not len(a.codes) or not len(b.codes):
        return np.full(len(left), -1, dtype=np.int32)
    first, other = a.first.take(left), b.first.take(right)
    found = np.where((first == other) & (first >= 0), first, np.int32(-1))
    several = np.flatnonzero((first >= 0) & (other >= 0) & (a.several[left] | b.several[right]))
    if len(several):
        found[several] = _slow(a, left[several], b, right[several])
    return found


def _slow(a: ValueSets, left: NDArray[np.int32], b: ValueSets, right: NDArray[np.int32]) -> Codes:
    """As `common`, for pairs of which one has several values: slot against slot, and the crowded ones singly."""
    counts, others = a.offsets[left + 1] - a.offsets[left], b.offsets[right + 1] - b.offsets[right]
    nothing = np.iinfo(np.int32).max
    best = np.full(len(left), nothing, dtype=np.int32)
    crowded = (counts > _SLOTS) | (others > _SLOTS)
    for slot in range(int(min(counts.max(), _SLOTS))):
        having = np.flatnonzero((counts > slot) & ~crowded)
        value = a.codes[a.offsets[left[having]] + slot]
        for other in range(int(min(others.max(), _SLOTS))):
            inside = others[having] > other
            places = having[inside]
            equal = b.codes[b.offsets[right[places]] + other] == value[inside]
            hit = places[equal]
            best[hit] = np.minimum(best[hit], value[inside][equal])
    for place in np.flatnonzero(crowded):
        one = a.codes[a.offsets[left[place]] : a.offsets[left[place] + 1]]
        two = b.codes[b.offsets[right[place]] : b.offsets[right[place] + 1]]
        shared = np.intersect1d(one, two, assume_unique=True)
        if len(shared):
            best[place] = shared[0]
    return np.where(best == nothing, np.int32(-1), best)
