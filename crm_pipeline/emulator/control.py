"""What a test or a person may do to a running emulated CRM beside its API: faults, time, the log of requests.

Belongs here: what both CRMs have in common, and the HTTP face of it. Not here: what users of one CRM do
(hubspot/control.py, salesforce/control.py). The HTTP face takes no token: it is for the loopback address.
"""

from __future__ import annotations

import base64
import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import RLock
from typing import Any, TypeVar

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.faults import Action, Call, Faults
from crm_pipeline.emulator.refusals import Refusals
from crm_pipeline.emulator.request_log import Request, RequestLog

PREFIX = "/emulator"
"""Paths of the control API; neither CRM has such paths."""

NamedFaults = Mapping[str, Callable[[], Action]]
NamedRefusals = Mapping[str, Callable[[], Exception]]

_Method = TypeVar("_Method", bound=Callable[..., Any])


class ControlError(Exception):
    """A call of the control that cannot be done; the text says what to do."""


def operation(method: _Method) -> _Method:
    """Marks a method of a control that the HTTP face offers as POST /emulator/{name}, arguments in a JSON object."""
    method.__dict__["is_operation"] = True
    return method


class Control:
    """The handle of one emulated CRM. Methods may be called from any thread; they raise ControlError."""

    def __init__(
        self,
        *,
        lock: RLock,
        clock: Clock,
        log: RequestLog,
        faults: Faults,
        named_faults: NamedFaults,
        named_refusals: NamedRefusals,
        seed: int = 0,
    ) -> None:
        self.lock, self.clock, self.log, self.faults = lock, clock, log, faults
        self.refusals = Refusals(seed)
        self.named_faults, self.named_refusals = named_faults, named_refusals

    @operation
    def fault(
        self,
        name: str,
        *,
        method: str | None = None,
        path: str = "",
        query: str = "",
        times: int | None = 1,
        after: int = 0,
        probability: float = 1.0,
    ) -> None:
        """Let a named fault happen to requests; the arguments are those of `Faults.add`."""
        action = _named(name, self.named_faults, "fault")()
        self.faults.add(
            method=method, path=path, query=query, action=action, times=times, after=after, probability=probability
        )

    @operation
    def refuse(
        self,
        name: str,
        *,
        object: str | None = None,
        ids: list[str] | None = None,
        times: int | None = 1,
        probability: float = 1.0,
    ) -> None:
        """Refuse writes of single records with a named error; the arguments are those of `Refusals.add`."""
        error = _named(name, self.named_refusals, "refusal")
        self.refusals.add(error, object=object, ids=ids, times=times, probability=probability)

    @operation
    def before(
        self,
        do: str,
        arguments: Mapping[str, Any],
        *,
        method: str | None = None,
        path: str = "",
        times: int | None = 1,
        after: int = 0,
    ) -> None:
        """Do another operation just before a request is handled: a user's edit between a read and a write."""
        function = self.operations().get(do)
        if function is None or do == "before":
            raise ControlError(f"There is no operation {do}; there are {', '.join(sorted(self.operations()))}.")
        _bound(do, function, arguments)
        action = Call(lambda: function(**arguments))
        self.faults.add(method=method, path=path, action=action, times=times, after=after)

    @operation
    def clear(self) -> None:
        """End all faults and refusals."""
        self.faults.clear()
        self.refusals.clear()

    @operation
    def advance_clock(self, seconds: float) -> None:
        """Move the CRM's time; moving only one of the two CRMs is clock skew."""
        self.clock.advance(seconds)

    @operation
    def set_clock(self, at: str | None = None) -> None:
        """Let the CRM's time stand still at an ISO 8601 time with a zone; null goes back to real time."""
        try:
            self.clock.set(datetime.fromisoformat(at) if at is not None else None)
        except ValueError:
            raise ControlError(f"{at} is no time with a zone, like 2026-11-24T09:00:00+09:00.") from None

    @operation
    def forget_requests(self) -> None:
        """Empty the log of requests."""
        self.log.clear()

    def requests(self) -> list[dict[str, Any]]:
        """The logged requests, oldest first, as JSON values; bodies that are no UTF-8 are in base64."""
        return [_shown(request) for request in list(self.log.requests)]

    def operations(self) -> dict[str, Callable[..., Any]]:
        """What the HTTP face offers, by name."""
        found = {
            name: getattr(self, name) for name in dir(type(self)) if hasattr(getattr(type(self), name), "__dict__")
        }
        return {name: method for name, method in found.items() if getattr(method, "is_operation", False)}

    def answer(self, method: str, name: str, body: bytes) -> Any:
        """What a request to the control API gets, as a JSON value."""
        if method == "GET" and name == "requests":
            return self.requests()
        if method == "GET" and name == "":
            return self.description()
        if method != "POST" or name not in self.operations():
            raise ControlError(
                f"{method} {PREFIX}/{name} is not there: GET {PREFIX} lists what is, operations are called by POST."
            )
        arguments = _arguments(body)
        function = self.operations()[name]
        _bound(name, function, arguments)
        try:
            return {"result": function(**arguments)}
        except (TypeError, ValueError, KeyError) as error:
            raise ControlError(f"{name} failed: {type(error).__name__}: {error}.") from error

    def description(self) -> dict[str, Any]:
        """All operations with their arguments and meaning, and the names of faults and refusals."""
        return {
            "operations": {
                name: {"arguments": str(inspect.signature(method)), "meaning": inspect.getdoc(method)}
                for name, method in sorted(self.operations().items())
            },
            "faults": sorted(self.named_faults),
            "refusals": sorted(self.named_refusals),
        }


def controlled(app: ASGIApp, control: Control) -> ASGIApp:
    """`app` with the control API beside it; control requests are neither logged nor meet faults."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path != PREFIX and not path.startswith(PREFIX + "/"):
            await app(scope, receive, send)
            return
        request = HttpRequest(scope, receive)
        try:
            answer, status = control.answer(request.method, path[len(PREFIX) :].strip("/"), await request.body()), 200
        except Exception as error:  # a CRM's refusal as well: whoever called is told
            answer, status = {"error": str(error)}, 400
        content = orjson.dumps(answer, option=orjson.OPT_INDENT_2)
        await Response(content, status, media_type="application/json")(scope, receive, send)

    return wrapped


_Value = TypeVar("_Value")


def _named(name: str, known: Mapping[str, _Value], what: str) -> _Value:
    if name not in known:
        raise ControlError(f"There is no {what} {name}; there are {', '.join(sorted(known))}.")
    return known[name]


def _arguments(body: bytes) -> dict[str, Any]:
    try:
        arguments = orjson.loads(body or b"{}")
    except ValueError as error:
        raise ControlError(f"The arguments are no JSON: {error}.") from None
    if not isinstance(arguments, dict):
        raise ControlError("The arguments must be a JSON object.")
    return arguments


def _bound(name: str, function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    try:
        inspect.signature(function).bind(**arguments)
    except TypeError as error:
        raise ControlError(f"{name}: {error}; it takes {inspect.signature(function)}.") from None


def _shown(request: Request) -> dict[str, Any]:
    try:
        body = {"body": request.body.decode()}
    except UnicodeDecodeError:
        body = {"body_base64": base64.b64encode(request.body).decode()}
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": dict(request.headers),
        **body,
        "status": request.status,
        "at": request.at.isoformat(),
    }
