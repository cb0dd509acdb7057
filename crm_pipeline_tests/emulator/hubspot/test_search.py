"""The search language: operators by type, limits, and what search leaves out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.conftest import NOON, Raw

SEARCH = "/crm/v3/objects/contacts/search"
PEOPLE = {
    "taro": {"email": "taro@aozora.co.jp", "lastname": "Yamada", "lifecyclestage": "customer"},
    "hanako": {"email": "hanako@midori.co.jp", "lastname": "SATO", "jobtitle": "営業 部長", "city": "横浜市"},
    "nobody": {"city": "大阪市", "lastname": "sato"},
}


@pytest.fixture
def people(store: HubSpotStore, clock: Clock) -> dict[str, str]:
    """Three people created an hour apart: id -> name."""
    ids = {}
    for name, properties in PEOPLE.items():
        ids[store.create("contacts", properties)] = name
        clock.advance(3600)
    return ids


def milliseconds(hours: float) -> str:
    return str(int((NOON.timestamp() + hours * 3600) * 1000))


@pytest.mark.parametrize(
    ("name", "operator", "more", "expected"),
    [
        ("lastname", "EQ", {"value": "Sato"}, ["hanako", "nobody"]),
        ("lastname", "NEQ", {"value": "sato"}, ["taro"]),
        ("lastname", "IN", {"values": ["sato"]}, ["hanako", "nobody"]),
        ("lastname", "IN", {"values": ["SATO"]}, []),
        ("lastname", "NOT_IN", {"values": ["sato"]}, ["taro"]),
        ("email", "HAS_PROPERTY", {}, ["taro", "hanako"]),
        ("email", "NOT_HAS_PROPERTY", {}, ["nobody"]),
        ("email", "CONTAINS_TOKEN", {"value": "*@midori.co.jp"}, ["hanako"]),
        ("email", "CONTAINS_TOKEN", {"value": "aozora"}, ["taro"]),
        ("email", "CONTAINS_TOKEN", {"value": "aozo"}, []),
        ("email", "NOT_CONTAINS_TOKEN", {"value": "aozora"}, ["hanako"]),
        ("jobtitle", "CONTAINS_TOKEN", {"value": "部長"}, ["hanako"]),
        ("lifecyclestage", "EQ", {"value": "customer"}, ["taro"]),
        ("lifecyclestage", "IN", {"values": ["lead", "customer"]}, ["taro"]),
        ("hs_object_id", "GT", {"value": "51"}, ["hanako", "nobody"]),
        ("hs_object_id", "GTE", {"value": "101"}, ["hanako", "nobody"]),
        ("hs_object_id", "LT", {"value": "101"}, ["taro"]),
        ("hs_object_id", "BETWEEN", {"value": "60", "highValue": "101"}, ["hanako"]),
        ("lastmodifieddate", "GTE", {"value": milliseconds(1)}, ["hanako", "nobody"]),
        ("lastmodifieddate", "LT", {"value": "2026-11-24T13:00:00Z"}, ["taro"]),
        ("lastmodifieddate", "LTE", {"value": "2026-11-24T13:00:00Z"}, ["taro", "hanako"]),
        ("lastmodifieddate", "BETWEEN", {"value": milliseconds(0.5), "highValue": milliseconds(1.5)}, ["hanako"]),
        ("createdate", "GT", {"value": "2026-11-25"}, []),
        ("hs_object_id", "IN", {"values": ["51", 151, "999"]}, ["taro", "nobody"]),
        ("hs_object_id", "EQ", {"value": 101}, ["hanako"]),
        ("email", "IN", {"values": ["taro@aozora.co.jp", "x@example.jp"]}, ["taro"]),
        ("email", "EQ", {"value": "Taro@Aozora.co.jp"}, ["taro"]),
    ],
)
def test_operators(
    raw: Raw, people: dict[str, str], name: str, operator: str, more: dict[str, Any], expected: list[str]
) -> None:
    filters = [{"propertyName": name, "operator": operator, **more}]

    answer = raw("POST", SEARCH, {"filterGroups": [{"filters": filters}]})

    assert answer.status_code == 200
    assert [people[record["id"]] for record in answer.json()["results"]] == expected
    assert answer.json()["total"] == len(expected)


def test_filters_of_a_group_are_and_groups_are_or(raw: Raw, people: dict[str, str]) -> None:
    city = {"propertyName": "city", "operator": "HAS_PROPERTY"}
    no_email = {"propertyName": "email", "operator": "NOT_HAS_PROPERTY"}
    customer = {"propertyName": "lifecyclestage", "operator": "EQ", "value": "customer"}

    answer = raw("POST", SEARCH, {"filterGroups": [{"filters": [city, no_email]}, {"filters": [customer]}]})

    assert [people[record["id"]] for record in answer.json()["results"]] == ["taro", "nobody"]


def test_records_without_the_sort_property_come_last(raw: Raw, people: dict[str, str]) -> None:
    for direction, expected in (("ASCENDING", "hanako taro nobody"), ("DESCENDING", "taro hanako nobody")):
        answer = raw("POST", SEARCH, {"sorts": [{"propertyName": "email", "direction": direction}]})
        assert " ".join(people[record["id"]] for record in answer.json()["results"]) == expected


def test_archived_records_are_never_found(raw: Raw, store: HubSpotStore, people: dict[str, str]) -> None:
    store.archive("contacts", next(iter(people)))

    assert raw("POST", SEARCH, {}).json()["total"] == 2


ONE = {"propertyName": "city", "operator": "HAS_PROPERTY"}


@pytest.mark.parametrize(
    "request_body",
    [
        {"limit": 201},
        {"limit": 0},
        {"after": "9950", "limit": 100},
        {"after": "x"},
        {"query": "x" * 3001},
        {"query": ["taro"]},
        {"filterGroups": [{"filters": [ONE]}] * 6},
        {"filterGroups": [{"filters": [ONE] * 7}]},
        {"filterGroups": [{"filters": [ONE] * 5}] * 4},
        {"filterGroups": [{"filters": [{**ONE, "propertyName": "nickname"}]}]},
        {"filterGroups": [{"filters": [{**ONE, "operator": "LIKE", "value": "x"}]}]},
        {"filterGroups": [{"filters": [{**ONE, "operator": "EQ"}]}]},
        {"filterGroups": [{"filters": [{**ONE, "operator": "IN"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "createdate", "operator": "GT", "value": "today"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "createdate", "operator": "BETWEEN", "value": "1"}]}]},
        {"sorts": [{"propertyName": "nickname"}]},
        {"sorts": [{"propertyName": "email", "direction": "UP"}]},
        {"sorts": ["{email}"]},
        {"sorts": "email"},
        {"filterGroups": {"filters": [ONE]}},
        {"sorts": [{"propertyName": "city"}, {"propertyName": "email"}]},
    ],
)
def test_what_search_refuses(raw: Raw, people: dict[str, str], request_body: dict[str, Any]) -> None:
    answer = raw("POST", SEARCH, request_body)

    assert (answer.status_code, answer.json()["status"]) == (400, "error")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("taro", ["taro"]),
        ("TARO aozora", ["taro"]),
        ("taro@aozora.co.jp", ["taro"]),
        ("yama", ["taro"]),
        ("amada", []),
        ("sato", ["hanako", "nobody"]),
        ("横浜", []),  # city is no searchable property
        ("sato midori", ["hanako"]),
        ("co", ["taro", "hanako"]),
        ("  ", ["taro", "hanako", "nobody"]),
        ("+++", []),
    ],
)
def test_free_text_finds_beginnings_of_words(raw: Raw, people: dict[str, str], query: str, expected: list[str]) -> None:
    answer = raw("POST", SEARCH, {"query": query}).json()

    assert [people[record["id"]] for record in answer["results"]] == expected


def test_free_text_finds_japanese_within_a_name(raw: Raw, store: HubSpotStore) -> None:
    store.create("companies", {"name": "青空商事株式会社", "domain": "aozora.co.jp"})

    found = [
        raw("POST", "/crm/v3/objects/companies/search", {"query": text}).json()["total"] for text in ("商事", "商会")
    ]

    assert found == [1, 0]


def test_free_text_finds_a_ticket_by_its_id(raw: Raw, store: HubSpotStore) -> None:
    ids = [store.create("tickets", {"subject": "請求書", "hs_pipeline_stage": "1"}) for _ in range(2)]

    found = raw("POST", "/crm/v3/objects/tickets/search", {"query": ids[1]}).json()

    assert [one["id"] for one in found["results"]] == [ids[1]]


def test_free_text_and_filters_must_both_hold(raw: Raw, people: dict[str, str]) -> None:
    filters = [{"propertyName": "email", "operator": "HAS_PROPERTY"}]

    answer = raw("POST", SEARCH, {"query": "sato", "filterGroups": [{"filters": filters}]}).json()

    assert [people[record["id"]] for record in answer["results"]] == ["hanako"]


def test_filters_may_stand_without_a_group(raw: Raw, people: dict[str, str]) -> None:
    filters = [{"propertyName": "email", "operator": "EQ", "value": "TARO@aozora.co.jp"}]

    assert raw("POST", SEARCH, {"filters": filters}).json()["total"] == 1


@pytest.mark.parametrize(
    ("name", "operator", "more", "expected"),
    [
        ("associations.company", "EQ", {"value": "{company}"}, ["taro"]),
        ("associations.companies", "IN", {"values": ["{company}", "1"]}, ["taro"]),
        ("associations.company", "EQ", {"value": "1"}, []),
        ("associations.company", "HAS_PROPERTY", {}, ["taro"]),
        ("associations.company", "NOT_HAS_PROPERTY", {}, ["hanako", "nobody"]),
    ],
)
def test_filters_on_associations(
    raw: Raw, store: HubSpotStore, people: dict[str, str], name: str, operator: str, more: Any, expected: list[str]
) -> None:
    company = store.create("companies", {"name": "青空商事"})
    store.associate("contacts", next(iter(people)), "companies", company, 279)
    one = json.loads(json.dumps({"propertyName": name, "operator": operator, **more}).replace("{company}", company))

    answer = raw("POST", SEARCH, {"filters": [one]}).json()

    assert [people[record["id"]] for record in answer["results"]] == expected


@pytest.mark.parametrize(
    "sort",
    [
        "-email",
        {"propertyName": "email", "direction": "DESCENDING"},
        '{"propertyName":"email","direction":"DESCENDING"}',
    ],
)
def test_forms_of_a_sort(raw: Raw, people: dict[str, str], sort: Any) -> None:
    answer = raw("POST", SEARCH, {"sorts": [sort]}).json()

    assert [people[one["id"]] for one in answer["results"]] == ["taro", "hanako", "nobody"]


def test_the_next_page_by_after(raw: Raw, people: dict[str, str]) -> None:
    body = {"limit": 2, "sorts": ["-hs_object_id"]}

    first = raw("POST", SEARCH, body).json()
    second = raw("POST", SEARCH, {**body, "after": first["paging"]["next"]["after"]}).json()

    assert first["paging"] == {"next": {"after": "2", "link": "?after=2"}}
    assert [people[one["id"]] for one in first["results"] + second["results"]] == ["nobody", "hanako", "taro"]
    assert "paging" not in second


@pytest.mark.parametrize(
    ("one", "message"),
    [
        ({"propertyName": "email"}, "some of required attributes are not set [operator]"),
        ({"operator": "EQ", "value": "x"}, "some of required attributes are not set [propertyName]"),
        ({"propertyName": "email", "operator": "BETWEEN", "value": "a"}, "operator BETWEEN requires a highValue"),
        ({"propertyName": "email", "operator": "IN", "value": "a"}, "operator IN requires values"),
        ({"propertyName": "email", "operator": "EQ", "value": ["a"]}, "out of START_ARRAY token"),
        ({"propertyName": "associations.robots", "operator": "EQ", "value": "1"}, "associations.robots"),
        ({"propertyName": "associations.company", "operator": "GT", "value": "1"}, "GT is not supported"),
    ],
)
def test_words_for_a_filter_that_cannot_be_read(raw: Raw, one: dict[str, Any], message: str) -> None:
    answer = raw("POST", SEARCH, {"filters": [one]})

    assert answer.status_code == 400
    assert message in answer.json()["message"]
