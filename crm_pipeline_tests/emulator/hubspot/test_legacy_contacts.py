"""Contacts through the older reading endpoints."""

from __future__ import annotations

import pytest

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.conftest import NOON, Raw

NOON_MS = int(NOON.timestamp() * 1000)
LISTS, CONTACT = "/contacts/v1/lists", "/contacts/v1/contact"


def _made(store: HubSpotStore, count: int) -> list[int]:
    return [int(store.create("contacts", {"lastname": f"山田{one}"})) for one in range(count)]


def test_all_contacts_come_in_pages(raw: Raw, store: HubSpotStore) -> None:
    ids = _made(store, 5)
    store.archive("contacts", str(ids[1]))
    seen, offset, more = [], 0, True
    while more:
        page = raw("GET", f"{LISTS}/all/contacts/all?count=2&vidOffset={offset}").json()
        seen += [one["vid"] for one in page["contacts"]]
        offset, more = page["vid-offset"], page["has-more"]

    assert seen == [ids[0], *ids[2:]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"lastname", "lastmodifieddate"}),
        ("?property=city", {"city", "lastmodifieddate"}),
        ("?property=city&property=createdate", {"city", "createdate", "lastmodifieddate"}),
    ],
)
def test_a_list_shows_the_properties_asked_for(raw: Raw, store: HubSpotStore, query: str, names: set[str]) -> None:
    store.create("contacts", {"lastname": "山田", "city": "大阪"})

    contact = raw("GET", f"{LISTS}/all/contacts/all{query}").json()["contacts"][0]

    assert set(contact["properties"]) == names
    assert contact["properties"]["lastmodifieddate"] == {"value": str(NOON_MS)}


def test_a_profile_has_all_properties_with_their_versions_and_the_company(raw: Raw, store: HubSpotStore) -> None:
    contact = store.create("contacts", {"email": "yamada@example.jp", "lastname": "山田"}, user_id=42)
    company = store.create("companies", {"name": "青空商事"})
    store.associate("contacts", contact, "companies", company, 1)
    store.clock.advance(1)
    store.update("contacts", contact, {"lastname": "佐藤"}, user_id=43)

    by_id = raw("GET", f"{CONTACT}/vid/{contact}/profile").json()

    assert raw("GET", f"{CONTACT}/email/YAMADA@example.jp/profile").json() == by_id
    assert [(one["value"], one["updated-by-user-id"]) for one in by_id["properties"]["lastname"]["versions"]] == [
        ("佐藤", 43),
        ("山田", 42),
    ]
    assert by_id["identity-profiles"][0]["identities"] == [
        {"type": "EMAIL", "value": "yamada@example.jp", "timestamp": NOON_MS, "is-primary": True}
    ]
    assert by_id["associated-company"]["properties"]["name"] == {"value": "青空商事"}
    assert raw("GET", f"{CONTACT}/vid/1/profile").status_code == 404
    assert raw("GET", f"{CONTACT}/vid/{contact}/profile?propertyMode=x").status_code == 400


def test_contacts_can_be_read_by_their_ids(raw: Raw, store: HubSpotStore) -> None:
    ids = _made(store, 3)

    found = raw("GET", f"{CONTACT}/vids/batch/", params={"vid": [ids[0], ids[2], 1]}).json()

    assert set(found) == {str(ids[0]), str(ids[2])}
    assert raw("GET", f"{CONTACT}/vids/batch", params={"vid": list(range(101))}).status_code == 400


def test_a_merged_contact_is_found_by_its_earlier_ids(raw: Raw, store: HubSpotStore) -> None:
    ids = _made(store, 2)
    new = store.merge("contacts", str(ids[0]), str(ids[1]))

    profile = raw("GET", f"{CONTACT}/vid/{ids[1]}/profile").json()

    assert (str(profile["vid"]), sorted(profile["merged-vids"])) == (new, ids)


@pytest.mark.parametrize("list_", ["recently_updated", "all"])
def test_recent_contacts_are_the_newest_first_and_reach_back_a_month(raw: Raw, store: HubSpotStore, list_: str) -> None:
    _made(store, 1)
    store.clock.advance(31 * 86_400)
    ids = _made(store, 3)
    store.clock.advance(60)
    store.update("contacts", str(ids[0]), {"city": "大阪"})
    seen, offsets, more = [], "", True
    while more:
        page = raw("GET", f"{LISTS}/{list_}/contacts/recent?count=2{offsets}").json()
        seen += [one["vid"] for one in page["contacts"]]
        offsets, more = f"&vidOffset={page['vid-offset']}&timeOffset={page['time-offset']}", page["has-more"]

    assert seen == ([ids[0], ids[2], ids[1]] if list_ == "recently_updated" else [ids[2], ids[1], ids[0]])
    assert raw("GET", f"{LISTS}/{list_}/contacts/recent?count=2{offsets}").json()["contacts"] == []
