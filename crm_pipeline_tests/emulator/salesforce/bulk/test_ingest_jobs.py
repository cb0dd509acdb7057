"""Ingest jobs of the Bulk API 2.0: the five operations, their results, states and limits."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import ApiError, SalesforceStore
from crm_pipeline_tests.emulator.salesforce.bulk.conftest import CSV, Bulk
from crm_pipeline_tests.emulator.salesforce.conftest import Raw


def test_new_job_is_described_as_the_platform_does(raw: Raw, store: SalesforceStore) -> None:
    answer = raw("POST", "jobs/ingest", {"object": "lead", "operation": "insert", "contentType": "CSV"})
    job = answer.json()
    job_id = job.pop("id")
    assert answer.status_code == 200
    assert job == {
        "operation": "insert",
        "object": "Lead",
        "createdById": store.integration_user_id,
        "createdDate": "2026-11-24T12:00:00.000+0000",
        "systemModstamp": "2026-11-24T12:00:00.000+0000",
        "state": "Open",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 62.0,
        "contentUrl": f"services/data/v62.0/jobs/ingest/{job_id}/batches",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }


def test_inserted_rows_are_records_and_results(bulk: Bulk, store: SalesforceStore) -> None:
    job = bulk.ingest("insert", "LastName,Company\n山田,山田製作所\n鈴木,鈴木商店\n")
    made = store.ids("Lead")
    assert [store.read("Lead", lead)["LastName"] for lead in made] == ["山田", "鈴木"]
    assert store.read("Lead", made[0])["LastModifiedById"] == store.integration_user_id
    expected = {"state": "JobComplete", "jobType": "V2Ingest", "numberRecordsProcessed": 2, "numberRecordsFailed": 0}
    assert job | expected == job
    assert bulk.rows(job, "successfulResults") == [
        {"sf__Id": made[0], "sf__Created": "true", "LastName": "山田", "Company": "山田製作所"},
        {"sf__Id": made[1], "sf__Created": "true", "LastName": "鈴木", "Company": "鈴木商店"},
    ]
    assert bulk.rows(job, "failedResults") == bulk.rows(job, "unprocessedrecords") == []


def test_refused_row_tells_why_and_changes_nothing(bulk: Bulk, store: SalesforceStore) -> None:
    job = bulk.ingest("insert", "LastName,Company,Email\n,C,a@example.com\n山田,C,nonsense\n佐藤,C,\n")
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 3, 2)
    first, second = bulk.rows(job, "failedResults")
    assert (first["sf__Id"], first["Email"]) == ("", "a@example.com")
    assert first["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    assert second["sf__Error"].startswith("INVALID_EMAIL_ADDRESS:")
    assert [store.read("Lead", lead)["LastName"] for lead in store.ids("Lead")] == ["佐藤"]


def test_update_leaves_empty_cells_and_clears_na(bulk: Bulk, store: SalesforceStore, lead: str) -> None:
    store.update("Lead", lead, {"Title": "部長", "Phone": "03-1"})
    job = bulk.ingest("update", f"Id,Title,Phone,MobilePhone\n{lead[:15]},,#N/A,090\n")
    assert bulk.rows(job, "successfulResults")[0]["sf__Id"] == lead
    assert bulk.rows(job, "successfulResults")[0]["sf__Created"] == "false"
    row = store.read("Lead", lead)
    assert (row["Title"], row["Phone"], row["MobilePhone"]) == ("部長", None, "090")


def test_upsert_creates_and_updates_by_external_id(bulk: Bulk, store: SalesforceStore, lead: str) -> None:
    content = "key__c,LastName,Company\nH1,佐藤,\nh2,鈴木,鈴木商店\n,高橋,C\n"
    job = bulk.ingest("upsert", content, externalIdFieldName="Key__c")
    assert job["externalIdFieldName"] == "Key__c"
    assert [row["sf__Created"] for row in bulk.rows(job, "successfulResults")] == ["false", "true"]
    assert store.read("Lead", lead)["LastName"] == "佐藤"
    assert store.read("Lead", lead)["Company"] == "山田製作所"
    assert bulk.errors(job) == ["MISSING_ARGUMENT:Key__c not specified:--"]


def test_one_external_id_twice_in_a_chunk_refuses_both_rows(bulk: Bulk, store: SalesforceStore) -> None:
    job = bulk.ingest("upsert", "Key__c,LastName,Company\na,A,C\nA,B,C\n", externalIdFieldName="Key__c")
    assert [error.partition(":")[0] for error in bulk.errors(job)] == ["DUPLICATE_VALUE"] * 2
    assert store.ids("Lead") == []


def test_upsert_by_id_creates_where_no_id_is_given(bulk: Bulk, store: SalesforceStore, lead: str) -> None:
    job = bulk.ingest("upsert", f"Id,LastName,Company\n{lead},佐藤,C\n,鈴木,C\n", externalIdFieldName="Id")
    assert [row["sf__Created"] for row in bulk.rows(job, "successfulResults")] == ["false", "true"]
    assert store.read("Lead", lead)["LastName"] == "佐藤"


def test_deleted_rows_go_into_the_recycle_bin(bulk: Bulk, raw: Raw, lead: str) -> None:
    bulk.ingest("delete", f"Id\n{lead}\n")
    assert raw.query("SELECT Id FROM Lead").json()["totalSize"] == 0
    assert raw.query("SELECT Id FROM Lead", resource="queryAll").json()["totalSize"] == 1


def test_hard_deleted_rows_are_gone(bulk: Bulk, raw: Raw, lead: str) -> None:
    job = bulk.ingest("hardDelete", f"Id\n{lead}\n")
    assert bulk.rows(job, "successfulResults")[0]["sf__Id"] == lead
    assert raw.query("SELECT Id FROM Lead", resource="queryAll").json()["totalSize"] == 0


@pytest.mark.parametrize(
    ("operation", "row", "error"),
    [
        ("update", "00Q5g00000zzzzzEAA,x", "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--"),
        ("update", "nonsense,x", "MALFORMED_ID:Lead ID: id value of incorrect type: nonsense:Id --"),
        ("update", "0035g00000zzzzz,x", "MALFORMED_ID:Lead ID: id value of incorrect type: 0035g00000zzzzz:Id --"),
        ("update", ",x", "MISSING_ARGUMENT:Id not specified in an update call:--"),
        ("insert", "00Q5g00000zzzzz,x", "INVALID_FIELD_FOR_INSERT_UPDATE:cannot specify Id in an insert call:Id --"),
    ],
)
def test_wrong_ids_refuse_their_row(bulk: Bulk, store: SalesforceStore, operation: str, row: str, error: str) -> None:
    job = bulk.ingest(operation, f"Id,LastName\n{row}\n")
    assert (job["state"], bulk.errors(job), store.ids("Lead")) == ("JobComplete", [error], [])


def test_deleted_record_refuses_its_row(bulk: Bulk, store: SalesforceStore, lead: str) -> None:
    store.delete("Lead", lead)
    assert bulk.errors(bulk.ingest("update", f"Id,Title\n{lead},x\n")) == ["ENTITY_IS_DELETED:entity is deleted:--"]


def test_locked_row_is_a_failed_row(bulk: Bulk, store: SalesforceStore, lead: str) -> None:
    def locked(object_: str, record_id: str | None) -> None:
        raise ApiError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", [])

    store.before_write = locked
    job = bulk.ingest("update", f"Id,Title\n{lead},x\n")
    assert (job["state"], job["numberRecordsFailed"]) == ("JobComplete", 1)
    assert bulk.errors(job) == ["UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"object": "Lead"}, "InvalidJob : Unable to parse Job"),
        ({"object": "Lead", "operation": "merge"}, "InvalidJob : Unable to parse Job"),
        ({"operation": "insert"}, "InvalidJob : Unable to find object: None"),
        ({"object": "Foo", "operation": "insert"}, "InvalidJob : Unable to find object: Foo"),
        (
            {"object": "Lead", "operation": "upsert"},
            "InvalidJob : External ID was blank for Lead. An External ID must be specified for upsert.",
        ),
        (
            {"object": "Lead", "operation": "upsert", "externalIdFieldName": "Title"},
            "InvalidJob : Field name provided, Title does not match an External ID, Salesforce Id, or indexed field "
            "for Lead",
        ),
        ({"object": "Lead", "operation": "insert", "lineEnding": "CR"}, "InvalidJob : Unable to parse Job"),
    ],
)
def test_job_that_makes_no_sense_is_refused(
    standing: tuple[SalesforceStore, Raw], settings: dict[str, Any], message: str
) -> None:
    answer = standing[1]("POST", "jobs/ingest", settings)
    assert (answer.status_code, answer.json()) == (400, [{"errorCode": "INVALIDJOB", "message": message}])


def test_data_is_uploaded_once(bulk: Bulk, raw: Raw) -> None:
    path = f"jobs/ingest/{bulk.open('insert')}/batches"
    assert raw("PUT", path, data=b"LastName,Company\nA,B\n", headers=CSV).status_code == 201
    second = raw("PUT", path, data=b"LastName,Company\nC,D\n", headers=CSV)
    assert (second.status_code, second.json()[0]["message"].partition(":")[0]) == (
        400,
        "Found multiple contents for job",
    )


def test_data_is_csv_for_an_open_job(bulk: Bulk, raw: Raw) -> None:
    job = bulk.open("insert")
    wrong = raw("PUT", f"jobs/ingest/{job}/batches", data=b"{}", headers={"Content-Type": "application/json"})
    assert wrong.status_code == 415
    raw("PATCH", f"jobs/ingest/{job}", {"state": "Aborted"})
    late = raw("PUT", f"jobs/ingest/{job}/batches", data=b"LastName\n", headers=CSV)
    assert (late.status_code, late.json()[0]["errorCode"]) == (400, "INVALIDJOBSTATE")


def test_job_without_data_fails(bulk: Bulk, raw: Raw, store: SalesforceStore) -> None:
    job = bulk.open("insert")
    raw("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"})
    store.bulk.worker.wait()
    assert bulk.job(job)["state"] == "Failed"


def test_job_is_closed_once(bulk: Bulk, raw: Raw) -> None:
    job = bulk.ingest("insert", "LastName,Company\nA,B\n")
    again = raw("PATCH", f"jobs/ingest/{job['id']}", {"state": "UploadComplete"})
    aborted = raw("PATCH", f"jobs/ingest/{job['id']}", {"state": "Aborted"})
    assert (again.json()[0]["errorCode"], aborted.json()[0]["errorCode"]) == ("INVALIDJOBSTATE", "INVALIDJOBSTATE")


def test_aborted_job_leaves_its_rows_unprocessed(bulk: Bulk, raw: Raw, store: SalesforceStore) -> None:
    store.bulk.delay = 3600
    job = bulk.open("insert")
    raw("PUT", f"jobs/ingest/{job}/batches", data=b"LastName,Company\nA,B\n", headers=CSV)
    raw("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"})
    assert raw("PATCH", f"jobs/ingest/{job}", {"state": "Aborted"}).json()["state"] == "Aborted"
    store.bulk.worker.hurry()
    store.bulk.worker.wait()
    described = bulk.job(job)
    assert (described["state"], store.ids("Lead")) == ("Aborted", [])
    assert bulk.rows(described, "unprocessedrecords") == [{"LastName": "A", "Company": "B"}]


def test_ended_job_is_deleted_and_open_one_is_not(bulk: Bulk, raw: Raw) -> None:
    job = bulk.open("insert")
    refused = raw("DELETE", f"jobs/ingest/{job}")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "API_ERROR")
    raw("PATCH", f"jobs/ingest/{job}", {"state": "Aborted"})
    assert raw("DELETE", f"jobs/ingest/{job}").status_code == 204
    assert raw("GET", f"jobs/ingest/{job}").status_code == 404


def test_job_and_data_come_in_one_multipart_request(bulk: Bulk, raw: Raw, store: SalesforceStore) -> None:
    parts = {
        "job": (None, '{"object":"Lead","operation":"insert","lineEnding":"LF"}', "application/json"),
        "content": ("content", "LastName,Company\n山田,製作所\n", "text/csv"),
    }
    answer = raw("POST", "jobs/ingest", files=parts)
    assert (answer.status_code, answer.json()["state"]) == (200, "UploadComplete")
    store.bulk.worker.wait()
    assert bulk.job(answer.json()["id"])["state"] == "JobComplete"
    assert store.read("Lead", store.ids("Lead")[0])["Company"] == "製作所"


def test_rows_of_many_slices_are_all_written(bulk: Bulk, store: SalesforceStore) -> None:
    content = "LastName,Company\n" + "".join(f"L{n},C\n" for n in range(450))
    job = bulk.ingest("insert", content)
    assert (job["numberRecordsProcessed"], len(store.ids("Lead"))) == (450, 450)
    assert [row["LastName"] for row in bulk.rows(job, "successfulResults")] == [f"L{n}" for n in range(450)]


def test_job_that_waits_is_deleted_with_its_rows(bulk: Bulk, raw: Raw, store: SalesforceStore) -> None:
    store.bulk.delay = 3600
    job = bulk.open("insert")
    raw("PUT", f"jobs/ingest/{job}/batches", data=b"LastName,Company\nA,B\n", headers=CSV)
    raw("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"})
    assert raw("DELETE", f"jobs/ingest/{job}").status_code == 204
    store.bulk.worker.hurry()
    store.bulk.worker.wait()
    assert store.ids("Lead") == []


def test_upload_may_be_compressed(bulk: Bulk, raw: Raw, store: SalesforceStore) -> None:
    content = gzip.compress("LastName,Company\n山田,C\n".encode())
    path = f"jobs/ingest/{bulk.open('insert')}"
    packed = {**CSV, "Content-Encoding": "gzip"}
    assert raw("PUT", f"{path}/batches", data=content[:-9], headers=packed).status_code == 400
    assert raw("PUT", f"{path}/batches", data=b"nonsense", headers=packed).status_code == 400
    assert raw("PUT", f"{path}/batches", data=content, headers=packed).status_code == 201
    raw("PATCH", path, {"state": "UploadComplete"})
    store.bulk.worker.wait()
    assert store.read("Lead", store.ids("Lead")[0])["LastName"] == "山田"
