"""What HubSpot has and the emulator has not: products are refused for want of a scope, object types are empty."""

from typing import Any

import pytest

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.hubspot.elsewhere.empty_types import EMPTY_TYPES
from crm_pipeline_tests.emulator.hubspot.conftest import Raw

NAMES = [one.name for one in EMPTY_TYPES]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/files/v3/files/search", "files"),
        ("GET", "/cms/v3/blogs/posts", "content"),
        ("GET", "/events/v3/events", "business-intelligence"),
        ("POST", "/crm/v3/objects/products", "crm.objects.products.write"),
        ("POST", "/crm/v3/objects/line_items/batch/create", "crm.objects.line_items.write"),
        ("PATCH", "/crm/objects/2026-03/0-7/1", "crm.objects.products.write"),
        ("POST", "/crm/v3/properties/quotes", "crm.schemas.quotes.write"),
        ("POST", "/crm/v3/pipelines/leads", "crm.schemas.leads.write"),
    ],
)
def test_what_the_app_may_not_do_needs_a_scope_that_nobody_gets(raw: Raw, method: str, path: str, scope: str) -> None:
    answer = raw(method, path, None if method == "GET" else {})

    assert answer.status_code == 403
    assert answer.json()["category"] == "MISSING_SCOPES"
    assert scope in answer.json()["errors"][0]["context"]["requiredGranularScopes"]


@pytest.mark.parametrize("name", NAMES)
def test_an_object_type_without_records_can_be_read_in_every_way(raw: Raw, name: str) -> None:
    path = f"/crm/v3/objects/{name}"
    missing = raw("POST", f"{path}/batch/read", {"inputs": [{"id": "1"}], "properties": []})

    assert raw("GET", path).json() == {"results": []}
    assert raw("POST", f"{path}/search", {"filterGroups": [], "limit": 100}).json() == {"total": 0, "results": []}
    assert (missing.status_code, missing.json()["results"]) == (207, [])
    assert raw("GET", f"{path}/1").status_code == 404
    assert raw("GET", f"/crm/v3/pipelines/{name}").json() == {"results": []}
    assert raw("GET", f"/crm/v3/schemas/{name}").status_code == 200
    assert raw("POST", f"/crm/v4/associations/deals/{name}/batch/read", {"inputs": [{"id": "1"}]}).status_code == 207


@pytest.mark.parametrize("name", ["products", "product", "0-7", "Products"])
def test_it_has_properties_under_all_its_names(raw: Raw, name: str) -> None:
    newer = raw("GET", f"/crm/v3/properties/{name}").json()["results"]
    older = raw("GET", f"/properties/v2/{name}/properties").json()

    assert {"name", "price", "hs_object_id", "hs_createdate", "hubspot_owner_id"} <= {one["name"] for one in newer}
    assert len(older) == len(newer)


def test_goals_have_an_older_name(raw: Raw) -> None:
    assert raw("GET", "/crm/v3/objects/goals").json() == {"results": []}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/crm/v3/lists/search", {"lists": [], "hasMore": False, "offset": 0, "total": 0}),
        ("POST", "/crm/lists/2026-03/search", {"lists": [], "hasMore": False, "offset": 0, "total": 0}),
        ("GET", "/marketing/v3/forms", {"results": []}),
        ("GET", "/forms/v2/forms", []),
        ("GET", "/email/public/v1/events", {"hasMore": False, "offset": "", "events": []}),
        ("GET", "/automation/v3/workflows", {"workflows": []}),
    ],
)
def test_products_are_there_without_being_used(raw: Raw, method: str, path: str, body: Any) -> None:
    answer = raw(method, path, None if method == "GET" else {})

    assert (answer.status_code, answer.json()) == (200, body)


def test_a_reading_scope_can_be_taken_away(raw: Raw, store: HubSpotStore) -> None:
    store.scopes -= {"crm.objects.products.read", "forms"}

    assert raw("GET", "/crm/v3/objects/products").status_code == 403
    assert raw("GET", "/marketing/v3/forms").status_code == 403
    assert raw("GET", "/crm/v3/objects/quotes").status_code == 200


def test_what_hubspot_does_not_have_is_not_there(raw: Raw) -> None:
    assert raw("GET", "/crm/v3/objects/dealz").status_code == 400
    assert raw("GET", "/nothing/v3/here").status_code == 404


def test_a_portal_saved_before_hubspot_had_an_object_type_has_it(store: HubSpotStore) -> None:
    state = store.schema.dump()
    older = {
        key: {name: one for name, one in state[key].items() if name != "products"}
        for key in ("definitions", "archived", "groups")
    }
    portal = HubSpotStore()

    portal.schema.restore(state | older)

    assert "price" in portal.definitions["products"]


def test_a_product_tells_only_a_known_caller_which_scope_it_needs(raw: Raw) -> None:
    answer = raw("GET", "/cms/v3/pages", headers={"Authorization": "Bearer wrong"})

    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"
