"""The HTTP face of the organisation: paths, sessions, the daily limit, JSON in and out."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.middleware import observed
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.salesforce import account_routes as account
from crm_pipeline.emulator.salesforce import object_routes as objects
from crm_pipeline.emulator.salesforce import query_routes as queries
from crm_pipeline.emulator.salesforce import record_routes as records
from crm_pipeline.emulator.salesforce import search_routes as searches
from crm_pipeline.emulator.salesforce.bulk.routes import ROUTES as BULK_ROUTES
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.composite import collection_routes as collections
from crm_pipeline.emulator.salesforce.composite import routes as composites
from crm_pipeline.emulator.salesforce.composite.batch_routes import batch
from crm_pipeline.emulator.salesforce.composite.graph_routes import graph
from crm_pipeline.emulator.salesforce.composite.tree_routes import tree
from crm_pipeline.emulator.salesforce.compression import decompressed
from crm_pipeline.emulator.salesforce.errors import ApiError, not_found, parser_error
from crm_pipeline.emulator.salesforce.login import routes as login
from crm_pipeline.emulator.salesforce.router import Router
from crm_pipeline.emulator.salesforce.store import SalesforceStore
from crm_pipeline.emulator.salesforce.tooling import routes as tooling

_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_LONGEST_URL = 16_384
_VERSIONED = re.compile(r"/services/data/v(\d{1,3})\.0(?:/(.*?))?/*\Z", re.DOTALL)

_OBJECT = "sobjects/{object}"
_KEY = _OBJECT + "/{field}/{value}"
_COLLECTION = "composite/sobjects"

ROUTER = Router(
    [
        ("GET", "", account.resources),
        ("GET", "jobs", account.jobs),
        ("GET", "limits", account.limits),
        ("GET", "limits/recordCount", account.record_count),
        ("GET", "query", queries.query),
        ("GET", "queryAll", queries.query_all),
        ("GET", "query/{locator}", queries.next_page),
        ("GET", "queryAll/{locator}", queries.next_page),
        ("GET", "search", searches.search),
        ("GET", "parameterizedSearch", searches.parameterized_search),
        ("POST", "parameterizedSearch", searches.parameterized_search),
        ("GET", "sobjects", objects.describe_all),
        ("GET", _OBJECT, objects.basic_information),
        ("POST", _OBJECT, records.create),
        ("GET", _OBJECT + "/describe", objects.describe),
        ("GET", _OBJECT + "/deleted", objects.deleted),
        ("GET", _OBJECT + "/updated", objects.updated),
        ("GET", _OBJECT + "/{id}", records.read),
        ("POST", _OBJECT + "/{id}", records.create_by_id),
        ("PATCH", _OBJECT + "/{id}", records.update),
        ("DELETE", _OBJECT + "/{id}", records.delete),
        ("GET", _KEY, records.read_by_key),
        ("PATCH", _KEY, records.upsert),
        ("DELETE", _KEY, records.delete_by_key),
        ("GET", "composite", composites.resources),
        ("POST", "composite", composites.composite),
        ("POST", "composite/batch", batch),
        ("POST", "composite/graph", graph),
        ("POST", "composite/tree/{object}", tree),
        ("POST", _COLLECTION, collections.create),
        ("PATCH", _COLLECTION, collections.update),
        ("DELETE", _COLLECTION, collections.delete),
        ("GET", _COLLECTION + "/{object}", collections.retrieve),
        ("POST", _COLLECTION + "/{object}", collections.retrieve),
        ("PATCH", _COLLECTION + "/{object}/{field}", collections.upsert),
        ("GET", "tooling/query", tooling.query),
        ("POST", "tooling/sobjects/CustomField", tooling.create_field),
        *BULK_ROUTES,
    ]
)


def create_app(store: SalesforceStore, *, log: RequestLog | None = None, faults: Faults | None = None) -> Starlette:
    """The organisation as an ASGI app, for `emulator.server.serving`."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        with store.lock:
            try:
                plain = decompressed(body, request.headers.get("content-encoding", ""))
                answer = _answer(store, request, plain)
            except ApiError as error:
                answer = Answer(error.status, error.body(), _usage(store))
        return _response(answer)

    return Starlette(
        routes=[Route("/{path:path}", endpoint, methods=_METHODS)],
        middleware=[Middleware(observed, log=log, faults=faults, clock=store.clock)],
    )


