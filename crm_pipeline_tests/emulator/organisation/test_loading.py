"""An organisation arrives whole in both emulated CRMs, with its own past."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation import Organisation, generate, guide, load, set_up
from crm_pipeline.emulator.organisation.portal import INDUSTRIES, LEAD_SOURCES
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.model import System

DEMO = Path(__file__).parents[3] / "data" / "demo"


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return generate(seed=2, size=0.05)


@pytest.fixture(scope="module")
def loaded(organisation):
    hubspot, salesforce = HubSpotStore(), SalesforceStore()
    set_up(hubspot, salesforce)
    ids = load(organisation, hubspot, salesforce)
    ids_of_the_guide = load(guide(DEMO), hubspot, salesforce)
    return hubspot, salesforce, ids, ids_of_the_guide


def test_every_record_has_an_id(organisation, loaded):
    hubspot, salesforce, ids, _ = loaded

    assert ids.keys() == {(t.system, t.object, t.index) for t in organisation.truth}
    assert len(hubspot.ids("contacts")) == len(organisation.records[System.HUBSPOT, "contacts"]) + 2
    assert len(salesforce.ids("Lead")) == len(organisation.records[System.SALESFORCE, "Lead"]) + 2


def test_a_record_has_its_present_values_and_its_own_times(organisation, loaded):
    hubspot, salesforce, ids, _ = loaded
    for (system, object_), rows in organisation.records.items():
        for index, row in enumerate(rows):
            store = hubspot if system is System.HUBSPOT else salesforce
            there = store.read(object_, ids[system, object_, index])
            if system is System.HUBSPOT:
                created, modified = there["createdate"], there.get("lastmodifieddate") or there["hs_lastmodifieddate"]
            else:
                created, modified = there["CreatedDate"], there["LastModifiedDate"]
            assert abs((_time(created) - row.created_at).total_seconds()) <= 1
            assert abs((_time(modified) - row.modified_at).total_seconds()) <= 1
            name = {"contacts": "lastname", "companies": "name", "Account": "Name"}.get(object_, "LastName")
            assert there[name] == row.fields[name]


def test_the_clocks_run_in_real_time_again(loaded):
    hubspot, salesforce, *_ = loaded

    for store in (hubspot, salesforce):
        assert abs((store.clock.now() - datetime.now(UTC)).total_seconds()) < 60


def test_references_lead_to_the_right_records(organisation, loaded):
    hubspot, salesforce, ids, _ = loaded
    for index, row in enumerate(organisation.records[System.SALESFORCE, "Contact"]):
        there = salesforce.read("Contact", ids[System.SALESFORCE, "Contact", index])
        assert there["AccountId"] == ids[System.SALESFORCE, "Account", row.fields["AccountId"].index]
        assert salesforce.read("User", there["OwnerId"])["Email"] == row.fields["OwnerId"]
    for index, row in enumerate(organisation.records[System.HUBSPOT, "contacts"]):
        owner = hubspot.read("contacts", ids[System.HUBSPOT, "contacts", index]).get("hubspot_owner_id")
        assert (hubspot.owners[owner]["email"] if owner else None) == row.fields["hubspot_owner_id"]


def test_users_are_not_added_twice(organisation):
    hubspot, salesforce = HubSpotStore(), SalesforceStore()
    set_up(hubspot, salesforce)
    before = len(salesforce.ids("User"))
    load(Organisation(organisation.owners, {}, [], []), hubspot, salesforce)
    load(Organisation(organisation.owners, {}, [], []), hubspot, salesforce)

    assert len(hubspot.owners) == 8
    assert len(salesforce.ids("User")) == before + 8


def test_both_crms_offer_the_same_choices(loaded):
    hubspot, salesforce, *_ = loaded

    for object_, name, values in (
        ("contacts", "industry", INDUSTRIES),
        ("companies", "industry", INDUSTRIES),
        ("contacts", "lead_source", LEAD_SOURCES),
    ):
        assert [option["value"] for option in hubspot.definitions[object_][name]["options"]] == list(values)
    for object_, name, values in (
        ("Lead", "Industry", INDUSTRIES),
        ("Account", "Industry", INDUSTRIES),
        ("Contact", "LeadSource", LEAD_SOURCES),
    ):
        assert salesforce.schema.objects[object_].fields[name].active_values == set(values)


def test_the_guides_records_are_there_as_they_are_written(loaded):
    hubspot, salesforce, _, ids = loaded

    matsumoto = hubspot.read("contacts", ids[System.HUBSPOT, "contacts", 1])
    assert (matsumoto["phone"], matsumoto["birth_date"]) == ("000-111-2222", "2000-08-12")
    yamada = salesforce.read("Lead", ids[System.SALESFORCE, "Lead", 0])
    assert (yamada["Legacy_No__c"], yamada["Company"], yamada["Industry"]) == ("0000001", "山田製作所", "製造業")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("+0000", "+00:00"))
