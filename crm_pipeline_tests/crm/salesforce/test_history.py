"""Field history of an organisation, and the values in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_pipeline.crm.salesforce import reading
from crm_pipeline.crm.salesforce.history import value_of
from crm_pipeline.emulator.faults import Status

START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _versions(organisation: Any, object_: str, fields: list[str], since: datetime | None = None) -> list[Any]:
    pages = organisation.client().versions(object_, fields, since=since)
    return [(one.record_id, one.field, one.version.value, one.version.at) for page in pages for one in page]


def test_tracked_fields_have_versions_and_others_none(organisation, clock):
    clock.set(START)
    store = organisation.store
    store.track_fields("Contact", ["Title", "AccountId", "Description", "OwnerId"])
    account = store.create("Account", {"Name": "ACME"})
    user = store.add_user("u@example.com", "U")
    (one,) = organisation.contacts(1)
    clock.advance(60)
    store.update("Contact", one, {"Title": "課長", "AccountId": account, "Phone": "1"}, user_id=user)
    clock.advance(60)
    store.update("Contact", one, {"Title": "部長", "Description": "long", "OwnerId": user})
    fields = ["Title", "AccountId", "Phone", "Description", "OwnerId", "Account.Name", "Hidden__c"]
    assert _versions(organisation, "Contact", fields) == [
        (one, "Title", "課長", START + MINUTE),
        (one, "AccountId", account, START + MINUTE),
        (one, "Title", "部長", START + 2 * MINUTE),
        (one, "OwnerId", user, START + 2 * MINUTE),
    ]
    assert _versions(organisation, "Contact", ["Title"], START + 2 * MINUTE) == [
        (one, "Title", "部長", START + 2 * MINUTE)
    ]
    (page,) = organisation.client().versions("Contact", ["AccountId"])
    assert page[0].version.source == user


def test_each_tracked_object_has_its_own_history_and_others_have_none(organisation):
    store = organisation.store
    user = store.add_user("u@example.com", "U")
    required = {
        "Lead": {"LastName": "L", "Company": "C"},
        "Account": {"Name": "A"},
        "Opportunity": {"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-07-01"},
        "Case": {},
        "Task": {},
    }
    for object_, fields in required.items():
        one = store.create(object_, fields)
        assert _versions(organisation, object_, ["OwnerId", "Description"]) == []
        if object_ == "Task":
            continue
        store.track_fields(object_, ["OwnerId"])
        store.update(object_, one, {"OwnerId": user})
        assert [version[:3] for version in _versions(organisation, object_, ["OwnerId"])] == [(one, "OwnerId", user)]


def test_a_long_history_comes_by_job_with_the_same_values(organisation, clock, monkeypatch):
    clock.set(START)
    store = organisation.store
    store.define_field("Contact", {"name": "Score__c", "type": "double"})
    store.define_field("Contact", {"name": "Flag__c", "type": "boolean"})
    fields = ["Title", "Score__c", "Flag__c", "Birthdate", "OwnerId"]
    store.track_fields("Contact", fields)
    (one,) = organisation.contacts(1)
    user = store.add_user("u@example.com", "U")
    values = {"Title": "NA", "Score__c": 0.5, "Flag__c": True, "Birthdate": "2000-02-29", "OwnerId": user}
    store.update("Contact", one, values)
    clock.advance(60)
    store.update("Contact", one, {"Title": None, "Score__c": 2, "Flag__c": False})
    by_query = _versions(organisation, "Contact", fields)
    monkeypatch.setattr(reading, "BULK_FROM", 3)
    store.batch_limit = 2
    assert sorted(_versions(organisation, "Contact", fields), key=repr) == sorted(by_query, key=repr)
    assert len(organisation.sent("/results")) == 1
    assert {(type(value), value) for _, _, value, _ in by_query} >= {(float, 2.0), (bool, True), (str, "NA")}


def test_a_hidden_history_is_none(organisation):
    hidden = [{"errorCode": "INVALID_TYPE", "message": "sObject type 'ContactHistory' is not supported"}]
    organisation.faults.add(path="/query", action=Status(400, hidden))
    assert _versions(organisation, "Contact", ["LastName"]) == []


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        (None, "string", None),
        ("", "string", None),
        (12, "string", "12"),
        ("NA", "string", "NA"),
        ("true", "boolean", True),
        (False, "boolean", False),
        (3, "currency", 3.0),
        ("1.5", "percent", 1.5),
        ("12.0", "int", 12),
        ("a text once", "int", "a text once"),
        ("a text once", "datetime", "a text once"),
        ("2026-06-01T00:00:00.000+0000", "date", "2026-06-01"),
        ("2026-06-01T09:30:00.000+0900", "datetime", "2026-06-01T00:30:00.000+0000"),
        ("2026-06-01T00:30:00Z", "datetime", "2026-06-01T00:30:00.000+0000"),
        ("0035g0000000001", "reference", "0035g0000000001AAA"),
    ],
)
def test_a_value_of_a_history_is_that_of_a_record(value, type_, expected):
    found = value_of(value, type_)
    assert (found, type(found)) == (expected, type(expected))
