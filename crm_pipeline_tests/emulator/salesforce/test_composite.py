"""Many records in one call: composite and sObject Collections."""

from __future__ import annotations

from typing import Any

import pytest
from simple_salesforce import Salesforce

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.ids import make_id
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

_ROOT = "/services/data/v62.0"
_NEW = {"LastName": "佐藤", "Company": "佐藤商店"}


def _sub(method: str, path: str, reference: str, body: Any = None, **headers: str) -> dict[str, Any]:
    request = {"method": method, "url": f"{_ROOT}/{path}", "referenceId": reference}
    if body is not None:
        request["body"] = body
    return {**request, "httpHeaders": headers} if headers else request


def _composite(client: Salesforce, *requests: dict[str, Any], all_or_none: bool = False) -> list[dict[str, Any]]:
    body = {"allOrNone": all_or_none, "compositeRequest": list(requests)}
    answers: list[dict[str, Any]] = client.restful("composite/", method="POST", json=body)["compositeResponse"]
    return answers


def test_each_sub_request_has_its_own_answer_and_all_are_one_call(
    client: Salesforce, store: SalesforceStore, lead: str
) -> None:
    stale = {"If-Unmodified-Since": "Tue, 24 Nov 2026 10:59:59 GMT"}
    fresh = {"If-Unmodified-Since": "Tue, 24 Nov 2026 11:00:00 GMT"}
    answers = _composite(
        client,
        _sub("PATCH", f"sobjects/Lead/{lead}", "stale", {"Title": "課長"}, **stale),
        _sub("PATCH", f"sobjects/Lead/{lead}", "fresh", {"Title": "部長"}, **fresh),
        _sub("PATCH", "sobjects/Lead/Key__c/new", "made", _NEW),
        _sub("GET", f"sobjects/Lead/{lead}?fields=Title", "read"),
        _sub("POST", "sobjects/Lead", "bad", {"LastName": "x"}),
        _sub("GET", "query?q=SELECT+Id+FROM+Lead+WHERE+Key__c+%3D+%27new%27", "found"),
    )
    assert [answer["referenceId"] for answer in answers] == ["stale", "fresh", "made", "read", "bad", "found"]
    assert [answer["httpStatusCode"] for answer in answers] == [412, 204, 201, 200, 400, 200]
    made = answers[2]["body"]["id"]
    assert answers[2]["httpHeaders"] == {"Location": f"{_ROOT}/sobjects/Lead/{made}"}
    assert answers[1]["body"] is None
    assert answers[3]["body"]["Title"] == "部長"
    assert answers[4]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert answers[5]["body"]["records"][0]["Id"] == made
    assert store.usage.used == 1


def test_later_sub_requests_use_earlier_answers(client: Salesforce, store: SalesforceStore) -> None:
    answers = _composite(
        client,
        _sub("POST", "sobjects/Account", "company", {"Name": "佐藤商店"}),
        _sub("POST", "sobjects/Contact", "person", {"LastName": "佐藤", "AccountId": "@{company.id}"}),
        _sub("GET", "sobjects/Account/@{company.id}?fields=Name", "again"),
        _sub("POST", "sobjects/Contact", "lost", {"LastName": "佐藤", "AccountId": "@{nobody.id}"}),
    )
    assert [answer["httpStatusCode"] for answer in answers] == [201, 201, 200, 400]
    assert answers[3]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    (contact,) = store.ids("Contact")
    assert store.read("Contact", contact)["AccountId"] == answers[0]["body"]["id"]


