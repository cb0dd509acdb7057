"""ASGI middleware around an emulated CRM: logs every request and lets the faults happen."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.faults import (
    Action,
    Call,
    CutAfter,
    CutBefore,
    CutWithin,
    Delay,
    Edit,
    Faults,
    Status,
)
from crm_pipeline.emulator.request_log import Request, RequestLog

CUT_CONNECTION = "crm_pipeline.cut_connection"
"""Key of the scope under which `server.serving` puts a function that closes the TCP connection."""


def observed(app: ASGIApp, log: RequestLog | None, faults: Faults | None, clock: Clock | None = None) -> ASGIApp:
    """`app` with its requests written to `log` and `faults` applied; either may be None.

    Every answer carries a Date header with the time of `clock` (None: the real time).
    """
    clock = clock or Clock()

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        body = await _read_body(receive)
        answer = _Answer()
        query = scope["query_string"].decode("latin-1")
        actions = faults.actions(scope["method"], scope["path"], query) if faults else []
        cut = await _answer(app, scope, body, answer, actions)
        if log is not None:
            log.add(_logged(scope, body, answer.status))
        if cut:
            await _cut(scope, receive)
        else:
            for message in answer.messages:
                if message["type"] == "http.response.start":
                    date = format_datetime(clock.now(), usegmt=True).encode()
                    headers = [*message.get("headers", ()), (b"date", date)]
                    message["headers"] = [(spelled(name), value) for name, value in headers]
                if message["type"] == "http.response.body" and answer.is_cut_within:
                    part = message.get("body", b"")
                    await send({**message, "body": part[: len(part) // 2], "more_body": True})
                    await _cut(scope, receive)
                    return
                await send(message)

    return wrapped


class _Spelled(bytes):
    """A header's name that uvicorn's `lower()` leaves as it is."""

    def lower(self) -> bytes:
        return self


#: Names that uvicorn itself has to recognise.
_FRAMING = (b"connection", b"content-length", b"transfer-encoding")


@cache
def spelled(name: bytes) -> bytes:
    """A header's name as both platforms write it: there are clients that look for `Content-Type` in that spelling."""
    if name.lower() in _FRAMING:
        return name
    text = "-".join(part.capitalize() for part in name.decode("latin-1").split("-"))
    return _Spelled(text.replace("Etag", "ETag").replace("Hubspot-Ratelimit", "HubSpot-RateLimit").encode("latin-1"))


class _Answer:
    """An answer held back until it is certain that it may be sent."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.status = 0
        self.is_cut_within = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.messages.append(message)

    def edit(self, function: Callable[[bytes], bytes]) -> None:
        """Put another body in the place of the one that there is."""
        start, *parts = self.messages
        headers = dict(start["headers"])
        body = function(b"".join(part.get("body", b"") for part in parts))
        headers[b"content-length"] = str(len(body)).encode()
        changed = {"type": "http.response.body", "body": body}
        self.messages = [{**start, "headers": list(headers.items())}, changed]


async def _answer(app: ASGIApp, scope: Scope, body: bytes, answer: _Answer, actions: list[Action]) -> bool:
    """Fill `answer`; True when the connection must be cut instead of sending it."""
    cut, edits = False, list[Edit]()
    for action in actions:
        match action:
            case Delay(seconds):
                await asyncio.sleep(seconds)
            case Call(function):
                function()
            case CutBefore():
                return True
            case Status():
                await _send_status(action, answer.send)
                return False
            case CutAfter():
                cut = True
            case CutWithin():
                answer.is_cut_within = True
            case Edit():
                edits.append(action)
    await app(scope, _replay(body), answer.send)
    for edit in edits:
        answer.edit(edit.function)
    return cut


async def _read_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes) -> Receive:
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return pending.pop() if pending else {"type": "http.disconnect"}

    return receive


async def _send_status(status: Status, send: Send) -> None:
    headers = {name.lower(): value for name, value in status.headers.items()}
    if isinstance(status.body, bytes):
        body = status.body
    elif isinstance(status.body, str):
        body = status.body.encode()
    else:
        body = json.dumps(status.body).encode()
        headers.setdefault("content-type", "application/json;charset=utf-8")
    headers["content-length"] = str(len(body))
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status.code, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _cut(scope: Scope, receive: Receive) -> None:
    close: Callable[[], None] | None = scope.get(CUT_CONNECTION)
    if close is None:
        raise RuntimeError("Connections can only be cut when the app runs in server.serving().")
    close()
    # The server must have seen the end of the connection, or it would answer 500 for us.
    while (await receive())["type"] != "http.disconnect":
        pass


def _logged(scope: Scope, body: bytes, status: int) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    for name in ("authorization", "x-sfdc-session"):
        headers.pop(name, None)
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        status=status,
        at=datetime.now(UTC),
    )
