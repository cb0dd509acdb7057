"""Every endpoint's answers have the shape that HubSpot's own client declares; no endpoint is left out."""

from __future__ import annotations

import json

import pytest
import requests

from crm_pipeline.emulator.hubspot import HubSpotStore, create_app
from crm_pipeline_tests.emulator.hubspot.contract import account_cases, association_cases, legacy_cases, object_cases
from crm_pipeline_tests.emulator.hubspot.contract.case import Case
from crm_pipeline_tests.emulator.hubspot.contract.documented_schemas import DOCUMENTED
from crm_pipeline_tests.emulator.hubspot.contract.sdk_schemas import schema, violations
from crm_pipeline_tests.emulator.hubspot.contract.world import OBJECTS, World

CASES = [*object_cases.CASES, *association_cases.CASES, *account_cases.CASES, *legacy_cases.CASES]


def sent(url: str, case: Case, world: World, object_: str) -> requests.Response:
    """The answer to a case's request."""
    path, body = world.filled(case.path, object_), world.filled(case.body, object_)
    given = {"data": body} if case.form else {"json": body}
    headers = {"Authorization": f"Bearer {world.store.token}"}
    return requests.request(case.method, url + path, headers=headers, timeout=10, **given)


@pytest.mark.parametrize(
    ("case", "object_"),
    [
        pytest.param(case, object_, id=f"{case.method} {case.path.replace('{type}', object_)} {case.status}")
        for case in CASES
        for object_ in (OBJECTS if "{type}" in case.path else ["contacts"])
    ],
)
def test_the_answer_has_the_declared_shape(url: str, store: HubSpotStore, case: Case, object_: str) -> None:
    answer = sent(url, case, World(store), object_)

    assert answer.status_code == case.status, answer.text
    assert answer.headers["x-hubspot-correlation-id"]
    if case.model == "":
        assert answer.content == b""
    else:
        assert answer.headers["content-type"] == "application/json;charset=utf-8"
        wanted = DOCUMENTED.get(case.model) or schema(case.model)
        assert list(violations(wanted, json.loads(answer.content))) == []


def test_no_endpoint_is_left_out(store: HubSpotStore) -> None:
    routes = {
        (method, route.path) for route in create_app(store).routes for method in route.methods if method != "HEAD"
    }

    assert routes == {(case.method, case.route) for case in CASES}