def test_all_or_none_takes_everything_back(client: Salesforce, store: SalesforceStore, lead: str) -> None:
    before = store.read("Lead", lead)
    answers = _composite(
        client,
        _sub("PATCH", f"sobjects/Lead/{lead}", "one", {"Title": "部長", "Key__c": "moved"}),
        _sub("POST", "sobjects/Lead", "two", {**_NEW, "Key__c": "h1"}),
        _sub("POST", "sobjects/Lead", "three", {"LastName": "x"}),
        _sub("POST", "sobjects/Lead", "four", _NEW),
        all_or_none=True,
    )
    codes = [answer["body"][0]["errorCode"] for answer in answers]
    assert codes == ["PROCESSING_HALTED", "PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert (store.ids("Lead"), store.read("Lead", lead)) == ([lead], before)
    assert client.Lead.get_by_custom_id("Key__c", "h1")["Id"] == lead


@pytest.mark.parametrize(
    "requests",
    [
        [_sub("POST", "sobjects/Lead", f"r{n}", _NEW) for n in range(26)],
        [_sub("POST", "sobjects/Lead", "same", _NEW)] * 2,
        [_sub("POST", "sobjects/Lead", "r", _NEW, **{"Content-Type": "application/json"})],
        [_sub("POST", "sobjects/Lead", "r", _NEW, authorization="Bearer x")],
        [_sub("POST", "sobjects/Lead", "r-1", _NEW)],
        [{"method": "POST", "body": _NEW, "referenceId": "r"}],
        [*(_sub("GET", "query?q=SELECT+Id+FROM+Lead", f"r{n}") for n in range(6))],
        [],
    ],
    ids=["26", "reference twice", "content type", "authorization", "bad reference", "no url", "6 queries", "none"],
)
def test_malformed_composites_are_refused_whole(raw: Raw, store: SalesforceStore, requests: list[Any]) -> None:
    answer = raw("POST", "composite", {"compositeRequest": requests})
    assert (answer.status_code, store.ids("Lead")) == (400, [])


def test_a_composite_is_no_sub_request(client: Salesforce) -> None:
    (answer,) = _composite(client, _sub("POST", "composite", "r", {"compositeRequest": []}))
    assert answer["httpStatusCode"] == 400


def _lead(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Lead"}, **fields}


def test_collection_results_stand_in_order(client: Salesforce, store: SalesforceStore, lead: str) -> None:
    gone = store.create("Lead", _NEW)
    store.delete("Lead", gone)
    records = [
        _lead(Id=lead, Title="部長"),
        _lead(Id=gone, Title="部長"),
        _lead(Id=make_id("00Q", 999), Title="部長"),
        _lead(Id="00Q5g0000000999ZZZ", Title="部長"),
        _lead(Title="部長"),
        _lead(Id=lead, Nope=1),
        {"attributes": {"type": "Nope"}, "Id": lead},
    ]
    results = client.restful("composite/sobjects", method="PATCH", json={"allOrNone": False, "records": records})
    assert results[0] == {"id": lead, "success": True, "errors": []}
    assert [result["success"] for result in results[1:]] == [False] * 6
    assert [result["errors"][0]["statusCode"] for result in results[1:]] == [
        "ENTITY_IS_DELETED",
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
        "MISSING_ARGUMENT",
        "INVALID_FIELD",
        "INVALID_TYPE",
    ]


def test_collection_creates_all_or_none(client: Salesforce, store: SalesforceStore) -> None:
    records = [_lead(**_NEW), _lead(LastName="x")]
    refused = client.restful("composite/sobjects", method="POST", json={"allOrNone": True, "records": records})
    assert [result["errors"][0]["statusCode"] for result in refused] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert store.ids("Lead") == []
    partly = client.restful("composite/sobjects", method="POST", json={"records": records})
    assert [result["success"] for result in partly] == [True, False]
    assert store.ids("Lead") == [partly[0]["id"]]


def test_collection_upserts_by_external_id(client: Salesforce, store: SalesforceStore, lead: str) -> None:
    records = [_lead(Key__c="h1", Title="部長"), _lead(Key__c="h2", **_NEW), _lead(**_NEW)]
    results = client.restful("composite/sobjects/Lead/Key__c", method="PATCH", json={"records": records})
    assert [result.get("created") for result in results] == [False, True, None]
    assert (results[0]["id"], store.read("Lead", lead)["Title"]) == (lead, "部長")
    assert store.read("Lead", results[1]["id"])["Key__c"] == "h2"


def test_collection_retrieves_and_deletes(client: Salesforce, store: SalesforceStore, lead: str) -> None:
    other = store.create("Account", {"Name": "A"})
    body = {"ids": [lead, make_id("00Q", 9)], "fields": ["LastName"]}
    found, missing = client.restful("composite/sobjects/Lead", method="POST", json=body)
    assert (found["LastName"], found["Id"], missing) == ("山田", lead, None)
    deleted = client.restful("composite/sobjects", method="DELETE", params={"ids": f"{lead},{other},{lead}"})
    assert [result["success"] for result in deleted] == [True, True, False]
    assert (store.ids("Lead"), store.ids("Account")) == ([], [])


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([_lead(**_NEW)] * 201, "EXCEEDED_ID_LIMIT"),
        ([_lead(**_NEW), {"attributes": {"type": "Account"}, "Name": "A"}] * 6, "EXCEEDED_MAX_TYPES_LIMIT"),
        (["x"], "JSON_PARSER_ERROR"),
    ],
)
def test_collections_too_large(raw: Raw, store: SalesforceStore, records: list[Any], code: str) -> None:
    answer = raw("POST", "composite/sobjects", {"records": records})
    assert (answer.status_code, answer.json()[0]["errorCode"], store.ids("Lead")) == (400, code, [])
