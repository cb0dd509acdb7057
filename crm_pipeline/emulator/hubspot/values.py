"""Values of properties: which HubSpot accepts, and as which text it stores them.

Belongs here: one write of one record against the definitions. Not here: rules between properties (object_rules.py),
uniqueness, records.

Source: HubSpot documentation, "properties" (types, `;` before the values of a multiple checkbox adds them to those
there are, "" clears). null in JSON is accepted and changes nothing (hubspot-api-nodejs issue 324). Choices where
HubSpot's behaviour is not documented: a datetime needs a zone, an owner must be active, the wording for texts that are
too long. JSON numbers and booleans are taken as their text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.errors import invalid_json, invalid_properties, property_problem
from crm_pipeline.emulator.hubspot.formats import date_text, datetime_text
from crm_pipeline.emulator.hubspot.properties import Definition

_E_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]+")
LONGEST_TEXT = 65_536  # characters of a string property


def checked_values(
    definitions: Mapping[str, Definition],
    properties: Any,
    owners: Collection[str],
    before: Mapping[str, str],
    *,
    read_only_allowed: bool,
) -> dict[str, str]:
    """The texts to store for `properties` (name -> value as sent); "" clears a property, null leaves it.

    `owners`: ids of active owners; `before`: the record's values so far. Raises HubSpotError 400 with all refused
    properties of the record in its message.
    """
    if not isinstance(properties, Mapping):
        raise invalid_json("properties must be an object")
    values: dict[str, str] = {}
    problems: list[dict[str, Any]] = []
    for name, value in properties.items():
        definition = definitions.get(name)
        if definition is None:
            problems.append(property_problem(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
        elif definition["modificationMetadata"]["readOnlyValue"] and not read_only_allowed:
            message = f'"{name}" is a read only property; its value cannot be set.'
            problems.append(property_problem(name, "READ_ONLY_VALUE", message))
        else:
            if value is None:
                continue
            try:
                values[name] = _stored_text(definition, _sent_text(name, value), owners, before.get(name, ""))
            except _RefusedValueError as refused:
                problems.append(property_problem(name, refused.code, refused.message))
    if problems:
        raise invalid_properties(problems)
    return values


class _RefusedValueError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def _sent_text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise invalid_json(f"Cannot deserialize value of type `java.lang.String` for property {name}")


def _stored_text(definition: Definition, text: str, owners: Collection[str], before: str) -> str:
    kind = definition["type"]
    if definition["name"] == "email":
        return _e_mail(text)
    if kind in ("string", "phone_number"):
        if len(text) > LONGEST_TEXT:
            message = f"The value is {len(text)} characters long; at most {LONGEST_TEXT} are allowed."
            raise _RefusedValueError("INVALID_STRING_LENGTH", message)
        return text
    text = text.strip()
    if text == "":
        return ""
    if kind == "enumeration":
        return _choice(definition, text, owners, before)
    if kind == "number":
        return _number(text)
    if kind == "bool":
        if text.lower() not in ("true", "false"):
            raise _RefusedValueError("INVALID_OPTION", not_an_option(text, ("true", "false")))
        return text.lower()
    stored = date_text(text) if kind == "date" else datetime_text(text)
    if stored is None:
        raise _RefusedValueError("INVALID_DATE", f"{text} {_date_problem(kind, text)}")
    return stored


def _date_problem(kind: str, text: str) -> str:
    at = datetime_text(text) if kind == "date" and text.lstrip("-").isdigit() else None
    if at is None:
        return f"was not a valid {kind}."
    hours, minutes, seconds, milliseconds = int(at[11:13]), int(at[14:16]), int(at[17:19]), int(at[20:23])
    return f"is at {hours}:{minutes}:{seconds}.{milliseconds} UTC, not midnight!"


def _e_mail(text: str) -> str:
    address = text.strip().lower()
    if address and not _E_MAIL.fullmatch(address):
        raise _RefusedValueError("INVALID_EMAIL", f"Email address {address} is invalid")
    return address


def _number(text: str) -> str:
    try:
        finite = math.isfinite(float(text)) and "_" not in text
    except ValueError:
        finite = False
    if not finite:
        raise _RefusedValueError("INVALID_LONG", f"{text} was not a valid long.")
    return text


def _choice(definition: Definition, text: str, owners: Collection[str], before: str) -> str:
    allowed = [option["value"] for option in definition["options"]]
    if definition["fieldType"] != "checkbox":
        chosen = [text]
    elif text.startswith(";"):
        chosen = [one for one in before.split(";") if one] + text[1:].split(";")
    else:
        chosen = text.split(";")
    if definition.get("referencedObjectType") == "OWNER":
        for owner in chosen:
            if owner not in owners:
                raise _RefusedValueError("INVALID_OWNER_ID", f"{owner} is not a valid owner id")
    elif allowed or not definition["externalOptions"]:  # without options: ids of what this portal does not have
        for value in chosen:
            if value not in allowed:
                raise _RefusedValueError("INVALID_OPTION", not_an_option(value, allowed))
    return ";".join(dict.fromkeys(chosen))


def not_an_option(value: str, allowed: Collection[str]) -> str:
    """HubSpot's message for a value that is not among the options of its property."""
    return f"{value} was not one of the allowed options: [{', '.join(allowed)}]"
