"""The contract of owners, users, the account and its tokens; how to read a line: object_cases.py."""

from __future__ import annotations

from crm_pipeline.emulator.hubspot.elsewhere import routes as elsewhere_routes
from crm_pipeline_tests.emulator.hubspot.contract.case import Case

APP = {"client_id": "demo-client-id", "client_secret": "demo-client-secret"}
REFRESH = {**APP, "grant_type": "refresh_token", "refresh_token": "demo-refresh-token"}

CASES = [
    Case("GET", "/crm/v3/owners", "crm.owners:CollectionResponsePublicOwnerForwardPaging", "/crm/v3/owners/?limit=1"),
    Case(
        "GET", "/crm/v3/owners", "crm.owners:CollectionResponsePublicOwnerForwardPaging", "/crm/v3/owners?archived=true"
    ),
    Case("GET", "/crm/v3/owners/{id}", "crm.owners:PublicOwner", "/crm/owners/2026-03/{owner}"),
    Case(
        "GET", "/settings/v3/users", "settings.users:CollectionResponsePublicUserForwardPaging", "/settings/v3/users/"
    ),
    Case(
        "GET",
        "/settings/v3/users/teams",
        "settings.users:CollectionResponsePublicTeamNoPaging",
        "/settings/v3/users/teams",
    ),
    Case("GET", "/settings/v3/users/{id}", "settings.users:PublicUser", "/settings/v3/users/{user}"),
    Case("POST", "/crm/v3/lists/search", "crm.lists:ListSearchResponse", "/crm/v3/lists/search", {"count": 250}),
    *(Case(method, path, "empty", path) for method, path, _ in elsewhere_routes.ROUTES if method == "GET"),
    Case("GET", "/account-info/v3/details", "details", "/account-info/v3/details"),
    Case(
        "GET",
        "/account-info/v3/api-usage/daily/private-apps",
        "usage",
        "/account-info/v3/api-usage/daily/private-apps",
    ),
    Case(
        "POST",
        "/oauth/v2/private-apps/get/access-token-info",
        "private token",
        "/oauth/v2/private-apps/get/access-token-info",
        {"tokenKey": "demo-token"},
    ),
    Case("POST", "/oauth/v1/token", "oauth:TokenResponseIF", "/oauth/v1/token", REFRESH, form=True),
    Case("POST", "/oauth/v3/token", "oauth:TokenResponseIF", "/oauth/2026-03/token", REFRESH, form=True),
    Case(
        "POST",
        "/oauth/v3/token/introspect",
        "introspection",
        "/oauth/v3/token/introspect",
        {**APP, "token": "{access_token}"},
        form=True,
    ),
    Case(
        "POST",
        "/oauth/v3/token/revoke",
        "nothing",
        "/oauth/v3/token/revoke",
        {**APP, "token": "{access_token}"},
        form=True,
    ),
    Case(
        "GET",
        "/oauth/v1/access-tokens/{token}",
        "oauth:AccessTokenInfoResponse",
        "/oauth/v1/access-tokens/{access_token}",
    ),
    Case(
        "GET",
        "/oauth/v1/refresh-tokens/{token}",
        "oauth:RefreshTokenInfoResponse",
        "/oauth/v1/refresh-tokens/demo-refresh-token",
    ),
    Case("DELETE", "/oauth/v1/refresh-tokens/{token}", "", "/oauth/v1/refresh-tokens/demo-refresh-token", status=204),
]
