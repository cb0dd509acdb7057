"""Lists, reads and batches of records: limits, cursors, identifying properties, rows that fail alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.hubspot.errors import HubSpotError
from crm_pipeline_tests.emulator.hubspot.conftest import Raw

COMPANIES = "/crm/v3/objects/companies"
CONTACTS = "/crm/v3/objects/contacts"
TOO_MANY = "The maximum number of inputs supported in a batch is 100. Please reduce the number of items and try again"
TOO_MANY_WITH_HISTORY = "The maximum number of inputs supported in a batch request for property histories is 50"


@pytest.mark.parametrize("operation", ["read", "create", "update", "upsert", "archive"])
def test_a_batch_has_at_most_100_inputs(raw: Raw, operation: str) -> None:
    inputs = [{"id": str(n), "idProperty": "email", "properties": {"city": "a"}} for n in range(101)]

    answer = raw("POST", f"{CONTACTS}/batch/{operation}", {"inputs": inputs})

    assert (answer.status_code, answer.json()["message"]) == (400, TOO_MANY)


def test_a_batch_read_with_history_has_at_most_50_inputs(raw: Raw) -> None:
    body = {"inputs": [{"id": str(n)} for n in range(51)], "propertiesWithHistory": ["phone"]}

    answer = raw("POST", f"{CONTACTS}/batch/read", body)

    assert (answer.status_code, answer.json()["message"]) == (400, TOO_MANY_WITH_HISTORY)


@pytest.mark.parametrize("operation", ["read", "create", "update", "upsert", "archive"])
@pytest.mark.parametrize("body", [{}, {"inputs": []}, {"inputs": {}}, {"inputs": ["51"]}, [], None])
def test_a_batch_without_readable_inputs_is_refused(raw: Raw, operation: str, body: Any) -> None:
    answer = raw("POST", f"{CONTACTS}/batch/{operation}", body)

    assert (answer.status_code, answer.json()["status"]) == (400, "error")


def test_the_next_page_has_a_cursor_and_an_address(raw: Raw, store: HubSpotStore) -> None:
    ids = [store.create("companies", {"name": str(n)}) for n in range(3)]
    path = f"{COMPANIES}?limit=2&properties=name&properties=city&archived=false"

    first = raw("GET", path).json()
    link = urlsplit(first["paging"]["next"]["link"])
    second = raw("GET", f"{link.path}?{link.query}").json()

    assert [one["id"] for one in first["results"]] == ids[:2]
    assert (first["paging"]["next"]["after"], f"{link.scheme}://{link.netloc}") == (ids[1], raw.url)
    assert [one["id"] for one in second["results"]] == ids[2:]
    assert set(second["results"][0]["properties"]) >= {"name", "city"}
    assert "paging" not in second
    foreign = raw("GET", f"/crm/objects/2026-03/0-2?limit=1&after={ids[0]}", headers={"Host": "api.hubapi.com"}).json()
    expected = f"https://api.hubapi.com/crm/objects/2026-03/0-2?limit=1&after={ids[1]}"
    assert foreign["paging"]["next"]["link"] == expected
    assert raw("GET", f"{COMPANIES}?after=abc").status_code == 400
    assert raw("GET", f"{COMPANIES}?after={ids[2]}").json() == {"results": []}


def test_associations_come_with_a_list_and_a_read(raw: Raw, store: HubSpotStore) -> None:
    deal = store.create("deals", {"dealname": "更新"})
    company, contact = store.create("companies", {"name": "青空商事"}), store.create("contacts", {"lastname": "山田"})
    store.associate("deals", deal, "companies", company, 5)
    store.associate("deals", deal, "contacts", contact, 3)

    for path in (f"/crm/v3/objects/deals/{deal}?", "/crm/v3/objects/deals?limit=1&"):
        answer = raw("GET", f"{path}associations=companies,contacts&associations=tickets").json()
        shown = (answer["results"][0] if "results" in answer else answer)["associations"]
        assert {name: {one["id"] for one in part["results"]} for name, part in shown.items()} == {
            "companies": {company},
            "contacts": {contact},
        }


def test_a_record_is_created_with_associations_or_not_at_all(raw: Raw, store: HubSpotStore) -> None:
    contact = store.create("contacts", {"lastname": "山田"})
    note = {"hs_timestamp": "1764000000000", "hs_note_body": "訪問"}
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]

    wrong = raw(
        "POST", "/crm/v3/objects/notes", {"properties": note, "associations": [{"to": {"id": "9"}, "types": types}]}
    )
    right = raw(
        "POST", "/crm/v3/objects/notes", {"properties": note, "associations": [{"to": {"id": contact}, "types": types}]}
    )

    assert (wrong.status_code, right.status_code) == (400, 201)
    assert store.ids("notes") == [right.json()["id"]]
    read = raw("GET", f"/crm/v3/objects/notes/{right.json()['id']}?associations=contacts").json()
    assert read["associations"]["contacts"]["results"] == [{"id": contact, "type": "note_to_contact"}]


@pytest.mark.parametrize(
    ("object_", "id_property"),
    [("companies", "domain"), ("companies", "hs_object_id"), ("deals", "dealname"), ("contacts", "phone")],
)
@pytest.mark.parametrize("operation", ["update", "upsert"])
def test_only_a_unique_property_names_the_row_of_a_write(
    raw: Raw, object_: str, id_property: str, operation: str
) -> None:
    type_id = {"contacts": "0-1", "companies": "0-2", "deals": "0-3"}[object_]
    inputs = [{"id": "a", "idProperty": id_property, "properties": {id_property: "a"}}]

    answer = raw("POST", f"/crm/v3/objects/{object_}/batch/{operation}", {"inputs": inputs})

    assert answer.status_code == 400
    message = f"Unable to perform update/upsert by non-unique {type_id} property {id_property} in portal ID 12345678"
    assert answer.json()["message"] == message


def test_an_upsert_needs_an_identifying_property(raw: Raw, store: HubSpotStore) -> None:
    contact = store.create("contacts", {"lastname": "山田"})

    answer = raw("POST", f"{CONTACTS}/batch/upsert", {"inputs": [{"id": contact, "properties": {"city": "横浜市"}}]})

    assert answer.status_code == 400
    assert answer.json()["message"].endswith("Some required fields were not set: [idProperty]")


@pytest.mark.parametrize(("object_", "least"), [("deals", {}), ("tickets", {"hs_pipeline_stage": "1"})])
def test_records_are_upserted_by_an_own_unique_property(
    raw: Raw, store: HubSpotStore, object_: str, least: dict[str, str]
) -> None:
    store.define_property(
        object_, {"name": "key", "label": "Key", "type": "string", "fieldType": "text", "hasUniqueValue": True}
    )
    rows = [{"id": key, "idProperty": "key", "properties": least, "objectWriteTraceId": f"t-{key}"} for key in "ab"]

    first = raw("POST", f"/crm/v3/objects/{object_}/batch/upsert", {"inputs": rows[:1]}).json()
    both = raw("POST", f"/crm/v3/objects/{object_}/batch/upsert", {"inputs": rows}).json()
    read = raw("GET", f"/crm/v3/objects/{object_}/b?idProperty=key&properties=key").json()

    assert [one["new"] for one in first["results"] + both["results"]] == [True, False, True]
    assert [one["objectWriteTraceId"] for one in both["results"]] == ["t-a", "t-b"]
    assert (read["id"], read["properties"]["key"]) == (both["results"][1]["id"], "b")


def refuse(ids: set[str | None]) -> Any:
    """A `before_write` that refuses some records."""

    def before_write(object_: str, record_id: str | None) -> None:
        if record_id in ids:
            raise HubSpotError(423, f"{object_} {record_id} is locked", "LOCKED")

    return before_write


@pytest.mark.parametrize(
    ("operation", "done"),
    [("update", {"city": "横浜市"}), ("upsert", {"city": "横浜市"}), ("archive", {})],
)
def test_a_row_refused_at_the_last_moment_fails_alone(
    raw: Raw, store: HubSpotStore, operation: str, done: dict[str, str]
) -> None:
    first, second = (store.create("contacts", {"email": f"{name}@example.jp"}) for name in "ab")
    store.before_write = refuse({first})
    rows = [{"id": one, "properties": {"city": "横浜市"}} for one in (first, second)]
    if operation == "upsert":
        rows = [{"id": f"{name}@example.jp", "idProperty": "email", "properties": {"city": "横浜市"}} for name in "ab"]

    answer = raw("POST", f"{CONTACTS}/batch/{operation}", {"inputs": rows})

    assert (answer.status_code, answer.json()["numErrors"]) == (207, 1)
    (error,) = answer.json()["errors"]
    assert (error["category"], error["context"]) == ("LOCKED", {"ids": [rows[0]["id"]]})
    assert "city" not in store.read("contacts", first)
    if done:
        assert store.read("contacts", second)["city"] == "横浜市"
    else:
        assert store.ids("contacts", archived=True) == [second]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "", {"properties": {"lastname": "林"}}),
        ("POST", "/batch/create", {"inputs": [{"properties": {"lastname": "林"}}]}),
        ("PATCH", "/51", {"properties": {"lastname": "林"}}),
        ("DELETE", "/51", None),
    ],
)
def test_a_refused_single_write_is_an_error_of_the_whole_call(
    raw: Raw, store: HubSpotStore, method: str, path: str, body: Any
) -> None:
    store.create("contacts", {"lastname": "山田"})
    store.before_write = refuse({None, "51"})

    assert raw(method, CONTACTS + path, body).status_code == 423
    assert store.objects("contacts")["51"]["lastname"] == "山田"
    assert len(store.ids("contacts")) == 1


def test_creates_with_trace_ids_fail_alone(raw: Raw, store: HubSpotStore) -> None:
    rows = [
        {"properties": {"hs_timestamp": "1764000000000"}, "objectWriteTraceId": "ok"},
        {"properties": {}, "objectWriteTraceId": "incomplete"},
        {"properties": {"hs_timestamp": "soon"}, "objectWriteTraceId": "wrong"},
    ]

    answer = raw("POST", "/crm/v3/objects/calls/batch/create", {"inputs": rows})

    assert (answer.status_code, answer.json()["numErrors"]) == (207, 2)
    assert [one["objectWriteTraceId"] for one in answer.json()["results"]] == ["ok"]
    traces = [one["context"]["objectWriteTraceId"] for one in answer.json()["errors"]]
    assert traces == [["incomplete"], ["wrong"]]
    assert len(store.ids("calls")) == 1


@pytest.mark.parametrize("body", [{"properties": {}}, {}, {"properties": None}])
def test_an_update_without_properties_is_refused(raw: Raw, store: HubSpotStore, body: Any) -> None:
    record_id = store.create("contacts", {"lastname": "山田"})

    single = raw("PATCH", f"{CONTACTS}/{record_id}", body)
    batch = raw("POST", f"{CONTACTS}/batch/update", {"inputs": [{"id": record_id, **body}]})

    for answer in (single, batch):
        assert answer.status_code == 400
        assert answer.json()["message"] == "No properties found to update, please provide at least one."
        assert answer.json()["context"] == {"properties": ["{}"]}
