"""The portal's own rules: times, history, lifecycle, associations, dated paths, limits, saving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.faults import Call, CutAfter, Faults
from crm_pipeline.emulator.hubspot import HubSpotError, HubSpotStore, create_app
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.server import serving
from crm_pipeline_tests.emulator.hubspot.conftest import Raw

CONTACTS = "/crm/v3/objects/contacts"


def test_ids_grow_and_soon_differ_in_length(store: HubSpotStore) -> None:
    ids = [store.create("contacts", {"lastname": "山田"}) for _ in range(30)]

    assert [int(one) for one in ids] == sorted({int(one) for one in ids})
    assert len({len(one) for one in ids}) > 1


def test_a_write_moves_the_change_time_even_if_no_value_changes(raw: Raw, store: HubSpotStore, clock: Clock) -> None:
    record_id = store.create("contacts", {"city": "横浜市"})
    clock.advance(10)

    nothing = raw("PATCH", f"{CONTACTS}/{record_id}", {"properties": {}})
    untouched = store.read("contacts", record_id)["lastmodifieddate"]
    same = raw("PATCH", f"{CONTACTS}/{record_id}", {"properties": {"city": "横浜市"}})
    read = raw("GET", f"{CONTACTS}/{record_id}?propertiesWithHistory=city")

    assert (nothing.status_code, untouched) == (400, "2026-11-24T12:00:00.000Z")
    assert nothing.json()["message"] == "No properties found to update, please provide at least one."
    assert same.json()["updatedAt"] == read.json()["updatedAt"] == "2026-11-24T12:00:10.000Z"
    assert len(read.json()["propertiesWithHistory"]["city"]) == 1


def test_a_lifecycle_stage_goes_back_only_over_blank(raw: Raw, store: HubSpotStore) -> None:
    record_id = store.create("contacts", {"lifecyclestage": "opportunity"})

    def stage_after(value: str) -> str | None:
        answer = raw("PATCH", f"{CONTACTS}/{record_id}", {"properties": {"lifecyclestage": value}})
        assert answer.status_code == 200
        return answer.json()["properties"]["lifecyclestage"]  # type: ignore[no-any-return]

    assert [stage_after(value) for value in ("lead", "customer", "", "lead")] == [
        "opportunity",
        "customer",
        None,
        "lead",
    ]


def test_users_and_hubspot_itself_may_set_read_only_properties(store: HubSpotStore) -> None:
    record_id = store.create("contacts", {"hs_analytics_source": "REFERRALS"}, source="ANALYTICS")

    assert store.read("contacts", record_id)["hs_analytics_source"] == "REFERRALS"
    with pytest.raises(HubSpotError, match="INVALID_OPTION"):
        store.update("contacts", record_id, {"hs_analytics_source": "HEARSAY"})


def test_an_owner_must_be_active_to_get_a_record(store: HubSpotStore) -> None:
    owner = store.add_owner("sato@example.co.jp", "花子", "佐藤")
    record_id = store.create("contacts", {"hubspot_owner_id": owner})
    store.archive_owner(owner)

    assert store.read("contacts", record_id)["hubspot_owner_id"] == owner
    with pytest.raises(HubSpotError, match="INVALID_OWNER_ID"):
        store.create("contacts", {"hubspot_owner_id": owner})


def test_the_first_company_becomes_primary_and_only_one_is(store: HubSpotStore) -> None:
    person = store.create("contacts", {"lastname": "山田"})
    first, second = (store.create("companies", {"name": name}) for name in ("一社", "二社"))

    store.associate("contacts", person, "companies", first, 279)
    store.associate("contacts", person, "companies", second, 279)
    assert store.associations.of("contacts", person, "companies") == {first: [1, 279], second: [279]}

    store.associate("companies", second, "contacts", person, 2)
    assert store.associations.of("contacts", person, "companies") == {first: [279], second: [1, 279]}
    assert store.associations.of("companies", first, "contacts") == {person: [280]}


def test_archiving_a_record_ends_its_associations(raw: Raw, store: HubSpotStore) -> None:
    person, company = store.create("contacts", {"lastname": "山田"}), store.create("companies", {"name": "青空商事"})
    store.associate("contacts", person, "companies", company, 1)

    store.archive("companies", company)

    assert raw("GET", f"/crm/v4/objects/contacts/{person}/associations/companies").json() == {"results": []}


def test_merging_companies_keeps_their_people(store: HubSpotStore) -> None:
    people = [store.create("contacts", {"lastname": name}) for name in ("山田", "佐藤")]
    first, second = (store.create("companies", {"name": name}) for name in ("青空商事", "株式会社青空商事"))
    store.associate("contacts", people[0], "companies", first, 1)
    store.associate("contacts", people[1], "companies", second, 1)

    merged = store.merge("companies", first, second)

    assert store.read("companies", second)["name"] == "青空商事"
    assert store.associations.of("companies", merged, "contacts") == {one: [2, 280] for one in reversed(people)}
    again = store.merge("companies", store.create("companies", {"name": "別"}), merged)
    assert store.read("companies", first)["hs_object_id"] == again


def test_a_merged_contact_keeps_both_histories(raw: Raw, store: HubSpotStore, clock: Clock) -> None:
    first = store.create("contacts", {"city": "横浜市"})
    clock.advance(60)
    second = store.create("contacts", {"city": "大阪市"})
    clock.advance(60)

    answer = raw("POST", f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second})
    read = raw("GET", f"{CONTACTS}/{answer.json()['id']}?propertiesWithHistory=city&properties=city").json()

    assert read["properties"]["city"] == "横浜市"
    assert [one["value"] for one in read["propertiesWithHistory"]["city"]] == ["横浜市", "大阪市", "横浜市"]
    assert raw("POST", f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second}).status_code == 400


@pytest.mark.parametrize(
    ("path", "dated"),
    [
        (CONTACTS + "/51", "/crm/objects/2026-03/contacts/51"),
        (CONTACTS + "?limit=5", "/crm/objects/2026-09/0-1?limit=5"),
        ("/crm/v3/properties/contacts", "/crm/properties/2026-03/contacts"),
        ("/crm/v3/owners?limit=5", "/crm/owners/2026-03/?limit=5"),
        (
            "/crm/v4/objects/contacts/51/associations/companies",
            "/crm/objects/2026-03/contacts/51/associations/companies",
        ),
        ("/crm/v4/associations/contacts/companies/labels", "/crm/associations/2026-03/contacts/companies/labels"),
        ("/crm/v4/associations/contacts/companies/labels", "/crm/associations/v4/contacts/companies/labels"),
        ("/account-info/v3/details", "/account-info/2026-03/details"),
    ],
)
def test_dated_paths_answer_the_same(raw: Raw, store: HubSpotStore, path: str, dated: str) -> None:
    store.create("contacts", {"lastname": "山田"})
    store.add_owner("sato@example.co.jp", "花子", "佐藤")

    old, new = raw("GET", path), raw("GET", dated)

    assert (old.status_code, new.status_code) == (200, 200)
    assert old.json() == new.json()


def test_account_usage_and_token(raw: Raw, url: str) -> None:
    details = raw("GET", "/account-info/v3/details").json()
    assert (details["portalId"], details["timeZone"], details["utcOffset"]) == (12345678, "Asia/Tokyo", "+09:00")

    usage = raw("GET", "/account-info/v3/api-usage/daily/private-apps").json()["results"][0]
    assert (usage["currentUsage"], usage["usageLimit"]) == (2, 625_000)
    assert usage["resetsAt"] == "2026-11-24T15:00:00.000Z"

    path = "/oauth/v2/private-apps/get/access-token-info"
    info = requests.post(url + path, json={"tokenKey": "demo-token"}, timeout=10).json()
    assert (info["hubId"], info["appId"]) == (12345678, 7654321)
    assert "crm.objects.contacts.write" in info["scopes"]
    assert requests.post(url + path, json={"tokenKey": "wrong"}, timeout=10).status_code == 401


def refusal(answer: requests.Response) -> tuple[int, str, str]:
    body: dict[str, Any] = answer.json()
    assert body["errorType"] == "RATE_LIMIT"
    return answer.status_code, body["policyName"], body["message"]


def test_ten_second_and_search_limits(raw: Raw, store: HubSpotStore) -> None:
    store.limits.enforced, store.limits.per_ten_seconds, store.limits.searches_per_second = True, 3, 2

    answers = [raw("GET", CONTACTS) for _ in range(4)]
    searches = [raw("POST", f"{CONTACTS}/search", {}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    remaining = [answer.headers["X-HubSpot-RateLimit-Remaining"] for answer in answers[:3]]
    assert remaining == ["2", "1", "0"]
    assert answers[0].headers["X-HubSpot-RateLimit-Max"] == "3"
    assert refusal(answers[3]) == (429, "TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.")
    assert not [name for name in searches[0].headers if name.lower().startswith("x-hubspot-ratelimit")]
    assert refusal(searches[2]) == (429, "SECONDLY", "You have reached your secondly limit.")


def test_the_daily_limit_ends_at_midnight_of_the_account(raw: Raw, store: HubSpotStore, clock: Clock) -> None:
    store.limits.enforced, store.limits.per_day = True, 1

    assert raw("GET", CONTACTS).status_code == 200
    assert refusal(raw("GET", CONTACTS)) == (429, "DAILY", "You have reached your daily limit.")
    clock.advance(3 * 3600)  # 12:00 UTC is 21:00 in Tokyo
    assert raw("GET", CONTACTS).status_code == 200


def test_a_saved_portal_goes_on_where_it_was(store: HubSpotStore, clock: Clock, tmp_path: Path) -> None:
    store.define_property(
        "contacts", {"name": "key", "label": "Key", "type": "string", "fieldType": "text", "hasUniqueValue": True}
    )
    store.add_owner("sato@example.co.jp", "花子", "佐藤")
    first, second = (store.create("contacts", {"email": f"{n}@example.jp", "key": n}) for n in "ab")
    gone = store.create("contacts", {"lastname": "消"})
    store.archive("contacts", gone)
    company = store.create("companies", {"name": "青空商事"})
    store.associate("contacts", first, "companies", company, 1)
    merged = store.merge("contacts", first, second)

    store.save(tmp_path / "portal.json")
    loaded = HubSpotStore.load(tmp_path / "portal.json", clock)
    loaded.save(tmp_path / "again.json")

    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "portal.json").read_bytes()
    assert loaded.read("contacts", second) == store.read("contacts", merged)
    assert loaded.ids("contacts", archived=True) == [gone]
    assert loaded.associations.of("companies", company, "contacts") == {merged: [2, 280]}
    with pytest.raises(HubSpotError, match="Existing ID"):
        loaded.create("contacts", {"email": "b@example.jp"})
    assert loaded.create("contacts", {"lastname": "新"}) == store.create("contacts", {"lastname": "新"})


def test_a_create_whose_answer_is_lost_has_landed(store: HubSpotStore) -> None:
    log, faults = RequestLog(), Faults()
    faults.add(method="POST", path="/batch/create$", action=CutAfter())
    body = {"inputs": [{"properties": {"email": "a@example.jp"}}]}

    with serving(create_app(store, log=log, faults=faults)) as server:
        raw = Raw(server.url)
        with pytest.raises(requests.ConnectionError):
            raw("POST", "/crm/objects/2026-03/contacts/batch/create", body)
        again = raw("POST", "/crm/objects/2026-03/contacts/batch/create", body)
        raw("GET", CONTACTS)

    assert again.status_code == 409
    assert len(store.ids("contacts")) == 1
    assert [(one.path, one.status) for one in log.writing()] == [
        ("/crm/objects/2026-03/contacts/batch/create", 201),
        ("/crm/objects/2026-03/contacts/batch/create", 409),
    ]
    assert len(log.requests) == 3


def test_an_edit_in_between_is_seen_by_the_request_after_it(store: HubSpotStore) -> None:
    record_id, faults = store.create("contacts", {"city": "横浜市"}), Faults()
    faults.add(action=Call(lambda: store.update("contacts", record_id, {"city": "大阪市"}, user_id=5)))

    with serving(create_app(store, faults=faults)) as server:
        read = Raw(server.url)("GET", f"{CONTACTS}/{record_id}?properties=city&propertiesWithHistory=city").json()

    assert read["properties"]["city"] == "大阪市"
    assert read["propertiesWithHistory"]["city"][0]["updatedByUserId"] == 5


def test_a_record_comes_back_from_the_recycle_bin_with_its_values_and_without_its_associations(
    raw: Raw, store: HubSpotStore, clock: Clock
) -> None:
    person, company = store.create("contacts", {"email": "a@b.jp"}), store.create("companies", {"name": "青空商事"})
    store.associate("contacts", person, "companies", company, 1)
    store.archive("contacts", person)
    clock.advance(60)

    store.restore("contacts", person)

    found = store.read("contacts", person)
    assert found["email"] == "a@b.jp"
    assert found["lastmodifieddate"] > found["createdate"]
    assert store.associations.of("contacts", person, "companies") == {}
    assert raw("GET", "/crm/v3/objects/contacts?archived=true").json()["results"] == []
    store.archive("contacts", person)
    store.create("contacts", {"email": "A@b.jp"})
    with pytest.raises(HubSpotError, match="has this email"):
        store.restore("contacts", person)
