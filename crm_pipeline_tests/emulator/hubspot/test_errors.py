"""What the portal refuses, and the exact status and body it refuses it with."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.conftest import Raw

CONTACTS = "/crm/v3/objects/contacts"
LINKS = "/crm/v4/associations/contacts/companies"


def embedded(answer: requests.Response) -> list[tuple[str, str]]:
    """Property and code of each problem in the JSON array inside the message."""
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    text = answer.json()["message"].removeprefix("Property values were not valid: ")
    problems = [(problem["name"], problem["error"]) for problem in json.loads(text)]
    assert problems == [(one["context"]["propertyName"][0], one["code"]) for one in answer.json()["errors"]]
    return problems


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("nickname", "x", "PROPERTY_DOESNT_EXIST"),
        ("hs_object_id", "1", "READ_ONLY_VALUE"),
        ("createdate", "2026-01-01T00:00:00Z", "READ_ONLY_VALUE"),
        ("hs_analytics_source", "REFERRALS", "READ_ONLY_VALUE"),
        ("email", "not an address", "INVALID_EMAIL"),
        ("lifecyclestage", "Customer", "INVALID_OPTION"),
        ("interests", "golf;tea", "INVALID_OPTION"),
        ("interests", ";chess", "INVALID_OPTION"),
        ("hubspot_owner_id", "1", "INVALID_OWNER_ID"),
        ("visits", "many", "INVALID_LONG"),
        ("visits", "1,000", "INVALID_LONG"),
        ("visits", "nan", "INVALID_LONG"),
        ("joined", "2026/01/02", "INVALID_DATE"),
        ("joined", "2026-02-30", "INVALID_DATE"),
        ("joined", "2026-01-02T00:00:00Z", "INVALID_DATE"),
        ("joined", "1767312000001", "INVALID_DATE"),
        ("seen", "2026-01-02T00:00:00", "INVALID_DATE"),
        ("vip", "yes", "INVALID_OPTION"),
    ],
)
def test_a_wrong_value_is_refused(raw: Raw, typed: HubSpotStore, name: str, value: str, code: str) -> None:
    answer = raw("POST", CONTACTS, {"properties": {"lastname": "山田", name: value}})

    assert embedded(answer) == [(name, code)]
    assert answer.json()["status"] == "error"
    assert answer.json()["correlationId"]
    assert typed.ids("contacts") == []


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("interests", "golf;tennis", "golf;tennis"),
        ("interests", ";golf", "golf"),
        ("visits", 12, "12"),
        ("visits", " 1.50 ", "1.50"),
        ("joined", "2026-01-02", "2026-01-02"),
        ("joined", "1767312000000", "2026-01-02"),
        ("seen", "1767312000001", "2026-01-02T00:00:00.001Z"),
        ("seen", "2026-01-02T09:00:00+09:00", "2026-01-02T00:00:00.000Z"),
        ("vip", True, "true"),
        ("email", " Taro@Example.JP ", "taro@example.jp"),
        ("message", "一行目\n二行目 ", "一行目\n二行目 "),
        ("phone", "", None),
    ],
)
def test_a_right_value_is_stored_in_hubspots_form(
    raw: Raw, typed: HubSpotStore, name: str, value: Any, stored: str | None
) -> None:
    answer = raw("POST", CONTACTS, {"properties": {name: value}})

    assert answer.status_code == 201
    assert answer.json()["properties"][name] == stored
    assert typed.read("contacts", answer.json()["id"]).get(name) == stored


@pytest.fixture
def typed(store: HubSpotStore) -> HubSpotStore:
    """A portal with a custom property of each type."""
    options = [{"label": "ゴルフ", "value": "golf"}, {"label": "テニス", "value": "tennis"}]
    for name, kind, field_type, more in (
        ("interests", "enumeration", "checkbox", {"options": options}),
        ("visits", "number", "number", {}),
        ("joined", "date", "date", {}),
        ("seen", "datetime", "date", {}),
        ("vip", "bool", "booleancheckbox", {}),
        ("member_no", "string", "text", {"hasUniqueValue": True}),
    ):
        store.define_property("contacts", {"name": name, "label": name, "type": kind, "fieldType": field_type, **more})
    return store


def test_null_is_accepted_and_changes_nothing(raw: Raw, store: HubSpotStore) -> None:
    record_id = store.create("contacts", {"phone": "03-1111-1111"})

    answer = raw("PATCH", f"{CONTACTS}/{record_id}", {"properties": {"phone": None}})

    assert answer.status_code == 200
    assert store.read("contacts", record_id)["phone"] == "03-1111-1111"


def test_a_taken_email_conflicts_also_as_secondary_address(raw: Raw, store: HubSpotStore) -> None:
    holder = store.create("contacts", {"email": "a@example.jp", "hs_additional_emails": "b@example.jp"})
    other = store.create("contacts", {"lastname": "佐藤"})

    for method, path, email in (
        ("POST", CONTACTS, "A@example.jp"),
        ("POST", CONTACTS, "b@example.jp"),
        ("PATCH", f"{CONTACTS}/{other}", "a@example.jp"),
    ):
        answer = raw(method, path, {"properties": {"email": email}})
        assert (answer.status_code, answer.json()["category"]) == (409, "CONFLICT")
        assert answer.json()["message"] == f"Contact already exists. Existing ID: {holder}"

    assert raw("PATCH", f"{CONTACTS}/{holder}", {"properties": {"email": "a@example.jp"}}).status_code == 200
    store.archive("contacts", holder)
    assert raw("POST", CONTACTS, {"properties": {"email": "a@example.jp"}}).status_code == 201


def test_a_taken_unique_value_is_refused(raw: Raw, typed: HubSpotStore) -> None:
    typed.create("contacts", {"member_no": "M-1"})

    answer = raw("POST", CONTACTS, {"properties": {"member_no": "M-1"}})

    assert embedded(answer) == [("member_no", "CONFLICTING_UNIQUE_VALUE")]


@pytest.mark.parametrize(
    ("operation", "rows", "status"),
    [
        ("create", [{"properties": {"lastname": "可"}}, {"properties": {"nickname": "不可"}}], 400),
        ("create", [{"properties": {"lastname": "可"}}, {"properties": {"email": "a@example.jp"}}], 409),
        ("create", [{"properties": {"email": "n@example.jp"}}, {"properties": {"email": "N@example.jp"}}], 409),
        ("update", [{"id": "51", "properties": {"city": "可"}}, {"id": "101", "properties": {"city": []}}], 400),
        ("update", [{"id": "51", "properties": {"city": "可"}}, {"id": "101", "properties": {"nickname": ""}}], 400),
        ("update", [{"id": "51", "properties": {"city": "可"}}, {"id": "51", "properties": {"city": "二"}}], 400),
        ("update", [{"id": "101", "properties": {"email": "a@example.jp", "city": "可"}}], 409),
        ("update", [], 400),
        ("update", [{"properties": {"city": "可"}}], 400),
        ("update", [{"id": str(n), "properties": {}} for n in range(101)], 400),
        (
            "upsert",
            [
                {"idProperty": "email", "id": "a@example.jp", "properties": {"city": "可"}},
                {"idProperty": "email", "id": "second@example.jp", "properties": {"city": "二"}},
            ],
            400,
        ),
        ("upsert", [{"idProperty": "lastname", "id": "山田", "properties": {"city": "可"}}], 400),
        ("archive", [{"id": "51"}, {"id": "51"}], 400),
        ("read", [{"id": "51"}, {"id": "51"}], 400),
    ],
)
def test_one_bad_row_refuses_the_whole_batch(
    raw: Raw, store: HubSpotStore, operation: str, rows: list[Any], status: int
) -> None:
    store.create("contacts", {"email": "a@example.jp", "hs_additional_emails": "second@example.jp"})
    store.create("contacts", {"email": "b@example.jp"})
    before = store.objects("contacts")

    answer = raw("POST", f"{CONTACTS}/batch/{operation}", {"inputs": rows})

    assert answer.status_code == status
    assert store.objects("contacts") == before


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", f"{CONTACTS}/999", 404, "Object not found.  objectId are usually numeric."),
        ("PATCH", f"{CONTACTS}/999", 404, "Object not found.  objectId are usually numeric."),
        ("DELETE", f"{CONTACTS}/999", 404, "Object not found.  objectId are usually numeric."),
        ("GET", "/crm/v3/objects/contacts/1/notes", 404, "resource not found"),
        ("GET", "/crm/objects/2020-01/contacts", 404, "resource not found"),
        ("GET", "/crm/v3/properties/contacts/nickname", 404, "No property exists with the name 'nickname'"),
        ("GET", "/crm/v3/owners/1", 404, "resource not found"),
        ("POST", "/crm/v3/objects/companies/gdpr-delete", 404, "resource not found"),
        ("PUT", CONTACTS, 405, "HTTP 405 Method Not Allowed"),
        ("GET", "/crm/v3/objects/dealz", 400, "Unable to infer object type from: dealz"),
        ("GET", f"{CONTACTS}?limit=101", 400, "limit must be a number between 1 and 100"),
        ("GET", f"{CONTACTS}?limit=0", 400, "limit must be a number between 1 and 100"),
        ("GET", f"{CONTACTS}?limit=51&propertiesWithHistory=phone", 400, "limit must be a number between 1 and 50"),
        ("GET", f"{CONTACTS}?archived=maybe", 400, "archived must be true or false"),
        ("GET", f"{CONTACTS}?properties={'x' * 16_000}", 414, "HTTP 414 URI Too Long"),
        ("GET", f"{CONTACTS}/1?idProperty=lastname", 400, "idProperty lastname does not exist"),
    ],
)
def test_a_path_or_query_that_is_wrong(raw: Raw, method: str, path: str, status: int, message: str) -> None:
    answer = raw(method, path, {"properties": {}} if method in ("PATCH", "POST", "PUT") else None)

    assert answer.status_code == status
    assert answer.json()["status"] == "error"
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize("header", [None, "Bearer wrong", "demo-token"])
def test_a_wrong_token_is_refused(url: str, header: str | None) -> None:
    answer = requests.get(url + CONTACTS, headers={"Authorization": header} if header else {}, timeout=10)

    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_a_body_that_is_not_json_is_refused(raw: Raw) -> None:
    json_type, text_type = {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}

    broken = raw("POST", CONTACTS, data="{", headers=json_type)
    plain = raw("POST", CONTACTS, data="{}", headers=text_type)
    listed = raw("POST", CONTACTS, data="[]", headers=json_type)

    assert (broken.status_code, plain.status_code, listed.status_code) == (400, 415, 400)
    assert broken.json()["message"].startswith("Invalid input JSON on line 1, column 2: Unexpected end-of-input")


@pytest.mark.parametrize(
    ("definition", "status"),
    [
        ({"name": "phone"}, 409),
        ({"name": "Phone2"}, 400),
        ({"name": "ok", "type": "text"}, 400),
        ({"name": "ok", "fieldType": "number"}, 400),
        ({"name": "ok", "groupName": "nowhere"}, 400),
        ({"name": "ok", "type": "enumeration", "fieldType": "select"}, 400),
        ({"name": "ok", "calculated": True}, 400),
        ({"label": ""}, 400),
    ],
)
def test_a_wrong_property_definition_is_refused(raw: Raw, definition: dict[str, Any], status: int) -> None:
    right = {"name": "ok", "label": "OK", "type": "string", "fieldType": "text", "groupName": "contactinformation"}

    answer = raw("POST", "/crm/v3/properties/contacts", {**right, **definition})

    assert answer.status_code == status
    assert raw("POST", "/crm/v3/properties/contacts", right).status_code == 201


def test_a_portal_has_at_most_ten_unique_properties(raw: Raw) -> None:
    codes = [
        raw(
            "POST",
            "/crm/v3/properties/contacts",
            {
                "name": f"key_{n}",
                "label": "Key",
                "type": "string",
                "fieldType": "text",
                "groupName": "contactinformation",
                "hasUniqueValue": True,
            },
        ).status_code
        for n in range(11)
    ]

    assert codes == [201] * 10 + [400]


@pytest.mark.parametrize(
    ("operation", "types"),
    [
        ("create", [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 280}]),
        ("create", [{"associationCategory": "USER_DEFINED", "associationTypeId": 1}]),
        ("create", []),
        ("labels/archive", [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]),
    ],
)
def test_a_wrong_association_type_is_refused(raw: Raw, store: HubSpotStore, operation: str, types: list[Any]) -> None:
    person, company = store.create("contacts", {"lastname": "山田"}), store.create("companies", {"name": "青空商事"})

    answer = raw(
        "POST",
        f"{LINKS}/batch/{operation}",
        {"inputs": [{"from": {"id": person}, "to": {"id": company}, "types": types}]},
    )

    assert answer.status_code == 400
    assert raw("GET", f"/crm/v4/objects/contacts/{person}/associations/companies").json()["results"] == []


def test_associating_a_missing_record_is_one_error_of_a_207(raw: Raw, store: HubSpotStore) -> None:
    person, company = store.create("contacts", {"lastname": "山田"}), store.create("companies", {"name": "青空商事"})
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    inputs = [{"from": {"id": person}, "to": {"id": to}, "types": types} for to in ("999", company)]

    answer = raw("POST", f"{LINKS}/batch/create", {"inputs": inputs})

    assert answer.status_code == 207
    assert [result["toObjectId"] for result in answer.json()["results"]] == [int(company)]
    assert answer.json()["errors"][0]["context"] == {
        "INVALID_OBJECT_IDS": ["COMPANY=999 is not valid"],
        "objectId": ["999"],
        "objectType": ["COMPANY"],
    }
