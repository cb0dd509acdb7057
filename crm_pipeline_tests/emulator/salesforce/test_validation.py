"""Which values Salesforce refuses, how it says so, and what it stores of those it takes."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.ids import canonical, make_id, with_checksum
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

_LEAD = {"LastName": "山田", "Company": "山田製作所"}


@pytest.mark.parametrize(
    ("object_", "fields", "code", "named"),
    [
        ("Lead", {}, "REQUIRED_FIELD_MISSING", ["LastName", "Company"]),
        ("Lead", {"LastName": " ", "Company": "C"}, "REQUIRED_FIELD_MISSING", ["LastName"]),
        ("Contact", {"FirstName": "太郎"}, "REQUIRED_FIELD_MISSING", ["LastName"]),
        ("Account", {"Phone": "1"}, "REQUIRED_FIELD_MISSING", ["Name"]),
        ("Lead", {**_LEAD, "Nope": 1}, "INVALID_FIELD", None),
        ("Lead", {**_LEAD, "Id": "00Q5g0000000001EAA"}, "INVALID_FIELD", None),
        ("Lead", {**_LEAD, "Name": "山田"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Name"]),
        ("Lead", {**_LEAD, "CreatedDate": "2024-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["CreatedDate"]),
        ("Lead", {**_LEAD, "LastName": "山" * 81}, "STRING_TOO_LONG", ["LastName"]),
        ("Lead", {**_LEAD, "Street": "x\n" * 128}, "STRING_TOO_LONG", ["Street"]),
        ("Lead", {**_LEAD, "Email": "a@b"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
        ("Lead", {**_LEAD, "Email": "a..b.@docomo.ne.jp"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
        ("Lead", {**_LEAD, "CleanStatus": "x"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["CleanStatus"]),
        ("Lead", {**_LEAD, "Consent__c": None}, "JSON_PARSER_ERROR", None),
        ("Lead", {**_LEAD, "Consent__c": "Yes"}, "JSON_PARSER_ERROR", None),
        ("Lead", {**_LEAD, "Birthdate__c": "2024-02-30"}, "JSON_PARSER_ERROR", None),
        ("Lead", {**_LEAD, "Birthdate__c": "2024-02-03T00:00:00Z"}, "JSON_PARSER_ERROR", None),
        ("Lead", {**_LEAD, "Seen__c": "2024-02-03T00:00:00"}, "JSON_PARSER_ERROR", None),
        ("Lead", {**_LEAD, "AnnualRevenue": "1,000"}, "JSON_PARSER_ERROR", None),
        ("Lead", {**_LEAD, "NumberOfEmployees": 1.5}, "JSON_PARSER_ERROR", None),
        ("Lead", {**_LEAD, "NumberOfEmployees": 10**8}, "NUMBER_OUTSIDE_VALID_RANGE", ["NumberOfEmployees"]),
        ("Lead", {**_LEAD, "Score__c": 1000}, "NUMBER_OUTSIDE_VALID_RANGE", ["Score__c"]),
        ("Lead", {**_LEAD, "Title": ["部長"]}, "JSON_PARSER_ERROR", None),
        ("Contact", {"LastName": "山田", "AccountId": "x"}, "MALFORMED_ID", ["AccountId"]),
        ("Contact", {"LastName": "山田", "AccountId": make_id("003", 1)}, "FIELD_INTEGRITY_EXCEPTION", ["AccountId"]),
        ("Contact", {"LastName": "山田", "AccountId": make_id("001", 99)}, "INVALID_CROSS_REFERENCE_KEY", []),
        ("Organization", {"Name": "x"}, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", []),
    ],
)
def test_refused_creations(
    standing: tuple[SalesforceStore, Raw], object_: str, fields: dict[str, Any], code: str, named: list[str] | None
) -> None:
    store, raw = standing
    before = store.ids(object_)
    answer = raw("POST", f"sobjects/{object_}", fields)
    (error,) = answer.json()
    assert (answer.status_code, error["errorCode"], error.get("fields")) == (400, code, named)
    assert store.ids(object_) == before


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("LastName", "  山田　", "山田"),
        ("Title", "", None),
        ("Title", 7, "7"),
        ("Phone", "(03) 1234-5678 内線1", "(03) 1234-5678 内線1"),
        ("Street", "千代田\n1-1", "千代田\r\n1-1"),
        ("Description", "x" * 32000, "x" * 32000),
        ("Email", "Taro.Yamada+x@Example.co.jp", "Taro.Yamada+x@Example.co.jp"),
        ("Industry", "製造業", "製造業"),
        ("AnnualRevenue", 1000, 1000.0),
        ("AnnualRevenue", "1000.5", 1001.0),
        ("Score__c", 12.345, 12.35),
        ("NumberOfEmployees", "12", 12),
        ("Consent__c", True, True),
        ("Birthdate__c", "1980-02-29", "1980-02-29"),
        ("Seen__c", "2024-01-01T09:00:00.999+09:00", "2024-01-01T00:00:00.000+0000"),
        ("Seen__c", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000+0000"),
        ("Status", "自由な値", "自由な値"),
    ],
)
def test_stored_forms(standing: tuple[SalesforceStore, Raw], field: str, sent: Any, stored: Any) -> None:
    _, raw = standing
    lead_id = raw("POST", "sobjects/Lead", {**_LEAD, field: sent}).json()["id"]
    got = raw("GET", f"sobjects/Lead/{lead_id}", params={"fields": field}).json()
    assert (got[field], got["Id"]) == (stored, lead_id)


def test_defaults_of_a_new_lead(raw: Raw, store: SalesforceStore) -> None:
    record = store.read("Lead", raw("POST", "sobjects/Lead", {**_LEAD, "City": "札幌市"}).json()["id"])
    assert (record["Status"], record["Consent__c"], record["IsConverted"]) == ("Open - Not Contacted", False, False)
    assert record["Address"]["city"] == "札幌市"
    assert record["Address"]["street"] is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"LastName": None}, "REQUIRED_FIELD_MISSING"),
        ({"Status": ""}, "REQUIRED_FIELD_MISSING"),
        ({"IsConverted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"SystemModstamp": "2024-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Id": "00Q5g0000000001EAA"}, "INVALID_FIELD"),
        ({"Key__c": "TAKEN"}, "DUPLICATE_VALUE"),
    ],
)
def test_refused_updates(raw: Raw, store: SalesforceStore, lead: str, fields: dict[str, Any], code: str) -> None:
    store.create("Lead", {**_LEAD, "Key__c": "taken"})
    before = store.read("Lead", lead)
    answer = raw("PATCH", f"sobjects/Lead/{lead}", {"Title": "部長", **fields})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert store.read("Lead", lead) == before


def test_a_unique_value_is_free_again_after_its_record_is_deleted(raw: Raw, store: SalesforceStore, lead: str) -> None:
    assert raw("PATCH", f"sobjects/Lead/{lead}", {"Key__c": "h1"}).status_code == 204
    store.delete("Lead", lead)
    assert raw("POST", "sobjects/Lead", {**_LEAD, "Key__c": "h1"}).status_code == 201


def test_references_must_be_alive(raw: Raw, store: SalesforceStore) -> None:
    account, leaver = store.create("Account", {"Name": "A"}), store.add_user("x@example.com", "退職者", active=False)
    store.delete("Account", account)
    gone = raw("POST", "sobjects/Contact", {"LastName": "山田", "AccountId": account})
    inactive = raw("POST", "sobjects/Contact", {"LastName": "山田", "OwnerId": leaver})
    assert gone.json()[0]["errorCode"] == "ENTITY_IS_DELETED"
    assert inactive.json()[0]["errorCode"] == "INACTIVE_OWNER_OR_USER"


@pytest.mark.parametrize("header", ["yesterday", "2026-11-24T11:00:00Z", "Tue, 24 Nov 2026 99:00:00 GMT"])
def test_invalid_precondition(raw: Raw, lead: str, header: str) -> None:
    answer = raw("PATCH", f"sobjects/Lead/{lead}", {"Title": "部長"}, headers={"If-Unmodified-Since": header})
    assert answer.status_code == 400


def test_deletes_take_no_precondition(raw: Raw, lead: str) -> None:
    header = {"If-Unmodified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}
    assert raw("DELETE", f"sobjects/Lead/{lead}", headers=header).status_code == 204


@pytest.mark.parametrize("version", ["45.0", "46.0"])
def test_an_updating_upsert_answers_by_version(raw: Raw, lead: str, version: str) -> None:
    answer = raw("PATCH", f"/services/data/v{version}/sobjects/Lead/Key__c/h1", {"Title": "部長"})
    assert answer.status_code == (204 if version == "45.0" else 200)


def test_upsert_with_update_only_creates_nothing(raw: Raw, store: SalesforceStore) -> None:
    answer = raw("PATCH", "sobjects/Lead/Key__c/new", _LEAD, params={"updateOnly": "true"})
    assert (answer.status_code, store.ids("Lead")) == (404, [])


def test_upsert_refuses_its_key_in_the_body(raw: Raw, store: SalesforceStore) -> None:
    answer = raw("PATCH", "sobjects/Lead/Key__c/new", {**_LEAD, "Key__c": "new"})
    assert (answer.json()[0]["errorCode"], store.ids("Lead")) == ("INVALID_FIELD", [])


@pytest.mark.parametrize(
    ("id15", "id18"),
    [
        ("0017000000L8JAA", "0017000000L8JAAAA3"),
        ("0057e00000RmwSW", "0057e00000RmwSWAAZ"),
        ("01254000001upcK", "01254000001upcKAAQ"),
        ("001000000000000", "001000000000000AAA"),
    ],
)
def test_checksum_of_ids(id15: str, id18: str) -> None:
    assert (with_checksum(id15), canonical(id15), canonical(id18)) == (id18, id18, id18)
    assert canonical(id15 + "ZZZ") is None
    assert canonical(id15[:-1]) is None


def test_ids_ascend_and_may_differ_by_case_alone() -> None:
    made = [make_id("00Q", number) for number in range(1, 200)]
    assert made == sorted(made)
    assert len({record_id[:15].lower() for record_id in made}) < len(made) == len(set(made))
