"""Indexes over the rows of one object: by the value of a look-up field, and in the order of a field's values.

Belongs here: from a value to record ids. Not here: which index serves a query (soql/access.py).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from crm_pipeline.emulator.salesforce.layout import Getter, Row
from crm_pipeline.emulator.salesforce.schema import Field

_NUMBERS = ("currency", "double", "int", "percent")
_FEWEST_CHANGES = 20


class LookupIndex:
    """The ids that have a value of a unique, external-id or idLookup field; always up to date.

    A value that one record has costs no more than its entry: only where several have it, a set is kept.
    """

    def __init__(self, field: Field, get: Getter) -> None:
        self.get = get
        self._field = field
        self._entries: dict[Any, str | set[str]] = {}

    def ids(self, value: Any) -> list[str]:
        """Ids of the records with the value, ascending."""
        found = self._entries.get(self._key(value), ())
        return [found] if isinstance(found, str) else sorted(found)

    def count(self, value: Any) -> int:
        """How many records have the value."""
        found = self._entries.get(self._key(value), ())
        return 1 if isinstance(found, str) else len(found)

    def add(self, value: Any, record_id: str) -> None:
        """The record has the value from now on."""
        key = self._key(value)
        known = self._entries.setdefault(key, record_id)
        if isinstance(known, set):
            known.add(record_id)
        elif known != record_id:
            self._entries[key] = {known, record_id}

    def discard(self, value: Any, record_id: str) -> None:
        """The record no longer has the value."""
        key = self._key(value)
        known = self._entries.get(key)
        if isinstance(known, set):
            known.discard(record_id)
            if len(known) == 1:
                self._entries[key] = known.pop()
        elif known == record_id:
            del self._entries[key]

    def _key(self, value: Any) -> Any:
        """Texts are the same in any letter case unless the field says otherwise; numbers whatever their form."""
        if self._field.type in _NUMBERS:
            try:
                return float(value)
            except ValueError:
                return value
        if self._field.case_sensitive:
            return str(value)
        text = str(value)
        folded = text.lower()
        return text if folded == text else folded  # keeps one text in memory instead of two equal ones


class SortedIndex:
    """Record ids in the order of a text field, ties by id; rows without a value are left out.

    What changed after it was built is kept beside it, until it is so much that it has to be built anew: `is_built` is
    false then, as at first, and changes need not be told.
    """

    def __init__(self, get: Getter) -> None:
        self.get = get
        self.is_built = False
        self._keys: list[str] = []
        self._ids: list[str] = []
        self._changed: set[str] = set()
        self._late: list[tuple[str, str]] | None = None

    def build(self, rows: Iterable[Row]) -> None:
        """Take in all rows, given in the order of their ids."""
        get = self.get
        pairs = [(key, row.values_[0]) for row in rows if (key := get(row)) is not None]
        pairs.sort(key=itemgetter(0))
        self._clear()
        self._keys, self._ids = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        self.is_built = True

    def note(self, record_id: str) -> None:
        """The value of the record may have changed, or the record is new or gone."""
        self._changed.add(record_id)
        self._late = None
        if len(self._changed) > max(_FEWEST_CHANGES, len(self._ids) // 20):
            self._clear()

    def count(self, low: str | None, high: str | None) -> int:
        """About how many records have a value from `low` to `high`; None is no limit."""
        start, end = self._span(low, high)
        return end - start + len(self._changed)

    def ids(
        self, rows: dict[str, Row], low: str | None, high: str | None, *, descending: bool = False
    ) -> Iterator[str]:
        """Ids of the records with a value from `low` to `high`, in order; ties are always in the order of their ids.

        `rows` are the rows as they are now, which tells the values of the changed ones.
        """
        keys, ids, changed = self._keys, self._ids, self._changed
        start, end = self._span(low, high)
        late = [
            pair for pair in self._sorted_late(rows) if (not low or low <= pair[0]) and (not high or pair[0] <= high)
        ]
        if not descending:
            if not late:
                unsifted = map(ids.__getitem__, range(start, end))
                return (i for i in unsifted if i not in changed) if changed else unsifted
            early = ((keys[n], ids[n]) for n in range(start, end) if ids[n] not in changed)
            return (pair[1] for pair in merge(early, late))
        backwards = ((keys[n], ids[n]) for n in range(end - 1, start - 1, -1) if ids[n] not in changed)
        pairs = merge(backwards, reversed(late), reverse=True)
        return (pair[1] for _, ties in groupby(pairs, key=itemgetter(0)) for pair in reversed(list(ties)))

    def _span(self, low: str | None, high: str | None) -> tuple[int, int]:
        keys = self._keys
        start = bisect_left(keys, low) if low is not None else 0
        return start, max(start, bisect_right(keys, high) if high is not None else len(keys))

    def _sorted_late(self, rows: dict[str, Row]) -> list[tuple[str, str]]:
        if self._late is None:
            there = [rows[i] for i in self._changed if i in rows]
            self._late = sorted((key, row.values_[0]) for row in there if (key := self.get(row)) is not None)
        return self._late

    def _clear(self) -> None:
        self.is_built, self._keys, self._ids, self._changed, self._late = False, [], [], set(), None
