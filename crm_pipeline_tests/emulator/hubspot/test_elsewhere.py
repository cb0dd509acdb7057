"""What HubSpot has and the emulator has not is refused for want of a scope, as to an app that was not granted it."""

import pytest

from crm_pipeline_tests.emulator.hubspot.conftest import Raw


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/crm/v3/objects/line_items", "crm.objects.line_items.read"),
        ("GET", "/crm/objects/2026-03/0-7", "crm.objects.products.read"),
        ("POST", "/crm/v3/objects/quotes/search", "crm.objects.quotes.read"),
        ("GET", "/properties/v2/deal_split/properties", "crm.objects.deal_splits.read"),
        ("POST", "/crm/v3/lists/search", "crm.lists.read"),
        ("GET", "/marketing/v3/forms", "forms"),
        ("GET", "/automation/v4/flows", "automation"),
    ],
)
def test_a_part_that_is_not_emulated_needs_a_scope_that_nobody_gets(
    raw: Raw, method: str, path: str, scope: str
) -> None:
    answer = raw(method, path, {} if method == "POST" else None)

    assert answer.status_code == 403
    assert answer.json()["category"] == "MISSING_SCOPES"
    assert scope in answer.json()["errors"][0]["context"]["requiredGranularScopes"]


def test_what_hubspot_does_not_have_is_not_there(raw: Raw) -> None:
    assert raw("GET", "/crm/v3/objects/dealz").status_code == 400
    assert raw("GET", "/nothing/v3/here").status_code == 404
