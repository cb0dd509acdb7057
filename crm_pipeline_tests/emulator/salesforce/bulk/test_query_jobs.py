"""Query jobs of the Bulk API 2.0: states, pages, CSV, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.bulk.conftest import Bulk, table
from crm_pipeline_tests.emulator.salesforce.conftest import Raw


def test_new_job_is_described_as_the_platform_does(raw: Raw, store: SalesforceStore) -> None:
    answer = raw("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM lead"})
    job = answer.json()
    assert answer.status_code == 200
    assert job.pop("id").startswith("750")
    assert job == {
        "operation": "query",
        "object": "Lead",
        "createdById": store.integration_user_id,
        "createdDate": "2026-11-24T12:00:00.000+0000",
        "systemModstamp": "2026-11-24T12:00:00.000+0000",
        "state": "UploadComplete",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 62.0,
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }


def test_complete_job_tells_its_rows(raw: Raw, store: SalesforceStore, lead: str) -> None:
    job = raw("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()["id"]
    store.bulk.worker.wait()
    described = raw("GET", f"jobs/query/{job}").json()
    assert (described["state"], described["jobType"], described["numberRecordsProcessed"]) == (
        "JobComplete",
        "V2Query",
        1,
    )
    assert described.keys() >= {"retries", "totalProcessingTime", "isPkChunkingSupported"}


def test_delayed_job_stands_in_upload_complete_before_it_is_complete(raw: Raw, store: SalesforceStore) -> None:
    store.bulk.delay = 3600
    job = raw("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()["id"]
    assert raw("GET", f"jobs/query/{job}").json()["state"] == "UploadComplete"
    early = raw("GET", f"jobs/query/{job}/results")
    assert (early.status_code, early.json()[0]["errorCode"]) == (400, "INVALIDJOBSTATE")
    store.bulk.worker.hurry()
    store.bulk.worker.wait()
    assert raw("GET", f"jobs/query/{job}").json()["state"] == "JobComplete"


def test_values_are_written_as_bulk_queries_write_them(bulk: Bulk, store: SalesforceStore) -> None:
    account = store.create("Account", {"Name": 'A "quoted", name'})
    store.create("Contact", {"LastName": "山田", "AccountId": account, "Email": "y@example.com"})
    store.create("Contact", {"LastName": "鈴木"})
    answer = bulk.query(
        "SELECT LastName, Account.Name, Email, IsDeleted, CreatedDate FROM Contact ORDER BY LastName DESC"
    )
    assert answer.content.decode() == (
        '"LastName","Account.Name","Email","IsDeleted","CreatedDate"\n'
        '"鈴木","","","false","2026-11-24T12:00:00.000Z"\n'
        '"山田","A ""quoted"", name","y@example.com","false","2026-11-24T12:00:00.000Z"\n'
    )
    assert answer.headers["Sforce-NumberOfRecords"] == "2"
    assert answer.headers["Sforce-Locator"] == "null"
    assert answer.headers["Content-Type"].startswith("text/csv")


def test_pages_follow_the_locator_and_each_has_the_head_line(bulk: Bulk, raw: Raw, store: SalesforceStore) -> None:
    made = [store.create("Lead", {"LastName": f"L{n}", "Company": "C"}) for n in range(7)]
    job = raw("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()["id"]
    store.bulk.worker.wait()
    seen: list[str] = []
    sizes: list[str] = []
    params: dict[str, Any] = {"maxRecords": 3}
    while params.get("locator") != "null":
        page = raw("GET", f"jobs/query/{job}/results", params=params)
        seen += [row["Id"] for row in table(page)]
        sizes.append(page.headers["Sforce-NumberOfRecords"])
        params["locator"] = page.headers["Sforce-Locator"]
    assert (seen, sizes) == (made, ["3", "3", "1"])


def test_result_stays_as_it_was_when_the_job_ran(raw: Raw, store: SalesforceStore, lead: str) -> None:
    job = raw("POST", "jobs/query", {"operation": "query", "query": "SELECT Title FROM Lead"}).json()["id"]
    store.bulk.worker.wait()
    store.update("Lead", lead, {"Title": "部長"})
    assert table(raw("GET", f"jobs/query/{job}/results")) == [{"Title": ""}]


def test_empty_result_is_a_head_line(bulk: Bulk) -> None:
    answer = bulk.query("SELECT Id, IsConverted, CreatedDate FROM Lead")
    assert answer.text == '"Id","IsConverted","CreatedDate"\n'
    assert (answer.headers["Sforce-NumberOfRecords"], answer.headers["Sforce-Locator"]) == ("0", "null")


def test_query_all_has_deleted_records(bulk: Bulk, store: SalesforceStore, lead: str) -> None:
    store.delete("Lead", lead)
    assert table(bulk.query("SELECT Id, IsDeleted FROM Lead")) == []
    assert table(bulk.query("SELECT Id, IsDeleted FROM Lead", "queryAll")) == [{"Id": lead, "IsDeleted": "true"}]


def test_delimiter_and_line_ending_are_the_clients(bulk: Bulk, lead: str) -> None:
    answer = bulk.query("SELECT LastName, Company FROM Lead", columnDelimiter="TAB", lineEnding="CRLF")
    assert answer.content.decode() == '"LastName"\t"Company"\r\n"山田"\t"山田製作所"\r\n'


@pytest.mark.parametrize(
    ("soql", "code", "text"),
    [
        ("SELECT Foo FROM Lead", "API_ERROR", "No such column 'Foo' on entity 'Lead'"),
        ("SELECT Id FROM Foo", "API_ERROR", "sObject type 'Foo' is not supported"),
        ("SELECT Id FROM Lead WHERE Foo = 1", "API_ERROR", "No such column 'Foo' on entity 'Lead'"),
        ("SELECT Id FROM Lead WHERE CreatedDate > 'x'", "API_ERROR", "value of filter criterion"),
        ("SELECT Id FROM Lead ORDER BY Foo", "API_ERROR", "No such column 'Foo' on entity 'Lead'"),
        ("SELECT Id, id FROM Lead", "API_ERROR", "duplicate field selected"),
        ("SELECT Id FRM Lead", "API_ERROR", "unexpected token"),
        ("SELECT COUNT() FROM Lead", "API_ERROR", "not supported in Bulk Query"),
        ("SELECT Status, COUNT(Id) FROM Lead GROUP BY Status", "API_ERROR", "not supported in Bulk Query"),
        ("SELECT Id FROM Lead ORDER BY Id OFFSET 5", "API_ERROR", "OFFSET not supported in Bulk Query"),
        ("SELECT Address FROM Lead", "API_ERROR", "Selecting compound data not supported in Bulk Query"),
        ("SELECT Account.BillingAddress FROM Contact", "API_ERROR", "Selecting compound data not supported"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR", "Aggregate Relationships not supported"),
        ("SELECT TYPEOF Owner WHEN User THEN Name END FROM Lead", "API_ERROR", "TYPEOF not supported"),
        ("SELECT FIELDS(ALL) FROM Lead LIMIT 1", "API_ERROR", "FIELDS"),
        ("SELECT Id FROM UserPermissionAccess", "INVALIDENTITY", "is not supported by the Bulk API"),
    ],
)
def test_what_no_bulk_query_may_ask_is_refused_at_once(
    standing: tuple[SalesforceStore, Raw], soql: str, code: str, text: str
) -> None:
    answer = standing[1]("POST", "jobs/query", {"operation": "query", "query": soql})
    assert answer.status_code == 400
    (error,) = answer.json()
    assert error["errorCode"] == code
    assert text in error["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "select", "query": "SELECT Id FROM Lead"},
        {"query": "SELECT Id FROM Lead"},
        {"operation": "query"},
        {"operation": "query", "query": "SELECT Id FROM Lead", "columnDelimiter": ";"},
        {"operation": "query", "query": "SELECT Id FROM Lead", "contentType": "JSON"},
        {"operation": "query", "query": "SELECT Id FROM Lead", "unheardOf": "x"},
        [],
    ],
)
def test_job_that_makes_no_sense_is_refused(standing: tuple[SalesforceStore, Raw], body: Any) -> None:
    answer = standing[1]("POST", "jobs/query", body)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] in ("INVALIDJOB", "JSON_PARSER_ERROR")


def test_complete_job_is_deleted_not_aborted(raw: Raw, store: SalesforceStore) -> None:
    path = (
        f"jobs/query/{raw('POST', 'jobs/query', {'operation': 'query', 'query': 'SELECT Id FROM Lead'}).json()['id']}"
    )
    store.bulk.worker.wait()
    refused = raw("PATCH", path, {"state": "Aborted"})
    assert (refused.status_code, refused.json()) == (
        400,
        [{"errorCode": "INVALIDJOBSTATE", "message": "Aborting already Completed Job not allowed"}],
    )
    assert raw("DELETE", path).status_code == 204
    assert raw("GET", path).status_code == 404


def test_aborted_job_has_no_result(raw: Raw, store: SalesforceStore, lead: str) -> None:
    store.bulk.delay = 3600
    path = (
        f"jobs/query/{raw('POST', 'jobs/query', {'operation': 'query', 'query': 'SELECT Id FROM Lead'}).json()['id']}"
    )
    assert raw("PATCH", path, {"state": "Aborted"}).json()["state"] == "Aborted"
    store.bulk.worker.hurry()
    store.bulk.worker.wait()
    assert raw("GET", path).json()["state"] == "Aborted"
    assert raw("GET", f"{path}/results").status_code == 400


def test_results_are_read_with_the_version_of_the_job(raw: Raw, store: SalesforceStore) -> None:
    job = raw("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()["id"]
    store.bulk.worker.wait()
    assert raw("GET", f"/services/data/v61.0/jobs/query/{job}/results").status_code == 409


def test_jobs_are_listed_with_their_type(raw: Raw, store: SalesforceStore, bulk: Bulk) -> None:
    bulk.query("SELECT Id FROM Lead")
    bulk.open("insert")
    (job,) = raw("GET", "jobs/query").json()["records"]
    listed = raw("GET", "jobs/ingest").json()
    assert (job["jobType"], job["operation"]) == ("V2Query", "query")
    assert (listed["done"], listed["nextRecordsUrl"], len(listed["records"])) == (True, None, 1)
    assert raw("GET", "jobs/query", params={"jobType": "Classic"}).json()["records"] == []


def test_parallel_pages_cover_the_result(raw: Raw, store: SalesforceStore, lead: str) -> None:
    job = raw("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()["id"]
    store.bulk.worker.wait()
    pages = raw("GET", f"jobs/query/{job}/resultPages").json()
    assert (pages["done"], len(pages["resultPages"])) == (True, 1)
    assert table(raw("GET", pages["resultPages"][0]["resultUrl"])) == [{"Id": lead}]


def test_job_is_gone_after_a_week(raw: Raw, store: SalesforceStore) -> None:
    job = raw("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()["id"]
    store.clock.advance(8 * 86400)
    fresh = Raw(raw.url, store.sessions.issue(store.clock.now()))
    with fresh.session:
        assert fresh("GET", f"jobs/query/{job}").status_code == 404


def test_locator_of_nowhere_is_refused(raw: Raw, store: SalesforceStore) -> None:
    job = raw("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json()["id"]
    store.bulk.worker.wait()
    for locator in ("MTAwMDA", "???", "LTE"):
        assert raw("GET", f"jobs/query/{job}/results", params={"locator": locator}).status_code == 400


@pytest.mark.parametrize(
    ("version", "path", "status"),
    [(40, "ingest", 404), (41, "ingest", 200), (46, "query", 404), (47, "query", 200)],
)
def test_jobs_are_there_since_a_version(
    standing: tuple[SalesforceStore, Raw], version: int, path: str, status: int
) -> None:
    assert standing[1]("GET", f"/services/data/v{version}.0/jobs/{path}").status_code == status
