"""Every kind of refusal has the shape that HubSpot's client declares, its correlation id in body and header alike."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.contract.case import Case
from crm_pipeline_tests.emulator.hubspot.contract.sdk_schemas import schema, violations
from crm_pipeline_tests.emulator.hubspot.contract.test_contract import CASES, sent
from crm_pipeline_tests.emulator.hubspot.contract.world import World

CONTACTS = "/crm/v3/objects/contacts"
JSON = {"Authorization": "Bearer demo-token", "Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def refused(answer: requests.Response, status: int) -> dict[str, Any]:
    """The body of a refusal, after checking its shape."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert list(violations(schema("crm.objects:Error"), body)) == []
    assert answer.headers["x-hubspot-correlation-id"] == body["correlationId"]
    return body


@pytest.mark.parametrize(
    ("method", "path", "headers", "data", "status", "category"),
    [
        ("POST", CONTACTS, JSON, "{", 400, None),
        ("POST", CONTACTS, JSON, '{"properties": {"email": nan}}', 400, None),
        ("POST", CONTACTS, JSON, "[]", 400, None),
        ("POST", CONTACTS, JSON, b"\xff", 400, None),
        ("POST", CONTACTS, JSON, '{"properties": {"nonsense": "1"}}', 400, "VALIDATION_ERROR"),
        ("GET", "/crm/v3/objects/gadgets", JSON, None, 400, None),
        ("GET", CONTACTS, {}, None, 401, "INVALID_AUTHENTICATION"),
        ("GET", CONTACTS, {"Authorization": "Bearer wrong"}, None, 401, "INVALID_AUTHENTICATION"),
        ("GET", CONTACTS, {"Authorization": "Basic ZGVtbw=="}, None, 401, "INVALID_AUTHENTICATION"),
        ("GET", CONTACTS + "/999", JSON, None, 404, "OBJECT_NOT_FOUND"),
        ("GET", "/crm/v3/nothing", JSON, None, 404, "OBJECT_NOT_FOUND"),
        ("GET", "/", JSON, None, 404, "OBJECT_NOT_FOUND"),
        ("PUT", CONTACTS, JSON, "{}", 405, None),
        ("POST", CONTACTS, JSON, '{"properties": {"email": "taken@example.jp"}}', 409, "CONFLICT"),
        ("GET", CONTACTS + "?properties=" + "x" * 16_000, JSON, None, 414, None),
        ("POST", CONTACTS, {**JSON, "Content-Type": "text/plain"}, "{}", 415, None),
        ("POST", CONTACTS, {**JSON, **FORM}, "a=b", 415, None),
        ("POST", "/oauth/v1/token", {"Content-Type": "application/json"}, "{}", 415, None),
        ("POST", "/oauth/v1/token", FORM, "grant_type=refresh_token", 400, None),
        ("GET", "/oauth/v1/access-tokens/wrong", {}, None, 400, "VALIDATION_ERROR"),
    ],
)
def test_a_refusal_has_the_declared_shape(
    url: str,
    store: HubSpotStore,
    method: str,
    path: str,
    headers: dict[str, str],
    data: Any,
    status: int,
    category: str | None,
) -> None:
    store.create("contacts", {"email": "taken@example.jp"})

    answer = requests.request(method, url + path, headers=headers, data=data, timeout=10)

    assert refused(answer, status).get("category") == category
    assert len(store.ids("contacts")) == 1


@pytest.mark.parametrize(("path", "policy"), [("", "TEN_SECONDLY_ROLLING"), ("/search", "SECONDLY")])
def test_too_many_calls_are_refused_in_the_declared_shape(
    url: str, store: HubSpotStore, path: str, policy: str
) -> None:
    store.limits.enforced = True
    store.limits.per_ten_seconds = store.limits.searches_per_second = 0

    answer = requests.request("POST", url + CONTACTS + path, headers=JSON, data="{}", timeout=10)

    assert refused(answer, 429)["policyName"] == policy


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.path} {case.status}")
def test_an_app_without_scopes_is_refused_by_every_endpoint_that_needs_one(
    url: str, store: HubSpotStore, case: Case
) -> None:
    world = World(store)
    store.scopes.clear()
    before = store.objects("contacts")

    answer = sent(url, case, world, "contacts")

    if case.route.startswith(("/oauth/", "/account-info/", "/crm/v3/limits/")) or case.route == "/crm/v3/schemas":
        assert answer.status_code == case.status
    else:
        body = refused(answer, 403)
        assert body["category"] == "MISSING_SCOPES"
        assert body["errors"][0]["context"]["requiredGranularScopes"]
        assert store.objects("contacts") == before
