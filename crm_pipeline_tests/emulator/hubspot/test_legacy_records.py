"""Companies, deals and engagements through the older reading endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.conftest import NOON, Raw

NOON_MS = int(NOON.timestamp() * 1000)
COMPANIES, DEALS = "/companies/v2/companies", "/deals/v1/deal"
AFTER = "/engagements/v1/engagements/modified/after"
DEAL = {"dealname": "更新", "dealstage": "appointmentscheduled", "pipeline": "default"}


def test_a_property_is_shown_with_who_set_it_and_when(raw: Raw, store: HubSpotStore) -> None:
    store.create("companies", {"name": "青空商事", "domain": "aozora.example.jp"}, user_id=42)

    company = raw("GET", f"{COMPANIES}/{store.ids('companies')[0]}").json()

    assert company["companyId"] == int(store.ids("companies")[0])
    assert company["isDeleted"] is False
    assert company["properties"]["createdate"]["value"] == str(NOON_MS)
    assert company["properties"]["name"] == {
        "value": "青空商事",
        "timestamp": NOON_MS,
        "source": "CRM_UI",
        "sourceId": "userId:42",
        "updatedByUserId": 42,
        "versions": [
            {
                "name": "name",
                "value": "青空商事",
                "timestamp": NOON_MS,
                "sourceId": "userId:42",
                "source": "CRM_UI",
                "sourceVid": [],
                "updatedByUserId": 42,
            }
        ],
    }


@pytest.mark.parametrize(
    ("object_", "path", "key", "more"),
    [("companies", COMPANIES, "companies", "has-more"), ("deals", DEALS, "deals", "hasMore")],
)
def test_all_records_come_in_pages_with_the_properties_asked_for(
    raw: Raw, store: HubSpotStore, object_: str, path: str, key: str, more: str
) -> None:
    properties = {"name": "青空商事"} if object_ == "companies" else DEAL
    ids = [int(store.create(object_, properties)) for _ in range(5)]
    store.archive(object_, str(ids[1]))
    name, seen, offset, pages = next(iter(properties)), [], 0, 0
    going_on = True
    while going_on:
        page = raw("GET", f"{path}/paged?limit=2&offset={offset}&properties={name}&properties=createdate").json()
        seen += page[key]
        offset, going_on, pages = page["offset"], page[more], pages + 1

    assert [one[f"{key[:-1] if key == 'deals' else 'company'}Id"] for one in seen] == [ids[0], *ids[2:]]
    assert pages == 2
    assert set(seen[0]["properties"]) == {name, "createdate"}
    assert raw("GET", f"{path}/paged").json()[key][0]["properties"] == {}
    assert raw("GET", f"{path}/{ids[1]}").status_code == 404
    assert raw("GET", f"{path}/paged?offset=x").status_code == 400


def test_a_deal_has_its_associations_when_asked(raw: Raw, store: HubSpotStore) -> None:
    contact, deal = store.create("contacts", {"lastname": "山田"}), store.create("deals", DEAL)
    store.associate("deals", deal, "contacts", contact, 3)
    associated = {
        "associatedVids": [int(contact)],
        "associatedCompanyIds": [],
        "associatedDealIds": [],
        "associatedTicketIds": [],
    }

    assert raw("GET", f"{DEALS}/{deal}").json()["associations"] == associated
    assert raw("GET", f"{DEALS}/paged?includeAssociations=true").json()["deals"][0]["associations"] == associated
    assert raw("GET", f"{DEALS}/paged?includeAssociations=False").json()["deals"][0]["associations"] is None


@pytest.mark.parametrize(
    ("query", "versions"),
    [
        ("includeAllProperties=true&allPropertiesFetchMode=latest_version", 1),
        ("includeAllProperties=true&allPropertiesFetchMode=all_versions", 2),
        ("propertiesWithHistory=dealname", 2),
        ("properties=dealname", 1),
    ],
)
def test_earlier_versions_are_shown_on_demand(raw: Raw, store: HubSpotStore, query: str, versions: int) -> None:
    deal = store.create("deals", DEAL)
    store.clock.advance(1)
    store.update("deals", deal, {"dealname": "新規"})

    name = raw("GET", f"{DEALS}/paged?{query}").json()["deals"][0]["properties"]["dealname"]

    assert (name["value"], name["timestamp"], len(name["versions"])) == ("新規", NOON_MS + 1000, versions)


@pytest.mark.parametrize(
    ("object_", "path", "key"), [("companies", COMPANIES, "companyId"), ("deals", DEALS, "dealId")]
)
def test_recent_records_are_the_newest_first_and_reach_back_a_month(
    raw: Raw, store: HubSpotStore, object_: str, path: str, key: str
) -> None:
    properties = {"name": "青空商事"} if object_ == "companies" else DEAL
    old = store.create(object_, properties)
    store.clock.advance(31 * 86_400)
    first, second, third = (store.create(object_, properties) for _ in range(3))
    store.clock.advance(60)
    store.update(object_, first, {next(iter(properties)): "改名"})
    now = round(store.clock.now().timestamp() * 1000)

    page = raw("GET", f"{path}/recent/modified?count=2").json()
    rest = raw("GET", f"{path}/recent/modified?count=2&offset={page['offset']}").json()
    since = raw("GET", f"{path}/recent/modified?since={now}").json()
    created = raw("GET", f"{path}/recent/created").json()

    ids = [str(one[key]) for one in page["results"] + rest["results"]]
    assert (ids, page["total"], page["hasMore"], rest["hasMore"]) == ([first, third, second], 3, True, False)
    assert [str(one[key]) for one in since["results"]] == [first]
    assert [str(one[key]) for one in created["results"]] == [third, second, first]
    assert old not in ids


@pytest.mark.parametrize(
    "path",
    [
        "/companies/v2/properties",
        "/companies/v2/properties/",
        "/deals/v1/properties",
        "/properties/v1/deals/properties",
    ],
)
def test_property_definitions_have_older_addresses(raw: Raw, path: str) -> None:
    object_ = "deals" if "deals" in path else "companies"

    assert raw("GET", path).json() == raw("GET", f"/properties/v2/{object_}/properties").json()


def test_deal_pipelines_have_an_older_shape(raw: Raw) -> None:
    pipeline = raw("GET", "/deals/v1/pipelines").json()[0]
    won = {stage["stageId"]: stage["closedWon"] for stage in pipeline["stages"]}

    assert raw("GET", f"/deals/v1/pipelines/{pipeline['pipelineId']}").json() == pipeline
    assert pipeline["staticDefault"] is True
    assert [stage for stage, is_won in won.items() if is_won] == ["closedwon"]


def test_changed_engagements_are_followed_by_a_cursor(raw: Raw, store: HubSpotStore) -> None:
    made = [store.create(one, {"hs_timestamp": "2026-11-24T12:00:00.000Z"}) for one in ("tasks", "calls", "notes")]
    seen, after = [], "0"
    page: dict[str, Any] = {"hasMore": True}
    while page["hasMore"]:
        page = raw("GET", AFTER, params={"limit": 2, "after": after}).json()
        seen += [str(one["engagement"]["id"]) for one in page["results"]]
        after = page["after"]
    store.clock.advance(1)
    store.update("tasks", made[0], {"hs_task_subject": "電話"})
    new = raw("GET", AFTER, params={"after": after}).json()

    assert sorted(seen) == sorted(made)
    assert [str(one["engagement"]["id"]) for one in new["results"]] == [made[0]]
    assert raw("GET", AFTER, params={"after": new["after"]}).json() == {**new, "results": []}
    assert len(raw("GET", AFTER, params={"after": NOON_MS}).json()["results"]) == 1
    assert raw("GET", AFTER, params={"after": "?"}).status_code == 400
    assert raw("GET", AFTER, params={"limit": 1001}).status_code == 400
