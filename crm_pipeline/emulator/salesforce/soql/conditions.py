"""Turns conditions into functions over rows, with Salesforce's rules of comparison.

Text is compared without regard to case; null is a value, so `!=`, NOT and NOT IN are true for it,
while `<`, `>` and LIKE never are; the empty text is null.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.salesforce import ids
from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.schema import Field, SObject
from crm_pipeline.emulator.salesforce.soql import dates
from crm_pipeline.emulator.salesforce.soql.fields import Data, Resolved, resolve
from crm_pipeline.emulator.salesforce.soql.syntax import (
    Comparison,
    Condition,
    Junction,
    Literal,
    Membership,
    Not,
    Path,
    Query,
    SemiJoin,
)
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError
from crm_pipeline.emulator.salesforce.values import format_datetime, parse_date, parse_datetime

Predicate = Callable[[Row], bool]
Test = Callable[[Any], bool]

_FAMILIES = {
    "address": "none",
    "boolean": "boolean",
    "currency": "number",
    "date": "date",
    "datetime": "datetime",
    "double": "number",
    "id": "id",
    "int": "number",
    "percent": "number",
    "reference": "id",
}
_EXPECTED = {"currency": "double", "percent": "double", "datetime": "dateTime", "id": "ID"}


@dataclass(frozen=True)
class Compiler:
    """Compiles the conditions of one query; `select_ids` runs the query of a semi-join."""

    data: Data
    sobject: SObject
    today: date
    zone: ZoneInfo
    select_ids: Callable[[Query], frozenset[Any]]

    def compile(self, condition: Condition) -> Predicate:
        """The predicate of a condition. Raises SoqlError."""
        match condition:
            case Junction(operator, conditions):
                predicates = [self.compile(part) for part in conditions]
                every = all if operator == "and" else any
                return lambda row: every(predicate(row) for predicate in predicates)
            case Not(negated_condition):
                predicate = self.compile(negated_condition)
                return lambda row: not predicate(row)
            case Comparison():
                resolved = self._filterable(condition.path)
                return _on_field(resolved, self._comparison(resolved.field, condition))
            case Membership():
                resolved = self._filterable(condition.path)
                return _on_field(resolved, self._membership(resolved.field, condition))
            case SemiJoin(path, query, negated):
                resolved = self._filterable(path)
                if _family(resolved.field) != "id":
                    raise _operator_error("semi join sub-selects need an id field", path.position)
                selected = self.select_ids(query)
                return _on_field(resolved, lambda value: (value in selected) is not negated)

    def _filterable(self, path: Path) -> Resolved:
        resolved = resolve(self.data, self.sobject, path)
        if not resolved.field.filterable or _family(resolved.field) == "none":
            raise SoqlError(
                "INVALID_FIELD",
                f"field '{resolved.field.name}' can not be filtered in a query call",
                path.position,
            )
        return resolved

    def _comparison(self, field: Field, condition: Comparison) -> Test:
        operator, literal = condition.operator, condition.literal
        family = _family(field)
        if operator == "like":
            return _like(field, family, literal)
        if family == "boolean" and operator not in ("=", "!="):
            raise _operator_error("invalid operator on boolean field", literal.position)
        if literal.kind == "range" and family in ("date", "datetime"):
            return _range_test(operator, *self._bounds(family, str(literal.value)))
        wanted = self._stored(field, family, literal)
        if wanted is None and operator not in ("=", "!="):
            raise _operator_error(f"invalid operator on null: {operator}", literal.position)
        if family == "text":
            return _value_test(operator, wanted, fold=True)
        return _value_test(operator, wanted, fold=False)

    def _membership(self, field: Field, condition: Membership) -> Test:
        family = _family(field)
        wanted = {self._stored(field, family, literal) for literal in condition.literals}
        negated = condition.negated
        if family == "text":
            return lambda value: ((value and value.lower()) in wanted) is not negated
        return lambda value: (value in wanted) is not negated

    def _bounds(self, family: str, text: str) -> tuple[str, str]:
        start, end = dates.days_of(text, self.today)
        if family == "date":
            return start.isoformat(), end.isoformat()
        return (
            format_datetime(dates.midnight(start, self.zone)),
            format_datetime(dates.midnight(end, self.zone)),
        )

    def _stored(self, field: Field, family: str, literal: Literal) -> Any:
        """The literal in the form in which values of the field are compared."""
        if literal.kind == "null":
            return None
        value = literal.value
        match family, literal.kind:
            case "text", "text":
                return str(value).lower() or None
            case "id", "text":
                record_id = ids.canonical(str(value))
                if value and record_id is None:
                    raise _operator_error(f"invalid ID field: {value}", literal.position)
                return record_id
            case "number", "number":
                assert isinstance(value, Decimal)
                return int(value) if field.type == "int" and value == int(value) else float(value)
            case "boolean", "boolean":
                return value
            case "date", "date" if parse_date(str(value)):
                return value
            case "datetime", "datetime" if at := parse_datetime(str(value)):
                return format_datetime(at).replace(".000", f".{at.microsecond // 1000:03d}")
        expected = _EXPECTED.get(field.type, field.type)
        quotes = "should be" if family in ("text", "id") else "should not be"
        raise SoqlError(
            "INVALID_FIELD",
            f"value of filter criterion for field '{field.name}' must be of type {expected} and "
            f"{quotes} enclosed in quotes",
            literal.position,
        )


def _family(field: Field) -> str:
    return _FAMILIES.get(field.type, "text")


def _operator_error(message: str, position: int) -> SoqlError:
    return SoqlError("INVALID_QUERY_FILTER_OPERATOR", message, position)


def _on_field(resolved: Resolved, test: Test) -> Predicate:
    get = resolved.get
    return lambda row: test(get(row))


def _like(field: Field, family: str, literal: Literal) -> Test:
    if family != "text":
        raise _operator_error(f"invalid operator on {field.type} field", literal.position)
    if literal.kind != "text":
        raise _operator_error("LIKE needs a text in quotes", literal.position)
    parts = re.split(r"(\\[%_]|[%_])", str(literal.value))
    wildcards = {"%": ".*", "_": ".", "\\%": "%", "\\_": "_"}
    pattern = "".join(wildcards.get(part) or re.escape(part.lower()) for part in parts)
    matches = re.compile(pattern, re.DOTALL).fullmatch
    return lambda value: value is not None and matches(value.lower()) is not None


def _range_test(operator: str, start: str, end: str) -> Test:
    tests: dict[str, Test] = {
        "=": lambda value: value is not None and start <= value < end,
        "!=": lambda value: value is None or not start <= value < end,
        "<": lambda value: value is not None and value < start,
        "<=": lambda value: value is not None and value < end,
        ">": lambda value: value is not None and value >= end,
        ">=": lambda value: value is not None and value >= start,
    }
    return tests[operator]


def _value_test(operator: str, wanted: Any, *, fold: bool) -> Test:
    tests: dict[str, Test] = {
        "=": lambda value: value == wanted,
        "!=": lambda value: value != wanted,
        "<": lambda value: value is not None and value < wanted,
        "<=": lambda value: value is not None and value <= wanted,
        ">": lambda value: value is not None and value > wanted,
        ">=": lambda value: value is not None and value >= wanted,
    }
    test = tests[operator]
    return (lambda value: test(value and value.lower())) if fold else test
