"""POST /composite: up to 25 sub-requests in one API call, later ones using the answers of earlier ones.

Source: REST API guide, "Composite", "Composite Request Body", "allOrNone Parameters in Composite and Collections
Requests". Choices where the behaviour is not documented: the codes and texts that refuse a malformed composite.
collateSubrequests only changes the speed: sub-requests always run in their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.composite.subrequests import (
    Request,
    RolledBackError,
    checked,
    halted,
    is_refusal,
    parsed,
    refused,
    told,
)
from crm_pipeline.emulator.salesforce.errors import ApiError

MOST_SUB_REQUESTS, MOST_QUERIES = 25, 5
_COLLECTIONS = "composite/sobjects"


def resources(call: Call) -> Answer:
    """GET /composite: the composite resources"""
    path = f"{call.root}/composite"
    return Answer(200, {name: f"{path}/{name}" for name in ("tree", "batch", "sobjects", "graph")})


def composite(call: Call) -> Answer:
    """POST /composite"""
    body = call.json_object()
    requests = body.get("compositeRequest")
    if isinstance(requests, list) and len(requests) > MOST_SUB_REQUESTS:
        return _too_many(f"The request can’t contain more than {MOST_SUB_REQUESTS} operations.")
    requests = checked(requests)
    if sum(_is_query(request["url"]) for request in requests) > MOST_QUERIES:
        return _too_many(f"The request can’t contain more than {MOST_QUERIES} query operations.")
    answers = _answers(call, requests, all_or_none=call.flag(body, "allOrNone"))
    return Answer(200, {"compositeResponse": [told(reference, answer) for reference, answer in answers.items()]})


def _answers(call: Call, requests: Sequence[Request], *, all_or_none: bool) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    try:
        with call.store.transaction():
            for request in requests:
                reference = request["referenceId"]
                answers[reference] = _answer(call, request, answers, all_or_none)
                if all_or_none and _has_failed(answers[reference]):
                    raise RolledBackError
    except RolledBackError:
        failed = list(answers)[-1]
        return {r["referenceId"]: answers[failed] if r["referenceId"] == failed else halted() for r in requests}
    return answers


def _answer(call: Call, request: Request, answers: Mapping[str, Answer], all_or_none: bool) -> Answer:
    try:
        sub_call = parsed(call, request, answers)
        _check_resource(sub_call.path)
    except ApiError as error:
        return refused(error)
    if all_or_none and sub_call.path.startswith(_COLLECTIONS):
        sub_call = _all_or_none(sub_call)
    return call.dispatch(sub_call)


def _check_resource(path: str) -> None:
    first = path.split("/")[0]
    if first not in ("sobjects", "query", "queryAll") and not path.startswith(_COLLECTIONS):
        raise ApiError("INVALID_INPUT", f"The resource of the sub-request is not supported: {path}")


def _all_or_none(call: Call) -> Call:
    if call.method == "DELETE":
        return replace(call, query={**call.query, "allOrNone": "true"})
    if call.method in ("POST", "PATCH") and isinstance(call.body, Mapping) and "records" in call.body:
        return replace(call, body={**call.body, "allOrNone": True})
    return call


def _has_failed(answer: Answer) -> bool:
    results: Any = answer.body
    in_collection = isinstance(results, list) and any(
        isinstance(r, Mapping) and r.get("success") is False for r in results
    )
    return is_refusal(answer) or in_collection


def _is_query(url: str) -> bool:
    name = url.partition("?")[0].rstrip("/").rpartition("/")[2]
    return name in ("query", "queryAll") or f"/{_COLLECTIONS}" in url


def _too_many(message: str) -> Answer:
    answer = Answer(400, ApiError("LIMIT_EXCEEDED", message).body())
    return Answer(400, {"compositeResponse": [told(None, answer)]})
