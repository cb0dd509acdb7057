"""GET /query?columns=true, as the Salesforce CLI asks before it shows a result."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline_tests.emulator.salesforce.conftest import Raw


def columns(raw: Raw, text: str) -> dict[str, Any]:
    body: dict[str, Any] = raw("GET", "query", params={"q": text, "columns": "true"}).json()
    return body


def shape(columns: list[dict[str, Any]]) -> list[Any]:
    """Names of columns, those that contain columns with them."""
    return [(c["columnName"], shape(c["joinColumns"])) if c["joinColumns"] else c["columnName"] for c in columns]


def test_columns_of_fields(raw: Raw) -> None:
    body = columns(raw, "select id, lastName, Score__c FROM Lead")
    assert (body["entityName"], body["idSelected"], body["groupBy"], body["keyPrefix"]) == ("Lead", True, False, "00Q")
    name = {"columnName": "LastName", "displayName": "LastName", "apexType": "String", "textType": True}
    able = {"insertable": True, "updatable": True, "custom": False, "numberType": False, "booleanType": False}
    assert body["columnMetadata"][1] == {**name, **able, "aggregate": False, "foreignKeyName": None, "joinColumns": []}
    identity, _, score = body["columnMetadata"]
    assert (identity["apexType"], identity["updatable"], identity["textType"]) == ("Id", False, False)
    assert (score["apexType"], score["numberType"], score["custom"]) == ("Double", True, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT Account.Owner.Name FROM Contact", [("Account", [("Owner", ["Name"])])]),
        ("SELECT Id, (SELECT LastName, Owner.Name FROM Contacts) FROM Account",
         ["Id", ("Contacts", ["LastName", ("Owner", ["Name"])])]),
        ("SELECT LeadSource, COUNT(Id), MAX(Score__c) most FROM Lead GROUP BY LeadSource",
         ["LeadSource", "expr0", "most"]),
        ("SELECT toLabel(Status) FROM Lead", ["Status"]),
        ("SELECT FIELDS(CUSTOM) FROM Contact LIMIT 1", ["Key__c"]),
        ("SELECT COUNT() FROM Lead", ["expr0"]),
        ("SELECT TYPEOF Who WHEN Lead THEN Id END FROM Task", ["Who"]),
    ],
)  # fmt: skip
def test_columns_within_columns(raw: Raw, text: str, expected: list[Any]) -> None:
    assert shape(columns(raw, text)["columnMetadata"]) == expected


def test_an_aggregate_is_shown_as_written(raw: Raw) -> None:
    body = columns(raw, "SELECT LeadSource, COUNT(Id), MAX(LastName) last FROM Lead GROUP BY LeadSource")
    told = [(c["aggregate"], c["displayName"], c["numberType"]) for c in body["columnMetadata"]]
    assert body["groupBy"]
    assert told == [(False, "LeadSource", False), (True, "count(Id)", True), (True, "max(LastName)", False)]


def test_a_query_with_an_error_is_refused(raw: Raw) -> None:
    answer = raw("GET", "query", params={"q": "SELECT Nope FROM Lead", "columns": "true"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