def _answer(store: SalesforceStore, request: Request, body: bytes) -> Answer:
    # Instance URLs that end in a slash make paths that begin with two, which the platform takes.
    path = "/" + request.scope.get("raw_path", request.url.path.encode()).decode("ascii", "replace").lstrip("/")
    url = request.url
    base_url = login.base_url(request.headers, url.scheme, url.netloc)
    headers, query_string = request.headers, request.scope["query_string"]
    outside = login.answer(store, request.method, path, query_string, headers, body, base_url)
    if outside is not None:
        return outside
    if path.rstrip("/") == "/services/data" and request.method in ("GET", "HEAD"):
        return account.versions()
    if len(path) + len(query_string) > _LONGEST_URL:
        return Answer(414, headers=_usage(store))
    _authorise(store, request)
    call = _call(store, request, path, body)
    if not store.usage.count(store.clock.now()):
        raise ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
    answer = ROUTER.answer(call)
    return Answer(answer.status, answer.body, {**answer.headers, **_usage(store)})


def _call(store: SalesforceStore, request: Request, path: str, body: bytes) -> Call:
    match = _VERSIONED.match(path)
    if match is None:
        raise not_found()
    number = int(match.group(1))
    if number < account.OLDEST_VERSION:
        raise ApiError("UNSUPPORTED_API_VERSION", f"API version {number}.0 is retired", status=410)
    if number > account.NEWEST_VERSION:
        raise not_found()
    content_type = request.headers.get("content-type", "")
    return Call(
        store=store,
        dispatch=_dispatch,
        method=request.method,
        version=f"{number}.0",
        path=match.group(2) or "",
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=None if _is_upload(match.group(2) or "", content_type) else _parsed(body, content_type),
        raw=body,
    )


def _is_upload(path: str, content_type: str) -> bool:
    """Whether the body is the CSV of a bulk job, or a new bulk job with its CSV."""
    is_multipart = content_type.lower().startswith("multipart/form-data")
    return path.startswith("jobs/ingest") and (path.endswith("/batches") or is_multipart)


def _dispatch(call: Call) -> Answer:
    """A sub-request of a composite request: a refusal is an answer like others."""
    try:
        return ROUTER.answer(call)
    except ApiError as error:
        return Answer(error.status, error.body())


def _authorise(store: SalesforceStore, request: Request) -> None:
    if not store.sessions.is_valid(login.session_of(request.headers), store.clock.now()):
        raise ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def _parsed(body: bytes, content_type: str) -> Any:
    if not body:
        return None
    if content_type.partition(";")[0].strip().lower() != "application/json":
        message = f"Content-Type header specified in HTTP request is not supported: {content_type}"
        raise ApiError("UNSUPPORTED_MEDIA_TYPE", message, status=415)
    try:
        parsed = json.loads(body, parse_constant=_no_json_number)
        return _without_half_characters(parsed) if _SURROGATE.search(body) else parsed
    except ValueError as error:
        where = f" at [line:{error.lineno}, column:{error.colno}]" if isinstance(error, json.JSONDecodeError) else ""
        raise parser_error(f"Unexpected character or end of input{where}") from None


def _without_half_characters(parsed: Any) -> Any:
    """A lone half of a surrogate pair is no text that can be answered: it becomes `?`, as in Java."""
    return json.loads(json.dumps(parsed, ensure_ascii=False).encode("utf-8", "replace"))


def _no_json_number(token: str) -> NoReturn:
    raise parser_error(f"Non-standard token '{token}': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow")


def _usage(store: SalesforceStore) -> dict[str, str]:
    return {"Sforce-Limit-Info": store.usage.header}


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, dict(answer.headers))
    return Response(
        orjson.dumps(answer.body), answer.status, dict(answer.headers), media_type="application/json;charset=UTF-8"
    )
