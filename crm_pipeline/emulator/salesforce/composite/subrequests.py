"""Sub-requests of the composite resources: references to earlier answers, dispatch, the form of a result.

Belongs here: what composite and composite/graph share. Not here: their limits and roll-back. A choice where the
behaviour is not documented: a reference in a url may be percent-encoded, as some clients encode whole urls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError

Request = Mapping[str, Any]

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."
_FORBIDDEN_HEADERS = {"accept", "authorization", "content-type"}
_URL = re.compile(r"/services/data/v(\d{2}\.0)/([^?]+?)/?(?:\?(.*))?\Z", re.DOTALL)
_REFERENCE_ID = re.compile(r"[A-Za-z0-9_]+\Z")
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_ENCODED = re.compile(r"(?:@|%40)%7B[\w.]+(?:(?:\[|%5B)\d+(?:\]|%5D)[\w.]*)*%7D", re.IGNORECASE)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class RolledBackError(Exception):
    """Undoes a transaction whose answer is known; never leaves the module that raises it."""


def checked(requests: Any) -> Sequence[Request]:
    """The sub-requests of a list, when all of them have what is needed. Raises ApiError for the whole call."""
    if not isinstance(requests, list) or not requests or not all(isinstance(r, Mapping) for r in requests):
        raise ApiError("JSON_PARSER_ERROR", "compositeRequest must be a list of sub-requests")
    for request in requests:
        for name in ("method", "url", "referenceId"):
            if not isinstance(request.get(name), str):
                raise ApiError("MISSING_ARGUMENT", f"A sub-request of the composite request lacks {name}")
        if not _REFERENCE_ID.match(request["referenceId"]):
            raise ApiError(
                "INVALID_INPUT",
                f"Provided referenceId ('{request['referenceId']}') must contain only letters, numbers and underscores",
            )
        headers = request.get("httpHeaders") or {}
        if not isinstance(headers, Mapping):
            raise ApiError("JSON_PARSER_ERROR", "httpHeaders of a sub-request must be an object")
        forbidden = sorted(_FORBIDDEN_HEADERS & {str(name).lower() for name in headers})
        if forbidden:
            raise ApiError("INVALID_HEADER", f"Headers not allowed in a sub-request: {', '.join(forbidden)}")
    if len({request["referenceId"] for request in requests}) < len(requests):
        raise ApiError("INVALID_INPUT", "Duplicate ReferenceId provided in the request.")
    return requests


def parsed(call: Call, request: Request, answers: Mapping[str, Answer]) -> Call:
    """The call that a sub-request makes, with all references resolved.

    Raises ApiError: PROCESSING_HALTED for a reference without a value, INVALID_INPUT for a method or url that is none.
    """
    method = str(request["method"])
    if method not in METHODS:
        raise ApiError("INVALID_INPUT", f"The method of the sub-request is not supported: {method}")
    try:
        url = _resolved(_ENCODED.sub(lambda match: unquote(match.group()), request["url"]), answers, in_url=True)
        body = _resolved(request.get("body"), answers, in_url=False)
    except LookupError as error:
        reference = str(error.args[0])
        name = reference.partition(".")[0].partition("[")[0]
        message = f"Invalid reference specified. No value for {reference} found in {name}"
        raise ApiError("PROCESSING_HALTED", message) from None
    match = _URL.match(str(url))
    if match is None:
        raise ApiError("INVALID_INPUT", f"The url of the sub-request is not supported: {url}")
    version, path, query = match.groups()
    return Call(
        store=call.store,
        dispatch=call.dispatch,
        method=method,
        version=version,
        path=path,
        query=dict(parse_qsl(query or "", keep_blank_values=True)),
        headers={str(name).lower(): str(value) for name, value in (request.get("httpHeaders") or {}).items()},
        body=body,
    )


def references(value: Any) -> Iterator[str]:
    """The reference ids that a url or body refers to."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, str):
        yield from (match.group(1) for match in _REFERENCE.finditer(value))


def refused(error: ApiError) -> Answer:
    """The answer of a sub-request that is refused."""
    return Answer(error.status, error.body())


def is_refusal(answer: Answer) -> bool:
    """Whether a sub-request failed; a record that the client has already (304) is no failure."""
    return answer.status >= 300 and answer.status != 304


def halted(message: str = ROLLED_BACK) -> Answer:
    """The answer of a sub-request that was not, or as good as not, carried out."""
    return refused(ApiError("PROCESSING_HALTED", message))


def told(reference: str | None, answer: Answer) -> dict[str, Any]:
    """One result of a composite response."""
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": reference,
    }


def _resolved(value: Any, answers: Mapping[str, Answer], *, in_url: bool) -> Any:
    """The value with all `@{reference.path}` replaced. Raises LookupError with the reference that has no value."""
    if isinstance(value, Mapping):
        return {key: _resolved(item, answers, in_url=in_url) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, answers, in_url=in_url) for item in value]
    if not isinstance(value, str):
        return value
    whole = None if in_url else _REFERENCE.fullmatch(value)
    if whole is not None:
        return _referred(whole, answers)

    def text(match: re.Match[str]) -> str:
        referred = str(_referred(match, answers))
        return quote(referred, safe="") if in_url else referred

    return _REFERENCE.sub(text, value)


def _referred(match: re.Match[str], answers: Mapping[str, Answer]) -> Any:
    try:
        value = answers[match.group(1)].body
        for name, index in _STEP.findall(match.group(2)):
            value = value[int(index)] if index else value[name]
    except (LookupError, TypeError):
        raise LookupError(match.group()[2:-1]) from None
    if value is None or isinstance(value, Mapping | list):
        raise LookupError(match.group()[2:-1])
    return value
