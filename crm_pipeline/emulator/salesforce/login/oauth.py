"""OAuth 2.0: access tokens for credentials, and what becomes of tokens.

Belongs here: the token, revoke and introspect endpoints. Not here: who the user is (identity.py), SOAP login (soap.py).

Sources: facts 1.1 (flows as clients send them), Salesforce Help "OAuth Authorization Flows" and "OAuth 2.0 JWT Bearer
Flow" (iss, sub, aud, exp within 3 minutes; the platform allows 5), error texts as users report them. Choices where the
platform is not documented: a JWT is measured by the real time, as its client makes it by its own clock; the token of
the authorization-code flow is never right, as nobody can give consent here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import jwt

from crm_pipeline.emulator.names import is_salesforce
from crm_pipeline.emulator.salesforce.call import Answer
from crm_pipeline.emulator.salesforce.login.sessions import SESSION_LENGTH
from crm_pipeline.emulator.salesforce.store import SalesforceStore

_LONGEST_JWT = 5 * 60
_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
"""Where a client that has no user name cannot be told apart from those of other organisations."""
_NOT_STORED = {"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"}
_EXPIRED = ("invalid_grant", "expired access/refresh token")

Form = Mapping[str, str]


class _RefusedError(Exception):
    """The error and error_description of an answer."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.body = {"error": error, "error_description": description}


def token(store: SalesforceStore, headers: Mapping[str, str], body: bytes, query: Form, base_url: str) -> Answer:
    """POST /services/oauth2/token"""
    form = {**query, **_form(body)}
    grant = _GRANTS.get(form.get("grant_type", ""))
    try:
        if grant is None:
            raise _RefusedError("unsupported_grant_type", "grant type not supported")
        scope = grant(store, headers, form, base_url)
    except _RefusedError as refused:
        return Answer(400, refused.body, _NOT_STORED)
    now = store.clock.now()
    identity = f"{base_url}/id/{store.organisation_id}/{store.integration_user_id}"
    issued_at = str(int(now.timestamp() * 1000))
    signed = hmac.digest(store.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256)
    return Answer(
        200,
        {
            "access_token": store.sessions.issue(now),
            "signature": base64.b64encode(signed).decode(),
            "scope": scope,
            "instance_url": base_url,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        },
        _NOT_STORED,
    )


def revoke(store: SalesforceStore, body: bytes, query: Form) -> Answer:
    """POST or GET /services/oauth2/revoke?token=: an access token, or the refresh token with all its sessions"""
    given = {**query, **_form(body)}.get("token", "")
    if given and given == store.refresh_token:
        store.refresh_token = ""
        store.sessions.expire()
        return Answer(200)
    if store.sessions.revoke(given):
        return Answer(200)
    return Answer(400, {"error": "invalid_token", "error_description": "invalid token"})


def introspect(store: SalesforceStore, headers: Mapping[str, str], body: bytes, base_url: str) -> Answer:
    """POST /services/oauth2/introspect: whether a token is good, for the app that it was given to"""
    form = _form(body)
    try:
        _check_client(store, headers, form, secret_needed=True)
    except _RefusedError as refused:
        return Answer(401, refused.body)
    given, user = form.get("token", ""), store.read("User", store.integration_user_id)
    about: dict[str, Any] = {
        "active": True,
        "scope": "api",
        "client_id": store.client_id,
        "username": user["Username"],
        "sub": f"{base_url}/id/{store.organisation_id}/{user['Id']}",
    }
    if given and given == store.refresh_token:
        return Answer(200, {**about, "token_type": "refresh_token"})
    used = store.sessions.last_used(given, store.clock.now())
    if used is None:
        return Answer(200, {"active": False})
    times = {
        "iat": int(used.timestamp()),
        "nbf": int(used.timestamp()),
        "exp": int((used + SESSION_LENGTH).timestamp()),
    }
    return Answer(200, {**about, "token_type": "access_token", **times})


