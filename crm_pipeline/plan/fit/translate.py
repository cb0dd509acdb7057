"""From a value in one CRM to the value that is written into the other, or the reason why it cannot be (law 8).

Nothing is truncated, guessed or dropped: a value that does not fit makes its operation invalid. Belongs here: what
becomes of a value by its type. Not here: options and stages (option.py), what the types allow (types.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation

from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.config.stage import pipeline_field
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import System, Value
from crm_pipeline.plan.decision.state import FieldState
from crm_pipeline.plan.fit.option import NoOption, option
from crm_pipeline.plan.fit.types import Shape, shape


class Untranslatable(Exception):  # noqa: N818 - not an error of the program: the reason of one invalid operation
    """A value has no place in the target; the text says why, without the value."""


@dataclass(frozen=True)
class Target:
    """Where values go: the fields as described by the CRM, and (system, e-mail) -> user id for owners. `held`: what the
    record holds now, nothing for a new one; `zone`: in which a calendar date begins."""

    system: System
    object: str
    fields: Mapping[str, FieldSchema]
    users: Mapping[tuple[System, str], str]
    held: Mapping[str, Value] = field(default_factory=dict)
    zone: tzinfo = UTC


def translate(mapped: FieldMapping, source: FieldState, target: Target) -> dict[str, Value]:
    """CRM field -> value to write, for all parts of the field. Raises Untranslatable.

    A stage of a new record brings its pipeline along, or the CRM would look for it in the first one.
    """
    names = mapped.names(target.object)
    values = {name: _value(mapped, source, index, target, target.fields[name]) for index, name in enumerate(names)}
    for name in names if not target.held else ():
        pipeline = pipeline_field(target.object, name) if target.system is System.HUBSPOT else None
        group = next((o.group for o in target.fields[name].options if o.value == values[name]), "")
        if pipeline and group:
            values[pipeline] = group
    return values


def blank_of(system: System) -> Value:
    """What clears a field: HubSpot wants an empty text and never null, Salesforce wants null."""
    return "" if system is System.HUBSPOT else None


#: What a field holds -> how its values are written. Texts are written by what the mapping says they are.
_TYPES: Mapping[Shape, FieldType] = {
    Shape.OPTION: FieldType.PICKLIST,
    Shape.OPTIONS: FieldType.MULTI_PICKLIST,
    Shape.BOOLEAN: FieldType.BOOLEAN,
    Shape.NUMBER: FieldType.NUMBER,
    Shape.DATE: FieldType.DATE,
    Shape.MOMENT: FieldType.DATETIME,
    Shape.USER: FieldType.USER,
}


def _value(mapped: FieldMapping, source: FieldState, index: int, target: Target, schema: FieldSchema) -> Value:
    type_ = _TYPES.get(shape(target.system, schema), mapped.type)
    if not source.value[index]:
        if not schema.nillable or (type_ is FieldType.BOOLEAN and target.system is System.SALESFORCE):
            raise Untranslatable(f"{schema.name} cannot be cleared")
        return blank_of(target.system)
    text = source.value[index]
    match type_:
        case FieldType.USER:
            return _user(text, target)
        case FieldType.PICKLIST:
            return _fitting(_option(mapped, text, target, schema), target, schema)
        case FieldType.MULTI_PICKLIST:
            chosen = (_option(mapped, part, target, schema) for part in text.split(";"))
            return _fitting(";".join(chosen), target, schema)
        case FieldType.DATE:
            return _date(text, target, schema)
        case FieldType.DATETIME:
            return _moment(text, target, schema)
        case FieldType.BOOLEAN:
            return _boolean(text, target, schema)
        case FieldType.NUMBER:
            return _number(text, source.raw[index], target, schema)
    raw = source.raw[index]
    spelled = _option(mapped, text, target, schema) if mapped.values else str(raw)
    return _fitting(spelled, target, schema)


#: Characters of a HubSpot text (HubSpot's documentation of property types).
_HUBSPOT_TEXT = 65_536
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESSES: Mapping[System, re.Pattern[str]] = {
    System.SALESFORCE: re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{{2,}}"),
    System.HUBSPOT: re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]+"),
}


def _fitting(text: str, target: Target, schema: FieldSchema) -> str:
    """The text as it is, if the field takes it. A text area keeps each line end as two characters."""
    longest = schema.length or (_HUBSPOT_TEXT if target.system is System.HUBSPOT else 0)
    length = len(text)
    if schema.type == "textarea":
        length = len(re.sub(r"\r\n|\r|\n", "\r\n", text))
    if longest and length > longest:
        raise Untranslatable(f"the value has {length} characters, {schema.name} takes {longest}")
    takes_addresses = schema.type == "email" or (target.object, schema.name) == ("contacts", "email")
    if takes_addresses and not _ADDRESSES[target.system].fullmatch(text.strip()):
        raise Untranslatable(f"the value is no e-mail address that {target.system.label} accepts in {schema.name}")
    return text


def _user(e_mail: str, target: Target) -> str:
    user_id = target.users.get((target.system, e_mail))
    if user_id is None:
        raise Untranslatable(f"{target.system.label} has no active user with the owner's e-mail address; add one")
    return user_id


def _option(mapped: FieldMapping, text: str, target: Target, schema: FieldSchema) -> str:
    try:
        return option(mapped.values, text, target.system, target.object, schema, target.held)
    except NoOption as reason:
        raise Untranslatable(str(reason)) from None


def _boolean(text: str, target: Target, schema: FieldSchema) -> Value:
    if text not in ("true", "false"):
        raise Untranslatable(f"the value is neither true nor false, {schema.name} takes nothing else")
    return text == "true" if target.system is System.SALESFORCE else text


def _date(text: str, target: Target, schema: FieldSchema) -> str:
    """A calendar date, as it was typed: no zone shifts it."""
    if shape(target.system, schema) is not Shape.DATE:
        return text
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Untranslatable(f"the value is not a date, {schema.name} takes only dates") from None
    _check_year(day.year, target, schema)
    return day.isoformat()


def _moment(text: str, target: Target, schema: FieldSchema) -> str:
    """A moment in UTC; a calendar date is its beginning in the organisation's zone."""
    if shape(target.system, schema) is not Shape.MOMENT:
        return text
    try:
        at = datetime.fromisoformat(text)
        if len(text) == len("2026-01-01"):
            at = datetime.combine(at, time(), target.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Untranslatable(f"the value is not a date, {schema.name} takes only a date with a time") from None
    _check_year(at.year, target, schema)
    return at.isoformat()


#: The years that Salesforce keeps.
_YEARS = range(1700, 4001)


def _check_year(year: int, target: Target, schema: FieldSchema) -> None:
    if target.system is System.SALESFORCE and year not in _YEARS:
        raise Untranslatable(f"the value is not a date that {schema.name} takes: the years are 1700 to 4000")


#: The numbers of a Salesforce field without decimals.
_INTEGERS = range(-(2**31), 2**31)


def _decimals(number: Decimal) -> int:
    """Digits behind the decimal point."""
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _number(text: str, raw: Value, target: Target, schema: FieldSchema) -> Value:
    """Never rounded: a number with more digits than the field has does not go."""
    try:
        number = Decimal(text)
        finite = math.isfinite(float(number))
    except (InvalidOperation, OverflowError):
        finite = False
    if not finite:
        raise Untranslatable(f"the value is not a number, {schema.name} takes only numbers")
    if isinstance(raw, str) and Decimal(raw.strip()) != number:
        raise Untranslatable(f"the value has more digits than a number of {target.system.label} keeps")
    if target.system is System.HUBSPOT:
        return text
    whole = number == number.to_integral_value()
    if schema.type == "int" and not whole:
        raise Untranslatable(f"the value is a fraction, {schema.name} takes whole numbers")
    if schema.scale is not None and not whole and _decimals(number) > schema.scale:
        raise Untranslatable(f"the value has more decimals than the {schema.scale} of {schema.name}")
    if (schema.digits and abs(number) >= Decimal(10) ** schema.digits) or (
        schema.type == "int" and int(number) not in _INTEGERS
    ):
        raise Untranslatable(f"the value has more digits before the decimal point than {schema.name} takes")
    return int(number) if whole else float(number)
