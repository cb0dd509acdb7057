"""Recycle bin, merge, lead conversion, and what a saved organisation remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.emulator.salesforce import ApiError, SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

_NOW = "2026-11-24T12:00:00.000+0000"


def test_merged_lead_points_to_its_winner_and_refuses_updates(raw: Raw, store: SalesforceStore, lead: str) -> None:
    loser = store.create("Lead", {"LastName": "山田", "Company": "山田", "Title": "部長", "Key__c": "h2"})
    store.merge(lead, loser, {"City": "札幌市"})
    winner = store.read("Lead", lead)
    assert (winner["Title"], winner["City"], winner["Key__c"]) == (None, "札幌市", "h1")
    assert winner["LastModifiedDate"] == _NOW
    soql = f"SELECT IsDeleted, MasterRecordId FROM Lead WHERE Id = '{loser}'"
    (row,) = raw.query(soql, resource="queryAll").json()["records"]
    assert (row["IsDeleted"], row["MasterRecordId"]) == (True, lead)
    answer = raw("PATCH", f"sobjects/Lead/{loser}", {"Title": "課長"})
    assert (answer.status_code, answer.json()) == (
        404,
        [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}],
    )


def test_merged_account_hands_over_its_contacts(store: SalesforceStore) -> None:
    winner, loser = (store.create("Account", {"Name": name}) for name in ("A", "B"))
    contact = store.create("Contact", {"LastName": "山田", "AccountId": loser})
    store.clock.advance(60)
    store.merge(winner, loser)
    record = store.read("Contact", contact)
    assert (record["AccountId"], record["LastModifiedDate"]) == (winner, "2026-11-24T12:01:00.000+0000")


@pytest.mark.parametrize("same_object", [True, False])
def test_impossible_merges_change_nothing(store: SalesforceStore, lead: str, same_object: bool) -> None:
    other = lead if same_object else store.create("Account", {"Name": "A"})
    before = store.read("Lead", lead)
    with pytest.raises(ApiError):
        store.merge(lead, other)
    assert store.read("Lead", lead) == before


def test_converted_lead_becomes_a_contact_of_an_account(raw: Raw, store: SalesforceStore, lead: str) -> None:
    store.update("Lead", lead, {"Email": "taro@example.co.jp", "City": "札幌市", "Industry": "Banking"})
    account_id, contact_id = store.convert_lead(lead)
    account, contact, converted = (
        store.read("Account", account_id),
        store.read("Contact", contact_id),
        store.read("Lead", lead),
    )
    assert (account["Name"], account["BillingCity"], account["Industry"]) == ("山田製作所", "札幌市", "Banking")
    assert (contact["AccountId"], contact["Email"], contact["Key__c"]) == (account_id, "taro@example.co.jp", "h1")
    assert (contact["LastName"], contact["FirstName"], contact["MailingCity"]) == ("山田", "太郎", "札幌市")
    assert (converted["IsConverted"], converted["Status"]) == (True, "Closed - Converted")
    assert (converted["ConvertedAccountId"], converted["ConvertedContactId"]) == (account_id, contact_id)
    answer = raw("PATCH", f"sobjects/Lead/{lead}", {"Title": "部長"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    with pytest.raises(ApiError, match="CANNOT_UPDATE_CONVERTED_LEAD"):
        store.convert_lead(lead)


def test_conversion_into_existing_records_fills_only_blanks(store: SalesforceStore, lead: str) -> None:
    account_id = store.create("Account", {"Name": "既存"})
    contact_id = store.create("Contact", {"LastName": "既存"})
    store.update("Lead", lead, {"Phone": "03-1"})
    assert store.convert_lead(lead, account_id=account_id, contact_id=contact_id) == (account_id, contact_id)
    assert (store.read("Account", account_id)["Name"], store.read("Account", account_id)["Phone"]) == ("既存", "03-1")
    contact = store.read("Contact", contact_id)
    assert (contact["LastName"], contact["Phone"], contact["AccountId"]) == ("既存", "03-1", account_id)


def test_a_deleted_account_takes_its_contacts_and_gives_them_back(store: SalesforceStore) -> None:
    account = store.create("Account", {"Name": "A"})
    contact = store.create("Contact", {"LastName": "山田", "AccountId": account})
    alone = store.create("Contact", {"LastName": "佐藤", "ReportsToId": contact})
    store.delete("Account", account)
    assert store.ids("Contact") == [alone]
    store.undelete("Account", account)
    assert store.ids("Contact") == [contact, alone]
    with pytest.raises(ApiError, match="UNDELETE_FAILED"):
        store.undelete("Account", account)


def test_an_emptied_recycle_bin_hides_records_from_query_all(raw: Raw, store: SalesforceStore, lead: str) -> None:
    store.delete("Lead", lead)
    store.empty_recycle_bin()
    assert raw.query("SELECT COUNT() FROM Lead", resource="queryAll").json()["totalSize"] == 0
    assert raw("PATCH", f"sobjects/Lead/{lead}", {"Title": "部長"}).json()[0]["errorCode"] == "NOT_FOUND"


def test_a_system_process_moves_only_the_modstamp(store: SalesforceStore, lead: str) -> None:
    store.touch("Lead", lead)
    record = store.read("Lead", lead)
    assert (record["LastModifiedDate"], record["SystemModstamp"]) == ("2026-11-24T11:00:00.000+0000", _NOW)


def test_a_users_edit_carries_the_user(store: SalesforceStore, lead: str) -> None:
    user = store.add_user("sales@example.com", "営業 花子")
    store.update("Lead", lead, {"Title": "部長"}, user_id=user)
    assert store.read("Lead", lead)["LastModifiedById"] == user
    assert store.read("User", user)["Name"] == "営業 花子"


def test_a_saved_organisation_comes_back_whole(store: SalesforceStore, lead: str, tmp_path: Path) -> None:
    gone = store.create("Lead", {"LastName": "佐藤", "Company": "C", "Key__c": "h2"})
    store.delete("Lead", gone)
    store.save(tmp_path / "organisation.json")
    loaded = SalesforceStore.load(tmp_path / "organisation.json", store.clock)
    for record_id in (lead, gone):
        assert loaded.read("Lead", record_id) == store.read("Lead", record_id)
    assert (loaded.ids("Lead"), loaded.integration_user_id) == ([lead], store.integration_user_id)
    with pytest.raises(ApiError, match="DUPLICATE_VALUE"):
        loaded.create("Lead", {"LastName": "B", "Company": "C", "Key__c": "H1"})
    assert loaded.create("Lead", {"LastName": "B", "Company": "C"}) not in (lead, gone)
    loaded.undelete("Lead", gone)
    assert loaded.ids("Lead")[:2] == [lead, gone]


def test_a_custom_field_appears_on_existing_records(store: SalesforceStore, lead: str) -> None:
    store.define_field("Lead", {"name": "Vip__c", "type": "boolean"})
    assert store.read("Lead", lead)["Vip__c"] is False
    with pytest.raises(ValueError, match="__c"):
        store.define_field("Lead", {"name": "Vip"})
