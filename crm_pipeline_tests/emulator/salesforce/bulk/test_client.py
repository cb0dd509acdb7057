"""simple-salesforce, the real client, with the Bulk API 2.0."""

from __future__ import annotations

import csv
import io

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceOperationError

from crm_pipeline.emulator.salesforce import SalesforceStore

WAIT = 0.02


def test_query_yields_every_page(client: Salesforce, store: SalesforceStore) -> None:
    made = [store.create("Contact", {"LastName": f"L{n}"}) for n in range(5)]
    pages = list(client.bulk2.Contact.query("SELECT Id, LastName FROM Contact", max_records=2, wait=WAIT))
    assert [row["Id"] for page in pages for row in csv.DictReader(io.StringIO(page))] == made


def test_query_all_has_deleted_records(client: Salesforce, store: SalesforceStore, lead: str) -> None:
    store.delete("Lead", lead)
    (page,) = client.bulk2.Lead.query_all("SELECT Id FROM Lead", wait=WAIT)
    assert page == f'"Id"\n"{lead}"\n'


def test_refused_query_is_a_malformed_request(client: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest):
        list(client.bulk2.Contact.query("SELECT Foo FROM Contact", wait=WAIT))


def test_insert_update_upsert_and_delete(client: Salesforce, store: SalesforceStore) -> None:
    bulk = client.bulk2.Contact
    (inserted,) = bulk.insert(
        records=[{"LastName": "山田", "Key__c": "1"}, {"LastName": "鈴木", "Key__c": "2"}], wait=WAIT
    )
    assert (inserted["numberRecordsProcessed"], inserted["numberRecordsFailed"]) == (2, 0)
    first, second = store.ids("Contact")
    bulk.update(records=[{"Id": first, "Title": "部長"}], wait=WAIT)
    bulk.upsert(
        records=[{"Key__c": "2", "LastName": "佐藤"}, {"Key__c": "3", "LastName": "高橋"}],
        external_id_field="Key__c",
        wait=WAIT,
    )
    names = [store.read("Contact", one)["LastName"] for one in store.ids("Contact")]
    assert (names, store.read("Contact", first)["Title"]) == (["山田", "佐藤", "高橋"], "部長")
    bulk.delete(records=[{"Id": first}, {"Id": second}], wait=WAIT)
    assert len(store.ids("Contact")) == 1


def test_failed_records_come_with_their_error(client: Salesforce) -> None:
    (result,) = client.bulk2.Contact.insert(records=[{"LastName": "", "Title": "部長"}], wait=WAIT)
    assert result["numberRecordsFailed"] == 1
    (row,) = csv.DictReader(io.StringIO(client.bulk2.Contact.get_failed_records(result["job_id"])))
    assert row["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")
    assert row["Title"] == "部長"
    assert client.bulk2.Contact.get_unprocessed_records(result["job_id"]).count("\n") == 1


def test_unknown_column_is_a_failed_operation(client: Salesforce) -> None:
    with pytest.raises(SalesforceOperationError, match="Field name not found : Foo"):
        client.bulk2.Contact.insert(records=[{"LastName": "A", "Foo": "B"}], wait=WAIT)
