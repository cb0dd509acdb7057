"""Records with their past: imported at once, they are as if users had created and edited them over the years."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot import HubSpotError, HubSpotStore
from crm_pipeline.emulator.imported import ImportedRecord
from crm_pipeline_tests.emulator.hubspot.conftest import NOON, Raw

CONTACTS = "/crm/v3/objects/contacts"
CREATED, EDITED = datetime(2024, 5, 1, 9, tzinfo=UTC), datetime(2025, 2, 1, 9, 30, tzinfo=UTC)
FIELDS = {"email": "taro@aozora.co.jp", "lastname": "山田", "city": "横浜市", "lifecyclestage": "customer"}
BEFORE = {"city": "大阪市", "lifecyclestage": None}


@pytest.fixture
def imported(store: HubSpotStore) -> list[str]:
    rows = [
        ImportedRecord(FIELDS, CREATED, EDITED, BEFORE),
        ImportedRecord({"email": "hanako@midori.co.jp"}, CREATED, CREATED),
    ]
    return store.import_records("contacts", rows)


def test_an_imported_record_is_as_if_it_had_been_created_and_edited(clock: Clock, store: HubSpotStore) -> None:
    other = HubSpotStore(clock)
    number = store.import_records("contacts", [ImportedRecord(FIELDS, CREATED, EDITED, BEFORE)])[0]
    clock.set(CREATED)
    first = {name: value for name, value in {**FIELDS, **BEFORE}.items() if value}
    created = other.create("contacts", first)
    clock.set(EDITED)
    other.update("contacts", created, {name: FIELDS[name] for name in BEFORE})

    assert store.read("contacts", number) == other.read("contacts", created)
    names = ["email", "city", "lifecyclestage", "createdate", "hs_lifecyclestage_customer_date"]

    def versions(portal: HubSpotStore, record_id: str) -> list[list[tuple[str, str]]]:
        histories = portal.live("contacts", record_id).history(names, portal.table("contacts").kind)
        return [[(one["value"], one["timestamp"]) for one in history] for history in histories.values()]

    assert versions(store, number) == versions(other, created)


def test_history_of_an_imported_record(raw: Raw, imported: list[str]) -> None:
    answer = raw("GET", f"{CONTACTS}/{imported[0]}?propertiesWithHistory=city,lifecyclestage,fax").json()

    history = answer["propertiesWithHistory"]
    assert [(one["value"], one["timestamp"], one["sourceType"]) for one in history["city"]] == [
        ("横浜市", "2025-02-01T09:30:00.000Z", "CRM_UI"),
        ("大阪市", "2024-05-01T09:00:00.000Z", "CRM_UI"),
    ]
    assert [one["value"] for one in history["lifecyclestage"]] == ["customer"]
    assert history["fax"] == []
    assert (answer["createdAt"], answer["updatedAt"]) == ("2024-05-01T09:00:00.000Z", "2025-02-01T09:30:00.000Z")


def test_imported_records_are_found_and_claim_their_unique_values(
    raw: Raw, store: HubSpotStore, imported: list[str]
) -> None:
    filters = [{"propertyName": "lastmodifieddate", "operator": "GT", "value": "2024-12-31"}]
    found = raw("POST", f"{CONTACTS}/search", {"filters": filters}).json()

    assert [one["id"] for one in found["results"]] == [imported[0]]
    assert raw("GET", f"{CONTACTS}/hanako@midori.co.jp?idProperty=email").json()["id"] == imported[1]
    with pytest.raises(HubSpotError, match=f"Existing ID: {imported[0]}"):
        store.create("contacts", {"email": "taro@aozora.co.jp"})


def test_a_cleared_and_refilled_value_keeps_all_versions(clock: Clock, store: HubSpotStore, raw: Raw) -> None:
    record_id = store.create("contacts", {"city": "横浜市"})
    for city in ("", "大阪市"):
        clock.advance(60)
        store.update("contacts", record_id, {"city": city})

    answer = raw("GET", f"{CONTACTS}/{record_id}?propertiesWithHistory=city").json()

    assert [one["value"] for one in answer["propertiesWithHistory"]["city"]] == ["大阪市", "", "横浜市"]


def test_saved_records_keep_their_past(clock: Clock, store: HubSpotStore, imported: list[str], tmp_path: Path) -> None:
    store.update("contacts", imported[0], {"city": "京都市"}, user_id=7)
    merged = store.merge("contacts", *imported)
    store.archive("contacts", store.create("contacts", {"lastname": "消"}))
    kind = store.table("contacts").kind

    store.save(tmp_path / "portal.jsonl")
    loaded = HubSpotStore.load(tmp_path / "portal.jsonl", clock)
    loaded.save(tmp_path / "again.jsonl")

    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "portal.jsonl").read_bytes()
    histories = [one.live("contacts", merged).history(["city", "email"], kind) for one in (store, loaded)]
    assert histories[0] == histories[1]
    assert [one["value"] for one in histories[0]["city"]] == ["京都市", "横浜市", "大阪市"]


def test_a_chain_of_merges_is_told_by_the_last_contact(store: HubSpotStore, clock: Clock, raw: Raw) -> None:
    first, second, third = (store.create("contacts", {"email": f"{n}@example.jp"}) for n in "abc")
    between = store.merge("contacts", first, second)
    clock.advance(60)
    last = store.merge("contacts", between, third)

    noon = int(NOON.timestamp() * 1000)
    properties = store.read("contacts", last)
    assert properties["hs_merged_object_ids"].split(";") == [first, second, between, third]
    assert properties["hs_calculated_merged_vids"].split(";") == [
        f"{first}:{noon}",
        f"{second}:{noon}",
        f"{between}:{noon + 60_000}",
        f"{third}:{noon + 60_000}",
    ]
    body = {"inputs": [{"id": one} for one in (first, second, third)], "properties": ["email"]}
    read = raw("POST", f"{CONTACTS}/batch/read", body).json()
    assert [(one["id"], one["properties"]["email"]) for one in read["results"]] == [(last, "a@example.jp")]


@pytest.mark.parametrize(
    ("tier", "limit", "daily"), [("starter", "100", "250000"), ("limit_increase", "250", "2000000")]
)
def test_limits_are_those_of_the_subscription(tier: str, limit: str, daily: str) -> None:
    headers = HubSpotStore(tier=tier).limits.count(search=False)

    assert (headers["X-HubSpot-RateLimit-Max"], headers["X-HubSpot-RateLimit-Daily"]) == (limit, daily)
    assert headers["X-HubSpot-RateLimit-Remaining"] == str(int(limit) - 1)
