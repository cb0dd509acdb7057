"""Runs a parsed query: filter, sort, cut, and the form in which rows are answered.

Belongs here: what is left when the conditions are compiled. Not here: pages and cursors.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import SObject
from crm_pipeline.emulator.salesforce.soql.conditions import Compiler
from crm_pipeline.emulator.salesforce.soql.fields import Data, Resolved, resolve
from crm_pipeline.emulator.salesforce.soql.parser import parse
from crm_pipeline.emulator.salesforce.soql.syntax import Count, Order, Path, Query
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError, malformed

Render = Callable[[Row], dict[str, Any]]


@dataclass(frozen=True)
class Result:
    """All rows of a result and how each is answered; `total` alone for COUNT()."""

    total: int
    rows: list[Row]
    render: Render


def run(data: Data, text: str, *, today: date, zone: ZoneInfo, version: str, include_deleted: bool) -> Result:
    """The result of a query; `version` is the API version that urls of records name.

    Raises ApiError: MALFORMED_QUERY, INVALID_TYPE, INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR,
    NUMBER_OUTSIDE_VALID_RANGE.
    """
    runner = _Runner(data, today, zone, version, include_deleted)
    try:
        return runner.result(parse(text))
    except SoqlError as error:
        raise error.located(text) from None


@dataclass(frozen=True)
class _Runner:
    data: Data
    today: date
    zone: ZoneInfo
    version: str
    include_deleted: bool

    def result(self, query: Query) -> Result:
        sobject = self._sobject(query)
        counts = [item for item in query.selected if isinstance(item, Count)]
        paths = [item for item in query.selected if isinstance(item, Path)]
        render = self._render(sobject, paths) if paths else dict
        rows = self._rows(sobject, query)
        if not counts:
            return Result(len(rows), rows, render)
        if counts[0].path is None:
            return Result(len(rows), [], render)
        if paths:
            name = ".".join(paths[0].names)
            raise malformed(f"Field must be grouped or aggregated: {name}", paths[0].position)
        aggregate: Row = {"attributes": {"type": "AggregateResult"}}
        for count in counts:
            assert count.path is not None
            get = resolve(self.data, sobject, count.path).get
            aggregate[count.alias] = sum(get(row) is not None for row in rows)
        return Result(1, [aggregate], dict)

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

    def _rows(self, sobject: SObject, query: Query) -> list[Row]:
        rows = list(self.data.rows.tables[sobject.name].values())
        if not self.include_deleted and "IsDeleted" in sobject.fields:
            rows = [row for row in rows if not row["IsDeleted"]]
        if query.where is not None:
            compiler = Compiler(self.data, sobject, self.today, self.zone, self._select_ids)
            predicate = compiler.compile(query.where)
            rows = [row for row in rows if predicate(row)]
        for column in reversed(query.order):
            rows = self._sorted(sobject, rows, column)
        end = None if query.limit is None else query.offset + query.limit
        return rows[query.offset : end]

    def _select_ids(self, query: Query) -> frozenset[Any]:
        path = query.selected[0]
        if len(query.selected) != 1 or not isinstance(path, Path):
            raise malformed("A semi join sub-select selects one field", query.object_position)
        sobject = self._sobject(query)
        resolved = resolve(self.data, sobject, path)
        if resolved.field.type not in ("id", "reference"):
            raise SoqlError(
                "INVALID_FIELD",
                "Semi join sub-selects can only select ID or reference fields",
                path.position,
            )
        selected = (resolved.get(row) for row in self._rows(sobject, query))
        return frozenset(value for value in selected if value is not None)

    def _sorted(self, sobject: SObject, rows: list[Row], column: Order) -> list[Row]:
        resolved = resolve(self.data, sobject, column.path)
        if not resolved.field.sortable:
            raise SoqlError(
                "INVALID_FIELD",
                f"field '{resolved.field.name}' can not be sorted in a query call",
                column.path.position,
            )
        get = resolved.get
        nulls = [row for row in rows if get(row) is None]
        valued = [row for row in rows if get(row) is not None]
        valued.sort(key=lambda row: _sort_key(get(row), resolved), reverse=column.descending)
        return valued + nulls if column.nulls_last else nulls + valued

    def _render(self, sobject: SObject, paths: list[Path]) -> Render:
        resolved = [resolve(self.data, sobject, path) for path in paths]
        seen: set[tuple[str, ...]] = set()
        for path, item in zip(paths, resolved, strict=True):
            key = (*(parent.name for parent in item.parents), item.field.name)
            if key in seen:
                name = ".".join(path.names)
                raise SoqlError("INVALID_FIELD", f"duplicate field selected: {name}", path.position)
            seen.add(key)
        return _renderer(self.data, self.version, sobject.name, resolved, depth=0)


def _sort_key(value: Any, resolved: Resolved) -> Any:
    is_text = isinstance(value, str) and resolved.field.type not in ("id", "reference")
    return value.lower() if is_text else value


def _renderer(data: Data, version: str, type_name: str, items: list[Resolved], *, depth: int) -> Render:
    """Answers a row with its own fields, and with one nested record for each relationship."""
    prefix = f"/services/data/v{version}/sobjects/"
    own = [item.field.name for item in items if len(item.parents) == depth]
    values = _values_getter(own, of_one_object=type_name != "Name")
    nested: dict[str, tuple[Any, Render]] = {}
    for item in items:
        if len(item.parents) == depth:
            continue
        reference = item.parents[depth]
        name = reference.relationship or reference.name
        below = [i for i in items if len(i.parents) > depth and i.parents[depth] is reference]
        # What a reference to several objects yields is of type Name (a queue has no more fields).
        nested_type = "Name" if len(reference.reference_to) > 1 else reference.reference_to[0]
        nested[name] = (reference, _renderer(data, version, nested_type, below, depth=depth + 1))

    def render(row: Row) -> dict[str, Any]:
        owner = data.schema.by_prefix(row["Id"]) if type_name == "Name" else None
        url = f"{prefix}{owner.name if owner else type_name}/{row['Id']}"
        record = {"attributes": {"type": type_name, "url": url}, **values(row)}
        for name, (reference, render_parent) in nested.items():
            parent = data.parent(reference, row)
            record[name] = None if parent is None else render_parent(parent)
        return record

    return render


def _values_getter(names: list[str], *, of_one_object: bool) -> Render:
    """Reads the fields of a row; one reached by a reference to several objects may lack some of them."""
    if len(names) < 2 or not of_one_object:
        return lambda row: {name: row.get(name) for name in names}
    get = itemgetter(*names)
    return lambda row: dict(zip(names, get(row), strict=True))
