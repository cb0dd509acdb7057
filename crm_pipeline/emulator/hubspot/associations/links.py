"""Links of one direction, packed: which records a record is associated with, and the number of the types of each link.

Belongs here: the compact form (32 to 40 bytes a link). Not here: what the numbers mean, the other direction.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Links = int | array[int]  # one link, or several in order: to id shifted by _BITS, below it the number of its types

_BITS = 16
HIGHEST_NUMBER = (1 << _BITS) - 1


class LinkTable:
    """From id -> to ids in ascending order, each with a number from 0 to HIGHEST_NUMBER."""

    __slots__ = ("_links",)

    def __init__(self) -> None:
        self._links: dict[int, Links] = {}

    def __contains__(self, start: int) -> bool:
        return start in self._links

    def count(self, start: int) -> int:
        """How many links lead from a record."""
        return len(self._packed(start))

    def page(self, start: int, after: int = -1, limit: int | None = None) -> list[tuple[int, int]]:
        """To ids above `after` with their numbers, at most `limit`."""
        packed = self._packed(start)
        first = bisect_left(packed, (after + 1) << _BITS) if after >= 0 else 0
        chosen = packed[first:] if limit is None else packed[first : first + limit]
        return [(one >> _BITS, one & HIGHEST_NUMBER) for one in chosen]

    def number(self, start: int, end: int) -> int | None:
        """The number of one link; None without such a link."""
        packed = self._packed(start)
        position = bisect_left(packed, end << _BITS)
        if position < len(packed) and packed[position] >> _BITS == end:
            return packed[position] & HIGHEST_NUMBER
        return None

    def put(self, start: int, end: int, number: int) -> None:
        """Add a link, or change the number of one that is there."""
        new, old = end << _BITS | number, self._links.get(start)
        if old is None:
            self._links[start] = new
        elif isinstance(old, int):
            if old >> _BITS == end:
                self._links[start] = new
            else:
                self._links[start] = array("q", (old, new) if old < new else (new, old))
        elif old[-1] >> _BITS < end:
            old.append(new)
        else:
            position = bisect_left(old, end << _BITS)
            if old[position] >> _BITS == end:
                old[position] = new
            else:
                old.insert(position, new)

    def cut(self, start: int, end: int) -> None:
        """Take a link out; none is not an error."""
        left = [one for one in self._packed(start) if one >> _BITS != end]
        if not left:
            self._links.pop(start, None)
        else:
            self._links[start] = left[0] if len(left) == 1 else array("q", left)

    def drop(self, start: int) -> None:
        """Take all links of a record out."""
        self._links.pop(start, None)

    def dump(self) -> list[list[int]]:
        """The table as JSON: a list of ids, then packed links of each of them."""
        return [[start, *self._packed(start)] for start in self._links]

    def restore(self, state: list[list[int]]) -> None:
        """Become what was dumped."""
        self._links = {one[0]: one[1] if len(one) == 2 else array("q", one[1:]) for one in state}

    def _packed(self, start: int) -> tuple[int, ...] | array[int]:
        packed = self._links.get(start)
        return () if packed is None else (packed,) if isinstance(packed, int) else packed