def _client_credentials(store: SalesforceStore, headers: Mapping[str, str], form: Form, base_url: str) -> str:
    if base_url.partition("://")[2] in _LOGIN_HOSTS:
        raise _RefusedError("invalid_grant", "request not supported on this domain")
    _check_client(store, headers, form, secret_needed=True)
    return "api"


def _password(store: SalesforceStore, headers: Mapping[str, str], form: Form, base_url: str) -> str:
    _check_client(store, headers, form, secret_needed=True)
    username = store.read("User", store.integration_user_id)["Username"]
    if form.get("username", "").lower() != username.lower() or not store.takes_password(form.get("password", "")):
        raise _RefusedError("invalid_grant", "authentication failure")
    return "api"


def _refresh(store: SalesforceStore, headers: Mapping[str, str], form: Form, base_url: str) -> str:
    _check_client(store, headers, form, secret_needed=False)
    if not store.refresh_token or form.get("refresh_token") != store.refresh_token:
        raise _RefusedError(*_EXPIRED)
    return "refresh_token api"


def _authorization_code(store: SalesforceStore, headers: Mapping[str, str], form: Form, base_url: str) -> str:
    _check_client(store, headers, form, secret_needed=False)
    raise _RefusedError("invalid_grant", "invalid authorization code")


def _jwt_bearer(store: SalesforceStore, headers: Mapping[str, str], form: Form, base_url: str) -> str:
    assertion = form.get("assertion", "")
    invalid = _RefusedError("invalid_grant", "invalid assertion")
    try:
        unverified = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise invalid from None
    if unverified.get("iss") != store.client_id:
        raise _RefusedError("invalid_client_id", "client identifier invalid")
    claims = next((claims for key in store.certificates if (claims := _verified(assertion, key)) is not None), None)
    if claims is None:
        raise invalid
    if not _is_audience(claims.get("aud"), base_url):
        raise _RefusedError("invalid_grant", "audience is invalid")
    _check_expiry(claims.get("exp"))
    username = store.read("User", store.integration_user_id)["Username"]
    subject = claims.get("sub") or claims.get("prn") or ""
    if not store.consumer_approved or str(subject).lower() != username.lower():
        raise _RefusedError("invalid_grant", "user hasn't approved this consumer")
    return "api"


def _verified(assertion: str, key: Any) -> dict[str, Any] | None:
    options = {"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_nbf": False, "verify_sub": False}
    try:
        return dict(jwt.decode(assertion, key, algorithms=["RS256"], options=options))  # type: ignore[arg-type]
    except jwt.InvalidTokenError:
        return None


def _is_audience(audience: Any, base_url: str) -> bool:
    if not isinstance(audience, str):
        return False
    scheme, _, rest = audience.rstrip("/").partition("://")
    host = rest.partition("/")[0]
    return audience.rstrip("/") == base_url or (scheme == "https" and is_salesforce(host.lower()))


def _check_expiry(expires: Any) -> None:
    try:
        left = float(expires) - time.time()
    except (TypeError, ValueError):
        raise _RefusedError("invalid_grant", "invalid assertion") from None
    if left < 0:
        raise _RefusedError("invalid_grant", "expired authorization code")
    if not left <= _LONGEST_JWT:
        raise _RefusedError("invalid_grant", "invalid assertion")


_GRANTS: dict[str, Callable[[SalesforceStore, Mapping[str, str], Form, str], str]] = {
    "client_credentials": _client_credentials,
    "password": _password,
    "refresh_token": _refresh,
    "authorization_code": _authorization_code,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _jwt_bearer,
}


def _check_client(store: SalesforceStore, headers: Mapping[str, str], form: Form, *, secret_needed: bool) -> None:
    client_id, secret = _basic(headers) or (form.get("client_id"), form.get("client_secret"))
    if client_id != store.client_id:
        raise _RefusedError("invalid_client_id", "client identifier invalid")
    if (secret_needed or secret is not None) and secret != store.client_secret:
        raise _RefusedError("invalid_client", "invalid client credentials")


def _form(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _basic(headers: Mapping[str, str]) -> tuple[str, str] | None:
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret
