"""Which records a search finds, without looking at a million of them for each page.

Belongs here: the use of a table's indexes, and what is remembered of a search from one page to the next. Not here: what
a filter means (filters.py), the request's form and limits (search.py).

Records of equal sort values come in id order, in a descending sort from the last to the first; records without a value
of the sort property come last.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from crm_pipeline.emulator.hubspot.ordered import Ordered
from crm_pipeline.emulator.hubspot.records import Record
from crm_pipeline.emulator.hubspot.search.filters import Filter, milliseconds
from crm_pipeline.emulator.hubspot.tables import NUMBER_BITS, NUMBER_MASK, Table

_ID = "hs_object_id"
_FEW = 2_000
_MOST_KEPT = 8  # searches remembered for an object type

Group = Sequence[Filter]  # all of them must hold
Past = Mapping[int, Record | None]  # records as the search must still see them
Numbers = Sequence[int]  # in id order


@dataclass(frozen=True)
class Sort:
    """By which property, how its values compare, and in which direction."""

    name: str
    key: Callable[[str], Any]
    descending: bool


@dataclass
class _Kept:
    version: int
    numbers: array[int]


@dataclass(frozen=True)
class _Ranges:
    """A group's filters on ids and times as positions in the indexes of these, and its other filters."""

    positions: Mapping[str, tuple[int, int]]
    filters: Mapping[str, Group]
    rest: Group

    def sizes(self) -> list[tuple[int, str]]:
        """The indexes by how many records they leave, the fewest first."""
        return sorted((high - low, name) for name, (low, high) in self.positions.items())


