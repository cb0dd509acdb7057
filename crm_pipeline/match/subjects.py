"""The records of one kind as arrays: values as codes, so that a million pairs are compared by a handful of gathers.

Belongs here: the columnar form. Not here: what is in the columns (features), how they are compared (comparison/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Values:
    """A column with at most one value a record. `codes`: place in `distinct`, -1 where there is none."""

    codes: Codes
    distinct: Sequence[str]


@dataclass(frozen=True)
class ValueSets:
    """A column with any number of values a record: record i has `codes[offsets[i]:offsets[i + 1]]`, each once."""

    offsets: NDArray[np.int64]
    codes: Codes
    distinct: Sequence[str]


@dataclass(frozen=True)
class Subjects:
    """`ids`: of the records, ascending; everything else is in that order. Pairs are places in it, not ids."""

    ids: NDArray[np.int32]
    values: Mapping[str, Values]
    sets: Mapping[str, ValueSets]
    flags: Mapping[str, Flags]

    def __len__(self) -> int:
        return len(self.ids)
