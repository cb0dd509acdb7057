"""What opportunities, cases, activities and contact roles fill in and refuse when they are written."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

_DEAL = {"Name": "更新", "StageName": "Prospecting", "CloseDate": "2026-11-24"}
_EVENT = {"Subject": "訪問", "StartDateTime": "2026-11-24T16:00:00Z"}
_START = "2026-11-24T16:00:00.000+0000"


@pytest.mark.parametrize(
    ("object_", "fields", "filled"),
    [
        (
            "Opportunity",
            _DEAL,
            {
                "Probability": 10.0,
                "ForecastCategory": "Pipeline",
                "ForecastCategoryName": "Pipeline",
                "IsClosed": False,
                "IsWon": False,
                "FiscalYear": 2026,
                "FiscalQuarter": 4,
                "Fiscal": "2026 4",
                "HasOpportunityLineItem": False,
                "IsPrivate": False,
                "ExpectedRevenue": None,
                "LastStageChangeDate": None,
            },
        ),
        (
            "Opportunity",
            {**_DEAL, "StageName": "Closed Won", "Amount": 1500},
            {"IsClosed": True, "IsWon": True, "Probability": 100.0, "ForecastCategory": "Closed"}
            | {"ExpectedRevenue": 1500.0},
        ),
        ("Opportunity", {**_DEAL, "Probability": 35, "Amount": 200}, {"Probability": 35.0, "ExpectedRevenue": 70.0}),
        ("Opportunity", {**_DEAL, "ForecastCategoryName": "Commit"}, {"ForecastCategory": "Forecast"}),
        ("Opportunity", {**_DEAL, "StageName": "独自の段階"}, {"IsClosed": False, "StageName": "独自の段階"}),
        ("Case", {"Subject": "故障"}, {"Status": "New", "Priority": "Medium", "IsClosed": False, "ClosedDate": None}),
        ("Case", {"Status": "Closed"}, {"IsClosed": True, "ClosedDate": "2026-11-24T12:00:00.000+0000"}),
        (
            "Task",
            {"Subject": "電話"},
            {"Status": "Not Started", "Priority": "Normal", "IsClosed": False, "IsHighPriority": False}
            | {"TaskSubtype": "Task", "CompletedDateTime": None, "ActivityDate": None},
        ),
        (
            "Task",
            {"Status": "Completed", "Priority": "High"},
            {"IsClosed": True, "IsHighPriority": True, "CompletedDateTime": "2026-11-24T12:00:00.000+0000"},
        ),
        (
            "Event",
            {**_EVENT, "DurationInMinutes": 90},
            {"EndDateTime": "2026-11-24T17:30:00.000+0000", "ActivityDateTime": _START, "ActivityDate": "2026-11-25"}
            | {"EndDate": "2026-11-25", "IsAllDayEvent": False, "ShowAs": "Busy", "EventSubtype": "Event"},
        ),
        (
            "Event",
            {**_EVENT, "EndDateTime": "2026-11-24T16:20:00Z"},
            {"DurationInMinutes": 20, "StartDateTime": _START},
        ),
        (
            "Event",
            {"ActivityDateTime": _START, "DurationInMinutes": 0},
            {"StartDateTime": _START, "EndDateTime": _START},
        ),
        (
            "Event",
            {"IsAllDayEvent": True, "ActivityDate": "2026-11-24"},
            {"DurationInMinutes": 1440, "EndDate": "2026-11-24", "StartDateTime": "2026-11-24T00:00:00.000+0000"},
        ),
        (
            "Event",
            {"IsAllDayEvent": True, "ActivityDate": "2026-11-24", "DurationInMinutes": 2880},
            {"EndDate": "2026-11-25", "EndDateTime": "2026-11-25T00:00:00.000+0000"},
        ),
    ],
)
def test_what_a_new_record_has(
    standing: tuple[SalesforceStore, Raw], object_: str, fields: dict[str, Any], filled: dict[str, Any]
) -> None:
    store, raw = standing
    record_id = raw("POST", f"sobjects/{object_}", fields).json()["id"]
    record = store.read(object_, record_id)
    assert {name: record[name] for name in filled} == filled


@pytest.mark.parametrize(
    ("object_", "fields", "code", "named"),
    [
        ("Opportunity", {}, "REQUIRED_FIELD_MISSING", ["Name", "StageName", "CloseDate"]),
        ("Opportunity", {**_DEAL, "IsWon": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsWon"]),
        ("Opportunity", {**_DEAL, "ForecastCategoryName": "x"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", None),
        ("Opportunity", {**_DEAL, "CloseDate": "1600-01-01"}, "FIELD_INTEGRITY_EXCEPTION", ["CloseDate"]),
        ("Opportunity", {**_DEAL, "Probability": 1000}, "NUMBER_OUTSIDE_VALID_RANGE", ["Probability"]),
        ("Opportunity", {**_DEAL, "OwnerId": "x"}, "MALFORMED_ID", ["OwnerId"]),
        ("Case", {"CaseNumber": "1"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["CaseNumber"]),
        ("Case", {"ContactEmail": "a@example.com"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["ContactEmail"]),
        ("Task", {"AccountId": None}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["AccountId"]),
        ("Task", {"IsRecurrence": True}, "FUNCTIONALITY_NOT_ENABLED", ["IsRecurrence"]),
        ("Task", {"Status": None}, "REQUIRED_FIELD_MISSING", ["Status"]),
        ("Event", {"Subject": "訪問"}, "REQUIRED_FIELD_MISSING", ["StartDateTime"]),
        ("Event", _EVENT, "REQUIRED_FIELD_MISSING", ["EndDateTime"]),
        ("Event", {"IsAllDayEvent": True}, "REQUIRED_FIELD_MISSING", ["ActivityDate"]),
        ("Event", {**_EVENT, "EndDateTime": "2026-11-24T15:00:00Z"}, "FIELD_INTEGRITY_EXCEPTION", ["EndDateTime"]),
        (
            "Event",
            {**_EVENT, "EndDateTime": "2026-11-24T17:00:00Z", "DurationInMinutes": 30},
            "FIELD_INTEGRITY_EXCEPTION",
            ["DurationInMinutes"],
        ),
        ("OpportunityContactRole", {}, "REQUIRED_FIELD_MISSING", ["OpportunityId", "ContactId"]),
        ("OpportunityStage", {"MasterLabel": "x"}, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", None),
    ],
)
def test_refused_records(
    standing: tuple[SalesforceStore, Raw], object_: str, fields: dict[str, Any], code: str, named: list[str] | None
) -> None:
    store, raw = standing
    before = store.ids(object_)
    answer = raw("POST", f"sobjects/{object_}", fields)
    (error,) = answer.json()
    assert (answer.status_code, error["errorCode"], store.ids(object_)) == (400, code, before)
    assert named is None or error["fields"] == named


def test_a_new_stage_brings_its_probability_and_the_time_of_the_change(store: SalesforceStore) -> None:
    deal = store.create("Opportunity", {**_DEAL, "Probability": 35, "Amount": 100})
    store.update("Opportunity", deal, {"StageName": "Prospecting"})
    assert store.read("Opportunity", deal)["Probability"] == 35.0
    store.clock.advance(60)
    store.update("Opportunity", deal, {"StageName": "Closed Lost"})
    record = store.read("Opportunity", deal)
    assert (record["Probability"], record["ExpectedRevenue"], record["IsClosed"], record["IsWon"]) == (
        0,
        0,
        True,
        False,
    )
    assert record["LastStageChangeDate"] == "2026-11-24T12:01:00.000+0000"
    store.update("Opportunity", deal, {"StageName": "Qualification", "Probability": 44})
    assert store.read("Opportunity", deal)["Probability"] == 44.0


@pytest.mark.parametrize(("object_", "date"), [("Case", "ClosedDate"), ("Task", "CompletedDateTime")])
def test_closing_and_opening_again(store: SalesforceStore, object_: str, date: str) -> None:
    closed, opened = {"Case": ("Closed", "Working"), "Task": ("Completed", "In Progress")}[object_]
    record_id = store.create(object_, {})
    store.update(object_, record_id, {"Status": closed})
    first = store.read(object_, record_id)[date]
    store.clock.advance(60)
    store.update(object_, record_id, {"Status": closed})
    assert (store.read(object_, record_id)[date], first) == (first, "2026-11-24T12:00:00.000+0000")
    store.update(object_, record_id, {"Status": opened})
    assert (store.read(object_, record_id)[date], store.read(object_, record_id)["IsClosed"]) == (None, False)


def test_case_numbers_count_up_in_eight_digits(store: SalesforceStore) -> None:
    numbers = [store.read("Case", store.create("Case", {}))["CaseNumber"] for _ in range(3)]
    assert numbers == ["00001001", "00001002", "00001003"]


def test_a_case_shows_its_contact(store: SalesforceStore) -> None:
    account = store.create("Account", {"Name": "A"})
    contact = store.create("Contact", {"LastName": "山田", "Email": "a@example.com", "AccountId": account})
    case = store.create("Case", {"ContactId": contact})
    shown = store.read("Case", case)
    assert (shown["ContactEmail"], shown["AccountId"]) == ("a@example.com", account)
    store.clock.advance(60)
    store.update("Contact", contact, {"Email": "b@example.com", "Phone": "03"})
    changed = store.read("Case", case)
    assert (changed["ContactEmail"], changed["ContactPhone"]) == ("b@example.com", "03")
    assert changed["SystemModstamp"] == shown["SystemModstamp"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"StartDateTime": "2026-11-24T18:00:00Z"}, ("2026-11-24T18:30:00.000+0000", 30)),
        ({"DurationInMinutes": 45}, ("2026-11-24T16:45:00.000+0000", 45)),
        ({"EndDateTime": "2026-11-24T17:00:00Z"}, ("2026-11-24T17:00:00.000+0000", 60)),
        ({"Subject": "x"}, ("2026-11-24T16:30:00.000+0000", 30)),
    ],
)
def test_moving_an_event(store: SalesforceStore, changes: dict[str, Any], expected: tuple[str, int]) -> None:
    event = store.create("Event", {**_EVENT, "DurationInMinutes": 30})
    store.update("Event", event, changes)
    record = store.read("Event", event)
    assert (record["EndDateTime"], record["DurationInMinutes"]) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ActivityDate": "2026-12-01"}, ("2026-12-01", "2026-12-02", 2880)),
        ({"StartDateTime": "2026-12-01T00:00:00Z"}, ("2026-12-01", "2026-12-02", 2880)),
        ({"DurationInMinutes": 1440}, ("2026-11-24", "2026-11-24", 1440)),
        ({"EndDateTime": "2026-11-26T00:00:00Z"}, ("2026-11-24", "2026-11-26", 4320)),
        ({"EndDateTime": "2026-11-23T00:00:00Z"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"ActivityDate": "2026-12-01", "StartDateTime": "2026-12-02T00:00:00Z"}, "FIELD_INTEGRITY_EXCEPTION"),
    ],
)
def test_moving_an_all_day_event(store: SalesforceStore, changes: dict[str, Any], expected: Any) -> None:
    days = {"IsAllDayEvent": True, "ActivityDate": "2026-11-24", "DurationInMinutes": 2880}
    event = store.create("Event", days)
    if isinstance(expected, str):
        with pytest.raises(ApiError, match=expected):
            store.update("Event", event, changes)
        return
    store.update("Event", event, changes)
    record = store.read("Event", event)
    assert (record["ActivityDate"], record["EndDate"], record["DurationInMinutes"]) == expected


def test_the_account_of_an_activity(store: SalesforceStore) -> None:
    account, other = (store.create("Account", {"Name": name}) for name in "AB")
    contact = store.create("Contact", {"LastName": "山田", "AccountId": account})
    deal = store.create("Opportunity", {**_DEAL, "AccountId": other})
    lead = store.create("Lead", {"LastName": "佐藤", "Company": "C"})
    for fields, expected in (
        ({"WhoId": contact}, account),
        ({"WhoId": contact, "WhatId": deal}, other),
        ({"WhoId": contact, "WhatId": store.create("Opportunity", _DEAL)}, None),
        ({"WhoId": contact, "WhatId": store.create("Case", {"AccountId": other})}, account),
        ({"WhatId": account}, account),
        ({"WhoId": lead}, None),
    ):
        assert store.read("Task", store.create("Task", fields))["AccountId"] == expected
    with pytest.raises(ApiError, match="FIELD_INTEGRITY_EXCEPTION"):
        store.create("Task", {"WhoId": lead, "WhatId": deal})


def test_activities_move_the_date_of_the_last_one(store: SalesforceStore) -> None:
    account = store.create("Account", {"Name": "A"})
    contact = store.create("Contact", {"LastName": "山田", "AccountId": account})
    deal = store.create("Opportunity", {**_DEAL, "AccountId": account})

    def dates() -> list[Any]:
        records = [("Contact", contact), ("Account", account), ("Opportunity", deal)]
        return [store.read(object_, record_id)["LastActivityDate"] for object_, record_id in records]

    store.clock.advance(60)
    task = store.create("Task", {"WhoId": contact, "WhatId": deal, "ActivityDate": "2026-11-20"})
    assert dates() == [None, None, None]
    assert store.read("Opportunity", deal)["HasOverdueTask"]
    store.update("Task", task, {"Status": "Completed"})
    assert dates() == ["2026-11-20"] * 3
    record = store.read("Contact", contact)
    assert record["SystemModstamp"] == "2026-11-24T12:01:00.000+0000" > record["LastModifiedDate"]
    event = store.create("Event", {"WhoId": contact, "IsAllDayEvent": True, "ActivityDate": "2026-11-22"})
    assert dates() == ["2026-11-22", "2026-11-22", "2026-11-20"]
    store.delete("Event", event)
    assert dates() == ["2026-11-20"] * 3
    store.update("Task", task, {"Status": "Not Started"})
    assert dates() == [None, None, None]
    store.undelete("Event", event)
    assert dates() == ["2026-11-22", "2026-11-22", None]


def test_one_contact_of_an_opportunity_is_primary(store: SalesforceStore) -> None:
    first, second = (store.create("Contact", {"LastName": name}) for name in ("山田", "佐藤"))
    deal = store.create("Opportunity", {**_DEAL, "ContactId": first})
    (role,) = store.ids("OpportunityContactRole")
    assert store.read("OpportunityContactRole", role)["IsPrimary"] is True
    other = store.create("OpportunityContactRole", {"OpportunityId": deal, "ContactId": second, "IsPrimary": True})
    assert store.read("OpportunityContactRole", role)["IsPrimary"] is False
    assert store.read("Opportunity", deal)["ContactId"] == second
    store.delete("OpportunityContactRole", other)
    assert store.read("Opportunity", deal)["ContactId"] is None
    with pytest.raises(ApiError, match="INVALID_FIELD_FOR_INSERT_UPDATE"):
        store.update("OpportunityContactRole", role, {"OpportunityId": deal})


def test_stages_and_statuses_are_records(raw: Raw) -> None:
    won = raw.query("SELECT ApiName, DefaultProbability FROM OpportunityStage WHERE IsWon = true").json()["records"]
    assert [(record["ApiName"], record["DefaultProbability"]) for record in won] == [("Closed Won", 100.0)]
    for soql, expected in (
        ("SELECT COUNT() FROM OpportunityStage", 10),
        ("SELECT COUNT() FROM TaskStatus WHERE IsClosed = true", 1),
        ("SELECT COUNT() FROM TaskPriority WHERE IsHighPriority = true", 1),
        ("SELECT COUNT() FROM CaseStatus", 4),
        ("SELECT COUNT() FROM LeadStatus WHERE IsConverted = true", 1),
        ("SELECT COUNT() FROM RecordType", 0),
        ("SELECT COUNT() FROM User WHERE Profile.Name = 'System Administrator'", 1),
    ):
        assert raw.query(soql).json()["totalSize"] == expected, soql


def test_the_list_of_objects_and_describe_agree(raw: Raw) -> None:
    listed = {entry["name"]: entry for entry in raw("GET", "sobjects").json()["sobjects"]}
    assert {"Opportunity", "OpportunityContactRole", "Task", "Event", "Case", "Group", "LeadStatus"} <= listed.keys()
    for name, entry in listed.items():
        described = raw("GET", entry["urls"]["describe"]).json()
        assert entry.items() <= described.items(), name
        assert {child["childSObject"] for child in described["childRelationships"]} <= listed.keys()
        assert len({field["name"] for field in described["fields"]}) == len(described["fields"])
    assert raw("GET", "sobjects/Campaign/describe").status_code == 404
    assert raw.query("SELECT Id FROM Campaign").json()[0]["errorCode"] == "INVALID_TYPE"


@pytest.mark.parametrize(("method", "body"), [("PATCH", {}), ("PATCH", {"MasterLabel": "x"}), ("DELETE", None)])
def test_setup_records_cannot_be_written(raw: Raw, method: str, body: Any) -> None:
    stage = raw.query("SELECT Id FROM OpportunityStage LIMIT 1").json()["records"][0]["Id"]
    refused = raw(method, f"sobjects/OpportunityStage/{stage}", body)
    code = "INSUFFICIENT_ACCESS_OR_READONLY" if method == "DELETE" else "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    assert refused.json()[0]["errorCode"] == code
    assert raw("GET", f"sobjects/OpportunityStage/{stage}").json()["MasterLabel"] != "x"
