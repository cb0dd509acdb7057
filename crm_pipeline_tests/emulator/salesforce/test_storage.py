"""Storage of the organisation: late commits, refused writes, threads, pages of big results."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import requests

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.imported import ImportedRecord
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.errors import ApiError

from .conftest import NOON, Raw

_COUNT = "SELECT COUNT() FROM Lead"


def _titles(raw: Raw, resource: str = "query") -> list[str | None]:
    found = raw.query("SELECT Title FROM Lead ORDER BY Id", resource=resource).json()["records"]
    return [record["Title"] for record in found]


def _updated(raw: Raw) -> list[str]:
    window = {"start": "2026-11-24T11:30:00Z", "end": "2026-11-24T12:30:00Z"}
    return raw("GET", "sobjects/Lead/updated", params=window).json()["ids"]


def test_a_late_commit_shows_a_new_record_by_id_at_once_and_in_queries_later(
    raw: Raw, store: SalesforceStore, clock: Clock
) -> None:
    store.commit_delay = 60
    lead = store.create("Lead", {"LastName": "佐藤", "Company": "C"})
    assert raw("GET", f"sobjects/Lead/{lead}").status_code == 200
    for seconds, seen in ((59, []), (1, [lead])):
        clock.advance(seconds)
        assert [r["Id"] for r in raw.query("SELECT Id FROM Lead").json()["records"]] == seen
        assert raw.query(_COUNT, resource="queryAll").json()["totalSize"] == len(seen)
        assert raw.query(f"SELECT Id FROM Lead WHERE Id = '{lead}'").json()["totalSize"] == len(seen)
        assert raw.query("SELECT Id FROM Lead WHERE CreatedDate = TODAY").json()["totalSize"] == len(seen)
        assert _updated(raw) == seen


def test_a_late_commit_shows_what_a_record_was_before_each_change(
    raw: Raw, store: SalesforceStore, clock: Clock, lead: str
) -> None:
    store.commit_delay = 60
    changes: list[Callable[[], object]] = [
        lambda: store.update("Lead", lead, {"Title": "課長"}),
        lambda: store.update("Lead", lead, {"Title": "部長"}),
        lambda: store.delete("Lead", lead),
    ]
    for change in changes:
        change()
        assert _titles(raw) == [None]
        clock.advance(20)
    assert store.read("Lead", lead)["IsDeleted"]
    seen = []
    for _ in range(3):
        seen.append(_titles(raw))
        clock.advance(20)
    assert seen == [["課長"], ["部長"], []]
    assert _titles(raw, "queryAll") == ["部長"]


def test_what_was_rolled_back_is_never_held_back(raw: Raw, store: SalesforceStore, lead: str) -> None:
    store.commit_delay = 60
    with suppress(ApiError), store.transaction():
        store.update("Lead", lead, {"Title": "課長"})
        store.update("Lead", lead, {"LastName": ""})
    assert _titles(raw) == [None]
    store.commit_delay = 0
    store.update("Lead", lead, {"Title": "部長"})
    assert _titles(raw) == ["部長"]


def test_a_refused_write_is_the_error_of_its_record_only(raw: Raw, store: SalesforceStore, lead: str) -> None:
    asked: list[tuple[str, str | None]] = []

    def refuse(object_: str, record_id: str | None) -> None:
        asked.append((object_, record_id))
        if record_id == lead:
            raise ApiError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", [])

    other = store.create("Lead", {"LastName": "佐藤", "Company": "C"})
    store.before_write = refuse
    records = [{"attributes": {"type": "Lead"}, "id": i, "Title": "部長"} for i in (lead, other)]
    results = raw("PATCH", "composite/sobjects", {"records": records}).json()
    assert [result["success"] for result in results] == [False, True]
    assert results[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert _titles(raw) == [None, "部長"]
    assert raw("DELETE", f"sobjects/Lead/{lead}").json()[0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    raw("POST", "sobjects/Lead", {"LastName": "鈴木", "Company": "C"})
    store.update("Lead", lead, {"Title": "a user's own edit"})
    assert asked == [("Lead", lead), ("Lead", other), ("Lead", lead), ("Lead", None)]


def test_a_purged_record_stays_in_the_list_of_deletions(raw: Raw, store: SalesforceStore, lead: str) -> None:
    with pytest.raises(ApiError, match="recycle bin"):
        store.purge("Lead", lead)
    store.delete("Lead", lead)
    store.purge("Lead", lead)
    assert raw.query(_COUNT, resource="queryAll").json()["totalSize"] == 0
    window = {"start": "2026-11-24T11:30:00Z", "end": "2026-11-24T12:30:00Z"}
    deleted = raw("GET", "sobjects/Lead/deleted", params=window).json()["deletedRecords"]
    assert [record["id"] for record in deleted] == [lead]


def test_writers_in_threads_and_failing_requests_leave_a_sound_state(raw: Raw, store: SalesforceStore) -> None:
    def write(number: int) -> int:
        lead = {"attributes": {"type": "Lead"}, "LastName": f"n{number}", "Company": "C"}
        bad = {"attributes": {"type": "Lead"}, "LastName": f"bad{number}"}
        body = {"allOrNone": number % 2 == 0, "records": [lead | {"Key__c": f"k{number // 2}"}, bad]}
        with requests.Session() as session:
            session.headers.update(raw.session.headers)
            return Raw.__call__(_Other(raw.url, session), "POST", "composite/sobjects", body).status_code

    with ThreadPoolExecutor(4) as pool:
        for _ in range(60):
            pool.submit(store.create, "Lead", {"LastName": "direct", "Company": "C", "Email": "same@example.com"})
        assert set(pool.map(write, range(60))) == {200}
    names = [r["LastName"] for r in raw.query("SELECT LastName FROM Lead").json()["records"]]
    assert sorted(names) == sorted([f"n{n}" for n in range(1, 60, 2)] + ["direct"] * 60)
    assert raw.query("SELECT COUNT() FROM Lead WHERE Email = 'same@example.com'").json()["totalSize"] == 60
    assert raw.query("SELECT COUNT() FROM Lead WHERE Key__c = 'K7'").json()["totalSize"] == 1


class _Other:
    """A second connection with the same access token."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url, self.session = url, session


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "sobjects", 200),
        ("GET", "sobjects/Nothing__c/describe", 404),
        ("GET", "query?q=SELECT", 400),
        ("PUT", "sobjects/Lead", 405),
        ("GET", "query?q=" + "x" * 17_000, 414),
    ],
)
def test_every_answer_tells_the_calls_of_the_day(
    standing: tuple[SalesforceStore, Raw], method: str, path: str, status: int
) -> None:
    store, raw = standing
    answer = raw(method, path)
    assert answer.status_code == status
    assert answer.headers["Sforce-Limit-Info"] == f"api-usage={store.usage.used}/{store.usage.limit}"


