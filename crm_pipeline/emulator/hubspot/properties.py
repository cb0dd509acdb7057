"""Property definitions and the check of values against them.

Belongs here: what a definition must look like, which text HubSpot stores for a value. Not here: records, uniqueness.

Choices where HubSpot's behaviour is not documented, all on the strict side: null is refused on write, a datetime needs
a zone, an owner must be active. JSON numbers and booleans are taken as their text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.errors import (
    HubSpotError,
    invalid,
    invalid_json,
    invalid_properties,
    property_problem,
)
from crm_pipeline.emulator.hubspot.formats import date_text, datetime_text

Definition = dict[str, Any]

#: Field types that a definition of each type may have (HubSpot properties documentation).
FIELD_TYPES = {
    "bool": {"booleancheckbox"},
    "enumeration": {"booleancheckbox", "checkbox", "radio", "select"},
    "date": {"date"},
    "datetime": {"date"},
    "string": {"file", "html", "phonenumber", "text", "textarea", "calculation_equation"},
    "number": {"number", "calculation_equation"},
    "phone_number": {"phonenumber"},
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_E_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]+")
MOST_UNIQUE_PROPERTIES = 10


def complete_definition(given: Mapping[str, Any], group: str, now: str, *, hubspot_defined: bool) -> Definition:
    """The definition as HubSpot answers it; `given` has the keys of a create call.

    `readOnlyValue` and `calculated` may be given as well; the API's create call must not pass them.
    Raises HubSpotError 400 for a missing name, label, type or field type, or ones that do not fit together.
    """
    for key in ("name", "label", "type", "fieldType"):
        if not isinstance(given.get(key), str) or not given[key]:
            raise invalid(f"Some required fields were not set: [{key}]")
    name, kind = given["name"], given["type"]
    if not _NAME.fullmatch(name):
        raise invalid(f"Property name {name} must be lower case, start with a letter and have only letters, digits, _")
    if not hubspot_defined and given["fieldType"] not in FIELD_TYPES.get(kind, set()):
        raise invalid(f"Field type {given['fieldType']} is not valid for property type {kind}")
    options = [_option(option, order) for order, option in enumerate(given.get("options") or [])]
    if len({option["value"] for option in options}) < len(options):
        raise invalid(f"Property {name} has options with the same value")
    if kind == "enumeration" and not options and not given.get("externalOptions") and not hubspot_defined:
        raise invalid(f"Property {name} of type enumeration needs options")
    read_only = bool(given.get("readOnlyValue", False))
    definition: Definition = {
        "updatedAt": now,
        "createdAt": now,
        "name": name,
        "label": given["label"],
        "type": kind,
        "fieldType": given["fieldType"],
        "description": given.get("description", ""),
        "groupName": given.get("groupName") or group,
        "options": options,
        "displayOrder": given.get("displayOrder", -1),
        "calculated": bool(given.get("calculated", False)),
        "externalOptions": bool(given.get("externalOptions", False)),
        "archived": False,
        "hasUniqueValue": bool(given.get("hasUniqueValue", False)),
        "hidden": bool(given.get("hidden", False)),
        "modificationMetadata": {
            "archivable": not hubspot_defined,
            "readOnlyDefinition": hubspot_defined,
            "readOnlyValue": read_only,
        },
        "formField": bool(given.get("formField", not read_only)),
        "dataSensitivity": "non_sensitive",
    }
    if hubspot_defined:
        definition["hubspotDefined"] = True
    for key in ("referencedObjectType", "showCurrencySymbol", "numberDisplayHint"):
        if given.get(key) is not None:
            definition[key] = given[key]
    return definition


def _option(given: Any, order: int) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not given.get("value") or not given.get("label"):
        raise invalid("Every option needs a label and a value")
    return {
        "label": given["label"],
        "value": given["value"],
        "description": given.get("description", ""),
        "displayOrder": given.get("displayOrder", order),
        "hidden": bool(given.get("hidden", False)),
    }


def checked_values(
    definitions: Mapping[str, Definition],
    properties: Any,
    owners: Collection[str],
    *,
    read_only_allowed: bool,
) -> dict[str, str]:
    """The texts to store for `properties` (name -> value as sent); "" clears a property.

    `owners`: ids of active owners. Raises HubSpotError 400 with all refused properties of the record in its message.
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
            try:
                values[name] = _stored_text(definition, _sent_text(name, value), owners)
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
    problem: HubSpotError
    if value is None:
        problem = invalid_json(f"null is not a value for property {name}; an empty string clears it")
    else:
        problem = invalid_json(f"Cannot deserialize value of type `java.lang.String` for property {name}")
    raise problem


def _stored_text(definition: Definition, text: str, owners: Collection[str]) -> str:
    kind = definition["type"]
    if definition["name"] == "email":
        return _e_mail(text)
    if kind in ("string", "phone_number"):
        return text
    text = text.strip()
    if text == "":
        return ""
    if kind == "enumeration":
        return _choice(definition, text, owners)
    if kind == "number":
        return _number(text)
    if kind == "bool":
        if text.lower() not in ("true", "false"):
            raise _RefusedValueError("INVALID_OPTION", f"{text} was not one of the allowed options: [true, false]")
        return text.lower()
    stored = date_text(text) if kind == "date" else datetime_text(text)
    if stored is None:
        raise _RefusedValueError("INVALID_DATE", f"{text} was not a valid {kind}.")
    return stored


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


def _choice(definition: Definition, text: str, owners: Collection[str]) -> str:
    if definition.get("referencedObjectType") == "OWNER":
        chosen = text.split(";") if definition["fieldType"] == "checkbox" else [text]
        for owner in chosen:
            if owner not in owners:
                raise _RefusedValueError("INVALID_OWNER_ID", f"{owner} is not a valid owner id")
        return ";".join(dict.fromkeys(chosen))
    allowed = [option["value"] for option in definition["options"]]
    if definition["externalOptions"] and not allowed:
        return text  # ids of things that this portal does not have
    chosen = text.split(";") if definition["fieldType"] == "checkbox" else [text]
    for value in chosen:
        if value not in allowed:
            raise _RefusedValueError(
                "INVALID_OPTION", f"{value} was not one of the allowed options: [{', '.join(allowed)}]"
            )
    return ";".join(dict.fromkeys(chosen))
