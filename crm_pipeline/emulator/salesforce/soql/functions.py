"""Functions of one field: parts of dates, labels, formatted values.

Belongs here: what the function of a field is worth for a row. Not here: aggregates (grouping.py).
Date functions take datetimes in UTC, and in the time zone of the organisation inside convertTimezone(). A week of a
month or year is counted in blocks of seven days from its first day; DAY_IN_WEEK is 1 on Sunday.

Choices where the behaviour is not documented: FORMAT() writes dates and numbers as Japanese and US users see them;
convertCurrency() is refused, as the organisation has one currency.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.salesforce.schema import Field, SObject
from crm_pipeline.emulator.salesforce.soql.fields import Data, Resolved, derived, over, resolve
from crm_pipeline.emulator.salesforce.soql.syntax import Function, Operand, Path
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError, malformed
from crm_pipeline.emulator.salesforce.values import parse_datetime

_NUMBERS = ("currency", "double", "int", "percent")
_OF_DATES: dict[str, Callable[[date], int]] = {
    "calendar_month": lambda at: at.month,
    "calendar_quarter": lambda at: (at.month + 2) // 3,
    "calendar_year": lambda at: at.year,
    "day_in_month": lambda at: at.day,
    "day_in_week": lambda at: at.isoweekday() % 7 + 1,
    "day_in_year": lambda at: at.timetuple().tm_yday,
    "fiscal_month": lambda at: at.month,
    "fiscal_quarter": lambda at: (at.month + 2) // 3,
    "fiscal_year": lambda at: at.year,
    "week_in_month": lambda at: (at.day + 6) // 7,
    "week_in_year": lambda at: (at.timetuple().tm_yday + 6) // 7,
}


@dataclass(frozen=True)
class Operands:
    """Finds what the operands of one query mean for a row of its object."""

    data: Data
    sobject: SObject
    zone: ZoneInfo

    def resolve(self, operand: Operand) -> Resolved:
        """A field or a function of one. Raises SoqlError."""
        if isinstance(operand, Path):
            return resolve(self.data, self.sobject, operand)
        if operand.is_aggregate or operand.argument is None:
            raise malformed(f"unexpected token: '{operand.name}'", operand.position)
        if operand.name == "convertcurrency":
            raise malformed("convertCurrency() is not supported: the organization has one currency", operand.position)
        if operand.name == "tolabel":
            return self._mapped(operand, self._to_label(operand), {"type": "string"})
        if operand.name == "format":
            return self._mapped(operand, self.formatter(self._inner(operand).field, operand), {"type": "string"})
        return self._date_function(operand)

    def _inner(self, function: Function) -> Resolved:
        if not isinstance(function.argument, Path):
            raise malformed(f"unexpected token: '{function.name}'", function.position)
        return self.resolve(function.argument)

    def _mapped(self, function: Function, convert: Callable[[Any], Any], described: dict[str, Any]) -> Resolved:
        inner = self._inner(function)
        read = inner.read

        def converted(row: Any) -> Any:
            value = read(row)
            return None if value is None else convert(value)

        field = derived(inner.field, **described)
        return Resolved(inner.parents, field, converted, over(self.data, inner.parents, converted))

    def _to_label(self, function: Function) -> Callable[[Any], Any]:
        field = self._inner(function).field
        if field.type not in ("picklist", "multipicklist"):
            raise SoqlError("INVALID_FIELD", f"The field '{field.name}' cannot be translated", function.position)
        labels = {choice["value"]: choice["label"] for choice in field.described["picklistValues"]}
        return lambda value: ";".join(labels.get(part, part) for part in str(value).split(";"))

    def formatter(self, field: Field, function: Function) -> Callable[[Any], str]:
        """Writes a value of the field for a person to read. Raises SoqlError."""
        if field.type == "date":
            return lambda value: _short(date.fromisoformat(value))
        if field.type == "datetime":
            return lambda value: f"{_short(at := self._local(value))} {at.hour}:{at.minute:02d}"
        if field.type in _NUMBERS:
            return lambda value: f"{value:,.{field.scale}f}"
        raise malformed(f"The field '{field.name}' cannot be formatted", function.position)

    def _date_function(self, function: Function) -> Resolved:
        argument, local = function.argument, False
        if isinstance(argument, Function) and argument.name == "converttimezone":
            argument, local = argument.argument, True
        if function.name == "converttimezone" or not isinstance(argument, Path):
            raise malformed(f"unexpected token: '{function.name}'", function.position)
        plain = Function(function.name, argument, function.position)
        field = self._inner(plain).field
        if field.type != "datetime" and (field.type != "date" or local or function.name in ("day_only", "hour_in_day")):
            message = f"The function {function.name.upper()} cannot be used on field '{field.name}'"
            raise SoqlError("INVALID_FIELD", message, function.position)
        when = self._local if local else _utc
        what = {"groupable": True, "aggregatable": True, "filterable": True, "sortable": True, "type": "int"}
        if function.name == "day_only":
            return self._mapped(plain, lambda value: when(value).date().isoformat(), {**what, "type": "date"})
        if function.name == "hour_in_day":
            return self._mapped(plain, lambda value: when(value).hour, what)
        of_date = _OF_DATES[function.name]
        if field.type == "date":
            return self._mapped(plain, lambda value: of_date(date.fromisoformat(value)), what)
        return self._mapped(plain, lambda value: of_date(when(value)), what)

    def _local(self, value: str) -> datetime:
        return _utc(value).astimezone(self.zone)


def entity_types(resolved: Resolved, sobject: SObject) -> frozenset[str]:
    """The objects whose ids a field may hold."""
    if resolved.field.type != "id":
        return frozenset(resolved.field.reference_to)
    return frozenset(resolved.parents[-1].reference_to if resolved.parents else [sobject.name])


def is_id(field: Field) -> bool:
    """Whether the values of the field are ids."""
    return field.type in ("id", "reference")


def _utc(value: str) -> datetime:
    at = parse_datetime(value)
    assert at is not None
    return at


def _short(at: date) -> str:
    return f"{at.year}/{at.month:02d}/{at.day:02d}"
