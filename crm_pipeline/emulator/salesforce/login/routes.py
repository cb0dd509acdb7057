"""Everything outside /services/data: tokens, identity, SOAP login, Bulk API 1.0; and how clients name this place.

Belongs here: which of these a path means. Not here: what each does (oauth.py, identity.py, soap.py, bulk/classic.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from crm_pipeline.emulator.salesforce.bulk import classic_routes
from crm_pipeline.emulator.salesforce.call import Answer
from crm_pipeline.emulator.salesforce.login import identity, oauth, soap
from crm_pipeline.emulator.salesforce.store import SalesforceStore

_OAUTH = "/services/oauth2/"


def base_url(headers: Mapping[str, str], scheme: str, host: str) -> str:
    """Scheme and host as the client named them, also when a proxy stands between."""
    scheme = headers.get("x-forwarded-proto", scheme).partition(",")[0].strip()
    host = headers.get("x-forwarded-host") or headers.get("host") or host
    return f"{scheme}://{host.partition(',')[0].strip()}"


def session_of(headers: Mapping[str, str]) -> str:
    """The access token of a request: Authorization with Bearer or OAuth, or X-SFDC-Session; empty without any."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth"):
        return token.strip()
    return headers.get("x-sfdc-session", "").strip()


def answer(
    store: SalesforceStore,
    method: str,
    path: str,
    query_string: bytes,
    headers: Mapping[str, str],
    body: bytes,
    base: str,
) -> Answer | None:
    """The answer of a path that is here; None for all others."""
    path = path.rstrip("/")
    query = dict(parse_qsl(query_string.decode("latin-1")))
    if soap.PATH.match(path):
        return soap.answer(store, path, body, base) if method == "POST" else Answer(405)
    if classic_routes.PATH.match(path):
        return classic_routes.answer(store, method, path, headers, body, session_of(headers))
    if path.startswith("/id/") and method in ("GET", "HEAD", "POST"):
        token = session_of(headers) or query.get("oauth_token", "") or query.get("access_token", "")
        return identity.identity(store, token, path, query, base)
    if not path.startswith(_OAUTH):
        return None
    match path.removeprefix(_OAUTH), method:
        case "token", "POST":
            return oauth.token(store, headers, body, query, base)
        case "revoke", "POST" | "GET":
            return oauth.revoke(store, body, query)
        case "introspect", "POST":
            return oauth.introspect(store, headers, body, base)
        case "userinfo", "GET" | "POST" | "HEAD":
            return identity.user_info(store, session_of(headers) or query.get("access_token", ""), base)
    return None
