"""The HTTP face: tokens, versions, sessions, limits, and what is refused before a record is looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.faults import CutAfter, Faults
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.salesforce import SalesforceStore, create_app
from crm_pipeline.emulator.salesforce.ids import make_id
from crm_pipeline.emulator.server import serving
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

_GRANT = {"grant_type": "client_credentials"}


@pytest.mark.parametrize(
    "request_",
    [
        {"data": _GRANT, "auth": ("demo-client", "demo-secret")},
        {"data": {**_GRANT, "client_id": "demo-client", "client_secret": "demo-secret"}},
    ],
    ids=["basic", "body"],
)
def test_client_credentials_give_a_usable_token(url: str, request_: dict[str, Any], store: SalesforceStore) -> None:
    body = requests.post(f"{url}/services/oauth2/token", timeout=10, **request_).json()
    assert (body["instance_url"], body["token_type"], body["issued_at"]) == (url, "Bearer", "1795521600000")
    assert body["id"].endswith(f"/{store.organisation_id}/{store.integration_user_id}")
    assert Raw(url, body["access_token"])("GET", "limits").status_code == 200


@pytest.mark.parametrize(
    ("form", "auth", "error"),
    [
        (_GRANT, ("demo-client", "wrong"), "invalid_client"),
        (_GRANT, ("wrong", "demo-secret"), "invalid_client_id"),
        (_GRANT, None, "invalid_client_id"),
        ({"grant_type": "device"}, ("demo-client", "demo-secret"), "unsupported_grant_type"),
    ],
)
def test_wrong_credentials(url: str, form: dict[str, str], auth: tuple[str, str] | None, error: str) -> None:
    answer = requests.post(f"{url}/services/oauth2/token", form, auth=auth, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_session_ends_two_hours_after_its_last_use(raw: Raw, clock: Clock) -> None:
    for _ in range(3):
        clock.advance(7000)
        assert raw("GET", "limits").status_code == 200
    clock.advance(7300)
    answer = raw("GET", "limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")


def test_an_instance_url_may_end_in_a_slash(url: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("//services/data", "//services/data/v60.0/query?q=SELECT Id FROM User"):
        assert requests.get(url + path, headers=headers, timeout=10).status_code == 200


def test_versions_are_listed_without_a_session(url: str) -> None:
    listed = requests.get(f"{url}/services/data/", timeout=10).json()
    by_version = {entry["version"]: entry for entry in listed}
    assert by_version["67.0"] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}
    assert by_version["59.0"]["label"] == "Winter '24"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "nothing", 404, "NOT_FOUND"),
        ("GET", "sobjects/Nothing/describe", 404, "NOT_FOUND"),
        ("GET", f"sobjects/Lead/{make_id('00Q', 9)}", 404, "NOT_FOUND"),
        ("GET", "sobjects/Lead/not-an-id", 404, "NOT_FOUND"),
        ("GET", "sobjects/Lead/Key__c/unknown", 404, "NOT_FOUND"),
        ("GET", "sobjects/Lead/Company/x", 404, "NOT_FOUND"),
        ("PUT", "sobjects/Lead", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "query", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/services/data/v30.0/limits", 410, "UNSUPPORTED_API_VERSION"),
        ("GET", "/services/data/v99.0/limits", 404, "NOT_FOUND"),
        ("GET", "query/01g5g0000000009AAA-2000", 400, "INVALID_QUERY_LOCATOR"),
        ("GET", "query", 400, "MALFORMED_QUERY"),
        ("PATCH", "composite/sobjects", 400, "JSON_PARSER_ERROR"),
    ],
)
def test_refused_requests(raw: Raw, method: str, path: str, status: int, code: str) -> None:
    answer = raw(method, path)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)
    assert answer.headers["Sforce-Limit-Info"].startswith("api-usage=")


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("application/json", '{"LastName":', 400, "JSON_PARSER_ERROR"),
        ("application/json", '{"AnnualRevenue": NaN}', 400, "JSON_PARSER_ERROR"),
        ("application/json", "[]", 400, "JSON_PARSER_ERROR"),
        ("application/json", "", 400, "JSON_PARSER_ERROR"),
        ("text/plain", "{}", 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_refused_bodies(raw: Raw, content_type: str, body: str, status: int, code: str) -> None:
    answer = raw("POST", "sobjects/Lead/", data=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


def test_too_long_a_url(raw: Raw) -> None:
    assert raw.query("SELECT Id FROM Lead WHERE Id = '" + "x" * 16_384).status_code == 414


def test_the_daily_limit_stops_calls_until_the_next_day(raw: Raw, store: SalesforceStore, clock: Clock) -> None:
    store.usage.limit = 2
    assert [raw("GET", "limits").status_code for _ in range(3)] == [200, 200, 403]
    refused = raw("GET", "limits")
    assert refused.json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    assert refused.headers["Sforce-Limit-Info"] == "api-usage=2/2"
    store.usage.limit = 3
    assert raw("GET", "limits").headers["Sforce-Limit-Info"] == "api-usage=3/3"
    clock.advance(24 * 3600)
    store.sessions.issue(clock.now())
    assert store.usage.count(clock.now())


def test_a_locator_lives_two_days(raw: Raw, store: SalesforceStore, clock: Clock) -> None:
    store.batch_limit = 2
    for n in range(5):
        store.create("Lead", {"LastName": f"L{n}", "Company": "C"})
    first = raw.query("SELECT LastName FROM Lead").json()
    second = raw("GET", first["nextRecordsUrl"]).json()
    assert [row["LastName"] for row in second["records"]] == ["L2", "L3"]
    clock.advance(2 * 24 * 3600 + 1)
    raw.session.headers["Authorization"] = f"Bearer {store.sessions.issue(clock.now())}"
    assert raw("GET", first["nextRecordsUrl"]).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_organisation_and_permissions_can_be_read(raw: Raw, store: SalesforceStore) -> None:
    store.set_permission("PermissionsViewSetup", False)
    (organisation,) = raw.query("SELECT Id, IsSandbox, TimeZoneSidKey FROM Organization").json()["records"]
    (granted,) = raw.query("SELECT PermissionsApiEnabled, PermissionsViewSetup FROM UserPermissionAccess").json()[
        "records"
    ]
    assert (organisation["Id"], organisation["IsSandbox"]) == (store.organisation_id, True)
    assert organisation["TimeZoneSidKey"] == "Asia/Tokyo"
    assert (granted["PermissionsApiEnabled"], granted["PermissionsViewSetup"]) == (True, False)


@pytest.mark.parametrize(
    ("resource", "days_ago", "minutes_long", "code"),
    [
        ("deleted", 16, 60, "INVALID_REPLICATION_DATE"),
        ("deleted", 14, 60, None),
        ("updated", 29, 60, None),
        ("updated", 31, 60, "INVALID_REPLICATION_DATE"),
        ("updated", 1, 0, "INVALID_REPLICATION_DATE"),
        ("deleted", 1, -5, "INVALID_REPLICATION_DATE"),
    ],
)
def test_windows_of_changes(
    raw: Raw, clock: Clock, resource: str, days_ago: int, minutes_long: int, code: str | None
) -> None:
    start = clock.now() - timedelta(days=days_ago)
    window = {"start": start.isoformat(), "end": (start + timedelta(minutes=minutes_long)).isoformat()}
    answer = raw("GET", f"sobjects/Lead/{resource}", params=window)
    assert (answer.json()[0]["errorCode"] if answer.status_code == 400 else None) == code


def test_a_window_without_an_offset_is_refused(raw: Raw) -> None:
    window = {"start": "2026-11-23T00:00:00+00:00", "end": "2026-11-24T00:00:00+00:00%3A"}
    assert raw("GET", "sobjects/Lead/deleted", params=window).json()[0]["errorCode"] == "INVALID_REPLICATION_DATE"


def test_a_purged_deletion_log_says_from_when_it_is_complete(raw: Raw, store: SalesforceStore, lead: str) -> None:
    store.delete("Lead", lead)
    store.empty_recycle_bin()
    window = {"start": "2026-11-23T00:00:00Z", "end": "2026-11-24T13:00:00Z"}
    before = raw("GET", "sobjects/Lead/deleted", params=window).json()
    assert [entry["id"] for entry in before["deletedRecords"]] == [lead]
    assert before["earliestDateAvailable"] < "2026-11-23T00:00:00.000+0000"
    store.clock.advance(60)
    store.purge_deletion_log()
    after = raw("GET", "sobjects/Lead/deleted", params=window).json()
    assert after["deletedRecords"] == []
    assert after["earliestDateAvailable"] == "2026-11-24T12:01:00.000+0000"


def test_a_lost_answer_leaves_the_update_done_and_logged(store: SalesforceStore, lead: str) -> None:
    log, faults = RequestLog(), Faults()
    with serving(create_app(store, log=log, faults=faults)) as server:
        raw = Raw(server.url, store.sessions.issue(store.clock.now()))
        faults.add(method="PATCH", path="/sobjects/Lead/", action=CutAfter())
        with pytest.raises(requests.ConnectionError):
            raw("PATCH", f"sobjects/Lead/{lead}", {"Title": "部長"})
        read = {"method": "GET", "url": f"/services/data/v62.0/sobjects/Lead/{lead}", "referenceId": "r"}
        answer = raw("POST", "composite", {"compositeRequest": [read]}).json()["compositeResponse"][0]
    assert answer["body"]["Title"] == "部長"
    assert [(request.method, request.status) for request in log.writing()] == [("PATCH", 204)]
    assert len(log.requests) == 2


def test_half_a_character_becomes_a_question_mark(raw: Raw, store: SalesforceStore) -> None:
    body = rb'{"LastName": "a\ud83d", "FirstName": "\ud83d\ude00", "Company": "C"}'
    made = raw("POST", "sobjects/Lead", data=body, headers={"Content-Type": "application/json"})
    read = raw("GET", f"sobjects/Lead/{made.json()['id']}").json()
    assert (read["LastName"], read["FirstName"]) == ("a?", "😀")
    (found,) = raw.query(r"SELECT Id FROM Lead WHERE FirstName = '\ud83d\ude00'").json()["records"]
    assert found["Id"] == made.json()["id"]
    assert raw.query(r"SELECT Id FROM Lead WHERE Id = '\ud83d'").status_code == 400
