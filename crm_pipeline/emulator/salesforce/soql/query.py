"""Runs a parsed query: filter, group, sort, cut.

Belongs here: the order of the steps. Not here: what conditions, groups and answers are; pages and cursors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import SObject
from crm_pipeline.emulator.salesforce.soql.access import Access
from crm_pipeline.emulator.salesforce.soql.comparisons import Tests
from crm_pipeline.emulator.salesforce.soql.conditions import Compiler, Predicate
from crm_pipeline.emulator.salesforce.soql.fields import Data, Get, Resolved
from crm_pipeline.emulator.salesforce.soql.functions import Operands, entity_types, is_id
from crm_pipeline.emulator.salesforce.soql.grouping import Group, Grouping, sort_key
from crm_pipeline.emulator.salesforce.soql.parser import parse
from crm_pipeline.emulator.salesforce.soql.rendering import Render, Renderer
from crm_pipeline.emulator.salesforce.soql.selection import Selection, aggregate_names
from crm_pipeline.emulator.salesforce.soql.syntax import (
    Comparison,
    Function,
    Junction,
    Literal,
    Operand,
    Order,
    Path,
    Query,
    Selected,
    SemiJoin,
    semi_joins,
)
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError, malformed

_T = TypeVar("_T")

_MOST_GROUPS = 2000
_SCOPES = ("everything", "mine")


@dataclass(frozen=True)
class Result:
    """All rows, or groups of them, of a result and how each is answered; `total` alone for COUNT()."""

    total: int
    rows: Sequence[Any]
    render: Render


def run(
    data: Data,
    text: str,
    *,
    today: date,
    zone: ZoneInfo,
    version: str,
    include_deleted: bool,
    user_id: str | None = None,
) -> Result:
    """The result of a query by a user; `version` is the API version that urls of records name.

    Raises ApiError: MALFORMED_QUERY, INVALID_TYPE, INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR, EXCEEDED_ID_LIMIT,
    NUMBER_OUTSIDE_VALID_RANGE, QUERY_TOO_COMPLICATED.
    """
    runner = Runner(data, today, zone, version, include_deleted, user_id)
    try:
        return runner.result(parse(text))
    except SoqlError as error:
        raise error.located(text) from None


@dataclass(frozen=True)
class Runner:
    """Runs queries of one call."""

    data: Data
    today: date
    zone: ZoneInfo
    version: str
    include_deleted: bool
    user_id: str | None

    def result(self, query: Query) -> Result:
        """The result of a query. Raises SoqlError."""
        sobject = self._sobject(query)
        first = query.selected[0]
        if isinstance(first, Selected) and isinstance(first.operand, Function) and first.operand.argument is None:
            return self._count(sobject, query)
        if query.is_aggregate:
            return self._grouped(sobject, query)
        columns = Selection(self.data, sobject, self.version, self.zone, self.children).columns(query.selected)
        rows = self._page(sobject, query)
        return Result(len(rows), rows, Renderer(self.data, self.version).of_rows(sobject.name, columns))

    def check(self, query: Query) -> None:
        """Whether a query of rows can be run, without running it. Raises SoqlError."""
        sobject = self._sobject(query)
        Selection(self.data, sobject, self.version, self.zone, self.children).columns(query.selected)
        self._predicates(sobject, query)
        self._sorted([], query.order, self._operands(sobject).resolve)

    def children(self, child: SObject, key: str, query: Query) -> Callable[[Row], dict[str, Any] | None]:
        """Answers the rows of a child object that refer to a row by the field `key`, as a query of their own."""
        if query.is_aggregate:
            raise malformed("Aggregate expressions are not supported in a nested query", query.object_position)
        columns = Selection(self.data, child, self.version, self.zone, self.children).columns(query.selected)
        render = Renderer(self.data, self.version).of_rows(child.name, columns)
        rows_of = self._referring(child, key, query)

        def read(row: Row) -> dict[str, Any] | None:
            found = _cut(rows_of(row["Id"]), query)
            if not found:
                return None
            return {"totalSize": len(found), "done": True, "records": [render(child_row) for child_row in found]}

        return read

    def _referring(self, child: SObject, key: str, query: Query) -> Callable[[str], list[Row]]:
        """Finds the rows of a query that refer to a record: by the field's index, else all of them once."""
        holds, resolve = self._predicates(child, query), self._operands(child).resolve
        if self.data.rows.tables[child.name].sorted_by(key) is None:
            by_parent: dict[str, list[Row]] = {}
            for row in self._sorted(self._found(child, query), query.order, resolve):
                by_parent.setdefault(row[key], []).append(row)
            return lambda parent_id: by_parent.get(parent_id, [])

        def rows_of(parent_id: str) -> list[Row]:
            position = query.object_position
            refers = Comparison(Path((key,), position), "=", Literal("text", parent_id, position))
            where = refers if query.where is None else Junction("and", (query.where, refers))
            candidates = self._access(child).candidates(where).rows
            return self._sorted(
                _filtered(candidates, [lambda row: row[key] == parent_id, *holds]), query.order, resolve
            )

        return rows_of

    def _sobject(self, query: Query) -> SObject:
        sobject = self.data.schema.find(query.object_)
        if sobject is None or not sobject.described["queryable"]:
            raise SoqlError(
                "INVALID_TYPE",
                f"sObject type '{query.object_}' is not supported. If you are attempting to use a "
                "custom object, be sure to append the '__c' after the entity name. Please "
                "reference your WSDL or the describe call for the appropriate names.",
                query.object_position,
            )
        return sobject

    def _operands(self, sobject: SObject) -> Operands:
        return Operands(self.data, sobject, self.zone)

    def _count(self, sobject: SObject, query: Query) -> Result:
        if query.groups:
            raise malformed("COUNT() cannot be used with GROUP BY", query.object_position)
        if query.order:
            raise malformed(f"Ordered field must be grouped or aggregated: {query.order[0].path.path.text}", None)
        if query.scope is None and query.limit is None and not query.offset:
            self._predicates(sobject, query)  # for its errors
            counted = self._access(sobject).count_of_ids(query.where)
            if counted is not None:
                return Result(counted, [], dict)
        return Result(len(self._page(sobject, query)), [], dict)

    def _grouped(self, sobject: SObject, query: Query) -> Result:
        grouping = Grouping(self._operands(sobject), query.groups)
        items = [item for item in query.selected if isinstance(item, Selected)]
        if len(items) < len(query.selected):
            raise malformed("Only fields and aggregates can be selected in a grouped query", query.object_position)
        columns: dict[str, Get] = {}
        for name, item in zip(aggregate_names(items), items, strict=True):
            if name.lower() in (known.lower() for known in columns):
                raise malformed(f"duplicate alias: {name}", item.operand.position)
            columns[name] = grouping.resolve(item.operand).get
        groups: Iterable[Group] = grouping.groups(self._found(sobject, query))
        if query.having is not None:
            groups = filter(self._compiler(grouping.resolve, sobject).compile(query.having), groups)
        found = _cut(self._sorted(list(groups), query.order, grouping.resolve), query)
        if len(found) > _MOST_GROUPS:
            raise SoqlError(
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
                None,
            )
        rows = [
            {"attributes": {"type": "AggregateResult"}, **{name: get(group) for name, get in columns.items()}}
            for group in found
        ]
        return Result(len(rows), rows, dict)

    def _page(self, sobject: SObject, query: Query) -> list[Row]:
        holds, resolve = self._predicates(sobject, query), self._operands(sobject).resolve
        candidates = self._access(sobject).candidates(query.where, query.order)
        if not candidates.in_order:
            return _cut(self._sorted(_filtered(candidates.rows, holds), query.order, resolve), query)
        end = None if query.limit is None else query.offset + query.limit
        return list(islice(_filtered_lazily(candidates.rows, holds), query.offset, end))

    def _found(self, sobject: SObject, query: Query) -> list[Row]:
        """The rows that the conditions hold for, in order of creation."""
        holds = self._predicates(sobject, query)
        return _filtered(self._access(sobject).candidates(query.where).rows, holds)

    def _access(self, sobject: SObject) -> Access:
        return Access(self.data.rows, sobject, Tests(self.today, self.zone), self.include_deleted)

    def _predicates(self, sobject: SObject, query: Query) -> list[Predicate]:
        if query.scope is not None and query.scope not in _SCOPES:
            raise SoqlError("INVALID_QUERY_SCOPE", f"Scope not supported: {query.scope}", query.object_position)
        predicates: list[Predicate] = []
        if query.scope == "mine" and "OwnerId" in sobject.fields:
            predicates.append(lambda row: row["OwnerId"] == self.user_id)
        if query.where is not None:
            predicates.append(self._compiler(self._operands(sobject).resolve, sobject).compile(query.where))
        return predicates

    def _compiler(self, resolve: Callable[[Operand], Resolved], sobject: SObject) -> Compiler:
        def select_ids(condition: SemiJoin, outer: Resolved) -> frozenset[Any]:
            return self._select_ids(sobject, condition, outer)

        return Compiler(Tests(self.today, self.zone), resolve, select_ids)

    def _select_ids(self, outer_object: SObject, condition: SemiJoin, outer: Resolved) -> frozenset[Any]:
        query = condition.query
        item = query.selected[0]
        operand = item.operand if isinstance(item, Selected) else None
        if len(query.selected) != 1 or not isinstance(operand, Path):
            raise malformed("A semi join sub-select selects one field", query.object_position)
        sobject = self._sobject(query)
        if sobject is outer_object:
            message = "The inner and outer selects should not be on the same object type"
            raise malformed(message, query.object_position)
        if query.where is not None and next(semi_joins(query.where), None) is not None:
            raise malformed("Nesting of semi join sub-selects is not supported", query.object_position)
        resolved = self._operands(sobject).resolve(operand)
        if not is_id(resolved.field):
            message = "Semi join sub-selects can only select ID or reference fields"
            raise SoqlError("INVALID_FIELD", message, operand.position)
        if not entity_types(resolved, sobject) & entity_types(outer, outer_object):
            raise malformed(
                f"The selected field '{operand.text}' in the subquery and the left operand field in the where "
                f"expression in the outer query '{condition.path.path.text}' should point to the same "
                "object type",
                operand.position,
            )
        selected = (resolved.get(row) for row in self._page(sobject, query))
        return frozenset(value for value in selected if value is not None)

    def _sorted(self, found: list[_T], order: tuple[Order, ...], resolve: Callable[[Operand], Resolved]) -> list[_T]:
        for column in reversed(order):
            resolved = resolve(column.path)
            if not resolved.field.sortable:
                message = f"field '{resolved.field.name}' can not be sorted in a query call"
                raise SoqlError("INVALID_FIELD", message, column.path.position)
            get, fold = resolved.get, sort_key(resolved.field)
            nulls = [one for one in found if get(one) is None]
            valued = [one for one in found if get(one) is not None]
            valued.sort(key=lambda one: fold(get(one)), reverse=column.descending)
            found = valued + nulls if column.nulls_last else nulls + valued
        return found


def _filtered(rows: Iterable[Row], predicates: Sequence[Predicate]) -> list[Row]:
    """Without predicates the list itself: rows of a whole table are shared, not copied."""
    if not predicates and isinstance(rows, list):
        return rows
    return list(_filtered_lazily(rows, predicates))


def _filtered_lazily(rows: Iterable[Row], predicates: Sequence[Predicate]) -> Iterable[Row]:
    for predicate in predicates:
        rows = filter(predicate, rows)
    return rows


def _cut(found: list[_T], query: Query) -> list[_T]:
    if not query.offset and query.limit is None:
        return found
    end = None if query.limit is None else query.offset + query.limit
    return found[query.offset : end]
