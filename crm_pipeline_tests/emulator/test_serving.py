"""Serving, logging and faults over real HTTP, with an app that only counts."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.faults import Call, CutAfter, CutBefore, CutWithin, Delay, Edit, Faults, Status, truncated
from crm_pipeline.emulator.middleware import observed
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.server import Server, serving


class Counter:
    def __init__(self) -> None:
        self.clock = Clock()
        self.handled = 0
        self.log = RequestLog()
        self.faults = Faults()
        routes = [Route("/{rest:path}", self.handle, methods=["GET", "POST"])]
        self.app = observed(Starlette(routes=routes), self.log, self.faults, self.clock)

    async def handle(self, request: Request) -> JSONResponse:
        self.handled += 1
        return JSONResponse({"handled": self.handled, "body": (await request.body()).decode()})


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def server(counter: Counter) -> Iterator[Server]:
    with serving(counter.app) as server:
        yield server


def test_requests_are_served_on_loopback_and_logged(counter: Counter, server: Server) -> None:
    answer = requests.post(server.url + "/a%20b?x=1&x=2", data="hello", headers={"Authorization": "Bearer secret"})

    assert answer.json() == {"handled": 1, "body": "hello"}
    (logged,) = counter.log.requests
    assert (logged.method, logged.path, logged.query) == ("POST", "/a b", "x=1&x=2")
    assert (logged.body, logged.status) == (b"hello", 200)
    assert "authorization" not in logged.headers
    assert "secret" not in repr(logged)


def test_the_date_header_is_the_emulated_time(counter: Counter, server: Server) -> None:
    counter.clock.set(datetime(2026, 11, 24, 12, tzinfo=UTC))

    assert requests.get(server.url + "/").headers["Date"] == "Tue, 24 Nov 2026 12:00:00 GMT"


def test_header_names_are_spelled_as_the_platforms_do(counter: Counter, server: Server) -> None:
    counter.faults.add(
        action=Status(429, {}, {"x-hubspot-ratelimit-daily": "1", "sforce-limit-info": "x", "etag": "y"})
    )

    names = set(requests.get(server.url + "/").headers)

    assert {"Content-Type", "Date", "X-HubSpot-RateLimit-Daily", "Sforce-Limit-Info", "ETag"} <= names


def test_a_status_fault_answers_without_handling(counter: Counter, server: Server) -> None:
    counter.faults.add(
        path="^/slow",
        action=Status(429, {"error": "later"}, {"Retry-After": "7"}),
        times=2,
        after=1,
    )

    codes = [requests.get(server.url + "/slow").status_code for _ in range(4)]
    other = requests.get(server.url + "/other/slow")

    assert codes == [200, 429, 429, 200]
    assert other.status_code == 200
    assert counter.handled == 3
    assert [logged.status for logged in counter.log.requests] == [200, 429, 429, 200, 200]


def test_a_status_fault_carries_body_and_headers(counter: Counter, server: Server) -> None:
    counter.faults.add(action=Status(503, {"a": "後で"}, {"Retry-After": "7"}))

    answer = requests.get(server.url + "/")

    assert json.loads(answer.content) == {"a": "後で"}
    assert answer.headers["Retry-After"] == "7"


def test_a_cut_before_leaves_the_request_unhandled(counter: Counter, server: Server) -> None:
    counter.faults.add(method="post", action=CutBefore())

    with pytest.raises(requests.ConnectionError):
        requests.post(server.url + "/")

    assert counter.handled == 0
    assert requests.post(server.url + "/").json()["handled"] == 1
    assert [logged.status for logged in counter.log.requests] == [0, 200]


def test_a_cut_after_handles_the_request_but_does_not_answer(counter: Counter, server: Server) -> None:
    counter.faults.add(method="POST", action=CutAfter())

    assert requests.get(server.url + "/").status_code == 200
    with pytest.raises(requests.ConnectionError):
        requests.post(server.url + "/")

    assert counter.handled == 2
    assert [logged.status for logged in counter.log.requests] == [200, 200]


def test_a_cut_within_the_answer_is_seen_as_a_broken_connection(counter: Counter, server: Server) -> None:
    counter.faults.add(action=CutWithin())

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.get(server.url + "/")

    assert counter.handled == 1
    assert requests.get(server.url + "/").status_code == 200


def test_an_edited_answer_is_whole_and_has_another_body(counter: Counter, server: Server) -> None:
    counter.faults.add(action=truncated())
    counter.faults.add(action=Edit(lambda body: body.upper()))

    assert requests.get(server.url + "/").text == '{"HANDLED":'
    assert requests.get(server.url + "/").text == '{"handled":2,"body":""}'


def test_a_delay_outlasts_an_impatient_client(counter: Counter, server: Server) -> None:
    counter.faults.add(action=Delay(0.4))

    with pytest.raises(requests.ReadTimeout):
        requests.get(server.url + "/", timeout=0.05)


def test_a_call_happens_before_the_request_is_handled(counter: Counter, server: Server) -> None:
    seen: list[int] = []
    counter.faults.add(action=Call(lambda: seen.append(counter.handled)))
    counter.faults.add(action=CutAfter())

    with pytest.raises(requests.ConnectionError):
        requests.get(server.url + "/")

    assert seen == [0]
    assert counter.handled == 1


def test_a_stopped_server_leaves_no_thread_and_frees_its_port(counter: Counter) -> None:
    before = threading.active_count()
    with serving(counter.app) as first:
        requests.get(first.url + "/")
    assert threading.active_count() == before

    with serving(counter.app, port=first.port) as second:
        assert requests.get(second.url + "/").status_code == 200


def test_a_taken_port_is_an_error(server: Server, counter: Counter) -> None:
    with pytest.raises(OSError, match="in use"), serving(counter.app, port=server.port):
        pass
