"""The HTTP face of the portal: paths, authentication, rate limits, JSON in and out.

Every endpoint answers under its v3 or v4 path and under the date-versioned one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.hubspot import account_routes as account
from crm_pipeline.emulator.hubspot import association_label_routes as labels
from crm_pipeline.emulator.hubspot import association_routes as associations
from crm_pipeline.emulator.hubspot import association_v3_routes as associations_v3
from crm_pipeline.emulator.hubspot import batch_routes as batch
from crm_pipeline.emulator.hubspot import object_routes as objects
from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid_json, not_authenticated, resource_not_found
from crm_pipeline.emulator.hubspot.store import HubSpotStore
from crm_pipeline.emulator.middleware import observed
from crm_pipeline.emulator.request_log import RequestLog

Handler = Callable[[Call], Answer]

_OBJECTS = "/crm/v3/objects/{object}"
_BETWEEN = "/crm/v4/associations/{object}/{to_object}"
_LINKS = "/crm/v4/objects/{object}/{id}/associations"
_BETWEEN_V3 = "/crm/v3/associations/{object}/{to_object}"
_LINKS_V3 = _OBJECTS + "/{id}/associations"
_TOKEN_INFO = "/oauth/v2/private-apps/get/access-token-info"  # noqa: S105  # a path, no secret

_LONGEST_URL = 16_000  # characters; measured against a real portal at about 16,300

#: Fixed words before placeholders: Starlette takes the first path that fits.
_ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", _OBJECTS, objects.list_records),
    ("POST", _OBJECTS, objects.create),
    ("POST", _OBJECTS + "/search", objects.search_records),
    ("POST", _OBJECTS + "/merge", objects.merge),
    ("POST", _OBJECTS + "/gdpr-delete", objects.gdpr_delete),
    ("POST", _OBJECTS + "/batch/read", batch.batch_read),
    ("POST", _OBJECTS + "/batch/create", batch.batch_create),
    ("POST", _OBJECTS + "/batch/update", batch.batch_update),
    ("POST", _OBJECTS + "/batch/upsert", batch.batch_upsert),
    ("POST", _OBJECTS + "/batch/archive", batch.batch_archive),
    ("GET", _OBJECTS + "/{id}", objects.read),
    ("PATCH", _OBJECTS + "/{id}", objects.update),
    ("DELETE", _OBJECTS + "/{id}", objects.archive),
    ("GET", "/crm/v3/properties/{object}", account.list_properties),
    ("POST", "/crm/v3/properties/{object}", account.create_property),
    ("GET", "/crm/v3/properties/{object}/{name}", account.read_property),
    ("POST", _BETWEEN + "/batch/read", associations.batch_read),
    ("POST", _BETWEEN + "/batch/create", associations.batch_create),
    ("POST", _BETWEEN + "/batch/associate/default", associations.batch_default),
    ("POST", _BETWEEN + "/batch/archive", associations.batch_archive),
    ("POST", _BETWEEN + "/batch/labels/archive", associations.batch_archive_labels),
    ("GET", _BETWEEN + "/labels", labels.list_labels),
    ("POST", _BETWEEN + "/labels", labels.create_label),
    ("PUT", _BETWEEN + "/labels", labels.update_label),
    ("DELETE", _BETWEEN + "/labels/{type_id}", labels.delete_label),
    ("PUT", _LINKS + "/default/{to_object}/{to_id}", associations.create_default),
    ("GET", _LINKS + "/{to_object}", associations.read),
    ("PUT", _LINKS + "/{to_object}/{to_id}", associations.create),
    ("DELETE", _LINKS + "/{to_object}/{to_id}", associations.archive),
    ("GET", _BETWEEN_V3 + "/types", associations_v3.types),
    ("POST", _BETWEEN_V3 + "/batch/read", associations_v3.batch_read),
    ("POST", _BETWEEN_V3 + "/batch/create", associations_v3.batch_create),
    ("POST", _BETWEEN_V3 + "/batch/archive", associations_v3.batch_archive),
    ("GET", _LINKS_V3 + "/{to_object}", associations_v3.read),
    ("PUT", _LINKS_V3 + "/{to_object}/{to_id}/{type}", associations_v3.create),
    ("DELETE", _LINKS_V3 + "/{to_object}/{to_id}/{type}", associations_v3.archive),
    ("GET", "/crm/v3/owners", account.list_owners),
    ("GET", "/crm/v3/owners/{id}", account.read_owner),
    ("GET", "/account-info/v3/details", account.account_details),
    ("GET", "/account-info/v3/api-usage/daily/private-apps", account.daily_usage),
    ("POST", _TOKEN_INFO, account.token_info),
]

_VERSION = r"/(?:2026-03|2026-09)"
_DATED = [
    (re.compile(rf"^/crm/objects{_VERSION}(/[^/]+/[^/]+/associations/.*)$"), r"/crm/v4/objects\1"),
    (re.compile(rf"^/crm/(objects|properties|owners){_VERSION}(/.*|)$"), r"/crm/v3/\1\2"),
    (re.compile(rf"^/crm/associations(?:{_VERSION}|/v4)(/.*)$"), r"/crm/v4/associations\1"),
    (re.compile(rf"^/account-info{_VERSION}(/.*)$"), r"/account-info/v3\1"),
]


def undated(path: str) -> str:
    """The v3 or v4 path of a date-versioned one, without a slash at the end; other paths stay as they are."""
    for pattern, replacement in _DATED:
        if pattern.match(path):
            path = pattern.sub(replacement, path)
            break
    return path.rstrip("/")


def create_app(store: HubSpotStore, *, log: RequestLog | None = None, faults: Faults | None = None) -> Starlette:
    """The portal as an ASGI app, for `emulator.server.serving`."""
    by_path: dict[str, dict[str, Handler]] = {}
    for method, path, handler in _ROUTES:
        by_path.setdefault(path, {})[method] = handler
    return Starlette(
        routes=[Route(path, _endpoint(store, handlers), methods=list(handlers)) for path, handlers in by_path.items()],
        middleware=[
            Middleware(observed, log=log, faults=faults, clock=store.clock),
            Middleware(_with_undated_path),
        ],
        exception_handlers={HTTPException: _refused_by_router},
    )


def _with_undated_path(app: ASGIApp) -> ASGIApp:
    async def rewritten(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": undated(scope["path"])}
        await app(scope, receive, send)

    return rewritten


def _endpoint(store: HubSpotStore, handlers: dict[str, Handler]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        headers: dict[str, str] = {}
        body = await request.body()
        path = request.scope["path"]
        with store.lock:
            try:
                if path != _TOKEN_INFO and request.headers.get("authorization") != f"Bearer {store.token}":
                    raise not_authenticated()
                if len(path) + len(request.scope["query_string"]) > _LONGEST_URL:
                    raise HubSpotError(414, "HTTP 414 URI Too Long")
                store.start_day()
                headers = store.limits.count(search=path.endswith("/search"))
                handler = handlers["GET" if request.method == "HEAD" else request.method]
                parsed = _parsed(body, request.headers.get("content-type", ""))
                status, answer = handler(Call(store, request.path_params, request.query_params, parsed))
                return _json(status, answer, headers)
            except HubSpotError as error:
                return _json(error.status, error.body(), headers)

    return endpoint


def _parsed(body: bytes, content_type: str) -> Any:
    if not body:
        return None
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise HubSpotError(415, "HTTP 415 Unsupported Media Type")
    try:
        return json.loads(body)
    except ValueError:
        raise invalid_json("Unexpected character") from None


def _json(status: int, answer: Any, headers: dict[str, str]) -> Response:
    if answer is None:
        return Response(status_code=status, headers=headers)
    content = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status, headers, media_type="application/json;charset=utf-8")


async def _refused_by_router(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    problem = resource_not_found() if status == 404 else HubSpotError(status, f"HTTP {status} Method Not Allowed")
    return _json(status, problem.body(), {})
