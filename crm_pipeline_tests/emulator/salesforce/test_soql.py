"""SOQL: what is refused and how, and Salesforce's own rules of comparison and order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw


def test_an_error_shows_the_place(raw: Raw) -> None:
    answer = raw.query("SELECT Id,\n  Foo FROM Lead")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert answer.json()[0]["message"] == (
        "\n  Foo FROM Lead\n  ^\nERROR at Row:2:Column:3\n"
        "No such column 'Foo' on entity 'Lead'. If you are attempting to use a custom field, be sure to append the "
        "'__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
    )


@pytest.mark.parametrize(
    ("soql", "code", "said"),
    [
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported"),
        ("SELECT Nope.Name FROM Lead", "INVALID_FIELD", "Didn't understand relationship 'Nope' in field path"),
        ("SELECT Account.Nope FROM Contact", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'"),
        ("SELECT Id FROM Lead WHERE Nope = 1", "INVALID_FIELD", "No such column 'Nope'"),
        ("SELECT Id, id FROM Lead", "INVALID_FIELD", "duplicate field selected: id"),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD", "'Description' can not be filtered"),
        ("SELECT Id FROM Lead ORDER BY Description", "INVALID_FIELD", "'Description' can not be sorted"),
        ("SELECT Id FROM Lead WHERE Address = 'x'", "INVALID_FIELD", "'Address' can not be filtered"),
        ("SELECT Id FROM Lead WHERE Title = 5", "INVALID_FIELD", "must be of type string and should be enclosed"),
        ("SELECT Id FROM Lead WHERE CreatedDate > '2024-01-01T00:00:00Z'", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Lead WHERE CreatedDate > 2024-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Lead WHERE Birthdate__c > 2024-01-01T00:00:00Z", "INVALID_FIELD", "must be of type date and"),
        ("SELECT Id FROM Lead WHERE Birthdate__c > 2024-02-31", "INVALID_FIELD", "must be of type date and"),
        ("SELECT Id FROM Lead WHERE Score__c = '5'", "INVALID_FIELD", "must be of type double and should not be"),
        ("SELECT Id FROM Lead WHERE Consent__c = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Lead WHERE Consent__c > true", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Lead WHERE Id LIKE '00Q%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
        ("SELECT Id FROM Lead WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("SELECT Id FROM Lead WHERE Title < null", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on null"),
        ("SELECT Id FROM Lead WHERE Title IN (SELECT Id FROM Lead)", "INVALID_QUERY_FILTER_OPERATOR", "semi join"),
        ("SELECT Id FROM Lead WHERE OwnerId IN (SELECT Name FROM User)", "INVALID_FIELD", "Semi join"),
        ("SELECT Id FROM Lead LIMIT 1 OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset"),
        ("SELECT Id FROM Lead WHERE Title = 'a' AND Title = 'b' OR Title = 'c'", "MALFORMED_QUERY", "token: 'OR'"),
        ("SELECT Id FROM Lead WHERE Title = 'a' OR Title = 'b' AND Title = 'c'", "MALFORMED_QUERY", "token: 'AND'"),
        ("SELECT Id FROM Lead WHERE NOT Title = 'a' AND Title = 'b'", "MALFORMED_QUERY", "token: 'AND'"),
        ("SELECT Id FROM Lead WHERE Title == 'a'", "MALFORMED_QUERY", "token: '='"),
        ("SELECT Id FROM Lead WHERE (Title = 'a'", "MALFORMED_QUERY", "token: '<EOF>'"),
        ("SELECT Id FROM Lead WHERE Title = 'a", "MALFORMED_QUERY", "unexpected token"),
        ('SELECT Id FROM Lead WHERE Title = "a"', "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Lead WHERE Title = '\\d'", "MALFORMED_QUERY", "Illegal character sequence"),
        ("SELECT Id FROM Lead WHERE Title = 'a' AND NOT Title = 'b'", "MALFORMED_QUERY", "token: 'NOT'"),
        ("SELECT Id FROM Lead l, c.Owner o", "MALFORMED_QUERY", "token: 'c.Owner'"),
        ("SELECT Id FROM Lead AS l", "MALFORMED_QUERY", "token: 'l'"),
        ("SELECT Id FROM Lead WHERE Score__c = 1.", "MALFORMED_QUERY", "token: '.'"),
        ("SELECT Id FROM Lead WHERE Title IN ()", "MALFORMED_QUERY", "token: ')'"),
        ("SELECT Id FROM Lead WHERE CreatedDate > 2024-01-01T00:00:00 09:00", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT FROM Lead", "MALFORMED_QUERY", "token: 'FROM'"),
        ("SELECT * FROM Lead", "MALFORMED_QUERY", "token: '*'"),
        ("SELECT Title FROM Lead GROUP BY ROLLUP(Title)", "MALFORMED_QUERY", "token: '('"),
        ("SELECT Id FROM Lead LIMIT x", "MALFORMED_QUERY", "token: 'x'"),
        ("SELECT COUNT(), Id FROM Lead", "MALFORMED_QUERY", "COUNT()"),
        ("SELECT COUNT(Id), Title FROM Lead", "MALFORMED_QUERY", "Field must be grouped or aggregated: Title"),
        ("DELETE FROM Lead", "MALFORMED_QUERY", "token: 'DELETE'"),
    ],
)
def test_refused_queries(standing: tuple[SalesforceStore, Raw], soql: str, code: str, said: str) -> None:
    _, raw = standing
    answer = raw.query(soql)
    (error,) = answer.json()
    assert (answer.status_code, error["errorCode"]) == (400, code)
    assert said in error["message"]


_LEADS = {
    "a": {"Title": "Manager", "Score__c": 5, "Birthdate__c": "1980-01-01", "Seen__c": "2026-11-23T15:00:00Z"},
    "b": {"Title": "MANAGER", "Score__c": -1.5, "Birthdate__c": "1990-06-30", "Seen__c": "2026-11-23T14:59:59Z"},
    "c": {"Title": "50% off", "Consent__c": True, "Seen__c": "2026-11-24T15:00:00Z"},
    "d": {"Title": "O'Brien \\ 部長", "Score__c": 0},
    "e": {},
}


def _with_leads(store: SalesforceStore) -> SalesforceStore:
    for name, fields in _LEADS.items():
        store.create("Lead", {"LastName": name, "Company": "C", **fields})
    return store


@pytest.fixture
def leads(store: SalesforceStore) -> SalesforceStore:
    return _with_leads(store)


@pytest.fixture(scope="module")
def standing_leads(standing: tuple[SalesforceStore, Raw]) -> Raw:
    store, raw = standing
    _with_leads(store)
    return raw


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Title = 'manager'", "ab"),
        ("title != 'manager'", "cde"),
        ("Title <> 'manager'", "cde"),
        ("NOT Title = 'manager'", "cde"),
        ("Title > 'manager'", "d"),
        ("Title >= 'manager'", "abd"),
        ("Title <= 'Manager'", "abc"),
        ("Title = null", "e"),
        ("Title = ''", "e"),
        ("Title != NULL", "abcd"),
        ("Title IN ('MANAGER', null)", "abe"),
        ("Title NOT IN ('manager')", "cde"),
        ("Title LIKE 'man%'", "ab"),
        ("Title LIKE 'manage_'", "ab"),
        ("Title LIKE '%部長'", "d"),
        (r"Title LIKE '%\%%'", "c"),
        (r"Title LIKE '%\_%'", ""),
        ("NOT Title LIKE '%a%'", "cde"),
        (r"Title = 'O\'Brien \\ \u90e8長'", "d"),
        ("Score__c = 5.00", "a"),
        ("Score__c < 0", "b"),
        ("Score__c >= -1.5", "abd"),
        ("Score__c != 0", "abce"),
        ("NumberOfEmployees = null", "abcde"),
        ("Consent__c = TRUE", "c"),
        ("Consent__c != true", "abde"),
        ("Birthdate__c = 1980-01-01", "a"),
        ("Birthdate__c > 1980-01-01", "b"),
        ("Seen__c >= 2026-11-24T00:00:00+09:00", "ac"),
        ("Seen__c > 2026-11-23T14:59:59Z", "ac"),
        ("Seen__c > 2026-11-23T14:59:58.500Z", "abc"),
        ("Seen__c = TODAY", "a"),
        ("Seen__c < TODAY", "b"),
        ("Seen__c > TODAY", "c"),
        ("Seen__c = TOMORROW", "c"),
        ("Seen__c != TODAY", "bcde"),
        ("Seen__c <= YESTERDAY", "b"),
        ("Seen__c = LAST_N_DAYS:1", "ab"),
        ("Seen__c = last_n_days:0", "a"),
        ("CreatedDate = TODAY AND Seen__c = null", "de"),
        ("(Title = 'manager' AND Score__c > 0) OR Consent__c = true", "ac"),
        ("Title = 'manager' AND (NOT Score__c > 0)", "b"),
        ("OwnerId IN (SELECT Id FROM User WHERE Email = 'admin@example.com') AND LastName = 'a'", "a"),
        ("OwnerId NOT IN (SELECT OwnerId FROM Contact)", "abcde"),
        ("Owner.Email = 'ADMIN@example.com' AND Owner.IsActive = true", "abcde"),
        ("CreatedBy.Manager.Email = null", "abcde"),
    ],
)
def test_conditions(standing_leads: Raw, condition: str, found: str) -> None:
    answer = standing_leads.query(f"SELECT LastName FROM Lead WHERE {condition}")
    assert [row["LastName"] for row in answer.json()["records"]] == list(found)


@pytest.mark.parametrize(
    ("clause", "order"),
    [
        ("ORDER BY LastName DESC", "edcba"),
        ("ORDER BY Score__c", "cebda"),
        ("ORDER BY Score__c DESC", "ceadb"),
        ("ORDER BY Score__c ASC NULLS LAST", "bdace"),
        ("ORDER BY Score__c DESC NULLS LAST, LastName DESC", "adbec"),
        ("ORDER BY Title, LastName DESC", "ecbad"),
        ("ORDER BY LastName LIMIT 2", "ab"),
        ("ORDER BY LastName LIMIT 2 OFFSET 3", "de"),
        ("ORDER BY LastName OFFSET 4", "e"),
        ("LIMIT 0", ""),
    ],
)
def test_order_limit_and_offset(standing_leads: Raw, clause: str, order: str) -> None:
    body = standing_leads.query(f"SELECT LastName FROM Lead {clause}").json()
    assert "".join(row["LastName"] for row in body["records"]) == order
    assert (body["totalSize"], body["done"]) == (len(order), True)


def test_counts(raw: Raw, leads: SalesforceStore) -> None:
    leads.delete("Lead", leads.ids("Lead")[0])
    assert raw.query("SELECT COUNT() FROM Lead").json() == {"totalSize": 4, "done": True, "records": []}
    assert raw.query("SELECT COUNT() FROM Lead", resource="queryAll").json()["totalSize"] == 5
    body = raw.query("SELECT COUNT(Id), COUNT(Score__c) scored FROM Lead").json()
    assert body["records"] == [{"attributes": {"type": "AggregateResult"}, "expr0": 4, "scored": 2}]


def test_ids_of_15_characters_find_their_record(raw: Raw, leads: SalesforceStore) -> None:
    first = leads.ids("Lead")[0]
    (row,) = raw.query(f"SELECT Id FROM Lead WHERE Id IN ('{first[:15]}')").json()["records"]
    assert row["Id"] == first


def test_today_is_the_organisations_day(raw: Raw, leads: SalesforceStore) -> None:
    found = []
    for moment in (datetime(2026, 11, 24, 14, 59, tzinfo=UTC), datetime(2026, 11, 24, 15, 0, tzinfo=UTC)):
        leads.clock.set(moment)
        raw.session.headers["Authorization"] = f"Bearer {leads.sessions.issue(moment)}"
        (row,) = raw.query("SELECT LastName FROM Lead WHERE Seen__c = TODAY").json()["records"]
        found.append(row["LastName"])
    assert found == ["a", "c"]


def test_a_custom_relationship_leads_to_the_parent(raw: Raw, leads: SalesforceStore) -> None:
    leads.define_field("Lead", {"name": "Firm__c", "type": "reference", "referenceTo": ["Account"]})
    account = leads.create("Account", {"Name": "山田製作所"})
    leads.update("Lead", leads.ids("Lead")[0], {"Firm__c": account})
    (row,) = raw.query("SELECT Firm__r.Name FROM Lead WHERE Firm__r.Name = '山田製作所'").json()["records"]
    assert row["Firm__r"]["Name"] == "山田製作所"
    (parent,) = raw.query("SELECT Id, (SELECT LastName FROM Leads__r) FROM Account").json()["records"]
    assert [child["LastName"] for child in parent["Leads__r"]["records"]] == ["a"]


def test_what_clients_may_not_see_does_not_exist_for_queries(raw: Raw, leads: SalesforceStore) -> None:
    leads.hide_field("Lead", "Title")
    leads.hide_field("Contact", "AccountId")
    leads.set_object_permission("Opportunity", read=False)
    leads.set_object_permission("User", read=False)
    for soql, code in (
        ("SELECT Title FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Title = 'Manager'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead ORDER BY Title", "INVALID_FIELD"),
        ("SELECT Account.Name FROM Contact", "INVALID_FIELD"),
        ("SELECT (SELECT Id FROM Contacts) FROM Account", "INVALID_TYPE"),
        ("SELECT Id FROM Opportunity", "INVALID_TYPE"),
        ("SELECT Account.Owner.Manager.Name FROM Opportunity", "INVALID_TYPE"),
        ("SELECT Owner.Manager.Name FROM Account", "INVALID_FIELD"),
    ):
        (error,) = raw.query(soql).json()
        assert error["errorCode"] == code
    (row, *_) = raw.query("SELECT FIELDS(ALL) FROM Lead LIMIT 200").json()["records"]
    assert "Title" not in row


def test_the_name_of_a_case_is_its_number(raw: Raw, store: SalesforceStore) -> None:
    case = store.create("Case", {"Subject": "broken"})
    store.create("Task", {"Subject": "call", "WhatId": case})
    (row,) = raw.query("SELECT What.Name FROM Task").json()["records"]
    assert row["What"]["Name"] == store.read("Case", case)["CaseNumber"] is not None
