"""POST /composite: up to 25 sub-requests in one API call, later ones using the answers of earlier ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError

MOST_SUB_REQUESTS, MOST_QUERIES = 25, 5
_FORBIDDEN_HEADERS = {"accept", "authorization", "content-type"}
_URL = re.compile(r"/services/data/v(\d{2}\.0)/([^?]+?)/?(?:\?(.*))?\Z", re.DOTALL)
_REFERENCE_ID = re.compile(r"\w+\Z", re.ASCII)
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class _RolledBackError(Exception):
    """Undoes the whole call."""


def composite(call: Call) -> Answer:
    """POST /composite"""
    body = call.json_object()
    requests = _checked(body.get("compositeRequest"))
    all_or_none = call.flag(body, "allOrNone")
    answers: dict[str, Answer] = {}
    try:
        with call.store.transaction():
            for request in requests:
                answers[request["referenceId"]] = answer = _answer(call, request, answers)
                if all_or_none and answer.status >= 300:
                    raise _RolledBackError
    except _RolledBackError:
        failed = list(answers)[-1]
        halted = _refused(
            "PROCESSING_HALTED",
            "The transaction was rolled back since another operation in the same transaction failed.",
        )
        answers = {r["referenceId"]: halted if r["referenceId"] != failed else answers[failed] for r in requests}
    return Answer(200, {"compositeResponse": [_told(reference, answer) for reference, answer in answers.items()]})


def _answer(call: Call, request: Mapping[str, Any], answers: Mapping[str, Answer]) -> Answer:
    try:
        url, body = _resolved(request["url"], answers), _resolved(request.get("body"), answers)
    except LookupError as error:
        return _refused(
            "PROCESSING_HALTED", f"Invalid reference specified. No value for {error.args[0]} found in earlier answers."
        )
    match = _URL.match(url)
    if match is None or match.group(2).split("/")[0] in ("async", "jobs"):
        return _refused("INVALID_URL", f"The url of the sub-request is not supported: {url}")
    version, path, query = match.groups()
    if path.startswith("composite") and not path.startswith("composite/sobjects"):
        return _refused("INVALID_URL", "A composite request cannot be a sub-request of another one")
    return call.dispatch(
        Call(
            store=call.store,
            dispatch=call.dispatch,
            method=str(request["method"]).upper(),
            version=version,
            path=path,
            query=dict(parse_qsl(query or "", keep_blank_values=True)),
            headers={name.lower(): str(value) for name, value in request.get("httpHeaders", {}).items()},
            body=body,
        )
    )


def _checked(requests: Any) -> Sequence[Mapping[str, Any]]:
    """The sub-requests, or a refusal of the whole call."""
    if not isinstance(requests, list) or not requests or not all(isinstance(r, Mapping) for r in requests):
        raise ApiError("JSON_PARSER_ERROR", "compositeRequest must be a list of sub-requests")
    if len(requests) > MOST_SUB_REQUESTS:
        raise ApiError("LIMIT_EXCEEDED", f"A composite request cannot have more than {MOST_SUB_REQUESTS} sub-requests")
    for request in requests:
        for name in ("method", "url", "referenceId"):
            if not isinstance(request.get(name), str):
                raise ApiError("MISSING_ARGUMENT", f"A sub-request of the composite request lacks {name}")
        if not _REFERENCE_ID.match(request["referenceId"]):
            raise ApiError("INVALID_FIELD", f"Invalid referenceId: {request['referenceId']}")
        forbidden = sorted(_FORBIDDEN_HEADERS & {name.lower() for name in request.get("httpHeaders", {})})
        if forbidden:
            raise ApiError("INVALID_HEADER", f"Headers not allowed in a sub-request: {', '.join(forbidden)}")
    if len({request["referenceId"] for request in requests}) < len(requests):
        raise ApiError("DUPLICATE_VALUE", "Every referenceId of a composite request must be different")
    if sum(bool(re.search(r"/query(All)?/?\?", request["url"])) for request in requests) > MOST_QUERIES:
        raise ApiError("LIMIT_EXCEEDED", f"A composite request cannot have more than {MOST_QUERIES} queries")
    return requests


def _resolved(value: Any, answers: Mapping[str, Answer]) -> Any:
    """The value with all `@{reference.path}` replaced. Raises LookupError with the reference that has no value."""
    if isinstance(value, Mapping):
        return {key: _resolved(item, answers) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, answers) for item in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole is not None:
        return _referred(whole, answers)
    return _REFERENCE.sub(lambda match: str(_referred(match, answers)), value)


def _referred(match: re.Match[str], answers: Mapping[str, Answer]) -> Any:
    try:
        answer = answers[match.group(1)]
        value = answer.body
        for name, index in _STEP.findall(match.group(2)):
            value = value[int(index)] if index else value[name]
    except (LookupError, TypeError):
        raise LookupError(match.group()[2:-1]) from None
    return value


def _refused(code: str, message: str) -> Answer:
    return Answer(400, ApiError(code, message).body())


def _told(reference: str, answer: Answer) -> dict[str, Any]:
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": reference,
    }
