"""What became of records, as far as HubSpot tells."""

from datetime import UTC, datetime

from crm_pipeline.crm.protocol import Tombstone
from crm_pipeline.emulator.faults import Edit

AT = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


def _merged(one: str, survivor: str, object_: str = "contacts") -> Tombstone:
    return Tombstone(object_, one, "merged", None, object_, survivor)


def test_only_what_was_archived_or_merged_has_a_fate(portal, clock):
    clock.set(AT)
    alive, archived, first, second, purged = portal.contacts(5)
    portal.store.archive("contacts", archived)
    survivor = portal.store.merge("contacts", first, second)
    portal.store.purge("contacts", purged)
    found = portal.client().fates("contacts", [alive, archived, first, second, purged, survivor, "999999"])
    assert found == [
        Tombstone("contacts", archived, "deleted", AT),
        _merged(first, survivor),
        _merged(second, survivor),
    ]
    assert portal.client().fates("contacts", []) == []


def test_a_chain_of_merges_leads_to_the_last_survivor_even_when_that_was_archived(portal, clock):
    clock.set(AT)
    first, second, third = portal.contacts(3)
    between = portal.store.merge("contacts", first, second)
    last = portal.store.merge("contacts", between, third)
    client, asked = portal.client(), [first, second, third, between, last]
    assert client.fates("contacts", asked) == [_merged(one, last) for one in (first, second, third, between)]
    portal.store.archive("contacts", last)
    assert client.fates("contacts", asked) == [
        *(_merged(one, last) for one in (first, second, third, between)),
        Tombstone("contacts", last, "deleted", AT),
    ]


def test_a_merge_that_the_batch_does_not_tell_is_found_by_the_id(portal):
    first, second, _ = portal.contacts(3)
    survivor = portal.store.merge("contacts", first, second)
    portal.faults.add(path="/batch/read", action=Edit(lambda _: b'{"results": []}'), times=None)
    found = portal.client().fates("contacts", [first, second, "999999"])
    assert found == [_merged(first, survivor), _merged(second, survivor)]


def test_what_cannot_be_merged_is_not_asked_for_one_by_one(portal):
    task = portal.store.create("tasks", {"hs_timestamp": "2026-06-01T00:00:00Z"})
    portal.store.archive("tasks", task)
    stones = portal.client().fates("tasks", [task, "999999"])
    assert [(stone.record_id, stone.reason) for stone in stones] == [(task, "deleted")]
    assert not [request for request in portal.log.requests if request.method == "GET"]


def test_companies_deals_and_tickets_name_their_merges_too(portal):
    given = {"companies": {"name": "A"}, "deals": {"dealname": "A"}, "tickets": {"subject": "A"}}
    for object_, properties in given.items():
        one, other = (portal.store.create(object_, properties) for _ in range(2))
        survivor = portal.store.merge(object_, one, other)
        (page,) = portal.client().pages(object_, ["hs_object_id"])
        assert page.gone == [_merged(one, survivor, object_), _merged(other, survivor, object_)]
        assert [record.fields for record in page] == [{"hs_object_id": survivor}]
