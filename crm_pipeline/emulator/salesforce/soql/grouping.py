"""Groups of rows and what they are worth: GROUP BY, aggregates, HAVING.

Belongs here: aggregates and which fields may be grouped. Not here: the order of groups and their answer (query.py).

Choices where the behaviour is not documented: texts that differ only in letter case are one group, as they are equal
in conditions; without ORDER BY groups stand in the order of their values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import Field
from crm_pipeline.emulator.salesforce.soql.comparisons import family
from crm_pipeline.emulator.salesforce.soql.fields import Get, Resolved, derived
from crm_pipeline.emulator.salesforce.soql.functions import Operands, is_id
from crm_pipeline.emulator.salesforce.soql.syntax import AGGREGATES, Function, Operand, Path
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError, malformed

Group = Sequence[Row]

_UNGROUPABLE = frozenset(
    "address base64 currency datetime double encryptedstring location multipicklist percent".split()  # noqa: SIM905
)
_UNAGGREGATED = {
    "count": frozenset({"address", "location", "base64"}),
    "count_distinct": frozenset({"address", "location", "base64", "boolean"}),
    "min": frozenset({"address", "location", "base64", "boolean", "multipicklist"}),
    "max": frozenset({"address", "location", "base64", "boolean", "multipicklist"}),
}
_NUMBERS = frozenset({"currency", "double", "int", "percent"})


def sort_key(field: Field) -> Callable[[Any], Any]:
    """How values of the field are ordered and told apart: text without regard to case, as which anyType counts."""
    if field.type == "anyType":
        return lambda value: str(value).lower()
    is_text = family(field) == "text" and not is_id(field)
    return (lambda value: value.lower() if isinstance(value, str) else value) if is_text else lambda value: value


@dataclass(frozen=True)
class Grouping:
    """The groups of one query, and what its operands mean for a group."""

    operands: Operands
    by: tuple[Operand, ...]

    def groups(self, rows: Iterable[Row]) -> list[Group]:
        """The rows in groups; all in one, perhaps empty, when nothing is grouped by. Raises SoqlError."""
        if not self.by:
            return [list(rows)]
        resolved = [self._groupable(operand) for operand in self.by]
        keys = [(item.get, sort_key(item.field)) for item in resolved]
        grouped: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows:
            grouped.setdefault(tuple(fold(get(row)) for get, fold in keys), []).append(row)
        return [grouped[key] for key in sorted(grouped, key=_null_first)]

    def resolve(self, operand: Operand) -> Resolved:
        """What a grouped field or an aggregate is for a group. Raises SoqlError."""
        if isinstance(operand, Function) and operand.is_aggregate:
            return self._aggregate(operand) if operand.name in AGGREGATES else self._formatted(operand)
        resolved = self.operands.resolve(operand)
        meanings = [(item.parents, item.field.name, _name(by)) for by in self.by for item in [self._groupable(by)]]
        if (resolved.parents, resolved.field.name, _name(operand)) not in meanings:
            raise malformed(f"Field must be grouped or aggregated: {operand.path.text}", None)
        field = derived(resolved.field, filterable=True, sortable=True)
        return Resolved((), field, resolved.read, lambda group: resolved.get(group[0]))

    def _formatted(self, function: Function) -> Resolved:
        inner = function.argument
        if function.name != "format" or not isinstance(inner, Function) or inner.name not in AGGREGATES:
            raise malformed(f"unexpected token: '{function.name}'", function.position)
        value = self._aggregate(inner)
        written = self.operands.formatter(value.field, function)

        def get(group: Group) -> str | None:
            found = value.get(group)
            return None if found is None else written(found)

        return Resolved((), derived(value.field, type="string"), value.read, get)

    def _groupable(self, operand: Operand) -> Resolved:
        resolved = self.operands.resolve(operand)
        if not resolved.field.described["groupable"] or resolved.field.type in _UNGROUPABLE:
            message = f"field '{resolved.field.name}' can not be grouped in a query call"
            raise SoqlError("INVALID_FIELD", message, operand.position)
        return resolved

    def _aggregate(self, function: Function) -> Resolved:
        argument = function.argument
        if argument is None or (isinstance(argument, Function) and argument.is_aggregate):
            raise malformed(f"unexpected token: '{function.name}'", function.position)
        if isinstance(argument, Path) and any(_same(argument, by) for by in self.by) and function.name != "count":
            raise malformed(f"Grouped field should not be aggregated: {argument.text}", function.position)
        resolved = self.operands.resolve(argument)
        field = resolved.field
        if not field.described["aggregatable"] or not _takes(function.name, field):
            message = f"field {field.name} does not support aggregate operator {function.name.upper()}"
            raise SoqlError("INVALID_FIELD", message, function.position)
        kind = {"count": "int", "count_distinct": "int", "avg": "double"}.get(function.name, field.type)
        result = derived(field, type=kind, filterable=True, sortable=True)
        return Resolved((), result, resolved.read, _aggregated(function.name, field, resolved.get))


def _takes(name: str, field: Field) -> bool:
    return field.type in _NUMBERS if name in ("sum", "avg") else field.type not in _UNAGGREGATED[name]


def _aggregated(name: str, field: Field, get: Get) -> Callable[[Group], Any]:
    key = sort_key(field)

    def values(group: Group) -> list[Any]:
        return [value for row in group if (value := get(row)) is not None]

    calculate: dict[str, Callable[[list[Any]], Any]] = {
        "count": len,
        "count_distinct": lambda found: len({key(value) for value in found}),
        "min": lambda found: min(found, key=key, default=None),
        "max": lambda found: max(found, key=key, default=None),
        "sum": lambda found: sum(found) if found else None,
        "avg": lambda found: sum(found) / len(found) if found else None,
    }
    return lambda group: calculate[name](values(group))


def _null_first(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple((value is not None, value) if value is not None else (False, 0) for value in key)


def _name(operand: Operand) -> str:
    if isinstance(operand, Path):
        return ""
    inner = _name(operand.argument) if operand.argument is not None else ""
    return f"{operand.name}({inner})"


def _same(path: Path, other: Operand) -> bool:
    return isinstance(other, Path) and path.text.lower() == other.text.lower()
