"""A read over record ids, cut into ranges that are read side by side.

Belongs here: which range is read from next, and where one is cut in two. Not here: calls, threads (`parallel`).
A range is read page by page, in ascending order of ids, from its lower end. Where its records are is not known before;
the last pages tell how dense they lie, and the range with most left is halved whenever a call could be made in vain.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

_WORTH_CUTTING = 6  # pages; each cut costs half a page that is read twice
#: Cuts that may have led into ids without records: so many, and one more for each `_PAGES_A_CUT` pages read. Where old
#: ids lie dense and new ones far above, the space between is halved step by step; this bounds what that costs.
_CUTS = 8
_PAGES_A_CUT = 8


class OutOfOrderError(Exception):
    """A page's ids are not whole numbers ascending from where it was asked for: ranges of ids mean nothing here."""


@dataclass(eq=False)
class Range:
    """Ids above `after` up to and including `to` (None: without end). `cursor`: how the CRM itself would go on."""

    after: int
    to: int | None
    cursor: str = ""
    density: float = 0.0  # records for each id, on the page read last
    busy: bool = False
    unproven: bool = False  # the upper half of a cut, before its first page
    doubted: bool = False  # the last page said that it was the last of all, which cannot be


def checked(ids: Iterable[str], after: int) -> list[int]:
    """Ids of a page as numbers. Raises `OutOfOrderError`. The id `after` may come first: a list may include it."""
    numbers: list[int] = []
    for one in ids:
        if not (one.isascii() and one.isdecimal()) or int(one) <= (numbers[-1] if numbers else after - 1):
            raise OutOfOrderError
        numbers.append(int(one))
    return numbers


class Ranges:
    """The ranges of a read that are not done.

    `page`: records a call brings; `newest`: about the highest id; `few`: pages that are read one after the other before
    anything is cut, so that a small object costs not a call more; `bounded`: pages end where their range does, as those
    of a search; the pages of a list go on.
    """

    def __init__(
        self,
        spans: Iterable[tuple[int, int | None]],
        *,
        page: int,
        newest: Callable[[], int],
        few: int = 4,
        bounded: bool = False,
    ) -> None:
        self._ranges = [Range(after, to) for after, to in spans]
        self._page = page
        self._few = few
        self._bounded = bounded
        self._highest = 0
        self._find_newest = newest
        self._newest: int | None = None
        self._pages = 0
        self._in_vain = 0

    def take(self) -> Range | None:
        """The range to read a page of now; None when nothing can be begun before a page has come."""
        begin = self._pages < self._few
        if begin and any(one.busy for one in self._ranges):
            return None
        chosen = next((one for one in self._ranges if not one.busy), None)
        if chosen is None and not begin:
            chosen = self._half()
        if chosen is not None:
            chosen.busy = True
        return chosen

    def advance(self, range_: Range, ids: Sequence[int], *, more: bool, cursor: str = "") -> tuple[int, int | None]:
        """Note a page: its ids, ascending, those beyond the range's end too, and whether there are `more` after them.

        Gives the ids that are done with it: above the first number, up to the second (None: without end).
        """
        before = range_.after
        more, cursor = self._believed(range_, ids[-1] if ids else before, more, cursor)
        if ids and ids[-1] > before:
            range_.density = len(ids) / (ids[-1] - before)
        self._pages += 1
        self._in_vain += range_.unproven and not kept(ids, range_.to)
        range_.busy = range_.unproven = False
        if not more or (range_.to is not None and ids and ids[-1] >= range_.to):
            self._ranges.remove(range_)
            return before, range_.to
        if ids:
            range_.after = ids[-1]
        range_.cursor = cursor
        return before, range_.after

    def _believed(self, range_: Range, last: int, more: bool, cursor: str) -> tuple[bool, str]:
        """Whether there is more, and how to go on. A list that ends before a record that was seen is asked once more:
        its page was cut short, or, if nothing comes then, all those records are gone since."""
        nothing_came = range_.doubted and last == range_.after
        range_.doubted = not more and not self._bounded and last < self._highest and not nothing_came
        self._highest = max(self._highest, last)
        return (True, "") if range_.doubted else (more, cursor)

    def _half(self) -> Range | None:
        """The upper half of what is left of the range with most left."""
        if self._in_vain + sum(one.unproven for one in self._ranges) >= _CUTS + self._pages // _PAGES_A_CUT:
            return None
        widest = max(self._ranges, key=self._left, default=None)
        if widest is None or self._left(widest) < _WORTH_CUTTING * self._page:
            return None
        begin = widest.after + int(self._page / widest.density)  # where the page that is under way will end
        middle = (begin + self._end(widest)) // 2
        upper = Range(middle, widest.to, density=widest.density, unproven=True)
        widest.to = middle
        self._ranges.append(upper)
        return upper

    def _left(self, range_: Range) -> float:
        """About how many records the range has beyond the page that is under way."""
        if not range_.density:
            return 0.0
        return (self._end(range_) - range_.after) * range_.density - self._page

    def _end(self, range_: Range) -> int:
        if range_.to is not None:
            return range_.to
        if self._newest is None:
            self._newest = self._find_newest()
            self._highest = max(self._highest, self._newest)
        return self._newest


def kept(ids: Sequence[int], to: int | None) -> int:
    """How many of a page's ids are within a range that ends at `to`."""
    return len(ids) if to is None else bisect_right(ids, to)
