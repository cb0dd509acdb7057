"""POST /composite/batch: up to 25 independent sub-requests, each of which counts as an API call.

Source: REST API guide, "Composite Batch", "Batch Request Body", "Batch Response Body". Choices where the behaviour is
not documented: the texts of refusals. Binary parts are refused, as no resource here takes one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.composite.subrequests import METHODS
from crm_pipeline.emulator.salesforce.errors import ApiError

MOST_SUB_REQUESTS = 25
_URL = re.compile(r"(?:/?services/data)?/?v(\d{2}\.0)/([^?]+?)/?(?:\?(.*))?\Z", re.DOTALL)
_RESOURCES = ("sobjects", "query", "queryAll", "limits", "search", "parameterizedSearch", "recent")


def batch(call: Call) -> Answer:
    """POST /composite/batch"""
    body = call.json_object()
    calls = [_parsed(call, request) for request in _requests(body.get("batchRequests"))]
    halt_on_error, results = call.flag(body, "haltOnError"), []
    has_errors = False
    for number, sub_call in enumerate(calls):
        if has_errors and halt_on_error:
            answer = _refused("BATCH_PROCESSING_HALTED", "Batch processing halted per request", 412)
        elif number and not call.store.usage.count(call.store.clock.now()):
            answer = _refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
        else:
            answer = call.dispatch(sub_call)
        has_errors = has_errors or answer.status >= 400
        results.append({"statusCode": answer.status, "result": answer.body})
    return Answer(200, {"hasErrors": has_errors, "results": results})


def _requests(given: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(given, list) or not given or not all(isinstance(request, Mapping) for request in given):
        raise ApiError("JSON_PARSER_ERROR", "batchRequests must be a list of sub-requests")
    if len(given) > MOST_SUB_REQUESTS:
        raise ApiError("LIMIT_EXCEEDED", f"The request can’t contain more than {MOST_SUB_REQUESTS} operations.")
    return given


def _parsed(call: Call, request: Mapping[str, Any]) -> Call:
    """The call of a sub-request; one that cannot be read refuses the whole batch before anything is done."""
    method, url = str(request.get("method", "")).upper(), str(request.get("url", ""))
    match = _URL.match(url)
    if method not in METHODS:
        raise ApiError("INVALID_BATCH_REQUEST", f"Invalid method in batch request: {request.get('method')}")
    if match is None or match.group(2).split("/")[0] not in _RESOURCES:
        raise ApiError("INVALID_BATCH_REQUEST", f"Invalid url in batch request: {url}")
    if "binaryPartName" in request:
        raise ApiError("INVALID_BATCH_REQUEST", "Binary parts are not supported")
    version, path, query = match.groups()
    if float(version) > float(call.version):
        raise ApiError("INVALID_BATCH_REQUEST", f"Version {version} is later than that of the batch request")
    return Call(
        store=call.store,
        dispatch=call.dispatch,
        method=method,
        version=version,
        path=path,
        query=dict(parse_qsl(query or "", keep_blank_values=True)),
        headers={},
        body=request.get("richInput"),
    )


def _refused(code: str, message: str, status: int) -> Answer:
    return Answer(status, ApiError(code, message, status=status).body())
