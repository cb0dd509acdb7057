"""Endpoints that give out OAuth tokens and say what a token is; none of them needs an Authorization header.

Versions: v1 as the SDK calls it, v3 and the dated path (they also say whose account it is). Choice where HubSpot does
not document it: introspection answers the fields of RFC 7662 with HubSpot's hub_id and scopes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.errors import HubSpotError, not_authenticated, refused_grant
from crm_pipeline.emulator.hubspot.oauth import LIFETIME, unknown_token
from crm_pipeline.emulator.hubspot.store import USER_ID

_USER, _DOMAIN = "demo@example.com", "demo.hubapi.com"


def _form(call: Call) -> Mapping[str, str]:
    return call.body if isinstance(call.body, Mapping) else {}


def _tokens(call: Call) -> dict[str, Any]:
    oauth = call.store.oauth
    access = oauth.exchange(_form(call))
    return {
        "token_type": "bearer",
        "refresh_token": oauth.refresh_token,
        "access_token": access,
        "expires_in": int(LIFETIME.total_seconds()),
    }


def token_v1(call: Call) -> Answer:
    """POST /oauth/v1/token"""
    return 200, _tokens(call)


def token(call: Call) -> Answer:
    """POST /oauth/v3/token"""
    store = call.store
    return 200, _tokens(call) | {"hub_id": store.portal_id, "scopes": sorted(store.scopes), "user_id": USER_ID}


def introspect(call: Call) -> Answer:
    """POST /oauth/v3/token/introspect; a token that is none, ended or was revoked is only not active."""
    store, form = call.store, _form(call)
    store.oauth.check_client(form)
    given = form.get("token", "")
    about = {"hub_id": store.portal_id, "user_id": USER_ID, "scopes": sorted(store.scopes)}
    if store.oauth.seconds_left(given):
        end = store.oauth.expires[given]
        about |= {"active": True, "token_use": "access_token", "token_type": "bearer", "exp": int(end.timestamp())}
        return 200, about | {"client_id": store.oauth.client_id}
    if given == store.oauth.refresh_token and not store.oauth.revoked:
        return 200, about | {"active": True, "token_use": "refresh_token", "client_id": store.oauth.client_id}
    return 200, {"active": False}


def revoke(call: Call) -> Answer:
    """POST /oauth/v3/token/revoke"""
    store, form = call.store, _form(call)
    store.oauth.check_client(form)
    if form.get("token") == store.oauth.refresh_token:
        store.oauth.revoke()
    elif store.oauth.expires.pop(form.get("token", ""), None) is None:
        raise refused_grant("BAD_TOKEN", "missing or invalid token")
    return 200, {}


def _about(call: Call, kind: str) -> dict[str, Any]:
    store = call.store
    return {
        "token": call.path["token"],
        "user": _USER,
        "hub_domain": _DOMAIN,
        "scopes": sorted(store.scopes),
        "hub_id": store.portal_id,
        "user_id": USER_ID,
        "token_type": kind,
    }


def access_token(call: Call) -> Answer:
    """GET /oauth/v1/access-tokens/{token}"""
    left = call.store.oauth.seconds_left(call.path["token"])
    if not left:
        raise unknown_token()
    return 200, _about(call, "access") | {"app_id": call.store.app_id, "expires_in": left}


def _known_refresh_token(call: Call) -> None:
    if call.path["token"] != call.store.oauth.refresh_token or call.store.oauth.revoked:
        raise HubSpotError(404, "missing or unknown refresh token", "OBJECT_NOT_FOUND")


def refresh_token(call: Call) -> Answer:
    """GET /oauth/v1/refresh-tokens/{token}"""
    _known_refresh_token(call)
    return 200, _about(call, "refresh") | {"client_id": call.store.oauth.client_id}


def delete_refresh_token(call: Call) -> Answer:
    """DELETE /oauth/v1/refresh-tokens/{token}: the app is uninstalled"""
    _known_refresh_token(call)
    call.store.oauth.revoke()
    return 204, None


def private_token(call: Call) -> Answer:
    """POST /oauth/v2/private-apps/get/access-token-info"""
    store = call.store
    if call.json_object().get("tokenKey") != store.token:
        raise not_authenticated()
    return 200, {"userId": USER_ID, "hubId": store.portal_id, "appId": store.app_id, "scopes": sorted(store.scopes)}