@dataclass
class Selection:
    """The searches of one object type."""

    table: Table
    few: int = _FEW  # so many candidates are looked at anew for every page
    _kept: OrderedDict[Any, _Kept] = field(default_factory=OrderedDict)
    _last_sorted: tuple[Any, Numbers] = (None, ())  # what was sorted, at which version of the table; the result

    def page(self, groups: Sequence[Group], sort: Sort, start: int, limit: int, past: Past) -> tuple[list[Record], int]:
        """The records at `start` to `start + limit` of those that any group finds, and how many there are in all."""
        window = self._window(groups[0], sort) if len(groups) == 1 and not past else None
        if window is not None:
            index, low, high = window
            numbers = _part(low, high, start, limit, index.between, descending=sort.descending)
            return [self.table.records[number & NUMBER_MASK] for number in numbers], high - low
        ordered = self._sorted(groups, sort, past)
        page = ordered[start : start + limit]
        return [past.get(number) or self.table.records[number] for number in page], len(ordered)

    def _window(self, group: Group, sort: Sort) -> tuple[Ordered, int, int] | None:
        """The part of an index that is the whole answer, if there is one."""
        ranges, everything = self._ranges(group), (0, len(self.table.live))
        others = [positions for name, positions in ranges.positions.items() if name != sort.name]
        if ranges.rest or sort.name not in ranges.positions or any(positions != everything for positions in others):
            return None
        return self._index(sort.name), *ranges.positions[sort.name]

    def _index(self, name: str) -> Ordered:
        return self.table.live if name == _ID else self.table.times[name]

    def _numbers_at(self, name: str, positions: tuple[int, int]) -> Numbers:
        """Numbers of the records at positions of an index."""
        found = self._index(name).between(*positions)
        return found if name == _ID else sorted(number & NUMBER_MASK for number in found)

    def _ranges(self, group: Group) -> _Ranges:
        filters: dict[str, list[Filter]] = {name: [] for name in (_ID, *self.table.times)}
        positions, rest = dict[str, tuple[int, int]](), list[Filter]()
        for one in group:
            (filters[one.name] if one.name in filters and one.is_span else rest).append(one)
        for name, spans in filters.items():
            whole, shift = (float, 0) if name == _ID else (milliseconds, NUMBER_BITS)
            low, high = -inf, inf
            for one in spans:
                start, stop = one.span(whole)
                low, high = max(low, start), min(high, stop)
            positions[name] = _positions(self._index(name), low, high, shift)
        return _Ranges(positions, filters, rest)

    def _matching(self, groups: Sequence[Group]) -> Numbers:
        """Numbers of all live records that any of the groups finds."""
        if len(groups) > 1:
            found = [self._matching([group]) for group in groups]
            return sorted(set().union(*found))
        (group,) = groups
        ranges = self._ranges(group)
        numbers = self._candidates(ranges)
        if numbers is not None:
            return self._tested(numbers, group)
        others = [one for one in group if one not in ranges.filters[_ID]]
        everywhere = self._remembered(others)
        low, high = (self._id_at(position) for position in ranges.positions[_ID])
        return everywhere[bisect_left(everywhere, low) : bisect_left(everywhere, high)]

    def _candidates(self, ranges: _Ranges) -> Numbers | None:
        """A few records among which all are that a group can find; None: the indexes leave too many."""
        points = self._points(ranges.rest)
        if points is not None:
            return sorted(number for number in points if number in self.table.live)
        size, name = ranges.sizes()[0]
        return self._numbers_at(name, ranges.positions[name]) if size <= self.few else None

    def _points(self, group: Group) -> set[int] | None:
        """Records that unique values, ids and associations leave; None: the group has no such filter."""
        points: set[int] | None = None
        for one in group:
            found = one.numbers
            if one.values and one.name == _ID:
                found = frozenset(int(value) for value in one.values)
            elif one.values and one.name in self.table.unique and all(isinstance(value, str) for value in one.values):
                found = frozenset(
                    number for value in one.values for number in self.table.holders(one.name, value.lower())
                )
            if found is not None:
                points = set(found) if points is None else points & found
        return points

    def _remembered(self, group: Group) -> array[int]:
        """All records that a group finds; evaluated once, later only for records that changed since."""
        key = frozenset(one.key for one in group) if all(one.key is not None for one in group) else None
        kept = self._kept.pop(key, None) if key is not None else None
        changed = self.table.changed_since(kept.version) if kept is not None else None
        if kept is None or changed is None:
            kept = _Kept(self.table.version, self._evaluated(group))
        for number in changed or ():
            _put(kept.numbers, number, there=bool(self._tested([number] if number in self.table.live else [], group)))
        kept.version = self.table.version
        if key is not None:
            self._kept[key] = kept
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return kept.numbers

    def _evaluated(self, group: Group) -> array[int]:
        ranges = self._ranges(group)
        _, name = ranges.sizes()[0]
        tests = [one for other, spans in ranges.filters.items() if other != name for one in spans]
        return array("q", self._tested(self._numbers_at(name, ranges.positions[name]), [*ranges.rest, *tests]))

    def _tested(self, numbers: Numbers, group: Group) -> Numbers:
        tests, records = [one.test for one in group], self.table.records
        if not tests:
            return numbers
        hints, found = [hint for one in group for hint in one.hints], []
        for number in numbers:
            record = records[number]
            if hints and not record.holds(hints):
                continue
            properties = record.properties
            if all(test(properties) for test in tests):
                found.append(number)
        return found

    def _sorted(self, groups: Sequence[Group], sort: Sort, past: Past) -> Numbers:
        numbers = self._matching(groups)
        if past:
            then = [number for number, record in past.items() if record is not None and _finds(groups, record)]
            numbers = sorted([number for number in numbers if number not in past] + then)
        if sort.name == _ID:
            return numbers[::-1] if sort.descending else numbers
        if past or len(numbers) <= self.few:
            return self._by_value(numbers, sort, past)
        # A filter without a key is like no other: its search is sorted anew.
        wanted = [frozenset(one.key or (object(),) for one in group) for group in groups]
        key = (wanted, sort.name, sort.descending, self.table.version)
        if self._last_sorted[0] != key:
            self._last_sorted = key, self._many_sorted(numbers, sort)
        return self._last_sorted[1]

    def _many_sorted(self, numbers: Numbers, sort: Sort) -> Numbers:
        if sort.name not in self.table.times:
            return self._by_value(numbers, sort, {})
        wanted = set(numbers)
        ordered = [number for key in self.table.times[sort.name] if (number := key & NUMBER_MASK) in wanted]
        return ordered[::-1] if sort.descending else ordered

    def _by_value(self, numbers: Numbers, sort: Sort, past: Past) -> Numbers:
        with_value, without = [], []
        for number in numbers:
            value = (past.get(number) or self.table.records[number]).properties.get(sort.name)
            if value is None:
                without.append(number)
            else:
                with_value.append((sort.key(value), number))
        with_value.sort(reverse=sort.descending)
        return [number for _, number in with_value] + without

    def _id_at(self, position: int) -> float:
        found = self.table.live.between(position, position + 1)
        return found[0] if found else inf


def _positions(index: Ordered, low: float, high: float, shift: int) -> tuple[int, int]:
    start = 0 if low == -inf else index.position(int(low) << shift)
    stop = len(index) if high == inf else 0 if high == -inf else index.position(int(high) << shift)
    return start, max(start, stop)


def _part(
    low: int, high: int, start: int, limit: int, between: Callable[[int, int], list[int]], *, descending: bool
) -> list[int]:
    if descending:
        return between(max(low, high - start - limit), max(low, high - start))[::-1]
    return between(low + start, min(high, low + start + limit))


def _put(numbers: array[int], number: int, *, there: bool) -> None:
    at = bisect_left(numbers, number)
    present = at < len(numbers) and numbers[at] == number
    if there and not present:
        insort(numbers, number)
    elif present and not there:
        del numbers[at]


def _finds(groups: Sequence[Group], record: Record) -> bool:
    properties = record.properties
    return not record.archived_at and any(all(one.test(properties) for one in group) for group in groups)
