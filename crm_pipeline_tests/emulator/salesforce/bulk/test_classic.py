"""Bulk API 1.0: simple-salesforce with JSON, and plain requests with XML and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.bulk import SFBulkType

from crm_pipeline.emulator.salesforce import SalesforceStore

NAMES = {"a": "http://www.force.com/2009/06/asyncapi/dataload"}
XML = {"Content-Type": "application/xml; charset=UTF-8"}
CSV = {"Content-Type": "text/csv; charset=UTF-8"}


class Classic:
    """Plain requests with a session in the header of the Bulk API 1.0."""

    def __init__(self, url: str, token: str) -> None:
        self.root = f"{url}/services/async/62.0/job"
        self.session = requests.Session()
        self.session.headers["X-SFDC-Session"] = token

    def __call__(self, method: str, path: str = "", data: Any = None, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = data.encode() if isinstance(data, str) else data
        return self.session.request(method, self.root + path, data=body, headers=named, timeout=10)

    def create(self, more: str = "", **fields: str) -> requests.Response:
        settings = {"operation": "insert", "object": "Lead", "contentType": "CSV", **fields}
        content = "".join(f"<{name}>{value}</{name}>" for name, value in settings.items())
        document = f'{more}<jobInfo xmlns="{NAMES["a"]}">{content}</jobInfo>'
        return self("POST", data=document, **XML)

    def text(self, answer: requests.Response, name: str) -> str | None:
        return ElementTree.fromstring(answer.content).findtext(f".//a:{name}", namespaces=NAMES)


@pytest.fixture
def classic(url: str, token: str) -> Iterator[Classic]:
    classic = Classic(url, token)
    with classic.session:
        yield classic


# simple-salesforce


def submit(bulk: SFBulkType, operation: str, records: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    """What insert(), update() and so on call, which would wait for 5 seconds when a batch is not done at once."""
    return list(bulk._bulk_operation(operation, records, wait=0.02, **more))


def test_client_inserts_and_reads_back(client: Salesforce, store: SalesforceStore) -> None:
    records = [{"LastName": "山田", "Birthdate": "2000-01-01"}, {"LastName": ""}]
    good, bad = submit(client.bulk.Contact, "insert", records)
    (contact,) = store.ids("Contact")
    assert good == {"success": True, "created": True, "id": contact, "errors": []}
    assert (bad["success"], bad["id"], bad["errors"][0]["statusCode"]) == (False, None, "REQUIRED_FIELD_MISSING")
    (row,) = client.bulk.Contact.query("SELECT Id, LastName, Birthdate, CreatedDate, Account.Name FROM Contact", wait=0)
    assert row["attributes"]["type"] == "Contact"
    assert (row["Id"], row["LastName"], row["Account"]) == (contact, "山田", None)
    assert (row["Birthdate"], row["CreatedDate"]) == (946684800000, 1795521600000)


def test_client_updates_upserts_and_deletes(client: Salesforce, store: SalesforceStore, lead: str) -> None:
    submit(client.bulk.Lead, "update", [{"Id": lead, "Title": "部長", "FirstName": None}])
    assert (store.read("Lead", lead)["Title"], store.read("Lead", lead)["FirstName"]) == ("部長", None)
    records = [{"Key__c": "h1", "LastName": "佐藤"}, {"Key__c": "h2", "LastName": "鈴木", "Company": "C"}]
    results = submit(client.bulk.Lead, "upsert", records, external_id_field="Key__c")
    assert [result["created"] for result in results] == [False, True]
    submit(client.bulk.Lead, "delete", [{"Id": lead}])
    assert [store.read("Lead", one)["LastName"] for one in store.ids("Lead")] == ["鈴木"]


# XML and CSV


def test_job_of_csv_batches(classic: Classic, store: SalesforceStore) -> None:
    created = classic.create()
    job = classic.text(created, "id")
    assert (created.status_code, classic.text(created, "state")) == (201, "Open")
    assert classic.text(created, "createdDate") == "2026-11-24T12:00:00.000Z"
    added = classic("POST", f"/{job}/batch", "LastName,Company\n山田,製作所\n,C\n", **CSV)
    batch = classic.text(added, "id")
    assert (added.status_code, classic.text(added, "jobId")) == (201, job)
    classic("POST", f"/{job}", "<jobInfo><state>Closed</state></jobInfo>", **XML)
    store.bulk.worker.wait()
    told = classic("GET", f"/{job}/batch")
    assert classic.text(told, "batchInfo/a:state") == "Completed"
    assert classic.text(told, "numberRecordsFailed") == "1"
    assert classic.text(classic("GET", f"/{job}"), "numberBatchesCompleted") == "1"
    result = classic("GET", f"/{job}/batch/{batch}/result")
    good, bad = csv.DictReader(io.StringIO(result.content.decode()))
    assert good == {"Id": store.ids("Lead")[0], "Success": "true", "Created": "true", "Error": ""}
    assert (bad["Id"], bad["Success"], bad["Error"].partition(":")[0]) == ("", "false", "REQUIRED_FIELD_MISSING")
    assert classic("GET", f"/{job}/batch/{batch}/request").content.decode().startswith("LastName,Company")


def query(classic: Classic, store: SalesforceStore, soql: str, object_: str = "Lead") -> tuple[str, requests.Response]:
    """The path of the batch of a query, and the batch."""
    job = classic.text(classic.create(operation="query", object=object_), "id")
    added = classic("POST", f"/{job}/batch", soql, **CSV)
    path = f"/{job}/batch/{classic.text(added, 'id')}"
    store.bulk.worker.wait()
    return path, classic("GET", path)


def test_query_of_csv_rows(classic: Classic, store: SalesforceStore, lead: str) -> None:
    path, batch = query(classic, store, "SELECT Id, IsConverted FROM Lead")
    assert (classic.text(batch, "state"), classic.text(batch, "numberRecordsProcessed")) == ("Completed", "1")
    result = classic.text(classic("GET", f"{path}/result"), "result")
    assert classic("GET", f"{path}/result/{result}").text == f'"Id","IsConverted"\n"{lead}","false"\n'


def test_query_without_rows_is_a_sentence(classic: Classic, store: SalesforceStore) -> None:
    path, _ = query(classic, store, "SELECT Id FROM Lead")
    result = classic.text(classic("GET", f"{path}/result"), "result")
    assert classic("GET", f"{path}/result/{result}").text == "Records not found for this query"


@pytest.mark.parametrize(
    ("soql", "message"),
    [
        ("SELECT Foo FROM Lead", "InvalidBatch : Failed to process query: INVALID_FIELD:"),
        ("SELECT Id FRM Lead", "InvalidBatch : Failed to process query: MALFORMED_QUERY:"),
        (
            "SELECT Address FROM Lead",
            "InvalidBatch : Failed to process query: FUNCTIONALITY_NOT_ENABLED: Selecting compound data not supported",
        ),
        (
            "SELECT Id FROM Contact",
            "InvalidBatch : Failed to process query: INVALID_TYPE_FOR_OPERATION: The root entity of the requested "
            "query (Contact) does not match the entity of the requested Bulk API Job (Lead).",
        ),
    ],
)
def test_refused_query_fails_its_batch(classic: Classic, store: SalesforceStore, soql: str, message: str) -> None:
    path, batch = query(classic, store, soql)
    assert classic.text(batch, "state") == "Failed"
    assert (classic.text(batch, "stateMessage") or "").startswith(message)
    refused = classic("GET", f"{path}/result")
    assert (refused.status_code, classic.text(refused, "exceptionMessage")) == (400, "Records not processed")


def test_unknown_column_fails_its_batch(classic: Classic, store: SalesforceStore) -> None:
    job = classic.text(classic.create(), "id")
    added = classic("POST", f"/{job}/batch", "LastName,Foo\r\nA,B\r\n", **CSV)
    store.bulk.worker.wait()
    batch = classic("GET", f"/{job}/batch/{classic.text(added, 'id')}")
    assert classic.text(batch, "stateMessage") == "InvalidBatch : Field name not found : Foo"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"operation": "merge"}, "Unable to parse Job"),
        ({"object": "Foo"}, "Unable to find object: Foo"),
        ({"operation": "upsert"}, "External ID was blank for Lead. An External ID must be specified for upsert."),
        ({"contentType": "ZIP_CSV"}, "Content type ZIP_CSV is not supported, only CSV, JSON, XML are"),
        ({"more": '<!DOCTYPE x [<!ENTITY a "b">]>'}, "Unable to parse Job"),
    ],
)
def test_job_that_makes_no_sense_is_refused(classic: Classic, fields: dict[str, str], message: str) -> None:
    answer = classic.create(**fields)
    assert (answer.status_code, classic.text(answer, "exceptionCode")) == (400, "InvalidJob")
    assert classic.text(answer, "exceptionMessage") == message


@pytest.mark.parametrize(
    ("header", "soql", "rows"),
    [
        ("chunkSize=2", "SELECT Id, LastName FROM Lead", [2, 2, 1]),
        ("true; chunkSize=3", "SELECT Id FROM Lead WHERE LastName = 'L0' OR LastName = 'where (' OR IsDeleted = true",
         [1, 0]),
        ("TRUE", "SELECT Id FROM Lead", [5]),
    ],
)  # fmt: skip
def test_a_chunked_query_is_a_batch_for_each_range_of_ids(
    classic: Classic, store: SalesforceStore, header: str, soql: str, rows: list[int]
) -> None:
    leads = [store.create("Lead", {"LastName": f"L{at}", "Company": "C"}) for at in range(6)]
    store.delete("Lead", leads[-1])
    classic.session.headers["Sforce-Enable-PKChunking"] = header
    job = classic.text(classic.create(operation="query"), "id")
    first = classic.text(classic("POST", f"/{job}/batch", soql, **CSV), "id")
    store.bulk.worker.wait()
    listed = ElementTree.fromstring(classic("GET", f"/{job}/batch").content)
    batches = [
        tuple(batch.findtext(f"a:{name}", namespaces=NAMES) for name in ("id", "state", "numberRecordsProcessed"))
        for batch in listed
    ]
    assert batches[0] == (first, "NotProcessed", "0")
    assert [batch[1:] for batch in batches[1:]] == [("Completed", str(count)) for count in rows]


@pytest.mark.parametrize("soql", ["SELECT Id FROM Lead LIMIT 5", "SELECT Id FROM Lead ORDER BY Id"])
def test_a_query_with_other_clauses_is_not_chunked(
    classic: Classic, store: SalesforceStore, lead: str, soql: str
) -> None:
    classic.session.headers["Sforce-Enable-PKChunking"] = "chunkSize=1"
    _, batch = query(classic, store, soql)
    assert (classic.text(batch, "state"), classic.text(batch, "numberRecordsProcessed")) == ("Completed", "1")


@pytest.mark.parametrize(
    ("header", "object_"),
    [("true", "Organization"), ("chunkSize=250001", "Lead"), ("chunkSize=x", "Lead"), ("parent=Account", "Lead")],
)
def test_chunking_that_cannot_be_is_refused(classic: Classic, header: str, object_: str) -> None:
    classic.session.headers["Sforce-Enable-PKChunking"] = header
    assert classic.text(classic.create(operation="query", object=object_), "exceptionCode") == "InvalidJob"


def test_ended_session_is_400(url: str) -> None:
    stranger = Classic(url, "nonsense")
    with stranger.session:
        answer = stranger.create()
    assert (answer.status_code, stranger.text(answer, "exceptionCode")) == (400, "InvalidSessionId")


def test_closed_job_takes_no_batches(classic: Classic) -> None:
    job = classic.text(classic.create(), "id")
    close = "<jobInfo><state>Closed</state></jobInfo>"
    assert classic.text(classic("POST", f"/{job}", close, **XML), "state") == "Closed"
    assert classic.text(classic("POST", f"/{job}/batch", "LastName\n", **CSV), "exceptionCode") == "InvalidJobState"
    assert classic.text(classic("POST", f"/{job}", close, **XML), "exceptionCode") == "InvalidJobState"


def test_batches_of_an_aborted_job_are_not_processed(classic: Classic, store: SalesforceStore) -> None:
    store.bulk.delay = 3600
    job = classic.text(classic.create(), "id")
    classic("POST", f"/{job}/batch", "LastName,Company\nA,B\n", **CSV)
    classic("POST", f"/{job}", "<jobInfo><state>Aborted</state></jobInfo>", **XML)
    store.bulk.worker.hurry()
    store.bulk.worker.wait()
    assert classic.text(classic("GET", f"/{job}/batch"), "batchInfo/a:state") == "NotProcessed"
    assert store.ids("Lead") == []


def test_batches_of_a_csv_job_are_told_in_xml_to_a_client_of_json(
    classic: Classic, store: SalesforceStore, lead: str
) -> None:
    json_client = {"Content-Type": "application/json"}
    created = classic("POST", data='{"operation": "query", "object": "Lead", "contentType": "CSV"}', **json_client)
    job = created.json()["id"]
    batch = classic.text(classic("POST", f"/{job}/batch", "SELECT Id FROM Lead", **CSV), "id")
    closed = classic("POST", f"/{job}", '{"state": "Closed"}', **json_client)
    store.bulk.worker.wait()

    told = [classic("GET", f"/{job}/batch{rest}", **json_client) for rest in ("", f"/{batch}", f"/{batch}/result")]

    assert closed.json()["state"] == "Closed"
    assert [answer.headers["Content-Type"] for answer in told] == ["application/xml"] * 3
    result = classic.text(told[2], "result")
    assert classic("GET", f"/{job}/batch/{batch}/result/{result}", **json_client).text.split() == ['"Id"', f'"{lead}"']
