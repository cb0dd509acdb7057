"""Finds the handler of a call by method and path; the same for HTTP requests and composite sub-requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import unquote

from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError, not_found

Handler = Callable[[Call], Answer]


def _method(call: Call) -> str:
    """A client that cannot send PATCH says so in a POST; HEAD is a GET whose body is left out."""
    if call.method == "POST" and call.query.get("_HttpMethod"):
        return call.query["_HttpMethod"].upper()
    return "GET" if call.method == "HEAD" else call.method


class Router:
    """Routes (method, path, handler); `{name}` in a path stands for one segment. The first path that fits counts."""

    def __init__(self, routes: Sequence[tuple[str, str, Handler]]) -> None:
        self.endpoints = [(method, path) for method, path, _ in routes]
        by_path: dict[str, dict[str, Handler]] = {}
        for method, path, handler in routes:
            by_path.setdefault(path, {})[method] = handler
        self._routes = [
            (re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z"), handlers)
            for path, handlers in by_path.items()
        ]

    def answer(self, call: Call) -> Answer:
        """The handler's answer. Raises ApiError: NOT_FOUND, METHOD_NOT_ALLOWED, or the handler's."""
        for pattern, handlers in self._routes:
            match = pattern.match(call.path)
            if match is None:
                continue
            method = _method(call)
            if method not in handlers:
                allowed = ",".join(handlers)
                message = f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}"
                raise ApiError("METHOD_NOT_ALLOWED", message, status=405)
            params = {name: unquote(value) for name, value in match.groupdict().items()}
            return handlers[method](replace(call, method=method, params=params))
        raise not_found()
