"""Listing a portal by ranges of ids that are read side by side, through the real client."""

import json
import re
import threading
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from crm_pipeline.crm.protocol import Span, Tombstone
from crm_pipeline.crm.spans import merged, numeric
from crm_pipeline.emulator.faults import Call, Edit, Status
from crm_pipeline.emulator.imported import ImportedRecord
from crm_pipeline.errors import PermanentError

AT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def people(portal):
    """Ids of 1,400 contacts."""
    return portal.store.import_records(
        "contacts", (ImportedRecord({"email": f"p{n}@example.com"}, AT, AT) for n in range(1400))
    )


def _ids(pages) -> list[str]:
    return [record.record_id for page in pages for record in page]


def _lists(portal) -> list[int]:
    """What each list call asked for: the ids above this one."""
    calls = [request for request in portal.sent("/contacts") if request.method == "GET"]
    return [int(parse_qs(request.query).get("after", ["0"])[0]) for request in calls]


def _at_once(portal) -> list[int]:
    """How many list calls are under way whenever one begins."""
    threads = []
    portal.faults.add(
        method="GET",
        path="/contacts$",
        times=None,
        action=Call(lambda: threads.append(sum(one.name.startswith("crm-call") for one in threading.enumerate()))),
    )
    return threads


def test_many_pages_are_read_side_by_side_and_bring_every_record_once(portal, people):
    threads = _at_once(portal)
    pages = list(portal.client().pages("contacts", ["email"]))
    assert sorted(_ids(pages), key=int) == people
    assert max(threads) > 1
    assert merged([page.span for page in pages], numeric) == [Span("", None)]
    assert len(_lists(portal)) <= 14 + 6


@pytest.mark.parametrize(("number", "calls"), [(0, 1), (1, 1), (205, 3), (400, 4)])
def test_a_few_pages_cost_what_they_always_did(portal, number, calls):
    portal.contacts(number)
    assert len(_ids(portal.client().pages("contacts", ["email"]))) == number
    assert len(portal.log.requests) == calls


def test_what_is_done_is_not_read_again(portal, people):
    client = portal.client()
    pages = client.pages("contacts", ["email"])
    some = [next(pages) for _ in range(9)]
    pages.close()
    portal.log.clear()
    rest = list(client.pages("contacts", ["email"], done=[page.span for page in some]))
    assert sorted(_ids(some) + _ids(rest), key=int) == people
    assert len(_lists(portal)) <= 5 + 6
    portal.log.clear()
    done = [page.span for page in [*some, *rest]]
    assert list(client.pages("contacts", ["email"], done=done)) == []
    assert list(client.pages("contacts", ["email"], since=AT, done=done)) == []
    assert not portal.log.requests


@pytest.mark.parametrize("passed", [0, 2, 9])
def test_a_list_in_another_order_is_read_by_its_own_cursor_and_brings_every_record_once(portal, people, passed):
    def turned(body: bytes) -> bytes:
        answer = json.loads(body)
        return json.dumps({**answer, "results": answer["results"][::-1]}).encode()

    portal.faults.add(method="GET", path="/contacts$", action=Edit(turned), after=passed, times=None)
    pages = list(portal.client().pages("contacts", ["email"]))
    assert sorted(_ids(pages), key=int) == people
    assert pages[-1].span is None


def test_a_list_that_includes_the_id_it_is_asked_to_go_on_from_loses_and_doubles_nothing(portal, people):
    def with_first(body: bytes) -> bytes:
        answer = json.loads(body)
        rows = answer["results"]
        first = {**rows[0], "id": str(int(rows[0]["id"]) - 50)}  # ids are fifty apart
        return json.dumps({**answer, "results": [first, *rows]}).encode() if rows else body

    portal.faults.add(method="GET", path="/contacts$", query="after=", action=Edit(with_first), times=None)
    assert sorted(_ids(portal.client().pages("contacts", ["email"])), key=int) == people


def test_a_refusal_in_the_middle_is_raised_and_no_thread_is_left(portal, people):
    portal.faults.add(method="GET", path="/contacts$", action=Status(403, {"category": "MISSING_SCOPES"}), after=8)
    with pytest.raises(PermanentError, match="check its scopes"):
        list(portal.client().pages("contacts", ["email"]))
    assert not [one for one in threading.enumerate() if one.name.startswith("crm-call")]


def test_records_that_come_and_go_while_reading_are_not_mixed_up(portal, people):
    """Merged: under the survivor's new id, which names them. Archived behind us: by the archive."""
    store = portal.store
    made = []

    def meanwhile():
        made.append(store.merge("contacts", people[3], people[1300]))
        store.archive("contacts", people[1250])
        made.append(store.create("contacts", {"email": "new@example.com"}))

    portal.faults.add(method="GET", path="/contacts$", action=Call(meanwhile), after=6)
    client = portal.client()
    pages = list(client.pages("contacts", ["email"]))
    stones = [stone for page in pages for stone in page.gone] + [
        s for some in client.tombstones("contacts") for s in some
    ]
    ids = _ids(pages)
    assert len(set(ids)) == len(ids)
    gone = {stone.record_id for stone in stones}
    assert gone == {people[3], people[1300], people[1250]}
    assert set(ids) - gone == set(people) - gone | set(made)


def test_all_fields_with_history_are_read_by_batches_of_fifty(portal):
    ids = portal.contacts(120)
    names = ["email", *(f"a_property_with_quite_a_long_name_{n}" for n in range(400))]
    records = [one for page in portal.client().pages("contacts", names, history=names) for one in page]
    assert [one.record_id for one in records] == ids
    assert all(one.history["email"][0].value == one.fields["email"] for one in records)
    batches = [json.loads(request.body) for request in portal.sent("/batch/read")]
    assert sorted(len(body["inputs"]) for body in batches) == [20, 50, 50]
    assert all(len(request.query) < 15_000 for request in portal.log.requests)


def test_merged_ids_are_asked_for_only_where_records_can_be_merged(portal):
    client = portal.client()
    for object_ in ("contacts", "companies", "deals", "tickets", "tasks", "calls", "emails", "meetings", "notes"):
        assert list(client.pages(object_, ["hs_object_id"])) != []
    asked = {request.path.split("/")[-1]: "merged" in request.query for request in portal.log.requests}
    assert {object_ for object_, does in asked.items() if does} == {"contacts", "companies", "deals", "tickets"}


def test_ids_of_a_span_come_by_the_list(portal, people):
    client = portal.client()
    assert sorted((one for ids in client.ids("contacts") for one in ids), key=int) == people
    portal.log.clear()
    assert [one for ids in client.ids("contacts", Span(people[99], people[250])) for one in ids] == people[100:251]
    assert _lists(portal) == [int(people[99]), int(people[199])]
    assert client.count("contacts", Span(people[99], people[250])) == 151
    assert list(client.ids("companies")) == []


def test_an_archive_of_many_pages_is_listed_whole(portal, people):
    for one in people[:900]:
        portal.store.archive("contacts", one)
    stones = [stone for some in portal.client().tombstones("contacts") for stone in some]
    assert sorted((stone.record_id for stone in stones), key=int) == people[:900]
    assert {re.sub(r"\d", "", stone.reason) for stone in stones} == {"deleted"}
    assert all(isinstance(stone, Tombstone) and stone.at for stone in stones)
