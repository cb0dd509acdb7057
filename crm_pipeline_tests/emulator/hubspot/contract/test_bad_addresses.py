"""Ids, names and parameters that make no sense, at every endpoint: never a crash."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
import requests

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.contract.sdk_schemas import schema, violations
from crm_pipeline_tests.emulator.hubspot.contract.test_contract import CASES
from crm_pipeline_tests.emulator.hubspot.contract.world import World

STRANGE = ["0", "-1", "1e3", "x", "山田", " ", "%", "None", "9" * 40, "9" * 5000, "0-1", "a/b", "\u0000", "１２"]
PARAMETERS = [
    "limit",
    "after",
    "archived",
    "properties",
    "propertiesWithHistory",
    "associations",
    "idProperty",
    "email",
]
ROUTES = sorted({(case.method, case.route) for case in CASES})


def checked(answer: requests.Response, about: Any) -> None:
    """No crash, and a refusal has the declared shape."""
    assert answer.status_code < 500, about
    if answer.status_code >= 400:
        assert list(violations(schema("crm.objects:Error"), answer.json())) == [], about


@pytest.mark.parametrize(("method", "route"), [one for one in ROUTES if "{" in one[1]])
def test_strange_names_in_the_path(url: str, store: HubSpotStore, method: str, route: str) -> None:
    World(store)
    session = requests.Session()
    session.headers["Authorization"] = "Bearer demo-token"
    right = {"object": "contacts", "to_object": "companies"}
    names = re.findall(r"{(\w+)}", route)

    for changed in names:
        for strange in STRANGE:
            values = {name: right.get(name, "51") for name in names} | {changed: quote(strange, safe="")}
            body = {} if method in ("POST", "PUT", "PATCH") else None
            checked(session.request(method, url + route.format(**values), json=body, timeout=10), values)


@pytest.mark.parametrize("route", sorted({case.route for case in CASES if case.method == "GET"}))
def test_strange_parameters(url: str, store: HubSpotStore, route: str) -> None:
    world = World(store)
    session = requests.Session()
    session.headers["Authorization"] = "Bearer demo-token"
    case = next(one for one in CASES if (one.method, one.route) == ("GET", route))
    path = world.filled(case.path, "contacts").partition("?")[0]

    for parameter in PARAMETERS:
        for strange in [*STRANGE, ""]:
            checked(session.get(url + path, params={parameter: strange}, timeout=10), (parameter, strange[:50]))
