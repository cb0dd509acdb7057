"""From a value in one CRM to the value that is written into the other, or the reason why it cannot be (law 8).

Nothing is truncated, guessed or dropped: a value that does not fit makes its operation invalid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from crm_pipeline.canonical import Canonical
from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import System, Value
from crm_pipeline.plan.decision.state import FieldState


class Untranslatable(Exception):  # noqa: N818 - not an error of the program: the reason of one invalid operation
    """A value has no place in the target; the text says why, without the value."""


@dataclass(frozen=True)
class Target:
    """Where values go: the fields as described by the CRM, and (system, e-mail) -> user id for owners."""

    system: System
    object: str
    fields: Mapping[str, FieldSchema]
    users: Mapping[tuple[System, str], str]


def translate(field: FieldMapping, source: FieldState, target: Target) -> dict[str, Value]:
    """CRM field -> value to write, for all parts of the field. Raises Untranslatable."""
    names = field.names(target.object)
    return {name: _value(field, source, index, target, target.fields[name]) for index, name in enumerate(names)}


def blank_of(system: System) -> Value:
    """What clears a field: HubSpot wants an empty text and never null, Salesforce wants null."""
    return "" if system is System.HUBSPOT else None


def _value(field: FieldMapping, source: FieldState, index: int, target: Target, schema: FieldSchema) -> Value:
    if not source.value[index]:
        if not schema.nillable or field.type is FieldType.BOOLEAN:
            raise Untranslatable(f"{schema.name} cannot be cleared")
        return blank_of(target.system)
    value = _typed(field, source.value, source.raw[index], index, target)
    text = str(value)
    if schema.length and isinstance(value, str) and len(text) > schema.length:
        raise Untranslatable(f"the value has {len(text)} characters, {schema.name} takes {schema.length}")
    return value


def _typed(field: FieldMapping, canonical: Canonical, raw: Value, index: int, target: Target) -> Value:
    text = canonical[index]
    to_salesforce = target.system is System.SALESFORCE
    match field.type:
        case FieldType.USER:
            return _user(text, target)
        case FieldType.PICKLIST:
            return _option(field, text, target, index)
        case FieldType.MULTI_PICKLIST:
            return ";".join(str(_option(field, part, target, index)) for part in text.split(";"))
        case FieldType.DATE | FieldType.DATETIME:
            return text
        case FieldType.BOOLEAN:
            return text == "true" if to_salesforce else text
        case FieldType.NUMBER:
            return _number(text, target.fields[field.names(target.object)[index]], to_salesforce)
        case _:
            return str(raw)


def _user(e_mail: str, target: Target) -> str:
    user_id = target.users.get((target.system, e_mail))
    if user_id is None:
        raise Untranslatable(f"{target.system.label} has no active user with the owner's e-mail address; add one")
    return user_id


def _option(field: FieldMapping, text: str, target: Target, index: int) -> str:
    """A picklist value of the target; `text` is canonical, which is Salesforce's value where a value map is given."""
    value = text
    if field.values and target.system is System.HUBSPOT:
        value = field.values.to_hubspot().get(text, text)
    schema = target.fields[field.names(target.object)[index]]
    must_exist = schema.restricted or target.system is System.HUBSPOT
    if schema.options and must_exist and value not in {o.value for o in schema.options if o.active}:
        raise Untranslatable(
            f"the value is not an option of {target.system.label} {target.object}.{schema.name}; "
            "add the option there or a line under values in the mapping"
        )
    return value


def _number(text: str, schema: FieldSchema, to_salesforce: bool) -> Value:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Untranslatable(f"the value is not a number, {schema.name} takes only numbers") from None
    if not to_salesforce:
        return text
    if number == number.to_integral_value():
        return int(number)
    if schema.type == "int":
        raise Untranslatable(f"the value is a fraction, {schema.name} takes whole numbers")
    return float(number)
