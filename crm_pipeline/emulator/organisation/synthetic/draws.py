"""Random numbers that depend on nothing but a key, a name and a place: the same on every machine, in any order.

Belongs here: uniform draws, choices and permutations for whole columns. Not here: what is drawn.
The generator is SplitMix64 (Steele, Lea, Flood 2014) used as a counter: number n of a stream is a hash of the stream's
start and n. Only whole numbers and IEEE products are used, so the results do not depend on NumPy's own generators.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Words: TypeAlias = npt.NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


class Draws:
    """Streams of random numbers under one key; every stream has a name of its own."""

    def __init__(self, *key: object) -> None:
        self._key = "/".join(map(str, key))

    def below(self, name: str) -> Draws:
        """The streams under a longer key."""
        return Draws(self._key, name)

    def words(self, name: str, size: int) -> Words:
        """64 random bits each."""
        start = int.from_bytes(blake2b(f"{self._key}/{name}".encode(), digest_size=8).digest(), "little")
        state = np.uint64(start) + np.arange(size, dtype=np.uint64) * _STEP
        state = (state ^ (state >> np.uint64(30))) * _MIX_1
        state = (state ^ (state >> np.uint64(27))) * _MIX_2
        return state ^ (state >> np.uint64(31))

    def uniform(self, name: str, size: int) -> Floats:
        """Numbers from 0 to below 1."""
        return (self.words(name, size) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def chance(self, name: str, size: int, share: float | Floats) -> Flags:
        """True for that share."""
        return self.uniform(name, size) < share

    def number(self, name: str, size: int, limit: int | Ints) -> Ints:
        """Whole numbers from 0 to below `limit`."""
        return (self.uniform(name, size) * limit).astype(np.int64)

    def choice(self, name: str, size: int, cumulated: Ints) -> Ints:
        """Indices, as often as the cumulated whole weights say."""
        return choose(self.uniform(name, size), cumulated)

    def order(self, name: str, size: int) -> Ints:
        """The numbers from 0 to below `size` in random order."""
        return np.argsort(self.words(name, size), kind="stable").astype(np.int64)


def choose(uniform: Floats, cumulated: Ints) -> Ints:
    """The index that each number from 0 to below 1 falls on."""
    return np.searchsorted(cumulated, uniform * int(cumulated[-1]), side="right").astype(np.int64)


def cumulate(*weights: int) -> Ints:
    """Whole weights as `choice` takes them."""
    return np.cumsum(np.array(weights, dtype=np.int64))
