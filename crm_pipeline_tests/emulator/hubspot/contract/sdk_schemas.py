"""JSON Schemas of HubSpot's answers, built from the models of HubSpot's own client, and a checker for them.

The client declares for every field its type, whether it may be missing and which values it may have. Where real answers
are known to differ from the client's models, `DIFFERENT_ON_THE_WIRE` and `MORE_ON_THE_WIRE` say so.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

Schema = dict[str, Any]

#: Model.field -> type that real answers have there; a leading ? means null or absent is fine as well (facts 2).
DIFFERENT_ON_THE_WIRE = {
    "SimplePublicObject.properties": "dict[str, ?str]",
    "SimplePublicObjectWithAssociations.properties": "dict[str, ?str]",
    "SimplePublicUpsertObject.properties": "dict[str, ?str]",
    "MultiAssociatedObjectWithLabel.toObjectId": "int",
    "LabelsBetweenObjectPair.fromObjectId": "int",
    "LabelsBetweenObjectPair.toObjectId": "int",
    "AssociationSpecWithLabel.label": "?str",
    "StandardError.subCategory": "?str",
    "StandardError.links": "?dict[str, str]",
    "StandardError.errors": "?list[ErrorDetail]",
    "Error.category": "?str",  # absent from answers about unreadable JSON and rate limits
    "Error.links": "?dict[str, str]",
}
#: Fields that real answers have and the client's models lack.
MORE_ON_THE_WIRE = {
    "SimplePublicObject": {"url"},
    "SimplePublicObjectWithAssociations": {"url"},
    "SimplePublicUpsertObject": {"url"},
    "ModelProperty": {"dataSensitivity"},
    "PublicUser": {"firstName", "lastName"},
    "Error": {"status", "policyName", "groupName", "errorType", "error", "error_description"},
    "TokenResponseIF": {"hub_id", "scopes", "user_id"},
}
_SIMPLE: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "object": {},
    "datetime": {"type": "string", "format": "date-time"},
}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


@cache
def schema(name: str) -> Schema:
    """The JSON Schema of "package:Model" in the client, e.g. "crm.objects:SimplePublicObject"."""
    package, _, model = name.partition(":")
    return _of_model(package, model)


def _of_model(package: str, model_name: str) -> Schema:
    model = getattr(importlib.import_module(f"hubspot.{package}.models"), model_name)
    properties, required = {}, []
    for attribute, declared in model.openapi_types.items():
        name = model.attribute_map[attribute]
        setter = inspect.getsource(getattr(model, attribute).fset)
        on_the_wire = DIFFERENT_ON_THE_WIRE.get(f"{model_name}.{name}", declared)
        properties[name] = _of_type(package, on_the_wire)
        if allowed := re.search(r"allowed_values = (\[.*?\])", setter):
            properties[name] |= {"enum": [one for one in ast.literal_eval(allowed[1]) if one != "None"]}
        if "must not be `None`" in setter and not on_the_wire.startswith("?"):
            required.append(name)
    properties |= {name: {} for name in MORE_ON_THE_WIRE.get(model_name, ())}
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _of_type(package: str, declared: str) -> Schema:
    if declared.startswith("?"):
        return {"anyOf": [{"type": "null"}, _of_type(package, declared[1:])]}
    if match := re.fullmatch(r"list\[(.*)\]", declared):
        return {"type": "array", "items": _of_type(package, match[1])}
    if match := re.fullmatch(r"dict\[str, (.*)\]", declared):
        return {"type": "object", "additionalProperties": _of_type(package, match[1])}
    return dict(_SIMPLE[declared]) if declared in _SIMPLE else _of_model(package, declared)


def violations(wanted: Schema, value: Any, where: str = "$") -> Iterator[str]:
    """What is wrong with a JSON value, for the keywords that `schema` uses."""
    if choices := wanted.get("anyOf"):
        if all(any(violations(choice, value)) for choice in choices):
            yield f"{where}: {value!r} is none of the allowed"
        return
    if declared := wanted.get("type"):
        kinds = [declared] if isinstance(declared, str) else declared
        if not any(_is(value, kind) for kind in kinds):
            yield f"{where}: {value!r} is not {' or '.join(kinds)}"
            return
    if "enum" in wanted and value not in wanted["enum"]:
        yield f"{where}: {value!r} is not one of {wanted['enum']}"
    if wanted.get("format") == "date-time" and not _is_time(value):
        yield f"{where}: {value!r} is no time"
    if isinstance(value, list):
        for position, one in enumerate(value):
            yield from violations(wanted.get("items", {}), one, f"{where}[{position}]")
    if isinstance(value, dict):
        yield from _violations_of_object(wanted, value, where)


def _is(value: Any, kind: str) -> bool:
    is_number = kind in ("integer", "number")
    return isinstance(value, _TYPES[kind]) and not (isinstance(value, bool) and is_number)


def _violations_of_object(wanted: Schema, value: dict[str, Any], where: str) -> Iterator[str]:
    known, others = wanted.get("properties", {}), wanted.get("additionalProperties", {})
    yield from (f"{where}: {name} is missing" for name in wanted.get("required", ()) if name not in value)
    for name, one in value.items():
        if name not in known and others is False:
            yield f"{where}: {name} is unknown"
        else:
            yield from violations(known.get(name, others or {}), one, f"{where}.{name}")


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).utcoffset() is not None
    except ValueError:
        return False