def test_a_big_import_is_paged_whole_and_incrementally(raw: Raw, store: SalesforceStore) -> None:
    records = [
        ImportedRecord({"LastName": f"n{n}", "Company": "C"}, NOON - timedelta(days=9), NOON - timedelta(seconds=n % 7))
        for n in range(4_100)
    ]
    made = store.import_records("Lead", records)
    page: dict[str, Any] = raw.query("SELECT Id FROM Lead").json()
    found = [record["Id"] for record in page["records"]]
    while "nextRecordsUrl" in page:
        page = raw("GET", page["nextRecordsUrl"]).json()
        found += [record["Id"] for record in page["records"]]
    assert found == made
    at, last, keyset = "2000-01-01T00:00:00Z", "000000000000000AAA", []
    while True:
        where = f"(SystemModstamp = {at} AND Id > '{last}') OR SystemModstamp > {at}"
        query = f"SELECT Id, SystemModstamp FROM Lead WHERE {where} ORDER BY SystemModstamp, Id LIMIT 1000"
        rows = raw.query(query).json()["records"]
        if not rows:
            break
        keyset += [(row["SystemModstamp"], row["Id"]) for row in rows]
        at, last = rows[-1]["SystemModstamp"], rows[-1]["Id"]
    assert keyset == sorted(keyset)
    assert {record_id for _, record_id in keyset} == set(made)
