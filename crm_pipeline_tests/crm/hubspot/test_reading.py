"""Reading a portal through the real client."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_pipeline.crm.hubspot.wire import dated
from crm_pipeline.crm.protocol import Tombstone, Write
from crm_pipeline.emulator.faults import CutAfter, CutBefore, Status
from crm_pipeline.errors import DailyLimitError, PermanentError, TransientError

START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _ids(pages) -> list[str]:
    return [record.record_id for page in pages for record in page]


@pytest.mark.parametrize(
    ("path", "version", "expected"),
    [
        ("/crm/v3/objects/contacts/search", "2026-03", "/crm/objects/2026-03/contacts/search"),
        ("/crm/v4/associations/a/b/batch/read", "2026-09", "/crm/associations/2026-09/a/b/batch/read"),
        ("/crm/v3/owners/", "2026-03", "/crm/owners/2026-03/"),
        ("/account-info/v3/details", "2026-03", "/account-info/2026-03/details"),
        ("/crm/v3/objects/contacts", "v3", "/crm/v3/objects/contacts"),
        ("/oauth/v2/x", "2026-03", "/oauth/v2/x"),
    ],
)
def test_paths_carry_the_configured_version(path, version, expected):
    assert dated(path, version) == expected


def test_a_full_read_brings_every_record_once(portal):
    ids = portal.contacts(205)
    pages = list(portal.client().pages("contacts", ["email", "phone", "not_there"]))
    assert [len(page) for page in pages] == [100, 100, 5]
    assert _ids(pages) == ids
    assert pages[0].records[0].fields == {"email": "person0@example.com", "phone": None}  # unknown stays absent
    assert all("/2026-03/" in request.path for request in portal.log.requests)


def test_a_read_with_history_brings_versions_newest_first(portal, clock):
    clock.set(START)
    (one,) = portal.contacts(1)
    clock.advance(60)
    portal.store.update("contacts", one, {"email": "new@example.com"})
    for since in (None, START):
        ((record,),) = portal.client().pages("contacts", ["email"], since=since, history=["email"])
        assert [(version.value, version.at) for version in record.history["email"]] == [
            ("new@example.com", START + 60 * SECOND),
            ("person0@example.com", START),
        ]
        assert record.modified_at == START + 60 * SECOND


def test_an_incremental_read_is_half_open_and_keeps_ties(portal, clock):
    clock.set(START - SECOND)
    portal.contacts(1)
    clock.set(START)
    tied = [portal.store.create("contacts", {"email": f"tied{n}@example.com"}) for n in range(230)]
    clock.set(START + SECOND)
    portal.store.create("contacts", {"email": "later@example.com"})
    pages = list(portal.client().pages("contacts", ["email"], since=START, until=START + SECOND))
    assert [len(page) for page in pages] == [200, 30]
    assert sorted(_ids(pages)) == sorted(tied)


def test_companies_have_their_own_modified_property(portal, clock):
    clock.set(START)
    company = portal.store.create("companies", {"name": "ACME"})
    client = portal.client()
    assert _ids(client.pages("companies", ["name"], since=START)) == [company]
    assert _ids(client.pages("companies", ["name"], since=START + SECOND)) == []


def test_more_properties_than_an_address_holds_are_read_by_batch(portal):
    portal.contacts(3)
    names = ["email", *(f"a_property_with_quite_a_long_name_{n}" for n in range(400))]
    (page,) = portal.client().pages("contacts", names)
    assert [record.fields["email"] for record in page] == [f"person{n}@example.com" for n in range(3)]


def test_count_is_of_live_records(portal):
    ids = portal.contacts(12)
    portal.store.archive("contacts", ids[0])
    assert portal.client().count("contacts") == 11


def test_the_archive_names_what_was_archived_and_pages_name_what_was_merged(portal, clock):
    clock.set(START)
    first, second, third, _ = portal.contacts(4)
    clock.advance(1)
    portal.store.archive("contacts", first)
    survivor = portal.store.merge("contacts", second, third)
    client, at = portal.client(), START + SECOND
    assert [stone for page in client.tombstones("contacts") for stone in page] == [
        Tombstone("contacts", first, "deleted", at)
    ]
    assert list(client.tombstones("contacts", since=at + SECOND)) == []
    for since in (None, at):
        gone = [stone for page in client.pages("contacts", ["email"], since=since) for stone in page.gone]
        assert gone == [Tombstone("contacts", one, "merged", None, "contacts", survivor) for one in (second, third)]


def test_a_merged_record_is_read_as_its_survivor(portal):
    first, second, other = portal.contacts(3)
    survivor = portal.store.merge("contacts", first, second)
    found = portal.client().read("contacts", [first, second, other, "999"], ["email"])
    assert {asked: record.record_id for asked, record in found.items()} == {
        first: survivor,
        second: survivor,
        other: other,
    }
    assert set(found[first].fields) == {"email"}


def test_records_are_read_by_our_key(portal):
    one = portal.store.create("contacts", {"email": "a@example.com", "our_key": "g/1"})
    found = portal.client().read_by_key("contacts", "our_key", ["g/1", "g/2"], ["email"])
    assert {key: record.record_id for key, record in found.items()} == {"g/1": one}


def test_associations_tell_the_primary_company(portal):
    (person,) = portal.contacts(1)
    main, other = (portal.store.create("companies", {"name": name}) for name in ("main", "other"))
    portal.store.associate("contacts", person, "companies", main, 1)
    portal.store.associate("contacts", person, "companies", other, 279)
    client = portal.client()
    found = client.associations("contacts", "companies", [person])
    assert {(one.to_id, one.primary) for one in found} == {(main, True), (other, False)}
    (back,) = [one for one in client.associations("companies", "contacts", [main]) if one.primary]
    assert (back.from_id, back.to_id) == (main, person)


def test_users_are_owners_with_the_archived_ones_inactive(portal):
    here, gone = (portal.store.add_owner(f"{name}@example.com", name, "X") for name in ("here", "gone"))
    portal.store.archive_owner(gone)
    users = {user.user_id: (user.e_mail, user.active) for user in portal.client().users()}
    assert users == {here: ("here@example.com", True), gone: ("gone@example.com", False)}


@pytest.mark.parametrize(
    ("given", "family", "name"), [("美咲", "佐藤", "佐藤 美咲"), ("Emma", "Clarke", "Emma Clarke"), ("", "森", "森")]
)
def test_a_user_is_named_as_people_say_the_name(portal, given, family, name):
    portal.store.add_owner("a@example.com", given, family)
    assert [user.name for user in portal.client().users()] == [name]


def test_the_schema_tells_what_can_be_written(portal):
    fields = {field.name: field for field in portal.client().schema("contacts")}
    assert fields["our_key"].unique
    assert fields["email"].updateable
    assert not fields["lastmodifieddate"].updateable
    assert fields["hubspot_owner_id"].references == "OWNER"


def test_the_account_knows_portal_zone_and_who_we_are(portal):
    client = portal.client()
    account = client.account()
    assert (account.account_id, account.time_zone) == ("12345678", "Asia/Tokyo")
    (contact,) = portal.contacts(1)
    portal.store.define_property("contacts", {"name": "p", "label": "P", "type": "string", "fieldType": "text"})
    client.update("contacts", [Write("a", {"p": "ours"}, record_id=contact)])
    ((record,),) = client.pages("contacts", ["p"], history=["p"])
    assert record.history["p"][0].source == account.integration_user


def test_server_time_is_the_crms_clock(portal, clock):
    clock.set(START)
    assert portal.client().server_time() == START


@pytest.mark.parametrize(
    "fault", [CutBefore(), CutAfter(), Status(500), Status(502, "<html>"), Status(503), Status(200, "<html>")]
)
def test_reading_goes_on_after_a_failure_that_passes(portal, fault):
    ids = portal.contacts(3)
    portal.faults.add(path="contacts", action=fault)
    client = portal.client()
    assert _ids(client.pages("contacts", ["email"])) == ids
    assert client.calls.usage.retries == 1


@pytest.mark.parametrize("policy", ["TEN_SECONDLY_ROLLING", "SECONDLY"])
def test_too_many_calls_are_waited_for(portal, policy):
    ids = portal.contacts(1)
    body = {"status": "error", "policyName": policy}
    portal.faults.add(path="contacts", action=Status(429, body, {"Retry-After": "0.02"}), times=2)
    client = portal.client()
    assert _ids(client.pages("contacts", ["email"])) == ids
    assert client.calls.usage.retries == 2


def test_the_used_up_day_stops_at_once(portal):
    portal.faults.add(path="contacts", action=Status(429, {"policyName": "DAILY"}), times=9)
    with pytest.raises(DailyLimitError, match="HubSpot has no API calls left today; the run stopped at contacts"):
        portal.client().count("contacts")
    assert len(portal.log.requests) == 1


def test_our_share_of_the_day_stops_a_run(portal):
    portal.contacts(1)
    client = portal.client(run_percent=0.001)  # 6.25 of 625,000
    for _ in range(7):
        list(client.pages("contacts", ["email"]))
    with pytest.raises(DailyLimitError, match="this run's share"):
        list(client.pages("contacts", ["email"]))
    assert len(portal.log.requests) == 7


def test_patience_ends(portal):
    portal.faults.add(path="contacts", action=Status(503), times=1000)
    with pytest.raises(TransientError, match="HubSpot is not available while reading contacts"):
        portal.client(patience_seconds=0.05).count("contacts")


def test_a_missing_scope_is_named_and_no_value_is(portal):
    body = {
        "category": "MISSING_SCOPES",
        "message": "secret-name@example.com needs more",
        "errors": [{"message": "One or more of the following scopes are required. [crm.objects.contacts.read]"}],
    }
    portal.faults.add(path="contacts", action=Status(403, body))
    with pytest.raises(PermanentError, match=r"give it the scope crm\.objects\.contacts\.read") as error:
        portal.client().count("contacts")
    assert "secret-name" not in str(error.value)
    assert error.value.code == "MISSING_SCOPES"
