"""References by id and by external id, and what a record may not refer to."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline_tests.emulator.salesforce.conftest import Raw


@pytest.fixture
def account(store: SalesforceStore) -> str:
    store.define_field("Account", {"name": "Key__c", "length": 20, "externalId": True, "unique": True})
    return store.create("Account", {"Name": "A", "Key__c": "a1"})


@pytest.mark.parametrize(
    "named",
    [
        {"Account": {"Key__c": "a1"}},
        {"account": {"key__c": "A1"}},
        {"Account": {"attributes": {"type": "Account"}, "Key__c": "a1"}},
        {"Account": {"Key__c": "a1"}, "Owner": {"attributes": {"type": "User"}, "Username": "admin@example.com"}},
    ],
)
def test_a_parent_named_by_its_external_id(raw: Raw, store: SalesforceStore, account: str, named: Any) -> None:
    created = raw("POST", "sobjects/Contact", {"LastName": "山田", **named})
    assert store.read("Contact", created.json()["id"])["AccountId"] == account
    assert ("Owner" in named) is (store.read("Contact", created.json()["id"])["OwnerId"] == store.admin_user_id)


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"Account": {"Key__c": "x"}}, "INVALID_FIELD"),
        ({"Account": {"Name": "A"}}, "INVALID_FIELD"),
        ({"Account": {"Key__c": "a1", "Name": "A"}}, "INVALID_FIELD"),
        ({"Account": {"attributes": {"type": "Contact"}, "Key__c": "h1"}}, "INVALID_FIELD"),
        ({"Company": {"Key__c": "a1"}}, "INVALID_FIELD"),
        ({"AccountId": {"Key__c": "a1"}}, "JSON_PARSER_ERROR"),
        ({"Account": "a1"}, "INVALID_FIELD"),
    ],
)
def test_parents_that_cannot_be_found(raw: Raw, store: SalesforceStore, account: str, named: Any, code: str) -> None:
    answer = raw("POST", "sobjects/Contact", {"LastName": "山田", **named})
    assert (answer.status_code, answer.json()[0]["errorCode"], store.ids("Contact")) == (400, code, [])


def test_queues_own_records_of_their_objects(raw: Raw, store: SalesforceStore) -> None:
    queue = store.add_queue("Web", ["Lead"])
    lead = raw("POST", "sobjects/Lead", {"LastName": "山田", "Company": "C", "OwnerId": queue}).json()["id"]
    assert store.read("Lead", lead)["OwnerId"] == queue
    refused = raw("POST", "sobjects/Case", {"OwnerId": queue}).json()
    assert refused[0]["errorCode"] == "INVALID_CROSS_REFERENCE_KEY"
    assert raw.query("SELECT COUNT() FROM Group WHERE Type = 'Queue'").json()["totalSize"] == 1


def test_a_hierarchy_has_no_circles(store: SalesforceStore) -> None:
    top = store.create("Contact", {"LastName": "部長"})
    middle = store.create("Contact", {"LastName": "課長", "ReportsToId": top})
    low = store.create("Contact", {"LastName": "係長", "ReportsToId": middle})
    for above in (top, low):
        with pytest.raises(ApiError, match="CIRCULAR_DEPENDENCY"):
            store.update("Contact", top, {"ReportsToId": above})


def test_activities_are_not_with_converted_leads(store: SalesforceStore) -> None:
    lead = store.create("Lead", {"LastName": "山田", "Company": "C"})
    store.convert_lead(lead)
    with pytest.raises(ApiError, match="CANNOT_UPDATE_CONVERTED_LEAD"):
        store.create("Task", {"WhoId": lead})


def test_usernames_are_taken_once(store: SalesforceStore) -> None:
    store.add_user("taro@example.com", "山田 太郎")
    with pytest.raises(ApiError, match="DUPLICATE_USERNAME"):
        store.add_user("Taro@example.com", "山田 太郎")
