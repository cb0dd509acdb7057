"""Field history: what tracked fields leave behind, and that nothing is there before an administrator tracks any."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.field_history import HISTORIES
from crm_pipeline_tests.emulator.salesforce.bulk.conftest import Bulk
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

_ALL = "SELECT LeadId, Field, OldValue, NewValue, DataType, CreatedById, CreatedDate, IsDeleted FROM LeadHistory"


def _rows(raw: Raw, soql: str = f"{_ALL} ORDER BY Id", resource: str = "query") -> list[tuple[Any, ...]]:
    found = raw.query(soql, resource=resource).json()["records"]
    return [tuple(value for name, value in row.items() if name != "attributes") for row in found]


@pytest.mark.parametrize("object_", HISTORIES)
def test_history_is_there_once_fields_are_tracked(raw: Raw, store: SalesforceStore, object_: str) -> None:
    history, parent, _ = HISTORIES[object_]
    assert raw("GET", f"sobjects/{history}/describe").status_code == 404
    store.track_fields(object_, ["OwnerId"])
    described = raw("GET", f"sobjects/{history}/describe").json()
    assert {field["name"] for field in described["fields"]} == {
        *("Id", "IsDeleted", parent, "CreatedById", "CreatedDate", "Field", "DataType", "OldValue", "NewValue")
    }
    types = {field["name"]: (field["type"], field["filterable"]) for field in described["fields"]}
    assert types["OldValue"] == types["NewValue"] == ("anyType", False)
    assert history in {one["name"] for one in raw("GET", "sobjects").json()["sobjects"]}
    assert raw("POST", f"sobjects/{history}", {"Field": "OwnerId"}).status_code >= 400


def test_tracked_fields_leave_their_values_and_others_nothing(raw: Raw, store: SalesforceStore, clock: Clock) -> None:
    early = store.create("Lead", {"LastName": "佐藤", "Company": "C"})
    store.track_fields("Lead", ["Title", "Score__c", "Consent__c", "Description"])
    store.update("Lead", early, {"Title": "課長", "Phone": "1", "Description": "x" * 300})
    clock.advance(60)
    user = store.add_user("u@example.com", "User")
    store.update("Lead", early, {"Title": "部長", "Score__c": 1.5, "Consent__c": True}, user_id=user)
    store.update("Lead", early, {"Title": "部長"})
    late = store.create("Lead", {"LastName": "鈴木", "Company": "C", "Title": "係長"})
    first, second = "2026-11-24T12:00:00.000+0000", "2026-11-24T12:01:00.000+0000"
    admin = store.admin_user_id
    assert _rows(raw) == [
        (early, "Title", None, "課長", "Text", admin, first, False),
        (early, "Description", None, None, "MultiLineText", admin, first, False),
        (early, "Title", "課長", "部長", "Text", user, second, False),
        (early, "Score__c", None, 1.5, "Double", user, second, False),
        (early, "Consent__c", False, True, "Boolean", user, second, False),
        (late, "created", None, None, "Text", admin, second, False),
    ]
    values = _rows(raw, "SELECT NewValue FROM LeadHistory ORDER BY NewValue")
    assert values == [(None,), (None,), (1.5,), (True,), ("課長",), ("部長",)]
    refused = raw.query("SELECT Id FROM LeadHistory WHERE NewValue = 'x'").json()
    assert refused[0]["errorCode"] == "INVALID_FIELD"


def test_a_look_up_field_leaves_its_names_and_its_ids(raw: Raw, store: SalesforceStore) -> None:
    store.track_fields("Contact", ["AccountId"])
    one, other = (store.create("Account", {"Name": name}) for name in ("A社", "B社"))
    contact = store.create("Contact", {"LastName": "佐藤", "AccountId": one})
    store.update("Contact", contact, {"AccountId": other})
    assert _rows(raw, "SELECT Field, DataType, OldValue, NewValue FROM ContactHistory WHERE Field = 'Account'") == [
        ("Account", "Text", "A社", "B社"),
        ("Account", "EntityId", one, other),
    ]


def test_history_goes_with_its_record_and_comes_back_with_it(raw: Raw, store: SalesforceStore, lead: str) -> None:
    store.track_fields("Lead", ["Title"])
    store.update("Lead", lead, {"Title": "課長"})
    store.delete("Lead", lead)
    assert _rows(raw) == []
    assert [row[-1] for row in _rows(raw, resource="queryAll")] == [True]
    store.undelete("Lead", lead)
    assert [row[-1] for row in _rows(raw)] == [False]


def test_a_merge_leaves_the_losers_history_with_the_loser(raw: Raw, store: SalesforceStore) -> None:
    store.track_fields("Lead", ["Title"])
    winner, loser = (store.create("Lead", {"LastName": name, "Company": "C"}) for name in ("佐藤", "鈴木"))
    store.merge(winner, loser, {"Title": "課長"})
    assert [(row[0], row[1]) for row in _rows(raw)] == [(winner, "created"), (loser, "created"), (winner, "Title")]


def test_history_is_kept_in_a_file_and_read_in_bulk(
    raw: Raw, store: SalesforceStore, lead: str, tmp_path: Path
) -> None:
    store.track_fields("Lead", ["Title", "Consent__c"])
    store.update("Lead", lead, {"Title": "課長", "Consent__c": True})
    text = Bulk(store, raw).query(f"{_ALL} ORDER BY Id", "queryAll").text
    assert [row["NewValue"] for row in csv.DictReader(io.StringIO(text))] == ["課長", "true"]
    store.save(tmp_path / "organisation")
    again = SalesforceStore.load(tmp_path / "organisation", store.clock)
    again.update("Lead", lead, {"Title": "部長"})
    assert [again.read("LeadHistory", i)["NewValue"] for i in again.ids("LeadHistory")] == ["課長", True, "部長"]


def test_who_may_not_read_the_object_does_not_read_its_history(raw: Raw, store: SalesforceStore) -> None:
    store.track_fields("Lead", ["Title"])
    store.set_object_permission("Lead", read=False)
    assert raw.query(_ALL).json()[0]["errorCode"] == "INVALID_TYPE"


@pytest.mark.parametrize(
    ("object_", "fields", "error"),
    [
        ("Task", ["Subject"], KeyError),
        ("Lead", ["Nothing__c"], KeyError),
        ("Lead", ["Name"], ValueError),
        ("Contact", ["MailingAddress"], ValueError),
        ("Lead", ["Title"] * 21, ValueError),
    ],
)
def test_what_cannot_be_tracked_is_refused(
    store: SalesforceStore, object_: str, fields: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        store.track_fields(object_, fields)
