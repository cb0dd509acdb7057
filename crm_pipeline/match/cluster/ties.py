"""A number for each record key by which ties are broken: it follows from the key alone.

Belongs here: hashing record keys in bulk. Ties that are broken at random, as it were, let a chain of equal links fall
into pieces everywhere at once; broken by the order of keys, it would be worked off from one end.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
#: Keys are worked on in parts of this many, for the memory, and in whole up to this length.
_PART, _LENGTH = 1 << 16, 64


def mixed(numbers: Numbers) -> Numbers:
    """A permutation of the 64-bit numbers in which every bit depends on every bit (the end of splitmix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


_FACTORS = mixed(np.arange(1, _LENGTH + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) | np.uint64(1)


def ties(keys: NDArray[np.object_]) -> Numbers:
    """The number of each key, in their order."""
    numbers = np.zeros(len(keys), np.uint64)
    for start in range(0, len(keys), _PART):
        part = keys[start : start + _PART]
        letters = part.astype(f"U{_LENGTH}").view(np.uint64).reshape(len(part), _LENGTH // 2)  # two in each number
        total = numbers[start : start + _PART]
        for place in np.flatnonzero(letters.any(axis=0)).tolist():
            total += letters[:, place] * _FACTORS[place]
        for long in np.flatnonzero(letters[:, -1] >> np.uint64(32)).tolist():
            digest = hashlib.blake2b(part[long].encode("utf-8", "surrogatepass"), digest_size=8).digest()
            total[long] = int.from_bytes(digest, "little")
    return mixed(numbers)
