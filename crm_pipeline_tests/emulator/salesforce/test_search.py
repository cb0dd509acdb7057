"""Search by words (SOSL and parameterized), and the plan of a query."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw


@pytest.fixture(scope="module")
def people(standing: tuple[SalesforceStore, Raw]) -> Raw:
    store, raw = standing
    store.create("Account", {"Name": "Acme Trading"})
    store.create("Contact", {"LastName": "Smith", "FirstName": "John", "Email": "john.smith@acme.jp"})
    store.create("Contact", {"LastName": "Smithson", "Email": "smithson@acme.jp", "Title": "Trading"})
    store.create("Lead", {"LastName": "山田", "FirstName": "太郎", "Company": "山田製作所", "Phone": "03-1234-5678"})
    return raw


def _names(raw: Raw, sosl: str) -> list[str]:
    answer = raw("GET", "search", params={"q": sosl})
    assert answer.status_code == 200, answer.text
    return [f"{r['attributes']['type']} {r['Name'].replace(' ', '')}" for r in answer.json()["searchRecords"]]


@pytest.mark.parametrize(
    ("sosl", "found"),
    [
        ("FIND {Smith} RETURNING Contact(Name)", ["Contact SmithJohn"]),
        ("FIND {smith*} IN NAME FIELDS RETURNING Contact(Name)", ["Contact SmithJohn", "Contact Smithson"]),
        ("find {smith*} returning contact(name limit 1)", ["Contact SmithJohn"]),
        ("FIND {john smith} RETURNING Contact(Name)", ["Contact SmithJohn"]),
        ("FIND {john AND smithson} RETURNING Contact(Name)", []),
        ("FIND {trading} RETURNING Account(Name), Contact(Name)", ["Account AcmeTrading", "Contact Smithson"]),
        ("FIND {trading} IN NAME FIELDS RETURNING Account(Name), Contact(Name)", ["Account AcmeTrading"]),
        ("FIND {trading} RETURNING Account(Name), Contact(Name) LIMIT 1", ["Account AcmeTrading"]),
        (r"FIND {john.smith@acme.jp} IN EMAIL FIELDS RETURNING Contact(Name)", ["Contact SmithJohn"]),
        (r"FIND {smith@acme.jp} IN EMAIL FIELDS RETURNING Contact(Name)", []),
        (r"FIND {03\-1234\-5678} IN PHONE FIELDS RETURNING Lead(Name)", ["Lead 山田太郎"]),
        ("FIND {製作} RETURNING Lead(Name)", ["Lead 山田太郎"]),
        ("FIND {smith*} RETURNING Contact(Name WHERE Title = 'trading' ORDER BY Name)", ["Contact Smithson"]),
        ('FIND {"Acme Trading"} RETURNING Account(Name)', ["Account AcmeTrading"]),
    ],
)
def test_sosl(people: Raw, sosl: str, found: list[str]) -> None:
    assert _names(people, sosl) == found


def test_a_search_of_everything_answers_ids(people: Raw) -> None:
    records = people("GET", "search", params={"q": "FIND {trading}"}).json()["searchRecords"]
    assert [record["attributes"]["type"] for record in records] == ["Account", "Contact"]
    assert all(record.keys() == {"attributes", "Id"} for record in records)
    assert people("GET", "/services/data/v36.0/search", params={"q": "FIND {trading}"}).json()[0].keys() == {
        "attributes",
        "Id",
    }


@pytest.mark.parametrize(
    ("body", "types"),
    [
        ({"q": "trading"}, ["Account", "Contact"]),
        ({"q": "trading", "sobjects": [{"name": "Contact", "fields": ["Id", "Name"]}]}, ["Contact"]),
        ({"q": "smith*", "fields": ["Name"], "sobjects": [{"name": "Contact", "limit": 1}]}, ["Contact"]),
        ({"q": "smith*", "in": "EMAIL", "sobjects": [{"name": "Contact", "where": "Title = null"}]}, ["Contact"]),
        ({"q": "smith*", "overallLimit": 1}, ["Contact"]),
    ],
)
def test_parameterized_searches(people: Raw, body: dict[str, Any], types: list[str]) -> None:
    records = people("POST", "parameterizedSearch", body).json()["searchRecords"]
    assert [record["attributes"]["type"] for record in records] == types


def test_a_parameterized_search_in_the_uri(people: Raw) -> None:
    query = {"q": "smith*", "sobject": "Contact", "Contact.fields": "Id,Name", "Contact.limit": "1"}
    (record,) = people("GET", "parameterizedSearch/", params=query).json()["searchRecords"]
    assert record.keys() == {"attributes", "Id", "Name"}


@pytest.mark.parametrize(
    ("sosl", "code"),
    [
        ("", "MALFORMED_SEARCH"),
        ("FIND Smith", "MALFORMED_SEARCH"),
        ("FIND {John|jane@acme.jp} RETURNING Contact", "MALFORMED_SEARCH"),
        ("FIND {a OR b} RETURNING Contact", "MALFORMED_SEARCH"),
        ("FIND {x} RETURNING Contact", "MALFORMED_SEARCH"),
        ("FIND {Smith} RETURNING Nope", "INVALID_TYPE"),
        ("FIND {Smith} RETURNING Contact(Nope)", "INVALID_FIELD"),
        ("FIND {Smith} RETURNING Contact(Id", "MALFORMED_SEARCH"),
    ],
)
def test_refused_searches(people: Raw, sosl: str, code: str) -> None:
    answer = people("GET", "search", params={"q": sosl})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_the_plan_of_a_query(people: Raw) -> None:
    text = "SELECT Id FROM Contact WHERE LastName = 'Smith'"
    body = people("GET", "query", params={"explain": text}).json()
    (plan,) = body["plans"]
    assert body["sourceQuery"] == text
    assert (plan["cardinality"], plan["sobjectCardinality"], plan["sobjectType"]) == (1, 2, "Contact")
    assert people("GET", "query", params={"explain": "SELECT Nope FROM Contact"}).status_code == 400
