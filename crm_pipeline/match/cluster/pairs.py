"""Pairs of records, links between them, and what clustering makes of them.

Belongs here: the types of clustering. Records are places in an array of record keys, here and in all of this package.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Places of records.
Places = NDArray[np.int32]


@dataclass(frozen=True)
class Pairs:
    """Pairs of places, in any order and any direction."""

    left: Places
    right: Places

    def __len__(self) -> int:
        return len(self.left)

    def where(self, chosen: NDArray[np.bool_]) -> Pairs:
        return Pairs(self.left[chosen], self.right[chosen])


def no_pairs() -> Pairs:
    return Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32))


@dataclass(frozen=True)
class Links(Pairs):
    """Pairs with their weight: log10 of the odds that they are one customer (0: as likely as not)."""

    weight: NDArray[np.float64]

    def where(self, chosen: NDArray[np.bool_]) -> Links:
        return Links(self.left[chosen], self.right[chosen], self.weight[chosen])


def no_links() -> Links:
    return Links(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))


@dataclass(frozen=True)
class Problem:
    """A link that could not be kept, and the words for it. `left_key` is the smaller record key."""

    left_key: str
    right_key: str
    problem: str


@dataclass(frozen=True)
class Clusters:
    """`labels`: of each record the place of the smallest record key in its cluster. `problems` by record keys."""

    labels: Places
    problems: tuple[Problem, ...]
