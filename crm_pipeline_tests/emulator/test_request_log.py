"""Which requests count as writing, in both CRMs, and what is kept of them."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crm_pipeline.emulator.request_log import Request, RequestLog

COMPOSITE = "/services/data/v62.0/composite"


def request(method: str, path: str, body: object = None) -> Request:
    return Request(method, path, "", {}, json.dumps(body).encode(), 200, datetime.now(UTC))


def logged(one: Request) -> RequestLog:
    log = RequestLog()
    log.add(one)
    return log


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/crm/v3/objects/contacts", None),
        ("POST", "/crm/v3/objects/contacts/search", {}),
        ("POST", "/crm/objects/2026-03/contacts/batch/read", {}),
        ("POST", "/oauth/v2/private-apps/get/access-token-info", {}),
        ("POST", "/services/oauth2/token", None),
        ("POST", "/services/Soap/u/62.0", None),
        ("POST", f"{COMPOSITE}/sobjects/Account", {"ids": []}),
        ("POST", "/services/data/v62.0/jobs/query", {}),
        ("DELETE", "/services/data/v62.0/jobs/query/7501", None),
        ("POST", COMPOSITE, {"compositeRequest": [{"method": "GET"}]}),
        ("POST", f"{COMPOSITE}/graph", {"graphs": [{"compositeRequest": [{"method": "GET"}]}]}),
        ("POST", f"{COMPOSITE}/batch", {"batchRequests": [{"method": "get"}]}),
        ("POST", COMPOSITE, None),
    ],
)
def test_reading_requests_are_not_writing(method: str, path: str, body: object) -> None:
    assert logged(request(method, path, body)).writing() == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/crm/v3/objects/contacts/1", {}),
        ("DELETE", "/crm/v3/objects/contacts/1", None),
        ("POST", "/crm/v3/objects/contacts", {}),
        ("POST", "/crm/objects/2026-03/contacts/batch/update", {}),
        ("POST", f"{COMPOSITE}/sobjects", {"records": []}),
        ("PATCH", f"{COMPOSITE}/sobjects/Account/Ext__c", {"records": []}),
        ("POST", "/services/data/v62.0/jobs/ingest", {}),
        ("POST", COMPOSITE, {"compositeRequest": [{"method": "GET"}, {"method": "PATCH"}]}),
        (
            "POST",
            f"{COMPOSITE}/graph",
            {"graphs": [{"compositeRequest": [{"method": "GET"}, {"method": "POST"}]}]},
        ),
    ],
)
def test_requests_that_can_change_data_are_writing(method: str, path: str, body: object) -> None:
    writing = request(method, path, body)

    assert logged(writing).writing() == [writing]


def test_a_log_of_the_newest_requests_keeps_the_beginnings_of_their_bodies() -> None:
    upload = replace(request("PUT", "/services/data/v62.0/jobs/ingest/1/batches", None), body=b"x" * 1_000_000)
    everything, newest = RequestLog(), RequestLog(keep=2)
    for log in (everything, newest):
        for _ in range(3):
            log.add(upload)

    assert [len(one.body) for one in everything.requests] == [1_000_000] * 3
    assert [len(one.body) for one in newest.requests] == [65_536] * 2
