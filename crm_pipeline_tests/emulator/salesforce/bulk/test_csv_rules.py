"""How the CSV of an ingest job is read: a table of rules."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.bulk.conftest import Bulk


def only(store: SalesforceStore, object_: str = "Lead") -> dict[str, Any]:
    (record_id,) = store.ids(object_)
    return store.read(object_, record_id)


@pytest.mark.parametrize(
    ("settings", "content", "error"),
    [
        ({}, "LastName,Company\r\nA,B\r\n", "LineEnding is invalid on user data. Current LineEnding setting is LF"),
        (
            {"lineEnding": "CRLF"},
            "LastName,Company\nA,B\n",
            "LineEnding is invalid on user data. Current LineEnding setting is CRLF",
        ),
        ({}, "LastName,Foo\nA,B\n", "InvalidBatch : Field name not found : Foo"),
        ({}, "LastName;Company\nA;B\n", "InvalidBatch : Field name not found : LastName;Company"),
        ({}, "LastName,Owner.Foo\nA,B\n", "InvalidBatch : Field name not found : Owner.Foo"),
        ({}, "LastName,Owner.Username\nA,B\n", "InvalidBatch : Field name not found : Owner.Username"),
        ({}, "LastName,Address\nA,B\n", "InvalidBatch : Field name not found : Address"),
        ({}, "LastName,lastname\nA,B\n", "more than once"),
        ({}, "LastName,Company\nA,B,C\n", "number of values in row 1 (3)"),
        ({}, 'LastName,Company\n"A,B\n', "a quote is not closed"),
        ({}, b"LastName,Company\n\xff\xfe,B\n", "not UTF-8"),
        ({}, "\n", "no content"),
        ({"operation": "update"}, "LastName\nA\n", "InvalidBatch : Field name not found : Id"),
        ({"operation": "delete"}, "LastName\nA\n", "InvalidBatch : Field name not found : Id"),
        ({"operation": "delete"}, "Id,LastName\nA,B\n", "The 'delete' batch must contain only ids"),
        (
            {"operation": "upsert", "externalIdFieldName": "Key__c"},
            "LastName,Company\nA,B\n",
            "InvalidBatch : Field name not found : Key__c",
        ),
    ],
)
def test_file_that_cannot_be_read_fails_the_job(
    bulk: Bulk, store: SalesforceStore, settings: dict[str, str], content: str | bytes, error: str
) -> None:
    job = bulk.ingest(**{"operation": "insert", "content": content, **settings})
    assert job["state"] == "Failed"
    assert error in job["errorMessage"]
    assert (job["numberRecordsProcessed"], store.ids("Lead")) == (0, [])


def test_rows_of_a_failed_job_are_unprocessed(bulk: Bulk) -> None:
    job = bulk.ingest("insert", "LastName,Foo\nA,B\n")
    assert bulk.rows(job, "unprocessedrecords") == [{"LastName": "A", "Foo": "B"}]
    assert bulk.rows(job, "successfulResults") == bulk.rows(job, "failedResults") == []


@pytest.mark.parametrize(
    ("settings", "content", "expected"),
    [
        ({}, "\ufeffLastName,Company\nA,B\n", {"LastName": "A"}),
        ({}, "LASTNAME,company\nA,B\n", {"LastName": "A", "Company": "B"}),
        ({}, 'LastName,Company\n"A, ""B""",C\n', {"LastName": 'A, "B"'}),
        ({}, "LastName,Company\n A , B \n", {"LastName": "A", "Company": "B"}),
        ({}, "LastName,Company\nA,B", {"Company": "B"}),
        ({}, "LastName,Company\n\nA,B\n\n", {"Company": "B"}),
        ({}, 'LastName,Company,Description\nA,B,"one\ntwo"\n', {"Description": "one\r\ntwo"}),
        ({"lineEnding": "CRLF"}, "LastName,Company\r\nA,B\r\n", {"Company": "B"}),
        ({"lineEnding": "CRLF"}, 'LastName,Company,Description\r\nA,B,"1\n2"\r\n', {"Description": "1\r\n2"}),
        ({"columnDelimiter": "TAB"}, "LastName\tCompany\nA,B\tC\n", {"LastName": "A,B", "Company": "C"}),
        ({"columnDelimiter": "PIPE"}, "LastName|Company\nA|C\n", {"Company": "C"}),
        ({"columnDelimiter": "SEMICOLON"}, "LastName;Company\nA;C\n", {"Company": "C"}),
        ({"columnDelimiter": "CARET"}, "LastName^Company\nA^C\n", {"Company": "C"}),
        ({"columnDelimiter": "BACKQUOTE"}, "LastName`Company\nA`C\n", {"Company": "C"}),
        ({}, "LastName,Company,Title\nA,B,#N/A\n", {"Title": None}),
        ({}, "LastName,Company,Title\nA,B,\n", {"Title": None}),
        ({}, "LastName,Company,Consent__c\nA,B,\n", {"Consent__c": False}),
        ({}, "LastName,Company,Consent__c\nA,B,TRUE\n", {"Consent__c": True}),
        ({}, "LastName,Company,Consent__c\nA,B,1\n", {"Consent__c": True}),
        ({}, "LastName,Company,Consent__c\nA,B,false\n", {"Consent__c": False}),
        ({}, "LastName,Company,Score__c\nA,B,12.345\n", {"Score__c": 12.35}),
        ({}, "LastName,Company,NumberOfEmployees\nA,B,12\n", {"NumberOfEmployees": 12}),
        ({}, "LastName,Company,Birthdate__c\nA,B,2024-02-29\n", {"Birthdate__c": "2024-02-29"}),
        (
            {},
            "LastName,Company,Seen__c\nA,B,2024-01-01T09:00:00.000+0900\n",
            {"Seen__c": "2024-01-01T00:00:00.000+0000"},
        ),
        ({}, "LastName,Company,Seen__c\nA,B,2024-01-01T00:00:00Z\n", {"Seen__c": "2024-01-01T00:00:00.000+0000"}),
    ],
)
def test_values_are_read_as_the_platform_reads_them(
    bulk: Bulk, store: SalesforceStore, settings: dict[str, str], content: str, expected: dict[str, Any]
) -> None:
    job = bulk.ingest("insert", content, **settings)
    assert (job["state"], job["numberRecordsFailed"]) == ("JobComplete", 0)
    row = only(store)
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Consent__c", "maybe"),
        ("Consent__c", "#N/A"),
        ("Score__c", "much"),
        ("NumberOfEmployees", "1.5"),
        ("Birthdate__c", "29.02.2024"),
        ("Birthdate__c", "2023-02-29"),
        ("Seen__c", "2024-01-01"),
    ],
)
def test_text_of_the_wrong_type_refuses_its_row(bulk: Bulk, store: SalesforceStore, column: str, text: str) -> None:
    job = bulk.ingest("insert", f"LastName,Company,{column}\nA,B,{text}\n")
    (error,) = bulk.errors(job)
    assert error.startswith("INVALID_TYPE_ON_FIELD_IN_RECORD:")
    assert error.endswith(f"value not of required type: {text}:{column} --")
    assert store.ids("Lead") == []


def test_parent_is_named_by_its_external_id(bulk: Bulk, store: SalesforceStore) -> None:
    store.define_field("Account", {"name": "Code__c", "externalId": True, "unique": True})
    account = store.create("Account", {"Name": "山田製作所", "Code__c": "A-1"})
    content = "LastName,account.code__c\n山田,a-1\n鈴木,\n佐藤,A-2\n"
    job = bulk.ingest("insert", content, "Contact")
    assert [store.read("Contact", one)["AccountId"] for one in store.ids("Contact")] == [account, None]
    assert bulk.errors(job) == [
        "INVALID_FIELD:Foreign key external ID: a-2 not found for field Code__c in entity Account:--"
    ]


def test_parent_is_taken_away_by_na(bulk: Bulk, store: SalesforceStore) -> None:
    store.define_field("Account", {"name": "Code__c", "externalId": True, "unique": True})
    account = store.create("Account", {"Name": "山田製作所", "Code__c": "A-1"})
    contact = store.create("Contact", {"LastName": "山田", "AccountId": account})
    bulk.ingest("update", f"Id,Account.Code__c\n{contact},#N/A\n", "Contact")
    assert store.read("Contact", contact)["AccountId"] is None
