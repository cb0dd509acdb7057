"""Property definitions: what one must look like, and how HubSpot answers it.

Belongs here: one definition. Not here: all definitions of a portal (schema.py), values (values.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.errors import invalid, invalid_json

Definition = dict[str, Any]

#: Field types that a definition of each type may have (HubSpot properties documentation).
FIELD_TYPES = {
    "bool": {"booleancheckbox", "calculation_equation"},
    "enumeration": {"booleancheckbox", "checkbox", "radio", "select", "calculation_equation"},
    "date": {"date"},
    "datetime": {"date"},
    "string": {"file", "html", "phonenumber", "text", "textarea", "calculation_equation"},
    "number": {"number", "calculation_equation"},
    "phone_number": {"phonenumber"},
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
MOST_UNIQUE_PROPERTIES = 10


def complete_definition(given: Mapping[str, Any], group: str, now: str, *, hubspot_defined: bool) -> Definition:
    """The definition as HubSpot answers it; `given` has the keys of a create call.

    `readOnlyValue` and `calculated` may be given as well; the API's create call must not pass them.
    Raises HubSpotError 400 for a missing name, label, type or field type, or ones that do not fit together.
    """
    for key in ("name", "label", "type", "fieldType"):
        if not isinstance(given.get(key), str) or not given[key]:
            raise invalid(f"Some required fields were not set: [{key}]")
    _check_types(given, "description", "groupName", "displayOrder", "options")
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
        "description": given.get("description") or "",
        "groupName": given.get("groupName") or group,
        "options": options,
        "displayOrder": -1 if given.get("displayOrder") is None else given["displayOrder"],
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
    for key in ("referencedObjectType", "showCurrencySymbol"):
        if given.get(key) is not None:
            definition[key] = given[key]
    return definition


_TYPES = {"displayOrder": int, "options": list}


def _check_types(given: Mapping[str, Any], *keys: str) -> None:
    for key in keys:
        value, wanted = given.get(key), _TYPES.get(key, str)
        if value is not None and (not isinstance(value, wanted) or isinstance(value, bool)):
            raise invalid_json(f"{key} is not of the right type")


def _option(given: Any, order: int) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not given.get("value") or not given.get("label"):
        raise invalid("Every option needs a label and a value")
    _check_types(given, "label", "value", "description", "displayOrder")
    return {
        "label": given["label"],
        "value": given["value"],
        "description": given.get("description") or "",
        "displayOrder": order if given.get("displayOrder") is None else given["displayOrder"],
        "hidden": bool(given.get("hidden", False)),
    }


#: Keys that the API's update call may have.
_CHANGEABLE = (
    "label",
    "type",
    "fieldType",
    "groupName",
    "description",
    "options",
    "displayOrder",
    "hidden",
    "formField",
    "showCurrencySymbol",
)


def changed_definition(old: Definition, given: Mapping[str, Any], now: str) -> Definition:
    """A definition after an update call; options given replace all old ones. Raises HubSpotError 400."""
    merged = {**old, **{key: given[key] for key in _CHANGEABLE if key in given}}
    changed = complete_definition(merged, old["groupName"], now, hubspot_defined=False)
    return {**changed, "createdAt": old["createdAt"]}
