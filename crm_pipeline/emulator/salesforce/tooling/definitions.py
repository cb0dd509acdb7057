"""Custom fields between the Metadata of the Tooling API and describe.

Belongs here: types and names. Not here: endpoints (routes.py), what a field does (schema.py).
Source: Metadata API guide, "CustomField"; a field of tasks and events is one of Activity. Choice: of the types only
those that hold a plain value or a list of values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.salesforce.errors import ApiError

_TYPES = {
    "Checkbox": "boolean",
    "Currency": "currency",
    "Date": "date",
    "DateTime": "datetime",
    "Email": "email",
    "LongTextArea": "textarea",
    "MultiselectPicklist": "multipicklist",
    "Number": "double",
    "Phone": "phone",
    "Picklist": "picklist",
    "Text": "string",
    "TextArea": "textarea",
    "Url": "url",
}
#: What the Metadata of a type must say besides.
_NEEDED = {
    "Checkbox": ("defaultValue",),
    "Currency": ("precision", "scale"),
    "LongTextArea": ("length", "visibleLines"),
    "MultiselectPicklist": ("valueSet", "visibleLines"),
    "Number": ("precision", "scale"),
    "Picklist": ("valueSet",),
    "Text": ("length",),
}
_AS_THEY_ARE = ("label", "length", "precision", "scale", "externalId", "unique", "caseSensitive")
#: The object whose definitions are those of several: Activity.
SHARED: Mapping[str, tuple[str, ...]] = {"Activity": ("Task", "Event")}


def objects_of(name: str) -> tuple[str, ...]:
    """The objects of which the name of an object in a definition speaks."""
    return SHARED.get(name, (name,))


def definition(full_name: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The argument of `Schema.define_field`. Raises ApiError for what is no definition of a field."""
    name = full_name.partition(".")[2]
    kind = _TYPES.get(str(metadata.get("type")))
    if not name.endswith("__c") or kind is None or not metadata.get("label"):
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", "A custom field needs a name with __c, a label and a type", [])
    for key in _NEEDED.get(str(metadata["type"]), ()):
        if metadata.get(key) is None:
            message = f"Must specify '{key}' for a CustomField of type {metadata['type']}"
            raise ApiError("REQUIRED_FIELD_MISSING", message, [])
    found = {key: metadata[key] for key in _AS_THEY_ARE if metadata.get(key) is not None}
    if value_set := metadata.get("valueSet"):
        values = value_set.get("valueSetDefinition", {}).get("value", [])
        found["picklistValues"] = [
            {
                "active": True,
                "defaultValue": bool(one.get("default")),
                "label": one.get("label") or one["fullName"],
                "validFor": None,
                "value": one["fullName"],
            }
            for one in values
        ]
        found["restrictedPicklist"] = bool(value_set.get("restricted"))
    return {"name": name, "type": kind, **found}
