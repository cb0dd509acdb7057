"""Pairs to estimate from, grouped: what was compared, and how many pairs came out that way.

Two groups of pairs: random ones tell how strangers compare, blocked ones have the customers in them. Belongs here:
drawing them so that the order of records makes no difference, and grouping. Not here: what follows from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.vocabulary import Compared

#: Pairs of each group, at most. Ten thousand strangers at a level tell its weight to 0.01, thirty still to 0.1; rarer
#: levels are drawn to their start weight in any case.
RANDOM, BLOCKED = 300_000, 600_000
#: Rarities are told apart by quarters (a factor of 1.8).
_STEPS = 4

Places = NDArray[np.int32]
Sources = tuple[str, str]


@dataclass(frozen=True)
class Drawn:
    """Pairs compared, and where they come from: `side` is the place of each pair's sources in a list."""

    compared: Compared
    side: NDArray[np.uint8]


@dataclass(frozen=True)
class Sample:
    """One row a pattern: what came out of the comparison, the sources, and how often.

    `random`, `blocked`: pairs of each group with that pattern; `blocked` scaled up to all blocked pairs.
    `sides`: (source, source) in alphabetical order; `possible`: pairs of records of each side, compared or not.
    """

    compared: Compared
    side: NDArray[np.uint8]
    random: NDArray[np.float64]
    blocked: NDArray[np.float64]
    sides: Sequence[Sources]
    possible: NDArray[np.float64]


def random_pairs(order: Places, most: int = RANDOM) -> tuple[Places, Places]:
    """Pairs of different places: all of them while they are at most `most`, else so many drawn ones.

    `order`: the places in an order that follows from the records' keys, not from when they came.
    """
    count = len(order)
    if count * (count - 1) // 2 <= most:
        left, right = np.triu_indices(count, 1)
    else:
        numbers = np.random.default_rng(1)
        left = numbers.integers(0, count, most)
        right = (left + numbers.integers(1, count, most)) % count
    return order[left], order[right]


def group(random: Drawn, blocked: Drawn, scale: float, sides: Sequence[Sources], possible: Sequence[int]) -> Sample:
    """`scale`: blocked pairs for each one that was drawn."""
    levels = np.concatenate([random.compared.levels, blocked.compared.levels])
    rarity = np.concatenate([random.compared.rarity, blocked.compared.rarity])
    steps = np.clip(np.rint(rarity * _STEPS), 0, 255).astype(np.uint8)
    side = np.concatenate([random.side, blocked.side])
    _, first, place = np.unique(
        _hashed(np.concatenate([levels, steps, side[:, None]], axis=1)), return_index=True, return_inverse=True
    )
    drawn = len(random.side)
    return Sample(
        Compared(random.compared.comparisons, levels[first], steps[first].astype(np.float32) / _STEPS),
        side[first],
        np.bincount(place[:drawn], minlength=len(first)).astype(np.float64),
        np.bincount(place[drawn:], minlength=len(first)) * np.float64(scale),
        sides,
        np.asarray(possible, dtype=np.float64),
    )


def _hashed(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """One number a row; two of a million different rows have the same one with a chance of 1 in 10 million."""
    factors = np.asarray(np.random.default_rng(2).integers(0, 2**63, rows.shape[1]), dtype=np.uint64)
    hashed = np.zeros(len(rows), dtype=np.uint64)
    for column in range(rows.shape[1]):
        hashed ^= (rows[:, column] + np.uint64(1)) * factors[column]
        hashed = (hashed ^ (hashed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return hashed
