"""Whole numbers in order, a million of them, that can be added to, taken from and counted within microseconds.

Belongs here: the data structure. Not here: what the numbers mean (tables.py).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain

_FULL = 2_000  # numbers in a block; a full one is cut in two


class Ordered:
    """A sorted set of whole numbers, kept as a list of sorted blocks of at most `full` numbers."""

    def __init__(self, numbers: Iterable[int] = (), *, full: int = _FULL) -> None:
        self._full = full
        self._blocks: list[list[int]] = []
        self._last: list[int] = []  # the largest number of each block
        self._starts: list[int] | None = None  # position of each block's first number, and the size; None: not counted
        self.update(numbers)

    def update(self, numbers: Iterable[int]) -> None:
        """Add many numbers at once."""
        ordered = sorted(chain(self, numbers))
        half = self._full // 2
        self._blocks = [ordered[start : start + half] for start in range(0, len(ordered), half)]
        self._last = [block[-1] for block in self._blocks]
        self._starts = None

    def add(self, number: int) -> None:
        """Add a number that is not there yet."""
        self._starts = None
        if not self._blocks:
            self._blocks, self._last = [[number]], [number]
            return
        at = min(bisect_left(self._last, number), len(self._last) - 1)
        block = self._blocks[at]
        insort(block, number)
        self._last[at] = block[-1]
        if len(block) > self._full:
            half = len(block) // 2
            self._blocks[at : at + 1] = [block[:half], block[half:]]
            self._last[at : at + 1] = [block[half - 1], block[-1]]

    def remove(self, number: int) -> None:
        """Take out a number that is there."""
        self._starts = None
        at = bisect_left(self._last, number)
        block = self._blocks[at]
        del block[bisect_left(block, number)]
        if block:
            self._last[at] = block[-1]
        else:
            del self._blocks[at], self._last[at]

    def __len__(self) -> int:
        return self._counted()[-1]

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self._blocks)

    def __contains__(self, number: int) -> bool:
        at = bisect_left(self._last, number)
        if at == len(self._blocks):
            return False
        block = self._blocks[at]
        return block[bisect_left(block, number)] == number

    def position(self, number: int) -> int:
        """How many numbers are smaller than `number`."""
        starts, at = self._counted(), bisect_left(self._last, number)
        if at == len(self._blocks):
            return starts[-1]
        return starts[at] + bisect_left(self._blocks[at], number)

    def between(self, start: int, stop: int) -> list[int]:
        """The numbers at positions `start` to `stop` (exclusive)."""
        starts = self._counted()
        start, stop = max(start, 0), min(stop, starts[-1])
        found: list[int] = []
        at = max(bisect_left(starts, start + 1) - 1, 0)
        while start < stop:
            first = starts[at]
            found += self._blocks[at][start - first : stop - first]
            at += 1
            start = starts[at]
        return found

    def _counted(self) -> list[int]:
        if self._starts is None:
            self._starts = list(accumulate(map(len, self._blocks), initial=0))
        return self._starts
