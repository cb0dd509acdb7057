"""Single records over HTTP: conditional requests, external ids, relationships, method override."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

_BEFORE, _AT, _LATER = (f"Tue, 24 Nov 2026 {time} GMT" for time in ("10:59:59", "11:00:00", "12:00:00"))


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"If-Modified-Since": _BEFORE}, 200),
        ("GET", {"If-Modified-Since": _AT}, 304),
        ("GET", {"If-Unmodified-Since": _BEFORE}, 412),
        ("GET", {"If-Unmodified-Since": _AT}, 200),
        ("GET", {"If-Modified-Since": "yesterday"}, 200),
        ("GET", {"If-None-Match": "*"}, 200),
        ("PATCH", {"If-Unmodified-Since": _BEFORE}, 412),
        ("PATCH", {"If-Unmodified-Since": _AT}, 204),
        ("PATCH", {"If-Unmodified-Since": "yesterday"}, 400),
        ("PATCH", {"If-Modified-Since": _LATER}, 204),
        ("PATCH", {"If-Match": '"other"'}, 204),
    ],
)
def test_conditions_on_the_time_of_modification(
    raw: Raw, store: SalesforceStore, lead: str, method: str, headers: dict[str, str], status: int
) -> None:
    body = {"Title": "部長"} if method == "PATCH" else None
    answer = raw(method, f"sobjects/Lead/{lead}", body, headers=headers)
    assert answer.status_code == status
    if status == 304:
        assert (answer.content, answer.headers["Last-Modified"]) == (b"", _AT)
    assert store.read("Lead", lead)["Title"] == ("部長" if status == 204 else None)
    assert "ETag" not in answer.headers


def test_accounts_have_an_etag(raw: Raw, store: SalesforceStore) -> None:
    path = f"sobjects/Account/{store.create('Account', {'Name': 'A'})}"
    etag = raw("GET", path).headers["ETag"]
    other = '"x", "y"'
    assert raw("GET", path, headers={"If-None-Match": etag}).status_code == 304
    assert raw("GET", path, headers={"If-None-Match": other}).status_code == 200
    assert raw("GET", path, headers={"If-Match": other}).status_code == 412
    assert raw("PATCH", path, {"Name": "B"}, headers={"If-Match": "no etag"}).status_code == 400
    assert raw("PATCH", path, {"Name": "B"}, headers={"If-Match": other}).status_code == 412
    assert raw("PATCH", path, {"Name": "B"}, headers={"If-None-Match": etag}).status_code == 412
    assert raw("PATCH", path, {"Name": "B"}, headers={"If-Match": f"{other}, {etag}"}).status_code == 204
    assert raw("PATCH", path, {"Name": "C"}, headers={"If-Match": etag}).status_code == 412
    assert raw("GET", path, headers={"If-None-Match": etag}).json()["Name"] == "B"


@pytest.mark.parametrize("path", ["sobjects", "sobjects/Lead/describe"])
def test_describe_is_not_repeated_to_those_who_have_it(raw: Raw, store: SalesforceStore, path: str) -> None:
    known = raw("GET", path).headers["Last-Modified"]
    assert raw("GET", path, headers={"If-Modified-Since": _BEFORE}).status_code == 200
    store.clock.advance(60)
    assert raw("GET", path, headers={"If-Modified-Since": known}).status_code == 304


def test_describe_is_told_again_when_it_changed(raw: Raw, store: SalesforceStore) -> None:
    known = raw("GET", "sobjects/Lead/describe").headers["Last-Modified"]
    store.clock.advance(60)
    store.define_field("Lead", {"name": "New__c"})
    assert raw("GET", "sobjects/Lead/describe", headers={"If-Modified-Since": known}).status_code == 200


@pytest.mark.parametrize(
    ("version", "query", "key", "status", "told"),
    [
        ("62.0", "", "h1", 200, {"success": True, "errors": [], "created": False}),
        ("62.0", "", "new", 201, {"success": True, "errors": [], "created": True}),
        ("45.0", "", "h1", 204, None),
        ("45.0", "", "new", 201, {"success": True, "errors": []}),
        ("62.0", "?updateOnly=true", "h1", 200, {"success": True, "errors": [], "created": False}),
        ("62.0", "?updateOnly=true", "new", 404, None),
        ("62.0", "?_HttpMethod=PATCH", "h1", 200, {"success": True, "errors": [], "created": False}),
    ],
)
def test_upserts(raw: Raw, lead: str, version: str, query: str, key: str, status: int, told: Any) -> None:
    method = "POST" if "_HttpMethod" in query else "PATCH"
    path = f"/services/data/v{version}/sobjects/Lead/Key__c/{key}{query}"
    answer = raw(method, path, {"LastName": "x", "Company": "C"})
    assert answer.status_code == status
    if told is not None:
        assert answer.json() == {"id": answer.json()["id"], **told}
        assert (answer.json()["id"] == lead) == (key == "h1")


def test_id_as_a_key(raw: Raw, store: SalesforceStore, lead: str) -> None:
    assert raw("PATCH", f"sobjects/Lead/Id/{lead[:15]}", {"Title": "部長"}).json()["id"] == lead
    assert raw("GET", f"sobjects/Lead/id/{lead}").json()["Title"] == "部長"
    assert raw("PATCH", "sobjects/Lead/Id/00Q5g0000000999", {"Title": "x"}).status_code == 404
    created = raw("POST", "sobjects/Lead/Id", {"LastName": "x", "Company": "C"})
    assert (created.status_code, created.json()["success"]) == (201, True)
    assert raw("POST", f"sobjects/Lead/{lead}", {"Title": "x"}).status_code == 405
    assert raw("POST", f"sobjects/Lead/{lead}?_HttpMethod=DELETE").status_code == 204
    assert store.ids("Lead") == [created.json()["id"]]


def test_a_record_deleted_twice(raw: Raw, lead: str) -> None:
    assert raw("DELETE", f"sobjects/Lead/{lead}").status_code == 204
    again = raw("DELETE", f"sobjects/Lead/{lead}")
    assert (again.status_code, again.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")
    missing = raw("DELETE", "sobjects/Lead/00Q5g0000000999")
    assert (missing.status_code, missing.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_records_over_their_relationships(raw: Raw, store: SalesforceStore) -> None:
    account = store.create("Account", {"Name": "A"})
    contact = store.create("Contact", {"LastName": "x", "AccountId": account})
    lonely = store.create("Contact", {"LastName": "y"})
    parent = raw("GET", f"sobjects/Contact/{contact}/Account?fields=Name").json()
    assert (parent["attributes"]["type"], parent["Name"], parent["Id"]) == ("Account", "A", account)
    children = raw("GET", f"sobjects/Account/{account}/Contacts?fields=LastName").json()
    assert (children["totalSize"], children["done"]) == (1, True)
    assert [record["LastName"] for record in children["records"]] == ["x"]
    assert raw("GET", f"sobjects/Contact/{lonely}/Account").status_code == 204
    assert raw("GET", f"sobjects/Contact/{contact}/Nope").status_code == 404


def test_a_collection_upserts_by_id(raw: Raw, store: SalesforceStore, lead: str) -> None:
    new = {"attributes": {"type": "Lead"}, "LastName": "x", "Company": "C"}
    records = [{**new, "Id": lead}, new, {**new, "Id": "00Q5g0000000999"}, {**new, "Id": "x"}]
    results = raw("PATCH", "composite/sobjects/Lead/Id", {"records": records}).json()
    assert [result["success"] for result in results] == [True, True, False, False]
    assert [result["created"] for result in results[:2]] == [False, True]
    assert [result["errors"][0]["statusCode"] for result in results[2:]] == [
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
    ]
    assert store.ids("Lead") == [lead, results[1]["id"]]


def test_records_of_one_call_with_the_same_key_are_all_refused(raw: Raw, store: SalesforceStore) -> None:
    records = [
        {"attributes": {"type": "Lead"}, "LastName": "x", "Company": "C", "Key__c": key} for key in ("a", "b", "A")
    ]
    results = raw("PATCH", "composite/sobjects/Lead/Key__c", {"records": records}).json()
    refusal = {"statusCode": "DUPLICATE_VALUE", "message": "Duplicate external id specified: A", "fields": ["Key__c"]}
    assert [result["success"] for result in results] == [False, True, False]
    assert results[2]["errors"] == [refusal]
    assert store.ids("Lead") == [results[1]["id"]]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "composite/sobjects", None),
        ("GET", "composite/sobjects/Lead?ids=00Q5g0000000001", None),
        ("POST", "composite/sobjects/Lead", {"ids": ["00Q5g0000000001"]}),
        ("POST", "composite/sobjects/Lead", {"ids": "00Q5g0000000001", "fields": ["Id"]}),
        ("GET", "composite/sobjects/Lead?ids=00Q5g0000000001&fields=Nope", None),
        ("POST", "composite/sobjects/Lead", {"ids": ["00Q5g0000000001"] * 2001, "fields": ["Id"]}),
    ],
)
def test_malformed_collections(raw: Raw, method: str, path: str, body: Any) -> None:
    assert raw(method, path, body).status_code == 400
