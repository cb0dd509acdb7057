"""Chooses the rows that a query has to look at: by an index where one narrows them down, else all.

Belongs here: what a condition says about the value of an indexed field, and which index serves best. Not here: whether
the condition holds for a row (conditions.py): candidates may be too many, never too few. Indexed are Id, the time
stamps, references (but to users) and look-up fields. Queries see what is committed (Rows.commit_delay).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import attrgetter
from typing import Any

from crm_pipeline.emulator.salesforce import ids
from crm_pipeline.emulator.salesforce.layout import Row
from crm_pipeline.emulator.salesforce.rows import Rows
from crm_pipeline.emulator.salesforce.schema import Field, SObject
from crm_pipeline.emulator.salesforce.soql.comparisons import Tests, family
from crm_pipeline.emulator.salesforce.soql.syntax import (
    Comparison,
    Condition,
    Junction,
    Literal,
    Membership,
    Order,
    Path,
)
from crm_pipeline.emulator.salesforce.tables import ORDERED, Table
from crm_pipeline.emulator.salesforce.values import format_datetime, parse_datetime

_WORTH_SORTING = 8
"""An index that finds so many times fewer rows is used although the result has to be sorted then."""


@dataclass(frozen=True)
class Candidates:
    """Rows to look at. `in_order`: they come as ORDER BY wants them; otherwise in the order of their ids."""

    rows: Iterable[Row]
    in_order: bool = False


@dataclass(frozen=True)
class _Values:
    """A field has one of these values."""

    values: frozenset[Any]


@dataclass(frozen=True)
class _Range:
    """A field has a value from `low` to `high`, both included; None is no limit."""

    low: str | None
    high: str | None


_Bounds = _Values | _Range


@dataclass(frozen=True)
class Access:
    """Finds candidates for one query."""

    rows: Rows
    sobject: SObject
    tests: Tests
    include_deleted: bool

    def candidates(self, where: Condition | None, order: tuple[Order, ...] = ()) -> Candidates:
        """The candidates for a condition, which is known to be valid, in the wanted order if an index has it."""
        found = self._chosen(where, order) if self.rows.indexed else self._scan()
        unseen = self.rows.unseen(self.sobject.name)
        if not unseen:
            return found
        seen = [row for row in found.rows if row.id not in unseen]
        seen += [row for row in unseen.values() if row is not None and (self.include_deleted or not _is_deleted(row))]
        return Candidates(sorted(seen, key=attrgetter("id")))

    def count_of_ids(self, where: Condition | None) -> int | None:
        """How many rows a valid condition finds, if it says nothing but from which Id to which; otherwise None."""
        parts = where.conditions if isinstance(where, Junction) and where.operator == "and" else (where,)
        ids_ = self.sobject.fields["Id"]
        rows = self._table.all() if self.include_deleted else self._table.live()
        start, end = 0, len(rows)
        for part in parts:
            if not (isinstance(part, Comparison) and isinstance(part.path, Path) and self._is(part.path, ids_)):
                return None
            key, operator = _key(ids_, part.literal), part.operator
            if key is None or operator not in (">", ">=", "<", "<="):
                return None
            at = (bisect_right if operator in (">", "<=") else bisect_left)(rows, key, key=_id_of)
            start, end = (max(start, at), end) if operator[0] == ">" else (start, min(end, at))
        return None if self.rows.unseen(self.sobject.name) else max(0, end - start)

    @property
    def _table(self) -> Table:
        return self.rows.tables[self.sobject.name]

    def _scan(self) -> Candidates:
        return Candidates(self._table.all() if self.include_deleted else self._table.live())

    def _chosen(self, where: Condition | None, order: tuple[Order, ...]) -> Candidates:
        table = self._table
        narrowed = [
            (cost, name, bounds)
            for name in _indexed(table)
            if (bounds := self._bounds(where, self.sobject.fields[name])) is not None
            and (cost := self._cost(table, name, bounds)) is not None
        ]
        cost, name, bounds = min(narrowed, key=lambda one: one[0], default=(len(table), "", None))
        leading = self._leading(order)
        if leading is not None:
            along = next((b for _, n, b in narrowed if n == leading and isinstance(b, _Range)), _Range(None, None))
            index = table.sorted_by(leading)
            if index is not None and cost * _WORTH_SORTING >= index.count(along.low, along.high):
                walk = table.in_order_of(index, along.low, along.high, descending=order[0].descending)
                return Candidates(self._visible(walk), in_order=True)
        if bounds is None or cost * 2 > len(table):
            return self._scan()
        return Candidates(sorted(self._visible(_fetch(table, name, bounds)), key=attrgetter("id")))

    def _visible(self, rows: Iterable[Row]) -> Iterator[Row]:
        deletions = self._table.deletions
        if self.include_deleted or not deletions:
            return iter(rows)
        return (row for row in rows if row.id not in deletions)

    def _leading(self, order: tuple[Order, ...]) -> str | None:
        """The field whose index has the wanted order, ties by id."""
        fields = [self.sobject.find(c.path.path.text) if isinstance(c.path, Path) else None for c in order]
        names = [field.name if field is not None and field.sortable else "" for field in fields]
        if not names or names[0] not in ORDERED or names[0] not in self._table.ordered:
            return None
        if len(names) == 1 or (names[1:] == ["Id"] and not order[1].descending):
            return names[0]
        return None

    def _cost(self, table: Table, name: str, bounds: _Bounds) -> int | None:
        """About how many rows the index yields; None when it cannot serve."""
        lookup = table.lookups.get(name)
        if isinstance(bounds, _Values) and lookup is not None:
            return sum(lookup.count(value) for value in bounds.values)
        index = table.sorted_by(name)
        if index is None:
            return None
        if isinstance(bounds, _Values):
            return sum(index.count(value, value) for value in bounds.values)
        return index.count(bounds.low, bounds.high)

    def _bounds(self, condition: Condition | None, field: Field) -> _Bounds | None:
        """What a condition says about the field; None: nothing that an index could use."""
        match condition:
            case Junction("and", conditions):
                known = [b for part in conditions if (b := self._bounds(part, field)) is not None]
                return reduce(_both, known) if known else None
            case Junction("or", conditions):
                parts = [self._bounds(part, field) for part in conditions]
                every = [b for b in parts if b is not None]
                return reduce(_either, every) if len(every) == len(parts) else None
            case Comparison(Path() as path, operator, literal) if self._is(path, field):
                return self._compared(field, operator, literal)
            case Membership(Path() as path, literals, False) if self._is(path, field):
                keys = [_key(field, literal) for literal in literals]
                return None if None in keys else _Values(frozenset(keys))
        return None

    def _is(self, path: Path, field: Field) -> bool:
        return len(path.names) == 1 and self.sobject.find(path.names[0]) is field

    def _compared(self, field: Field, operator: str, literal: Literal) -> _Bounds | None:
        if literal.kind == "range" and family(field) == "datetime":
            first, after = self.tests.bounds("datetime", literal)
            spans = {
                "=": _Range(first, after),
                "<": _Range(None, first),
                "<=": _Range(None, after),
                ">": _Range(after, None),
                ">=": _Range(first, None),
            }
            return spans.get(operator)
        key = _key(field, literal)
        if key is None:
            return None
        if operator == "=":
            return _Values(frozenset([key]))
        if not isinstance(key, str) or family(field) not in ("datetime", "id"):
            return None
        return {"<": _Range(None, key), "<=": _Range(None, key), ">": _Range(key, None), ">=": _Range(key, None)}.get(
            operator
        )


def _id_of(row: Row) -> str:
    return row.values_[0]  # type: ignore[no-any-return]


def _indexed(table: Table) -> Iterator[str]:
    """Fields with an index that finds what a condition means: in SOQL texts are equal in any letter case."""
    fields = table.layout.sobject.fields
    yield from (name for name in table.lookups if not fields[name].case_sensitive)
    yield from table.ordered


def _key(field: Field, literal: Literal) -> Any:
    """The literal as an index has it, times cut to the second; None when it is of no use."""
    match family(field), literal.kind:
        case "text", "text":
            return str(literal.value).lower() or None
        case "number", "number":
            return literal.value
        case "id", "text":
            return ids.canonical(str(literal.value))
        case "datetime", "datetime":
            at = parse_datetime(str(literal.value))
            return format_datetime(at) if at is not None else None
    return None


def _fetch(table: Table, name: str, bounds: _Bounds) -> Iterator[Row]:
    lookup = table.lookups.get(name)
    if isinstance(bounds, _Values) and lookup is not None:
        found = {record_id for value in bounds.values for record_id in lookup.ids(value)}
        return (table[record_id] for record_id in found)
    index = table.sorted_by(name)
    assert index is not None
    if isinstance(bounds, _Values):
        return (row for value in bounds.values for row in table.in_order_of(index, value, value))
    return table.in_order_of(index, bounds.low, bounds.high)


def _is_deleted(row: Row) -> bool:
    return bool(row.get("IsDeleted"))


def _both(one: _Bounds, other: _Bounds) -> _Bounds:
    match one, other:
        case _Values(), _Values():
            return _Values(one.values & other.values)
        case _Range(), _Range():
            lows = [low for low in (one.low, other.low) if low is not None]
            highs = [high for high in (one.high, other.high) if high is not None]
            return _Range(max(lows, default=None), min(highs, default=None))
    return one if isinstance(one, _Values) else other


def _either(one: _Bounds, other: _Bounds) -> _Bounds:
    nothing = _Values(frozenset())
    if nothing in (one, other):
        return other if one == nothing else one
    if isinstance(one, _Values) and isinstance(other, _Values):
        return _Values(one.values | other.values)
    spans = [_span(one), _span(other)]
    low = None if any(span.low is None for span in spans) else min(str(span.low) for span in spans)
    high = None if any(span.high is None for span in spans) else max(str(span.high) for span in spans)
    return _Range(low, high)


def _span(bounds: _Bounds) -> _Range:
    return bounds if isinstance(bounds, _Range) else _Range(min(bounds.values), max(bounds.values))
