"""What an emulated CRM was asked, for tests that count calls or prove that nothing was written."""

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

_READING_POST = re.compile(
    r"/search$"  # HubSpot search
    r"|/batch/read$"  # HubSpot objects, associations, properties
    r"|/oauth"  # tokens and what they may do, both CRMs
    r"|/services/Soap/"  # Salesforce: login and logout
    r"|/parameterizedSearch/?$"  # Salesforce
    r"|/composite/sobjects/[^/]+/?$"  # Salesforce: retrieve many records by POST
)
_QUERY_JOB = re.compile(r"/jobs/query(/|$)")  # Salesforce Bulk: making a query job changes no data
_COMPOSITE = re.compile(r"/composite(/batch|/graph)?/?$")  # Salesforce: sub-requests in the body


@dataclass(frozen=True)
class Request:
    """One request as it arrived.

    `path` is decoded and without the query; `query` is the raw query string; header names are lower
    case, those with a token are left out; `status` is the answer's, 0 when the connection was cut
    before the request was handled; `at` is the real time (UTC), whatever the emulated clock says.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    at: datetime

    @property
    def could_change_data(self) -> bool:
        """Whether a request of this kind may change records or settings in the CRM."""
        if self.method in ("GET", "HEAD", "OPTIONS") or _QUERY_JOB.search(self.path):
            return False
        if self.method != "POST":
            return True
        if _COMPOSITE.search(self.path):
            return any(method != "GET" for method in _sub_methods(self.body))
        return not _READING_POST.search(self.path)


class RequestLog:
    """The requests in the order in which their answers were ready.

    `keep` None: all of them as they came. Otherwise the last so many, each with the beginning of its body: a log that
    is kept for days must not hold every upload.
    """

    _BEGINNING = 64 * 1024  # bytes

    def __init__(self, keep: int | None = None) -> None:
        self.requests: deque[Request] = deque(maxlen=keep)

    def add(self, request: Request) -> None:
        """Log a request."""
        if self.requests.maxlen is not None and len(request.body) > self._BEGINNING:
            request = replace(request, body=request.body[: self._BEGINNING])
        self.requests.append(request)

    def clear(self) -> None:
        """Forget what was logged so far."""
        self.requests.clear()

    def writing(self) -> list[Request]:
        """The requests that could change data, successful or not."""
        return [request for request in list(self.requests) if request.could_change_data]


def _sub_methods(body: bytes) -> list[str]:
    """Methods of the sub-requests of a Salesforce composite, batch or graph request."""

    def walk(node: Any) -> Iterator[str]:
        for request in node.get("compositeRequest", []) + node.get("batchRequests", []):
            yield str(request.get("method", "")).upper()
        for graph in node.get("graphs", []):
            yield from walk(graph)

    try:
        return list(walk(json.loads(body)))
    except (ValueError, AttributeError, TypeError):
        return []  # such a body is refused as a whole
