"""Who the user of a token is, in the two forms that the platform tells it.

Belongs here: userinfo (OpenID Connect) and the identity URL that comes with every access token.

Source: Salesforce Help "Identity URLs" and "The UserInfo Endpoint", with their refusals as text (Bad_OAuth_Token,
Missing_OAuth_Token, Wrong_Org).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.salesforce.call import Answer
from crm_pipeline.emulator.salesforce.store import SalesforceStore

_URLS = {
    "enterprise": "/services/Soap/c/{version}/{org}",
    "metadata": "/services/Soap/m/{version}/{org}",
    "partner": "/services/Soap/u/{version}/{org}",
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/",
    "recent": "/services/data/v{version}/recent/",
    "tooling_soap": "/services/Soap/T/{version}/{org}",
    "tooling_rest": "/services/data/v{version}/tooling/",
    "profile": "/{user}",
}


def user_info(store: SalesforceStore, token: str, base_url: str) -> Answer:
    """GET or POST /services/oauth2/userinfo"""
    refused = _refused(store, token)
    if refused is not None:
        return refused
    user = store.read("User", store.integration_user_id)
    identity = f"{base_url}/id/{store.organisation_id}/{user['Id']}"
    return Answer(
        200,
        {
            "sub": identity,
            "user_id": user["Id"],
            "organization_id": store.organisation_id,
            "preferred_username": user["Username"],
            "nickname": user["Alias"],
            "name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "given_name": user["FirstName"],
            "family_name": user["LastName"],
            "zoneinfo": user["TimeZoneSidKey"],
            "photos": {},
            "profile": f"{base_url}/{user['Id']}",
            "urls": _urls(store, base_url),
            "active": user["IsActive"],
            "user_type": "STANDARD",
            "language": user["LanguageLocaleKey"],
            "locale": user["LocaleSidKey"],
            "utcOffset": _offset(store),
            "updated_at": user["LastModifiedDate"],
            "is_app_installed": True,
        },
    )


def identity(store: SalesforceStore, token: str, path: str, query: Mapping[str, str], base_url: str) -> Answer:
    """GET /id/{organisation}/{user}"""
    refused = _refused(store, token)
    if refused is not None:
        return refused
    organisation, _, user_id = path.removeprefix("/id/").rstrip("/").partition("/")
    if organisation[:15] != store.organisation_id[:15] or user_id[:15] != store.integration_user_id[:15]:
        return _text("Wrong_Org")
    user = store.read("User", store.integration_user_id)
    urls: dict[str, str] = _urls(store, base_url)
    version = query.get("version", "")
    if version and version != "latest":
        urls = {name: url.replace("{version}", version) for name, url in urls.items()}
    return Answer(
        200,
        {
            "id": f"{base_url}/id/{store.organisation_id}/{user['Id']}",
            "asserted_user": True,
            "user_id": user["Id"],
            "organization_id": store.organisation_id,
            "username": user["Username"],
            "nick_name": user["Alias"],
            "display_name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "first_name": user["FirstName"],
            "last_name": user["LastName"],
            "timezone": user["TimeZoneSidKey"],
            "photos": {},
            "addr_street": None,
            "addr_city": None,
            "addr_state": None,
            "addr_country": None,
            "addr_zip": None,
            "mobile_phone": None,
            "mobile_phone_verified": False,
            "is_lightning_login_user": False,
            "status": {"created_date": None, "body": None},
            "urls": urls,
            "active": user["IsActive"],
            "user_type": "STANDARD",
            "language": user["LanguageLocaleKey"],
            "locale": user["LocaleSidKey"],
            "utcOffset": _offset(store),
            "last_modified_date": user["LastModifiedDate"],
            "is_app_installed": True,
        },
    )


def _refused(store: SalesforceStore, token: str) -> Answer | None:
    if not token:
        return _text("Missing_OAuth_Token")
    return None if store.sessions.is_valid(token, store.clock.now()) else _text("Bad_OAuth_Token")


def _text(reason: str) -> Answer:
    return Answer(403, reason.encode(), {"content-type": "text/html;charset=utf-8"})


def _urls(store: SalesforceStore, base_url: str) -> dict[str, Any]:
    parts = {"version": "{version}", "org": store.organisation_id[:15], "user": store.integration_user_id}
    return {name: base_url + path.format(**parts) for name, path in _URLS.items()}


def _offset(store: SalesforceStore) -> int:
    """Milliseconds that the user's standard time is ahead of UTC."""
    now = store.clock.now().astimezone(store.zone)
    ahead, summer = now.utcoffset(), now.dst()
    assert ahead is not None
    return int((ahead - (summer or ahead * 0)).total_seconds() * 1000)
