"""The records of one kind as arrays: values as codes, so that a million pairs are compared by a handful of gathers.

Belongs here: the columnar form. Not here: what is in the columns (features), how they are compared (comparison/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
_Known = TypeVar("_Known", bound=np.generic)


@dataclass(frozen=True)
class Values:
    """A column with at most one value a record. `codes`: place in `distinct`, -1 where there is none."""

    codes: Codes
    distinct: Sequence[str]

    @cached_property
    def words(self) -> ValueSets:
        """The parts of each distinct value between its `|`, as sets by its code."""
        parts = [value.split("|") for value in self.distinct]
        numbers = {word: code for code, word in enumerate(sorted({word for words in parts for word in words}))}
        codes = [sorted({numbers[word] for word in words}) for words in parts]
        offsets = np.zeros(len(codes) + 1, dtype=np.int64)
        np.cumsum([len(one) for one in codes], out=offsets[1:])
        return ValueSets(offsets, np.array([code for one in codes for code in one], dtype=np.int32), list(numbers))


@dataclass(frozen=True)
class ValueSets:
    """A column with any number of values a record: record i has `codes[offsets[i]:offsets[i + 1]]`, each once."""

    offsets: NDArray[np.int64]
    codes: Codes
    distinct: Sequence[str]

    @cached_property
    def first(self) -> Codes:
        """The first value of each record, -1 where there is none: most records have one value at most."""
        return self.at(np.arange(len(self.offsets) - 1), 0)

    @cached_property
    def several(self) -> Flags:
        """Records with more than one value."""
        return np.diff(self.offsets) > 1

    def at(self, places: NDArray[np.integer], slot: int) -> Codes:
        """The value number `slot` of the records at these places, -1 where there are fewer."""
        begin = self.offsets[places] + slot
        found = np.full(len(places), -1, dtype=np.int32)
        there = begin < self.offsets[places + 1]
        found[there] = self.codes[begin[there]]
        return found


@dataclass(frozen=True)
class Subjects:
    """`ids`: of the records, ascending; everything else is in that order. Pairs are places in it, not ids."""

    ids: NDArray[np.int32]
    values: Mapping[str, Values]
    sets: Mapping[str, ValueSets]
    flags: Mapping[str, Flags]

    def __len__(self) -> int:
        return len(self.ids)

    def texts(self, column: str) -> Sequence[str]:
        """The distinct values of a column, by code."""
        found = self.values.get(column)
        return self.sets[column].distinct if found is None else found.distinct

    def of_texts(self, column: str, what: Callable[[Sequence[str]], NDArray[_Known]]) -> NDArray[_Known]:
        """`what` of the distinct values of a column, by code; found once for all chunks of pairs."""
        known = self._of_texts.get((column, what))
        if known is None:
            known = self._of_texts[column, what] = what(self.texts(column))
        return known

    @cached_property
    def _of_texts(self) -> dict[tuple[str, object], NDArray[Any]]:
        return {}
