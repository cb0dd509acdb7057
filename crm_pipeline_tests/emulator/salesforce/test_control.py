"""Every failure of Salesforce on demand: over the control API, seen by simple-salesforce or by plain requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any

import pytest
import requests

from crm_pipeline.emulator.control import controlled
from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.salesforce import SalesforceStore, create_app
from crm_pipeline.emulator.salesforce.control import SalesforceControl
from crm_pipeline.emulator.server import serving
from crm_pipeline_tests.emulator.salesforce.conftest import NOON, Raw


@dataclass(frozen=True)
class Organisation:
    url: str
    store: SalesforceStore
    log: RequestLog
    raw: Raw

    def do(self, operation: str, **arguments: Any) -> Any:
        """Call an operation of the control API as another program would: without a token."""
        answer = requests.post(f"{self.url}/emulator/{operation}", json=arguments, timeout=5)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]


@pytest.fixture
def organisation(store: SalesforceStore) -> Iterator[Organisation]:
    log, faults = RequestLog(), Faults()
    control = SalesforceControl(store, log, faults)
    with serving(controlled(create_app(store, log=log, faults=faults), control)) as server:
        yield Organisation(server.url, store, log, Raw(server.url, store.sessions.issue(NOON)))


@pytest.mark.parametrize(
    ("name", "status", "part"),
    [
        ("request_limit_exceeded", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("concurrent_limit_exceeded", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("server_unavailable", 503, "SERVER_UNAVAILABLE"),
        ("internal_error", 500, "UNKNOWN_EXCEPTION"),
        ("html_body", 503, "<html>"),
        ("query_timeout", 400, "QUERY_TIMEOUT"),
        ("session_expired", 401, "INVALID_SESSION_ID"),
    ],
)
def test_a_named_fault_answers_in_the_platforms_words(
    organisation: Organisation, name: str, status: int, part: str
) -> None:
    organisation.do("fault", name=name, path="/query")

    answer = organisation.raw.query("SELECT Id FROM Contact")

    assert answer.status_code == status
    assert part in answer.text


def test_a_fault_is_over_after_its_times(organisation: Organisation) -> None:
    organisation.do("fault", name="server_unavailable", times=2)

    statuses = [organisation.raw.query("SELECT Id FROM Contact").status_code for _ in range(3)]

    assert statuses == [503, 503, 200]


@pytest.mark.parametrize(("name", "written"), [("cut_before", 0), ("cut_after", 1)])
def test_a_connection_is_cut_before_or_after_the_write_landed(
    organisation: Organisation, name: str, written: int
) -> None:
    organisation.do("fault", name=name, method="POST")

    with pytest.raises(requests.exceptions.ConnectionError):
        organisation.raw("POST", "sobjects/Contact", {"LastName": "山田"})

    assert len(organisation.store.ids("Contact")) == written


def test_an_expired_session_is_refused_until_a_new_login(organisation: Organisation) -> None:
    organisation.do("expire_sessions")
    assert organisation.raw("GET", "limits").status_code == 401

    login = requests.post(
        f"{organisation.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=("demo-client", "demo-secret"),
        timeout=5,
    )
    assert Raw(organisation.url, login.json()["access_token"])("GET", "limits").status_code == 200


def test_one_row_of_a_collection_is_locked(organisation: Organisation) -> None:
    ids = [organisation.store.create("Contact", {"LastName": f"n{number}"}) for number in range(3)]
    organisation.do("refuse", name="unable_to_lock_row", ids=[ids[1]])
    records = [{"attributes": {"type": "Contact"}, "id": one, "Phone": "1"} for one in ids]

    answers = [
        organisation.raw("PATCH", "composite/sobjects", {"allOrNone": False, "records": records}).json()
        for _ in range(2)
    ]

    assert [one["success"] for one in answers[0]] == [True, False, True]
    assert answers[0][1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert all(one["success"] for one in answers[1])


def test_all_or_none_rolls_back_for_one_locked_row(organisation: Organisation) -> None:
    ids = [organisation.store.create("Contact", {"LastName": f"n{number}"}) for number in range(2)]
    organisation.do("refuse", name="unable_to_lock_row", ids=[ids[1]])
    records = [{"attributes": {"type": "Contact"}, "id": one, "Phone": "1"} for one in ids]

    answer = organisation.raw("PATCH", "composite/sobjects", {"allOrNone": True, "records": records}).json()

    assert [one["success"] for one in answer] == [False, False]
    assert organisation.store.read("Contact", ids[0])["Phone"] is None


def test_a_users_edit_before_a_conditional_update_is_a_412(organisation: Organisation, store: SalesforceStore) -> None:
    record_id = store.create("Contact", {"LastName": "山田"})
    since = format_datetime(store.clock.now(), usegmt=True)
    store.clock.advance(5)
    organisation.do(
        "before",
        do="edit",
        arguments={"object": "Contact", "id": record_id, "fields": {"Phone": "2"}},
        method="PATCH",
    )

    answer = organisation.raw(
        "PATCH", f"sobjects/Contact/{record_id}", {"Phone": "3"}, headers={"If-Unmodified-Since": since}
    )

    assert answer.status_code == 412
    assert store.read("Contact", record_id)["Phone"] == "2"


def test_a_row_becomes_visible_later_than_its_time_stamp(organisation: Organisation, store: SalesforceStore) -> None:
    def count(soql: str) -> int:
        return int(organisation.raw.query(soql).json()["totalSize"])

    old = store.create("Contact", {"LastName": "before"})
    store.clock.advance(60)
    organisation.do("delay_commits", seconds=30)
    new = store.create("Contact", {"LastName": "new"})
    stamp = store.read("Contact", new)["SystemModstamp"].replace("+0000", "Z")

    assert count("SELECT Id FROM Contact") == 1
    assert organisation.raw("GET", f"sobjects/Contact/{new}").status_code == 200
    store.clock.advance(31)
    assert count("SELECT Id FROM Contact") == 2
    assert count(f"SELECT Id FROM Contact WHERE SystemModstamp <= {stamp}") == 2
    assert old != new


def test_the_bin_and_the_log_of_deletions_are_purged(organisation: Organisation, store: SalesforceStore) -> None:
    def listed() -> list[str]:
        window = {"start": "2026-11-24T00:00:00Z", "end": "2026-11-25T00:00:00Z"}
        answer = organisation.raw("GET", "sobjects/Contact/deleted", params=window).json()
        return [one["id"] for one in answer["deletedRecords"]]

    record_id = store.create("Contact", {"LastName": "山田"})
    organisation.do("delete", object="Contact", id=record_id)
    deleted = organisation.raw.query("SELECT Id FROM Contact WHERE IsDeleted = true", resource="queryAll").json()
    store.clock.advance(60)
    assert (deleted["totalSize"], listed()) == (1, [record_id])

    organisation.do("purge")
    gone = organisation.raw.query("SELECT Id FROM Contact", resource="queryAll").json()
    assert (gone["totalSize"], listed()) == (0, [record_id])

    organisation.do("forget_deletions")
    assert listed() == []


def test_users_merge_convert_and_undelete(organisation: Organisation, store: SalesforceStore) -> None:
    one, two = (organisation.do("create", object="Contact", fields={"LastName": name}) for name in "ab")
    organisation.do("merge", winner=one, loser=two)
    assert store.read("Contact", two)["MasterRecordId"] == one

    lead = organisation.do("create", object="Lead", fields={"LastName": "山田", "Company": "製造"})
    account, contact = organisation.do("convert_lead", id=lead)
    assert store.read("Lead", lead)["ConvertedContactId"] == contact
    assert store.read("Contact", contact)["AccountId"] == account

    organisation.do("delete", object="Contact", id=one)
    organisation.do("undelete", object="Contact", id=one)
    assert one in store.ids("Contact")


def test_a_system_process_moves_system_modstamp_alone(organisation: Organisation, store: SalesforceStore) -> None:
    record_id = store.create("Contact", {"LastName": "山田"})
    before = store.read("Contact", record_id)
    store.clock.advance(60)
    organisation.do("touch", object="Contact", id=record_id)
    after = store.read("Contact", record_id)

    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["LastModifiedDate"] == before["LastModifiedDate"]


def test_bulk_jobs_wait_as_long_as_they_are_told(organisation: Organisation, store: SalesforceStore) -> None:
    organisation.do("delay_bulk_jobs", seconds=3600)
    job = organisation.raw("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()["id"]
    waiting = organisation.raw("GET", f"jobs/query/{job}").json()["state"]

    organisation.do("delay_bulk_jobs", seconds=0)
    store.bulk.worker.wait()

    assert (waiting, organisation.raw("GET", f"jobs/query/{job}").json()["state"]) == ("UploadComplete", "JobComplete")


def test_a_certificate_must_be_one(organisation: Organisation) -> None:
    answer = requests.post(f"{organisation.url}/emulator/register_certificate", json={"pem": "nonsense"}, timeout=5)

    assert answer.status_code == 400
    assert "register_certificate failed" in answer.json()["error"]


def test_permissions_are_taken_from_the_integration_user(organisation: Organisation) -> None:
    organisation.do("set_permission", name="PermissionsViewAllData", granted=False)

    answer = organisation.raw.query("SELECT PermissionsViewAllData FROM UserPermissionAccess").json()

    assert answer["records"][0]["PermissionsViewAllData"] is False


def test_a_refusal_of_the_platform_comes_back_as_text(organisation: Organisation) -> None:
    body = {"object": "Contact", "id": "003000000000000AAA", "fields": {}}

    answer = requests.post(f"{organisation.url}/emulator/edit", json=body, timeout=5)

    assert answer.status_code == 400
    assert "NOT_FOUND" in answer.json()["error"]


def test_the_daily_limit_can_be_switched_off_and_on(organisation: Organisation, store: SalesforceStore) -> None:
    store.usage.limit = 2
    statuses = [organisation.raw("GET", "limits").status_code for _ in range(3)]
    organisation.do("enforce_limits", on=False)
    counted = organisation.raw("GET", "limits")
    organisation.do("enforce_limits", on=True)

    assert statuses == [200, 200, 403]
    assert (counted.status_code, counted.headers["Sforce-Limit-Info"]) == (200, "api-usage=3/2")
    assert organisation.raw("GET", "limits").status_code == 403
