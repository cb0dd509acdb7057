"""Who may do what: scopes that are lost and given back, OAuth tokens from their grant to their end."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.conftest import Raw

APP = {"client_id": "demo-client-id", "client_secret": "demo-client-secret"}
REFRESH = {**APP, "grant_type": "refresh_token", "refresh_token": "demo-refresh-token"}
CONTACTS = "/crm/v3/objects/contacts"


@pytest.mark.parametrize(
    ("method", "path", "body", "scope"),
    [
        ("GET", CONTACTS, None, "crm.objects.contacts.read"),
        ("POST", CONTACTS + "/search", {}, "crm.objects.contacts.read"),
        ("POST", CONTACTS + "/batch/read", {"inputs": [{"id": "1"}]}, "crm.objects.contacts.read"),
        ("POST", CONTACTS, {"properties": {"lastname": "林"}}, "crm.objects.contacts.write"),
        ("GET", "/crm/objects/2026-03/companies", None, "crm.objects.companies.read"),
        ("GET", "/crm/v3/objects/deals", None, "crm.objects.deals.read"),
        ("GET", "/crm/v3/objects/tickets", None, "tickets"),
        ("GET", "/crm/v3/objects/calls", None, "crm.objects.contacts.read"),
        ("GET", "/crm/v3/objects/0-49", None, "sales-email-read"),
        ("POST", "/crm/v4/associations/deals/companies/batch/read", {"inputs": []}, "crm.objects.companies.read"),
        ("POST", "/crm/v4/associations/deals/companies/batch/create", {"inputs": []}, "crm.objects.deals.write"),
        ("POST", "/crm/v3/properties/deals", {}, "crm.schemas.deals.write"),
        ("GET", "/crm/v3/owners", None, "crm.objects.owners.read"),
    ],
)
def test_a_call_needs_its_scope(raw: Raw, store: HubSpotStore, method: str, path: str, body: Any, scope: str) -> None:
    with_scope = raw(method, path, body)
    store.scopes.discard(scope)
    without = raw(method, path, body)
    store.scopes.add(scope)

    assert with_scope.status_code != 403
    assert (without.status_code, without.json()["category"]) == (403, "MISSING_SCOPES")
    assert without.json()["errors"] == [
        {
            "message": "One or more of the following scopes are required.",
            "context": {"requiredGranularScopes": [scope]},
        }
    ]
    assert raw(method, path, body).status_code == with_scope.status_code


def test_a_property_can_be_read_with_either_of_two_scopes(raw: Raw, store: HubSpotStore) -> None:
    store.scopes.discard("crm.schemas.deals.read")
    assert raw("GET", "/crm/v3/properties/deals").status_code == 200
    store.scopes.discard("crm.objects.deals.read")
    assert raw("GET", "/crm/v3/properties/deals").status_code == 403


def granted(url: str, form: dict[str, str], path: str = "/oauth/v1/token") -> requests.Response:
    return requests.post(url + path, data=form, timeout=10)


def called(url: str, token: str) -> requests.Response:
    return requests.get(url + CONTACTS, headers={"Authorization": f"Bearer {token}"}, timeout=10)


@pytest.mark.parametrize("path", ["/oauth/v1/token", "/oauth/v3/token", "/oauth/2026-03/token"])
def test_a_refreshed_token_is_valid_for_half_an_hour(url: str, clock: Clock, path: str) -> None:
    answer = granted(url, REFRESH, path).json()
    token = answer["access_token"]

    assert (answer["expires_in"], answer["refresh_token"]) == (1800, "demo-refresh-token")
    assert called(url, token).status_code == 200
    clock.advance(1799)
    assert called(url, token).status_code == 200
    clock.advance(181)
    expired = called(url, token)
    assert (expired.status_code, expired.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert expired.json()["message"] == "The OAuth token used to make this call expired 3 minute(s) ago."
    assert expired.json()["context"] == {"expire time": ["2026-11-24T12:30:00.000Z"]}
    assert called(url, granted(url, REFRESH, path).json()["access_token"]).status_code == 200


def test_an_oauth_app_is_not_told_about_the_accounts_day(url: str, raw: Raw) -> None:
    private = raw("GET", CONTACTS).headers
    public = called(url, granted(url, REFRESH).json()["access_token"]).headers

    assert "X-HubSpot-RateLimit-Daily" in private
    assert "X-HubSpot-RateLimit-Daily" not in public
    assert "X-HubSpot-RateLimit-Max" in public


def test_an_authorization_code_is_exchanged_once(url: str, store: HubSpotStore) -> None:
    form = {**APP, "grant_type": "authorization_code", "redirect_uri": "https://example.jp/", "code": ""}
    form["code"] = store.oauth.authorize()

    assert called(url, granted(url, form).json()["access_token"]).status_code == 200
    assert granted(url, form).json()["status"] == "BAD_AUTH_CODE"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_id": "x"}, "BAD_CLIENT_ID"),
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
        ({"refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
        ({"grant_type": "authorization_code"}, "BAD_AUTH_CODE"),
    ],
)
def test_a_wrong_grant_is_refused(url: str, change: dict[str, str], status: str) -> None:
    answer = granted(url, REFRESH | change)

    assert (answer.status_code, answer.json()["status"]) == (400, status)


def test_what_the_token_endpoints_say_before_and_after_the_app_is_uninstalled(url: str) -> None:
    token = granted(url, REFRESH).json()["access_token"]
    about, refresh = f"{url}/oauth/v1/access-tokens/{token}", f"{url}/oauth/v1/refresh-tokens/demo-refresh-token"

    assert requests.get(about, timeout=10).json()["expires_in"] == 1800
    assert granted(url, {**APP, "token": token}, "/oauth/2026-03/token/introspect").json()["active"] is True
    assert requests.delete(refresh, timeout=10).status_code == 204
    assert (requests.get(about, timeout=10).status_code, requests.get(refresh, timeout=10).status_code) == (400, 404)
    assert granted(url, {**APP, "token": token}, "/oauth/2026-03/token/introspect").json() == {"active": False}
    assert called(url, token).json()["category"] == "INVALID_AUTHENTICATION"
    assert granted(url, REFRESH).json()["status"] == "BAD_REFRESH_TOKEN"


def test_tokens_and_scopes_are_saved(url: str, store: HubSpotStore, tmp_path: Any, clock: Clock) -> None:
    token = granted(url, REFRESH).json()["access_token"]
    store.scopes.discard("tickets")
    store.save(tmp_path / "portal")

    loaded = HubSpotStore.load(tmp_path / "portal", clock)

    assert loaded.oauth.seconds_left(token) == 1800
    assert "tickets" not in loaded.scopes
