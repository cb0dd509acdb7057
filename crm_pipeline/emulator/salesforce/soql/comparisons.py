"""Tests of one value, with Salesforce's rules of comparison.

Belongs here: what operators mean, and literals in the form in which values of a field are compared. Not here: how
conditions are joined (conditions.py). Text is compared without regard to case; null is a value, so `!=`, NOT IN and
EXCLUDES are true for it, while `<`, `>` and LIKE never are; the empty text is null.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.salesforce import ids
from crm_pipeline.emulator.salesforce.schema import Field
from crm_pipeline.emulator.salesforce.soql import dates
from crm_pipeline.emulator.salesforce.soql.syntax import Comparison, Inclusion, Literal, Membership
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError, malformed
from crm_pipeline.emulator.salesforce.values import format_datetime, parse_date, parse_datetime

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
    "location": "none",
    "percent": "number",
    "reference": "id",
}
_EXPECTED = {"currency": "double", "percent": "double", "datetime": "dateTime", "id": "ID"}


def family(field: Field) -> str:
    """The kind of values that a field has: text, number, boolean, date, datetime, id, or none that can be compared."""
    return _FAMILIES.get(field.type, "text")


def operator_error(message: str, position: int | None) -> SoqlError:
    """The operator does not go with the field or the value."""
    return SoqlError("INVALID_QUERY_FILTER_OPERATOR", message, position)


@dataclass(frozen=True)
class Tests:
    """Makes tests; `today` and `zone` are those of the organisation."""

    today: date
    zone: ZoneInfo

    def comparison(self, field: Field, condition: Comparison) -> Test:
        """The test of an operator and one literal. Raises SoqlError."""
        operator, literal = condition.operator, condition.literal
        kind = family(field)
        if operator == "like":
            return _like(field, kind, literal)
        if kind == "boolean" and operator not in ("=", "!="):
            raise operator_error("invalid operator on boolean field", literal.position)
        if field.type == "multipicklist" and operator not in ("=", "!="):
            raise operator_error("invalid operator on multipicklist field", literal.position)
        if literal.kind == "range" and kind in ("date", "datetime"):
            return _range_test(operator, *self.bounds(kind, literal))
        wanted = self._stored(field, kind, literal)
        if wanted is None and operator not in ("=", "!="):
            raise operator_error(f"invalid operator on null: {operator}", literal.position)
        return _value_test(operator, wanted, fold=kind == "text")

    def membership(self, field: Field, condition: Membership) -> Test:
        """The test of IN and NOT IN a list. Raises SoqlError."""
        kind, negated = family(field), condition.negated
        ranges = [x for x in condition.literals if x.kind == "range" and kind in ("date", "datetime")]
        if ranges:
            tests = [_range_test("=", *self.bounds(kind, literal)) for literal in ranges]
            rest = {self._stored(field, kind, literal) for literal in condition.literals if literal not in ranges}
            return lambda value: (value in rest or any(test(value) for test in tests)) is not negated
        wanted = {self._stored(field, kind, literal) for literal in condition.literals}
        if kind == "text":
            return lambda value: ((value and value.lower()) in wanted) is not negated
        return lambda value: (value in wanted) is not negated

    def inclusion(self, field: Field, condition: Inclusion) -> Test:
        """The test of INCLUDES and EXCLUDES. Raises SoqlError."""
        if field.type != "multipicklist":
            operator = "excludes" if condition.negated else "includes"
            message = f"'{operator}' operator is not valid on {field.type} field '{field.name}'"
            raise operator_error(message, condition.literals[0].position)
        alternatives = []
        for literal in condition.literals:
            wanted = self._stored(field, "text", literal)
            alternatives.append(frozenset() if wanted is None else frozenset(_choices(wanted)))

        def includes(value: Any) -> bool:
            chosen = frozenset(_choices(value.lower())) if value else frozenset()
            return any(wanted <= chosen if wanted else not chosen for wanted in alternatives)

        return lambda value: includes(value) is not condition.negated

    def bounds(self, kind: str, literal: Literal) -> tuple[str, str]:
        """The first value of a relative date literal, and the one after its last."""
        try:
            start, end = dates.days_of(str(literal.value), self.today)
            if kind == "date":
                return start.isoformat(), end.isoformat()
            return (
                format_datetime(dates.midnight(start, self.zone)),
                format_datetime(dates.midnight(end, self.zone)),
            )
        except (OverflowError, ValueError):
            message = f"Value of date literal is out of range: {literal.value}"
            raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", message, literal.position) from None

    def _stored(self, field: Field, kind: str, literal: Literal) -> Any:
        """The literal in the form in which values of the field are compared."""
        if literal.kind == "null":
            return None
        value = literal.value
        match kind, literal.kind:
            case "text", "text":
                return str(value).lower() or None
            case "id", "text":
                record_id = ids.canonical(str(value))
                if value and record_id is None:
                    raise operator_error(f"invalid ID field: {value}", literal.position)
                return record_id
            case "number", "number":
                assert isinstance(value, Decimal)
                return int(value) if value == value.to_integral_value() else float(value)
            case "boolean", "boolean":
                return value
            case "date", "date" if parse_date(str(value)):
                return value
            case "datetime", "datetime" if at := parse_datetime(str(value)):
                try:
                    return format_datetime(at).replace(".000", f".{at.microsecond // 1000:03d}")
                except OverflowError:
                    raise malformed(f"Invalid date: {value}", literal.position) from None
        expected = _EXPECTED.get(field.type, field.type)
        quotes = "should be" if kind in ("text", "id") else "should not be"
        raise SoqlError(
            "INVALID_FIELD",
            f"value of filter criterion for field '{field.name}' must be of type {expected} and "
            f"{quotes} enclosed in quotes",
            literal.position,
        )


def _choices(text: str) -> list[str]:
    return [choice for part in text.split(";") if (choice := part.strip())]


def _like(field: Field, kind: str, literal: Literal) -> Test:
    if kind != "text":
        raise operator_error(f"invalid operator on {field.type} field", literal.position)
    if literal.kind != "text":
        raise operator_error("LIKE needs a text in quotes", literal.position)
    parts = re.split(r"(\\[%_]|%+|_)", str(literal.value))
    wildcards = {"_": ".", "\\%": "%", "\\_": "_"}
    pattern = "".join(
        ".*" if part.startswith("%") else wildcards.get(part) or re.escape(part.lower()) for part in parts
    )
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
