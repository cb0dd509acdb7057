"""What simple-salesforce, the real client, gets from the organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from simple_salesforce import Salesforce, SalesforceExpiredSession, SalesforceResourceNotFound
from simple_salesforce.exceptions import SalesforceGeneralError, SalesforceMoreThanOneRecord

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import NOON


def test_created_record_reads_back_as_salesforce_stores_it(client: Salesforce, store: SalesforceStore) -> None:
    made = client.Contact.create({"LastName": " 山田 ", "FirstName": "太郎", "Phone": "０３-1234", "Title": ""})
    assert made == {"id": store.ids("Contact")[0], "success": True, "errors": []}
    record = client.Contact.get(made["id"])
    assert record["attributes"] == {
        "type": "Contact",
        "url": f"/services/data/v62.0/sobjects/Contact/{made['id']}",
    }
    assert (record["LastName"], record["Name"], record["Phone"], record["Title"]) == (
        "山田",
        "山田 太郎",
        "０３-1234",
        None,
    )
    assert record["CreatedDate"] == "2026-11-24T12:00:00.000+0000"
    assert record["OwnerId"] == record["LastModifiedById"] == store.integration_user_id


def test_update_changes_only_what_is_given(client: Salesforce, store: SalesforceStore, lead: str) -> None:
    before = store.read("Lead", lead)
    assert client.Lead.update(lead[:15], {"MobilePhone": "090-1111-2222"}) == 204
    changed = {name: value for name, value in store.read("Lead", lead).items() if value != before[name]}
    assert changed == {
        "MobilePhone": "090-1111-2222",
        "LastModifiedDate": "2026-11-24T12:00:00.000+0000",
        "SystemModstamp": "2026-11-24T12:00:00.000+0000",
        "LastModifiedById": store.integration_user_id,
    }


def test_conditional_update_fails_after_somebody_elses_edit(
    client: Salesforce, store: SalesforceStore, lead: str
) -> None:
    header = {"If-Unmodified-Since": "Tue, 24 Nov 2026 11:00:00 GMT"}
    assert client.Lead.update(lead, {"Title": "部長"}, headers=header) == 204
    with pytest.raises(SalesforceGeneralError) as caught:
        client.Lead.update(lead, {"Title": "課長"}, headers=header)
    assert caught.value.status == 412
    assert store.read("Lead", lead)["Title"] == "部長"


def test_deleted_record_is_gone_for_reads_but_not_for_query_all(client: Salesforce, lead: str) -> None:
    assert client.Lead.delete(lead) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.Lead.get(lead)
    assert client.query("SELECT Id FROM Lead")["totalSize"] == 0
    (row,) = client.query_all("SELECT Id, IsDeleted FROM Lead", include_deleted=True)["records"]
    assert (row["Id"], row["IsDeleted"]) == (lead, True)


def test_upsert_creates_then_updates(client: Salesforce, store: SalesforceStore) -> None:
    path, fields = "Key__c/a%2Fb", {"LastName": "佐藤", "Company": "佐藤商店"}
    made = client.Lead.upsert(path, fields, raw_response=True)
    again = client.Lead.upsert(path, {"Title": "店長"}, raw_response=True)
    (lead_id,) = store.ids("Lead")
    assert (made.status_code, made.json()["created"], made.json()["id"]) == (201, True, lead_id)
    assert (again.status_code, again.json()["created"], again.json()["id"]) == (200, False, lead_id)
    assert store.read("Lead", lead_id)["Key__c"] == "a/b"
    assert client.Lead.get_by_custom_id("Key__c", "A/b")["Title"] == "店長"


def test_upsert_on_an_ambiguous_key_changes_nothing(client: Salesforce, store: SalesforceStore) -> None:
    made = [store.create("Lead", {"LastName": "A", "Company": "B", "Loose_Key__c": "same"}) for _ in range(2)]
    with pytest.raises(SalesforceMoreThanOneRecord) as caught:
        client.Lead.upsert("Loose_Key__c/same", {"Title": "部長"})
    assert caught.value.content == [f"/services/data/v62.0/sobjects/Lead/{lead_id}" for lead_id in made]
    assert [store.read("Lead", lead_id)["Title"] for lead_id in made] == [None, None]


def test_query_pages_hold_every_row_once(client: Salesforce, store: SalesforceStore) -> None:
    made = [store.create("Lead", {"LastName": f"L{n}", "Company": "C"}) for n in range(450)]
    first = client.query("SELECT Id FROM Lead", headers={"Sforce-Query-Options": "batchSize=200"})
    assert (len(first["records"]), first["totalSize"], first["done"]) == (200, 450, False)
    options = {"Sforce-Query-Options": "batchSize=200"}
    rows: list[dict[str, Any]] = list(client.query_all_iter("SELECT Id FROM Lead", headers=options))
    assert [row["Id"] for row in rows] == made


def test_parent_fields_are_nested_records(client: Salesforce, store: SalesforceStore) -> None:
    account_id = store.create("Account", {"Name": "山田製作所", "Industry": "Banking"})
    store.create("Contact", {"LastName": "山田", "AccountId": account_id})
    store.create("Contact", {"LastName": "無所属"})
    found = client.query("SELECT Name, Account.Name, Account.Owner.Email, Owner.Email FROM Contact ORDER BY Name DESC")
    one, other = found["records"]
    assert other["Name"] == "山田"
    assert other["Account"]["attributes"]["url"].endswith(f"/Account/{account_id}")
    assert (other["Account"]["Name"], other["Account"]["Owner"]["Email"]) == ("山田製作所", "admin@example.com")
    assert (one["Account"], one["Owner"]["Email"]) == (None, "admin@example.com")


def test_describe_tells_what_validation_enforces(client: Salesforce) -> None:
    described = client.Lead.describe()
    fields = {field["name"]: field for field in described["fields"]}
    assert (described["keyPrefix"], described["mergeable"]) == ("00Q", True)
    assert (fields["LastName"]["length"], fields["LastName"]["byteLength"], fields["LastName"]["nillable"]) == (
        80,
        240,
        False,
    )
    assert fields["Description"]["filterable"] is False
    assert fields["Key__c"] | {"custom": True, "externalId": True, "unique": True, "length": 20} == fields["Key__c"]
    assert {choice["value"] for choice in fields["Status"]["picklistValues"]} >= {"Closed - Converted"}
    assert len(fields["LastName"]) == len(fields["Key__c"]) > 50
    assert {"Lead", "Contact", "Account", "User"} <= {entry["name"] for entry in client.describe()["sobjects"]}


def test_deleted_and_updated_lists(client: Salesforce, store: SalesforceStore, lead: str) -> None:
    other = store.create("Lead", {"LastName": "鈴木", "Company": "鈴木"})
    store.delete("Lead", lead)
    start, end = NOON - timedelta(days=1), NOON + timedelta(minutes=5)
    deleted, updated = client.Lead.deleted(start, end), client.Lead.updated(start, end)
    assert deleted["deletedRecords"] == [{"deletedDate": "2026-11-24T12:00:00.000+0000", "id": lead}]
    assert deleted["latestDateCovered"] == "2026-11-24T12:00:00.000+0000"
    assert updated["ids"] == [other]


def test_limits_and_usage_follow_the_calls(client: Salesforce, store: SalesforceStore) -> None:
    remaining = client.limits()["DailyApiRequests"]["Remaining"]
    client.query("SELECT Id FROM Lead")
    assert remaining == store.usage.limit - 1
    assert client.api_usage["api-usage"].used == 2


def test_expired_session_is_refused(client: Salesforce, store: SalesforceStore, lead: str) -> None:
    store.expire_sessions()
    with pytest.raises(SalesforceExpiredSession) as caught:
        client.query("SELECT Id FROM Lead")
    assert caught.value.content == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
