"""Answers against the shapes that HubSpot's own client declares: types of every field, required ones, no unknown ones.

The client's models are read at test time. `DIFFERENT_ON_THE_WIRE` lists where real answers are known to differ.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.conftest import Raw

#: Model.field -> types that real answers have there; a leading ? means null or absent is fine as well.
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
}
#: Fields that real answers have and the client's models lack.
MORE_ON_THE_WIRE = {"url", "dataSensitivity"}


def problems(models: ModuleType, declared: str, value: Any, where: str) -> Iterator[str]:
    """What is wrong with `value` as a `declared` type of the client."""
    if declared.startswith("?"):
        if value is not None:
            yield from problems(models, declared[1:], value, where)
    elif declared == "datetime":
        if not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() is None:
            yield f"{where}: {value!r} is no time"
    elif declared in ("str", "int", "bool"):
        if type(value).__name__ != declared:
            yield f"{where}: {value!r} is not {declared}"
    elif match := re.fullmatch(r"list\[(.*)\]", declared):
        for position, one in enumerate(value):
            yield from problems(models, match[1], one, f"{where}[{position}]")
    elif match := re.fullmatch(r"dict\[str, (.*)\]", declared):
        for key, one in value.items():
            yield from problems(models, match[1], one, f"{where}[{key}]")
    else:
        yield from model_problems(models, getattr(models, declared), value, where)


def model_problems(models: ModuleType, model: Any, value: Any, where: str) -> Iterator[str]:
    """What is wrong with a JSON object as one of the client's models."""
    names = model.attribute_map
    for unknown in set(value) - set(names.values()) - MORE_ON_THE_WIRE:
        yield f"{where}: unknown field {unknown}"
    for attribute, declared in model.openapi_types.items():
        name = names[attribute]
        wire_type = DIFFERENT_ON_THE_WIRE.get(f"{model.__name__}.{name}", declared)
        if name in value:
            yield from problems(models, wire_type, value[name], f"{where}.{name}")
        elif not wire_type.startswith("?"):
            setter = inspect.getsource(getattr(model, attribute).fset)
            if "must not be `None`" in setter:
                yield f"{where}: {name} is missing"


CONTACTS = "/crm/v3/objects/contacts"
LINKS = "/crm/v4/associations/contacts/companies"
PRIMARY = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
SIMPLE = "CollectionResponseSimplePublicObjectWithAssociationsForwardPaging"


@pytest.mark.parametrize(
    ("package", "model", "method", "path", "body"),
    [
        ("objects", SIMPLE, "GET", CONTACTS + "?limit=1&associations=companies&propertiesWithHistory=email", None),
        ("objects", SIMPLE, "GET", CONTACTS + "?archived=true", None),
        ("objects", "SimplePublicObjectWithAssociations", "GET", CONTACTS + "/51?properties=phone", None),
        ("objects", "SimplePublicObject", "POST", CONTACTS, {"properties": {"lastname": "林"}}),
        ("objects", "SimplePublicObject", "PATCH", CONTACTS + "/51", {"properties": {"email": ""}}),
        (
            "objects",
            "SimplePublicObject",
            "POST",
            CONTACTS + "/merge",
            {"primaryObjectId": "51", "objectIdToMerge": "101"},
        ),
        (
            "objects",
            "CollectionResponseWithTotalSimplePublicObjectForwardPaging",
            "POST",
            CONTACTS + "/search",
            {"limit": 1, "properties": ["phone"]},
        ),
        (
            "objects",
            "BatchResponseSimplePublicObjectWithErrors",
            "POST",
            CONTACTS + "/batch/read",
            {"inputs": [{"id": "51"}, {"id": "999"}], "propertiesWithHistory": ["email"], "properties": ["phone"]},
        ),
        (
            "objects",
            "BatchResponseSimplePublicObject",
            "POST",
            CONTACTS + "/batch/create",
            {"inputs": [{"properties": {"lastname": "林"}, "objectWriteTraceId": "t1"}]},
        ),
        (
            "objects",
            "BatchResponseSimplePublicUpsertObject",
            "POST",
            CONTACTS + "/batch/upsert",
            {"inputs": [{"id": "new@example.jp", "idProperty": "email", "properties": {}}]},
        ),
        ("properties", "CollectionResponsePropertyNoPaging", "GET", "/crm/v3/properties/contacts", None),
        ("properties", "ModelProperty", "GET", "/crm/v3/properties/companies/industry", None),
        ("owners", "CollectionResponsePublicOwnerForwardPaging", "GET", "/crm/v3/owners/?limit=1", None),
        (
            "associations.v4",
            "BatchResponsePublicAssociationMultiWithLabelWithErrors",
            "POST",
            LINKS + "/batch/read",
            {"inputs": [{"id": "51"}, {"id": "101"}]},
        ),
        (
            "associations.v4",
            "BatchResponseLabelsBetweenObjectPair",
            "POST",
            LINKS + "/batch/create",
            {"inputs": [{"from": {"id": "101"}, "to": {"id": "51"}, "types": PRIMARY}]},
        ),
        (
            "associations.v4",
            "BatchResponsePublicDefaultAssociation",
            "POST",
            LINKS + "/batch/associate/default",
            {"inputs": [{"from": {"id": "101"}, "to": {"id": "51"}}]},
        ),
        (
            "associations.v4",
            "CollectionResponseMultiAssociatedObjectWithLabelForwardPaging",
            "GET",
            "/crm/v4/objects/contacts/51/associations/companies",
            None,
        ),
    ],
)
def test_answers_have_the_declared_shape(
    raw: Raw, store: HubSpotStore, package: str, model: str, method: str, path: str, body: Any
) -> None:
    for name in ("a", "b", "c"):
        store.create("contacts", {"email": f"{name}@example.jp"})
        store.add_owner(f"{name}@example.jp", name, name)
    store.associate("contacts", "51", "companies", store.create("companies", {"name": "青空商事"}), 1)
    store.archive("contacts", "151")
    models = importlib.import_module(f"hubspot.crm.{package}.models")

    answer = raw(method, path, body)

    assert answer.ok, answer.text
    assert list(problems(models, model, answer.json(), model)) == []
