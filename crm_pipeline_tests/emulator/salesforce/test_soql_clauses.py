"""SOQL beyond filters: groups, functions, child queries, TYPEOF, FIELDS(), aliases, and the forms of their answers."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

_SKILLS = [{"value": text, "label": text.upper(), "active": True, "defaultValue": False} for text in ("a", "b", "c")]


@pytest.fixture(scope="module")
def organisation(standing: tuple[SalesforceStore, Raw]) -> Raw:
    """Two accounts with contacts and opportunities, a lead, and tasks of both."""
    store, raw = standing
    store.define_field("Contact", {"name": "Skills__c", "type": "multipicklist", "picklistValues": _SKILLS})
    big = store.create("Account", {"Name": "Big", "Industry": "Banking", "AnnualRevenue": 3000, "NumberOfEmployees": 9})
    small = store.create("Account", {"Name": "Small", "Industry": "Energy", "AnnualRevenue": 1000})
    store.create("Account", {"Name": "Third", "Industry": "Energy"})
    one = store.create("Contact", {"LastName": "One", "AccountId": big, "Skills__c": "a;b", "Email": "one@big.jp"})
    store.create("Contact", {"LastName": "Two", "AccountId": big, "Skills__c": "c", "Birthdate": "1990-11-24"})
    store.create("Contact", {"LastName": "Three", "AccountId": small, "Birthdate": "1990-02-01"})
    lead = store.create("Lead", {"LastName": "Lead", "Company": "Lead Inc.", "Title": "Boss"})
    deal = {"StageName": "Prospecting", "CloseDate": "2026-12-31", "AccountId": big}
    opportunity = store.create("Opportunity", {"Name": "Deal", "Amount": 50, **deal})
    store.create("Task", {"Subject": "call", "WhoId": one, "WhatId": big})
    store.create("Task", {"Subject": "mail", "WhoId": lead})
    store.create("Task", {"Subject": "meet", "WhatId": opportunity})
    return raw


def _rows(raw: Raw, soql: str) -> list[dict[str, Any]]:
    body = raw.query(soql).json()
    assert isinstance(body, dict), body
    assert (body["totalSize"], body["done"]) == (len(body["records"]), True)
    return [{name: value for name, value in row.items() if name != "attributes"} for row in body["records"]]


@pytest.mark.parametrize(
    ("soql", "rows"),
    [
        ("SELECT COUNT(Id), COUNT(AnnualRevenue) known FROM Account", [{"expr0": 3, "known": 2}]),
        (
            "SELECT SUM(AnnualRevenue), AVG(AnnualRevenue) mean, MIN(Name), MAX(NumberOfEmployees) FROM Account",
            [{"expr0": 4000.0, "mean": 2000.0, "expr1": "Big", "expr2": 9}],
        ),
        ("SELECT COUNT_DISTINCT(Industry) FROM Account", [{"expr0": 2}]),
        ("SELECT FORMAT(MAX(NumberOfEmployees)) most FROM Account", [{"most": "9"}]),
        ("SELECT COUNT(Id), SUM(AnnualRevenue) FROM Account WHERE Name = 'none'", [{"expr0": 0, "expr1": None}]),
        (
            "SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry",
            [{"Industry": "Banking", "expr0": 1}, {"Industry": "Energy", "expr0": 2}],
        ),
        (
            "SELECT Industry i, MAX(Name) top FROM Account GROUP BY Industry ORDER BY MAX(AnnualRevenue) LIMIT 1",
            [{"i": "Energy", "top": "Third"}],
        ),
        ("SELECT Industry FROM Account GROUP BY Industry HAVING COUNT(Id) > 1", [{"Industry": "Energy"}]),
        (
            "SELECT Industry FROM Account GROUP BY Industry HAVING NOT (COUNT(Id) = 2 OR Industry LIKE 'x%')",
            [{"Industry": "Banking"}],
        ),
        (
            "SELECT Account.Name, COUNT(Id) FROM Contact GROUP BY Account.Name ORDER BY COUNT(Id) DESC, Account.Name",
            [{"Name": "Big", "expr0": 2}, {"Name": "Small", "expr0": 1}],
        ),
        (
            "SELECT CALENDAR_YEAR(Birthdate), COUNT(Id) FROM Contact WHERE Birthdate != null "
            "GROUP BY CALENDAR_YEAR(Birthdate)",
            [{"expr0": 1990, "expr1": 2}],
        ),
        (
            "SELECT Industry, Name FROM Account GROUP BY Industry, Name ORDER BY Name DESC LIMIT 1 OFFSET 1",
            [{"Industry": "Energy", "Name": "Small"}],
        ),
        ("SELECT COUNT() FROM Account WHERE Industry = 'Energy' LIMIT 1", []),
    ],
)
def test_groups(organisation: Raw, soql: str, rows: list[dict[str, Any]]) -> None:
    body = organisation.query(soql).json()
    assert [row.pop("attributes") for row in body["records"]] == [{"type": "AggregateResult"}] * len(rows)
    assert body["records"] == rows


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("Skills__c INCLUDES ('a')", ["One"]),
        ("Skills__c INCLUDES ('a;b')", ["One"]),
        ("Skills__c INCLUDES ('a;c')", []),
        ("Skills__c INCLUDES ('a;c', 'C')", ["Two"]),
        ("Skills__c EXCLUDES ('a;b')", ["Two", "Three"]),
        ("Skills__c = 'A;B'", ["One"]),
        ("CALENDAR_MONTH(Birthdate) = 11", ["Two"]),
        ("CALENDAR_QUARTER(Birthdate) IN (1, 2)", ["Three"]),
        ("DAY_IN_MONTH(Birthdate) < 24", ["Three"]),
        ("DAY_IN_YEAR(Birthdate) = 328", ["Two"]),
        ("DAY_IN_WEEK(Birthdate) = 7", ["Two"]),
        ("WEEK_IN_MONTH(Birthdate) = 4 AND WEEK_IN_YEAR(Birthdate) = 47", ["Two"]),
        ("FISCAL_YEAR(Birthdate) = 1990 AND FISCAL_QUARTER(Birthdate) = 4 AND FISCAL_MONTH(Birthdate) = 11", ["Two"]),
        ("HOUR_IN_DAY(CreatedDate) = 12 AND LastName = 'One'", ["One"]),
        ("HOUR_IN_DAY(convertTimezone(CreatedDate)) = 21 AND LastName = 'One'", ["One"]),
        ("DAY_ONLY(CreatedDate) = 2026-11-24 AND LastName = 'One'", ["One"]),
        ("Account.Industry = 'banking' AND Account.Owner.Name != null", ["One", "Two"]),
        ("AccountId IN (SELECT AccountId FROM Opportunity WHERE Amount > 10)", ["One", "Two"]),
        ("AccountId NOT IN (SELECT AccountId FROM Opportunity)", ["Three"]),
        ("Id IN (SELECT WhoId FROM Task)", ["One"]),
        ("LastName LIKE 'T%' AND LastName LIKE '_wo'", ["Two"]),
    ],
)
def test_conditions(organisation: Raw, condition: str, names: list[str]) -> None:
    rows = _rows(organisation, f"SELECT LastName FROM Contact WHERE {condition} ORDER BY CreatedDate, Id")
    assert [row["LastName"] for row in rows] == names


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT c.LastName FROM Contact c WHERE c.Account.Name = 'Small'",
        "SELECT c.LastName FROM Contact c, c.Account a WHERE a.Name = 'Small'",
        "SELECT Contact.LastName FROM Contact WHERE Contact.Account.Name = 'Small'",
        "select lastname from contact where account.name = 'small' order by lastname asc nulls first limit 5 offset 0",
        "SELECT LastName FROM Contact WHERE Account.Name = 'Small' FOR VIEW",
        "SELECT LastName FROM Contact WHERE Account.Name = 'Small' LIMIT 1 FOR REFERENCE",
        "SELECT LastName FROM Contact WHERE Account.Name = 'Small' FOR UPDATE",
        "SELECT LastName FROM Contact WHERE Account.Name = 'Small' UPDATE TRACKING, VIEWSTAT",
        "SELECT LastName FROM Contact USING SCOPE everything WHERE Account.Name = 'Small'",
        "SELECT LastName FROM Contact WHERE Account.Name = 'Small' WITH SECURITY_ENFORCED LIMIT 1",
    ],
)
def test_spellings_of_one_query(organisation: Raw, soql: str) -> None:
    assert _rows(organisation, soql) == [{"LastName": "Three"}]


def test_scope_mine_is_the_callers(organisation: Raw) -> None:
    assert _rows(organisation, "SELECT Id FROM Contact USING SCOPE mine") == []


def test_children_stand_inside_their_parent(organisation: Raw) -> None:
    soql = (
        "SELECT Name, (SELECT LastName, Account.Name FROM Contacts WHERE LastName LIKE 'T%' LIMIT 1), "
        "(SELECT o.Name FROM Account.Opportunities o) FROM Account ORDER BY Name"
    )
    big, small, third = organisation.query(soql).json()["records"]
    (contact,) = big["Contacts"]["records"]
    assert {name: value for name, value in big["Contacts"].items() if name != "records"} == {
        "totalSize": 1,
        "done": True,
    }
    assert (contact["attributes"]["type"], contact["LastName"], contact["Account"]["Name"]) == ("Contact", "Two", "Big")
    assert [record["Name"] for record in big["Opportunities"]["records"]] == ["Deal"]
    assert [record["LastName"] for record in small["Contacts"]["records"]] == ["Three"]
    assert (small["Opportunities"], third["Contacts"]) == (None, None)


def test_what_a_reference_to_several_objects_yields(organisation: Raw) -> None:
    rows = _rows(organisation, "SELECT Subject, Who.Name, Who.Type, What.Type, Owner.Name FROM Task ORDER BY Subject")
    assert [row["Subject"] for row in rows] == ["call", "mail", "meet"]
    people = [row["Who"] for row in rows]
    assert [who and (who["attributes"]["type"], who["Name"], who["Type"]) for who in people] == [
        ("Name", "One", "Contact"),
        ("Name", "Lead", "Lead"),
        None,
    ]
    assert "/sobjects/Contact/003" in rows[0]["Who"]["attributes"]["url"]
    assert [row["What"] and row["What"]["Type"] for row in rows] == ["Account", None, "Opportunity"]
    found = _rows(organisation, "SELECT Subject FROM Task WHERE What.Type = 'Opportunity' OR Who.Type = 'Lead'")
    assert _rows(organisation, "SELECT Id FROM Task WHERE Owner.Profile.Name = 'none' OR Owner.Email = 'none'") == []
    assert [row["Subject"] for row in found] == ["mail", "meet"]


def test_typeof_answers_each_object_with_its_own_fields(organisation: Raw) -> None:
    soql = (
        "SELECT TYPEOF Who WHEN Contact THEN Email, Account.Name WHEN Lead THEN Title END, "
        "TYPEOF What WHEN Account THEN Industry ELSE Name END FROM Task ORDER BY Subject"
    )
    call, mail, meet = _rows(organisation, soql)
    assert call["Who"]["attributes"]["type"] == "Contact"
    assert (call["Who"]["Email"], call["Who"]["Account"]["Name"]) == ("one@big.jp", "Big")
    assert call["What"]["Industry"] == "Banking"
    assert (mail["Who"]["attributes"]["type"], mail["Who"]["Title"], mail["What"]) == ("Lead", "Boss", None)
    assert (meet["Who"], meet["What"]["Name"]) == (None, "Deal")


def test_labels_and_formatted_values(organisation: Raw) -> None:
    soql = "SELECT toLabel(Skills__c), FORMAT(Birthdate) born FROM Contact WHERE toLabel(Skills__c) = 'A;B'"
    assert _rows(organisation, soql) == [{"Skills__c": "A;B", "born": None}]
    (row,) = _rows(organisation, "SELECT FORMAT(AnnualRevenue) FROM Account WHERE Name = 'Big'")
    assert row["AnnualRevenue"].startswith("3,000")


@pytest.mark.parametrize(
    ("fields", "has", "lacks"),
    [
        ("FIELDS(ALL)", {"LastName", "Skills__c"}, set()),
        ("FIELDS(STANDARD)", {"LastName"}, {"Skills__c"}),
        ("FIELDS(custom), LastName", {"LastName", "Skills__c"}, {"FirstName"}),
    ],
)
def test_sets_of_fields(organisation: Raw, fields: str, has: set[str], lacks: set[str]) -> None:
    (row,) = _rows(organisation, f"SELECT {fields} FROM Contact LIMIT 1")
    assert has <= row.keys()
    assert not lacks & row.keys()


@pytest.mark.parametrize(
    ("soql", "code", "said"),
    [
        ("SELECT FIELDS(ALL) FROM Contact", "MALFORMED_QUERY", "FIELDS function must have a LIMIT of at most 200"),
        ("SELECT FIELDS(CUSTOM) FROM Contact LIMIT 201", "MALFORMED_QUERY", "must have a LIMIT of at most 200"),
        ("SELECT FIELDS(ALL), Id FROM Contact LIMIT 1", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT FIELDS(SOME) FROM Contact LIMIT 1", "MALFORMED_QUERY", "unexpected token: 'SOME'"),
        ("SELECT LastName n FROM Contact", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT Id FROM Contact ALL ROWS", "MALFORMED_QUERY", "ALL ROWS not allowed in this context"),
        ("SELECT Id FROM Contact WITH USER_MODE", "MALFORMED_QUERY", "unexpected token: 'USER_MODE'"),
        ("SELECT Id FROM Contact USING SCOPE team", "INVALID_QUERY_SCOPE", "team"),
        ("SELECT Id FROM Contact WHERE LastName INCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR", "'includes'"),
        ("SELECT Id FROM Contact WHERE Skills__c > 'x'", "INVALID_QUERY_FILTER_OPERATOR", "multipicklist"),
        ("SELECT Id FROM Contact WHERE COUNT(Id) > 1", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Contact WHERE DAY_ONLY(LastName) = 2024-01-01", "INVALID_FIELD", "DAY_ONLY"),
        ("SELECT CALENDAR_YEAR(CreatedDate) FROM Contact", "MALFORMED_QUERY", "must be grouped or aggregated"),
        ("SELECT SUM(LastName) FROM Contact", "INVALID_FIELD", "does not support aggregate operator SUM"),
        ("SELECT MAX(IsDeleted) FROM Contact", "INVALID_FIELD", "does not support aggregate operator MAX"),
        ("SELECT LastName, COUNT(Id) FROM Contact", "MALFORMED_QUERY", "Field must be grouped or aggregated: LastName"),
        ("SELECT COUNT(Id) FROM Contact HAVING COUNT(Id) > 1", "MALFORMED_QUERY", "unexpected token: 'HAVING'"),
        ("SELECT COUNT(Id) FROM Contact GROUP BY CreatedDate", "INVALID_FIELD", "can not be grouped in a query call"),
        ("SELECT MIN(Title) FROM Contact GROUP BY Title", "MALFORMED_QUERY", "Grouped field should not be aggregated"),
        ("SELECT Title FROM Contact GROUP BY Title ORDER BY Fax", "MALFORMED_QUERY", "grouped or aggregated: Fax"),
        ("SELECT toLabel(MAX(Title)) FROM Contact", "MALFORMED_QUERY", "unexpected token: 'tolabel'"),
        (
            "SELECT Name, Account.Name FROM Contact GROUP BY Name, Account.Name",
            "MALFORMED_QUERY",
            "duplicate alias: Name",
        ),
        ("SELECT Title FROM Contact GROUP BY CUBE(Title)", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT COUNT() FROM Contact ORDER BY LastName", "MALFORMED_QUERY", "grouped or aggregated: LastName"),
        ("SELECT (SELECT Id FROM Nope) FROM Account", "INVALID_TYPE", "relationship 'Nope' in FROM part of query call"),
        ("SELECT (SELECT COUNT(Id) FROM Contacts) FROM Account", "MALFORMED_QUERY", "nested query"),
        ("SELECT Who.AccountId FROM Task", "INVALID_FIELD", "No such column 'AccountId' on entity 'Name'"),
        ("SELECT TYPEOF Account WHEN Account THEN Id END FROM Contact", "MALFORMED_QUERY", "not polymorphic"),
        ("SELECT TYPEOF Who WHEN Account THEN Id END FROM Task", "INVALID_TYPE", "Account"),
        ("SELECT TYPEOF Who WHEN Contact THEN Nope END FROM Task", "INVALID_FIELD", "No such column 'Nope'"),
        ("SELECT Account.Owner.Manager.Manager.Manager.Manager.Id FROM Contact", "MALFORMED_QUERY", "5 levels"),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Account)",
            "MALFORMED_QUERY",
            "The inner and outer selects should not be on the same object type",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT OwnerId FROM Contact)",
            "MALFORMED_QUERY",
            "should point to the same object type",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 'x' OR Id IN (SELECT AccountId FROM Contact)",
            "MALFORMED_QUERY",
            "Semi join sub-selects are not allowed with the 'OR' operator",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT WhoId FROM Task))",
            "MALFORMED_QUERY",
            "Nesting of semi join sub-selects is not supported",
        ),
        ("SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:999999", "NUMBER_OUTSIDE_VALID_RANGE", "LAST_N_DAYS"),
        ("SELECT convertCurrency(AnnualRevenue) FROM Account", "MALFORMED_QUERY", "convertCurrency"),
        ("SELECT Id FROM Account WHERE AnnualRevenue > USD500", "MALFORMED_QUERY", "unexpected token: 'USD500'"),
        ("SELECT Id FROM Account -- all", "MALFORMED_QUERY", "unexpected token: '--'"),
        ("SELECT Id FROM Account WHERE " + "(" * 200 + "Id = null" + ")" * 200, "QUERY_TOO_COMPLICATED", "Query is"),
    ],
)
def test_refused(organisation: Raw, soql: str, code: str, said: str) -> None:
    answer = organisation.query(soql)
    (error,) = answer.json()
    assert (answer.status_code, error["errorCode"]) == (400, code)
    assert said in error["message"]


def test_sets_of_fields_came_with_version_51(organisation: Raw) -> None:
    url = "/services/data/v50.0/query"
    (error,) = organisation("GET", url, params={"q": "SELECT FIELDS(ALL) FROM Contact LIMIT 1"}).json()
    assert error["errorCode"] == "UNSUPPORTED_API_VERSION"


def test_more_groups_than_a_page_are_refused(raw: Raw, store: SalesforceStore) -> None:
    for number in range(2001):
        store.create("Account", {"Name": f"{number}"})
    (error,) = raw.query("SELECT Name, COUNT(Id) FROM Account GROUP BY Name").json()
    assert error["errorCode"] == "EXCEEDED_ID_LIMIT"
    assert "Aggregate query does not support queryMore()" in error["message"]
    limited = raw.query("SELECT Name, COUNT(Id) FROM Account GROUP BY Name LIMIT 2000").json()
    assert (limited["totalSize"], limited["done"]) == (2000, True)
