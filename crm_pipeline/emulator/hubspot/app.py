"""The HTTP face of the portal: paths, authentication, rate limits, JSON in and out.

Every endpoint answers under its v3 or v4 path and under the date-versioned one.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.hubspot import account_routes as account
from crm_pipeline.emulator.hubspot import batch_routes as batch
from crm_pipeline.emulator.hubspot import oauth_routes as oauth
from crm_pipeline.emulator.hubspot import object_routes as objects
from crm_pipeline.emulator.hubspot import pipeline_routes as pipelines
from crm_pipeline.emulator.hubspot import property_routes as properties
from crm_pipeline.emulator.hubspot import schema_routes as schemas
from crm_pipeline.emulator.hubspot.access import admit
from crm_pipeline.emulator.hubspot.associations import label_routes as labels
from crm_pipeline.emulator.hubspot.associations import routes as associations
from crm_pipeline.emulator.hubspot.associations import v3_routes as associations_v3
from crm_pipeline.emulator.hubspot.bodies import parsed
from crm_pipeline.emulator.hubspot.call import Answer, Call
from crm_pipeline.emulator.hubspot.elsewhere import routes as elsewhere
from crm_pipeline.emulator.hubspot.elsewhere.products import scope_of_path
from crm_pipeline.emulator.hubspot.errors import HubSpotError, missing_scopes, resource_not_found
from crm_pipeline.emulator.hubspot.legacy import contact_routes as legacy_contacts
from crm_pipeline.emulator.hubspot.legacy import engagement_routes as engagements
from crm_pipeline.emulator.hubspot.legacy import record_routes as legacy_records
from crm_pipeline.emulator.hubspot.legacy import routes as legacy
from crm_pipeline.emulator.hubspot.links import note
from crm_pipeline.emulator.hubspot.store import HubSpotStore
from crm_pipeline.emulator.middleware import observed
from crm_pipeline.emulator.request_log import RequestLog

Handler = Callable[[Call], Answer]

_OBJECTS = "/crm/v3/objects/{object}"
_BETWEEN = "/crm/v4/associations/{object}/{to_object}"
_LINKS = "/crm/v4/objects/{object}/{id}/associations"
_BETWEEN_V3 = "/crm/v3/associations/{object}/{to_object}"
_LINKS_V3 = _OBJECTS + "/{id}/associations"
_PROPERTIES = "/crm/v3/properties/{object}"
_PIPELINES = "/crm/v3/pipelines/{object}"

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
    ("GET", _PROPERTIES, properties.list_properties),
    ("POST", _PROPERTIES, properties.create_property),
    ("POST", _PROPERTIES + "/batch/read", properties.batch_read),
    ("POST", _PROPERTIES + "/batch/create", properties.batch_create),
    ("POST", _PROPERTIES + "/batch/archive", properties.batch_archive),
    ("GET", _PROPERTIES + "/groups", properties.list_groups),
    ("POST", _PROPERTIES + "/groups", properties.create_group),
    ("GET", _PROPERTIES + "/groups/{name}", properties.read_group),
    ("PATCH", _PROPERTIES + "/groups/{name}", properties.update_group),
    ("DELETE", _PROPERTIES + "/groups/{name}", properties.archive_group),
    ("GET", _PROPERTIES + "/{name}", properties.read_property),
    ("PATCH", _PROPERTIES + "/{name}", properties.update_property),
    ("DELETE", _PROPERTIES + "/{name}", properties.archive_property),
    ("GET", _PIPELINES, pipelines.list_pipelines),
    ("POST", _PIPELINES, pipelines.create_pipeline),
    ("GET", _PIPELINES + "/{id}", pipelines.read_pipeline),
    ("PATCH", _PIPELINES + "/{id}", pipelines.update_pipeline),
    ("PUT", _PIPELINES + "/{id}", pipelines.replace_pipeline),
    ("DELETE", _PIPELINES + "/{id}", pipelines.delete_pipeline),
    ("GET", _PIPELINES + "/{id}/stages", pipelines.list_stages),
    ("POST", _PIPELINES + "/{id}/stages", pipelines.create_stage),
    ("GET", _PIPELINES + "/{id}/stages/{stage}", pipelines.read_stage),
    ("PATCH", _PIPELINES + "/{id}/stages/{stage}", pipelines.update_stage),
    ("PUT", _PIPELINES + "/{id}/stages/{stage}", pipelines.replace_stage),
    ("DELETE", _PIPELINES + "/{id}/stages/{stage}", pipelines.delete_stage),
    ("GET", "/crm/v3/schemas", schemas.list_schemas),
    ("GET", "/crm/v3/schemas/{object}", schemas.read_schema),
    ("GET", "/crm/v3/limits/records", schemas.record_limits),
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
    ("GET", "/settings/v3/users", account.list_users),
    ("GET", "/settings/v3/users/teams", account.list_teams),
    ("GET", "/settings/v3/users/{id}", account.read_user),
    ("GET", "/account-info/v3/details", account.account_details),
    ("GET", "/account-info/v3/api-usage/daily/private-apps", account.daily_usage),
    ("POST", "/oauth/v2/private-apps/get/access-token-info", oauth.private_token),
    ("POST", "/oauth/v1/token", oauth.token_v1),
    ("POST", "/oauth/v3/token", oauth.token),
    ("POST", "/oauth/v3/token/introspect", oauth.introspect),
    ("POST", "/oauth/v3/token/revoke", oauth.revoke),
    ("GET", "/oauth/v1/access-tokens/{token}", oauth.access_token),
    ("GET", "/oauth/v1/refresh-tokens/{token}", oauth.refresh_token),
    ("DELETE", "/oauth/v1/refresh-tokens/{token}", oauth.delete_refresh_token),
    *elsewhere.ROUTES,
    ("GET", "/properties/v2/{object}/properties", legacy.list_properties),
    ("GET", "/properties/v2/{object}/properties/named/{name}", legacy.read_property),
    ("GET", "/crm-pipelines/v1/pipelines/{object}", legacy.list_pipelines),
    ("GET", "/deals/v1/pipelines", legacy.list_deal_pipelines),
    ("GET", "/deals/v1/pipelines/{id}", legacy.read_deal_pipeline),
    ("GET", "/engagements/v1/engagements/paged", engagements.list_engagements),
    ("GET", "/engagements/v1/engagements/recent/modified", engagements.recent_engagements),
    ("GET", "/engagements/v1/engagements/modified/after", engagements.engagements_after),
    ("GET", "/engagements/v1/engagements/associated/{object}/{id}/paged", engagements.associated_engagements),
    ("GET", "/engagements/v1/engagements/{id}", engagements.read_engagement),
    ("GET", "/contacts/v1/lists/all/contacts/all", legacy_contacts.list_contacts),
    ("GET", "/contacts/v1/lists/all/contacts/recent", legacy_contacts.new_contacts),
    ("GET", "/contacts/v1/lists/recently_updated/contacts/recent", legacy_contacts.recent_contacts),
    ("GET", "/contacts/v1/contact/vids/batch", legacy_contacts.read_contacts),
    ("GET", "/contacts/v1/contact/vid/{id}/profile", legacy_contacts.read_contact),
    ("GET", "/contacts/v1/contact/email/{id}/profile", legacy_contacts.read_by_email),
    ("GET", "/companies/v2/companies/paged", legacy_records.list_companies),
    ("GET", "/companies/v2/companies/recent/modified", legacy_records.recent_companies),
    ("GET", "/companies/v2/companies/recent/created", legacy_records.new_companies),
    ("GET", "/companies/v2/companies/{id}", legacy_records.read_company),
    ("GET", "/deals/v1/deal/paged", legacy_records.list_deals),
    ("GET", "/deals/v1/deal/recent/modified", legacy_records.recent_deals),
    ("GET", "/deals/v1/deal/recent/created", legacy_records.new_deals),
    ("GET", "/deals/v1/deal/{id}", legacy_records.read_deal),
]

_VERSION = r"/(?:2026-03|2026-09)"
_DATED = [
    (re.compile(rf"^/crm/objects{_VERSION}(/[^/]+/[^/]+/associations/.*)$"), r"/crm/v4/objects\1"),
    (re.compile(rf"^/crm/(objects|properties|owners|pipelines|limits|lists){_VERSION}(/.*|)$"), r"/crm/v3/\1\2"),
    (re.compile(rf"^/crm-object-schemas(?:{_VERSION}|/v3)/schemas(/.*|)$"), r"/crm/v3/schemas\1"),
    (re.compile(rf"^/crm/schemas{_VERSION}(/.*|)$"), r"/crm/v3/schemas\1"),
    (re.compile(rf"^/crm/associations(?:{_VERSION}|/v4)(/.*)$"), r"/crm/v4/associations\1"),
    (re.compile(rf"^/account-info{_VERSION}(/.*)$"), r"/account-info/v3\1"),
    (re.compile(rf"^/settings/users{_VERSION}(/.*|)$"), r"/settings/v3/users\1"),
    (re.compile(rf"^/oauth{_VERSION}(/.*)$"), r"/oauth/v3\1"),
    (re.compile(r"^/crm/v4/objects(/[^/]+(?:/(?![^/]+/associations).*|))$"), r"/crm/v3/objects\1"),
    (re.compile(r"^/properties/v1(/.*)$"), r"/properties/v2\1"),
    (re.compile(r"^/(companies|contacts|deals)/v[12]/properties(/named/.*|/|)$"), r"/properties/v2/\1/properties\2"),
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
        routes=[
            Route(path, _endpoint(store, path, handlers), methods=list(handlers)) for path, handlers in by_path.items()
        ],
        middleware=[
            Middleware(observed, log=log, faults=faults, clock=store.clock),
            Middleware(_with_undated_path),
        ],
        exception_handlers={HTTPException: _refused_by_router(store)},
    )


def _with_undated_path(app: ASGIApp) -> ASGIApp:
    async def rewritten(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": undated(scope["path"])}
        await app(scope, receive, send)

    return rewritten


def _endpoint(store: HubSpotStore, route: str, handlers: dict[str, Handler]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        headers: dict[str, str] = {}
        body = await request.body()
        note(request)
        path = request.scope["path"]
        with store.lock:
            try:
                by_oauth = admit(
                    store,
                    request.method,
                    route,
                    request.path_params,
                    len(path) + len(request.scope["query_string"]),
                    request.headers.get("authorization"),
                )
                store.start_day()
                headers = store.limits.count(search=path.endswith("/search"))
                if by_oauth:  # facts 4: an OAuth app is not told about the account's day
                    headers = {name: value for name, value in headers.items() if "Daily" not in name}
                handler = handlers["GET" if request.method == "HEAD" else request.method]
                content = parsed(path, body, request.headers.get("content-type", ""))
                status, answer = handler(Call(store, request.path_params, request.query_params, content))
                return _json(status, answer, headers)
            except HubSpotError as error:
                return _json(error.status, error.body(), headers)

    return endpoint


def _json(status: int, answer: Any, headers: dict[str, str]) -> Response:
    correlation_id = answer.get("correlationId") if status >= 400 else None
    headers["x-hubspot-correlation-id"] = correlation_id or str(uuid.uuid4())
    if answer is None:
        return Response(status_code=status, headers=headers)
    return Response(orjson.dumps(answer), status, headers, media_type="application/json;charset=utf-8")


def _refused_by_router(store: HubSpotStore) -> Callable[[Request, Exception], Any]:
    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        problem = HubSpotError(status, f"HTTP {status} Method Not Allowed")
        if status == 404:
            problem = resource_not_found()
            if scope := scope_of_path(request.scope["path"]):
                try:
                    store.oauth.authenticate(request.headers.get("authorization"), store.token)
                    problem = missing_scopes([scope])
                except HubSpotError as unknown_caller:
                    problem = unknown_caller
        return _json(problem.status, problem.body(), {})

    return refused
