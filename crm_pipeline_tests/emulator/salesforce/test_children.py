"""What becomes of the records that refer to one that is deleted, merged or converted."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

_DEAL = {"Name": "更新", "StageName": "Prospecting", "CloseDate": "2026-11-24"}


@pytest.fixture
def family(store: SalesforceStore) -> dict[str, str]:
    """An account with a contact, an opportunity in which the contact is primary, and activities of all three."""
    account = store.create("Account", {"Name": "山田製作所"})
    contact = store.create("Contact", {"LastName": "山田", "AccountId": account})
    deal = store.create("Opportunity", {**_DEAL, "AccountId": account, "ContactId": contact})
    return {
        "Account": account,
        "Contact": contact,
        "Opportunity": deal,
        "OpportunityContactRole": store.ids("OpportunityContactRole")[0],
        "Task": store.create("Task", {"WhoId": contact, "WhatId": deal, "Status": "Completed"}),
        "Event": store.create("Event", {"WhatId": account, "IsAllDayEvent": True, "ActivityDate": "2026-11-01"}),
    }


def _alive(store: SalesforceStore, family: dict[str, str]) -> set[str]:
    return {object_ for object_, record_id in family.items() if not store.read(object_, record_id)["IsDeleted"]}


@pytest.mark.parametrize(
    ("deleted", "left"),
    [
        ("Account", set()),
        ("Contact", {"Account", "Opportunity", "Event"}),
        ("Opportunity", {"Account", "Contact", "Event"}),
        ("Task", {"Account", "Contact", "Opportunity", "OpportunityContactRole", "Event"}),
    ],
)
def test_children_go_and_come_back_with_their_parent(
    raw: Raw, store: SalesforceStore, family: dict[str, str], deleted: str, left: set[str]
) -> None:
    assert raw("DELETE", f"sobjects/{deleted}/{family[deleted]}").status_code == 204
    assert _alive(store, family) == left
    store.undelete(deleted, family[deleted])
    assert _alive(store, family) == family.keys()
    assert store.read("Opportunity", family["Opportunity"])["ContactId"] == family["Contact"]


@pytest.mark.parametrize("parent", ["Account", "Contact"])
def test_cases_hold_their_parent_back(raw: Raw, store: SalesforceStore, family: dict[str, str], parent: str) -> None:
    case = store.create("Case", {f"{parent}Id": family[parent]})
    refused = raw("DELETE", f"sobjects/{parent}/{family[parent]}")
    (error,) = refused.json()
    assert (refused.status_code, error["errorCode"]) == (400, "DELETE_FAILED")
    assert "associated with the following cases.: 00001001" in error["message"]
    assert _alive(store, family) == family.keys()
    store.delete("Case", case)
    assert raw("DELETE", f"sobjects/{parent}/{family[parent]}").status_code == 204


def test_an_account_with_a_won_opportunity_stays(raw: Raw, store: SalesforceStore, family: dict[str, str]) -> None:
    store.update("Opportunity", family["Opportunity"], {"StageName": "Closed Won"})
    refused = raw("DELETE", f"sobjects/Account/{family['Account']}")
    assert "closed won" in refused.json()[0]["message"]
    assert raw("DELETE", f"sobjects/Opportunity/{family['Opportunity']}").status_code == 204
    assert raw("DELETE", f"sobjects/Account/{family['Account']}").status_code == 204


def test_a_lookup_is_cleared_when_its_record_is_deleted(store: SalesforceStore) -> None:
    above = store.create("Contact", {"LastName": "部長"})
    below = store.create("Contact", {"LastName": "課長", "ReportsToId": above})
    store.delete("Contact", above)
    assert store.read("Contact", below)["ReportsToId"] is None


@pytest.mark.parametrize("object_", ["Account", "Contact"])
def test_children_follow_the_winner_of_a_merge(store: SalesforceStore, family: dict[str, str], object_: str) -> None:
    name = {"Account": "Name", "Contact": "LastName"}[object_]
    winner, loser = store.create(object_, {name: "勝"}), family[object_]
    case = store.create("Case", {f"{object_}Id": loser})
    store.merge(winner, loser)
    expected: dict[str, dict[str, Any]] = {
        "Account": {
            "Contact": {"AccountId": winner},
            "Opportunity": {"AccountId": winner},
            "Event": {"WhatId": winner, "AccountId": winner},
            "Task": {"WhatId": family["Opportunity"], "AccountId": winner},
        },
        "Contact": {
            "OpportunityContactRole": {"ContactId": winner, "IsPrimary": True},
            "Opportunity": {"ContactId": winner},
            "Task": {"WhoId": winner},
        },
    }
    for child, fields in expected[object_].items():
        record = store.read(child, family[child])
        assert {field: record[field] for field in fields} == fields, child
    assert store.read("Case", case)[f"{object_}Id"] == winner
    assert store.read(object_, loser)["MasterRecordId"] == winner


def test_a_winner_does_not_report_to_itself(store: SalesforceStore) -> None:
    loser = store.create("Contact", {"LastName": "負"})
    winner = store.create("Contact", {"LastName": "勝", "ReportsToId": loser})
    store.merge(winner, loser)
    assert store.read("Contact", winner)["ReportsToId"] is None


@pytest.mark.parametrize(
    ("today", "closing"),
    [("2026-11-24", "2026-12-31"), ("2026-01-01", "2026-03-31"), ("2026-06-30", "2026-06-30")],
)
def test_conversion_with_an_opportunity(store: SalesforceStore, today: str, closing: str) -> None:
    lead = store.create("Lead", {"LastName": "山田", "Company": "山田製作所", "LeadSource": "Web"})
    task = store.create("Task", {"WhoId": lead, "Status": "Completed", "ActivityDate": "2026-11-20"})
    store.clock.set(store.clock.now().fromisoformat(f"{today}T03:00:00+00:00"))
    account, contact = store.convert_lead(lead, opportunity="新規")
    deal = store.read("Lead", lead)["ConvertedOpportunityId"]
    record = store.read("Opportunity", deal)
    assert (record["Name"], record["AccountId"], record["ContactId"]) == ("新規", account, contact)
    assert (record["CloseDate"], record["LeadSource"]) == (closing, "Web")
    moved = store.read("Task", task)
    assert (moved["WhoId"], moved["WhatId"], moved["AccountId"]) == (contact, deal, account)
    assert store.read("Contact", contact)["LastActivityDate"] == "2026-11-20"


def test_activities_of_a_lead_go_with_the_contact(store: SalesforceStore) -> None:
    lead = store.create("Lead", {"LastName": "山田", "Company": "山田製作所"})
    event = store.create("Event", {"WhoId": lead, "IsAllDayEvent": True, "ActivityDate": "2026-11-01"})
    account, contact = store.convert_lead(lead)
    record = store.read("Event", event)
    assert (record["WhoId"], record["WhatId"], record["AccountId"]) == (contact, None, account)
    assert store.read("Lead", lead)["ConvertedOpportunityId"] is None
