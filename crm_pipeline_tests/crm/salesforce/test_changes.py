"""What changed in an organisation, what is gone and where it went, and taking up an interrupted read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_pipeline.crm.protocol import Span, Tombstone
from crm_pipeline.emulator.faults import Call, Edit, Status
from crm_pipeline.model import OBJECTS, OTHER_OBJECTS, System

START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OF_SALESFORCE = [object_ for system, object_ in (*OBJECTS, *OTHER_OBJECTS) if system is System.SALESFORCE]


def _ids(pages: Any) -> list[str]:
    return [record.record_id for page in pages for record in page]


def _gone(pages: Any) -> dict[str, tuple[str, str]]:
    return {stone.record_id: (stone.reason, stone.survivor_id) for page in pages for stone in page.gone}


def _everything(store: Any) -> dict[str, list[str]]:
    """Two records of each object."""
    accounts = [store.create("Account", {"Name": f"Account {n}"}) for n in range(2)]
    contacts = [store.create("Contact", {"LastName": "C", "AccountId": one}) for one in accounts]
    deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-07-01"}
    deals = [store.create("Opportunity", {**deal, "AccountId": one}) for one in accounts]
    roles = [{"OpportunityId": one, "ContactId": person} for one, person in zip(deals, contacts, strict=True)]
    hour = {"StartDateTime": "2026-06-01T00:00:00.000Z", "DurationInMinutes": 60}
    return {
        "Account": accounts,
        "Contact": contacts,
        "Opportunity": deals,
        "Lead": [store.create("Lead", {"LastName": "L", "Company": "C"}) for _ in range(2)],
        "OpportunityContactRole": [store.create("OpportunityContactRole", role) for role in roles],
        "Task": [store.create("Task", {"Subject": "T", "WhoId": one}) for one in contacts],
        "Event": [store.create("Event", {"Subject": "E", "WhoId": one, **hour}) for one in contacts],
        "Case": [store.create("Case", {"Subject": "S"}) for _ in range(2)],
    }


def test_each_object_is_read_and_its_deletions_are_seen(organisation, clock):
    clock.set(START)
    records = _everything(organisation.store)
    assert records.keys() == set(OF_SALESFORCE)
    clock.advance(60)
    for object_ in reversed(records):
        organisation.store.delete(object_, records[object_][1])
    clock.advance(180)
    client = organisation.client()
    for object_, (kept, gone) in records.items():
        names = [field.name for field in client.schema(object_) if field.selectable]
        ((record,),) = client.pages(object_, names)
        assert (record.record_id, record.fields.keys()) == (kept, set(names))
        assert [stone.record_id for stones in client.tombstones(object_) for stone in stones] == [gone]
        changes = list(client.pages(object_, names, since=START + SECOND))
        assert (set(_ids(changes)) - {kept}, _gone(changes)) == (set(), {gone: ("deleted", "")})
        assert (client.count(object_), [*client.ids(object_)]) == (1, [[kept]])
        assert [stone.reason for stone in client.fates(object_, [kept, gone])] == ["deleted"]


def test_archived_activities_are_live_and_only_found_with_the_deleted_ones(organisation):
    client = organisation.client()
    for object_, resource in (("Task", "queryAll"), ("Event", "queryAll"), ("Contact", "query")):
        organisation.log.clear()
        list(client.pages(object_, []))
        list(client.ids(object_))
        client.count(object_)
        paths = {request.path.rpartition("/")[2] for request in organisation.sent("/query")}
        assert paths == {resource}


def test_a_window_brings_conversions_and_merges_in_one_call(organisation, clock):
    clock.set(START)
    store = organisation.store
    lead, winner, loser, _ = [store.create("Lead", {"LastName": "L", "Company": "C"}) for _ in range(4)]
    clock.advance(60)
    _, contact = store.convert_lead(lead)
    store.merge(winner, loser)
    client = organisation.client()
    client.schema("Lead")
    organisation.log.clear()
    pages = list(client.pages("Lead", ["Title"], since=START + SECOND))
    assert (_ids(pages), _gone(pages)) == ([winner], {lead: ("converted", contact), loser: ("merged", winner)})
    assert len(organisation.log.requests) == 1


def test_a_page_says_which_ids_it_completes(organisation):
    ids = organisation.contacts(25)
    organisation.store.batch_limit = 10
    pages = list(organisation.client().pages("Contact", []))
    assert [page.span for page in pages] == [Span("", ids[9]), Span(ids[9], ids[19]), Span(ids[19], None)]
    (empty,) = organisation.client().pages("Lead", [])
    assert (empty.records, empty.span) == ([], Span("", None))


@pytest.mark.parametrize("window", [{}, {"since": START}])
def test_only_what_is_not_done_is_read(organisation, clock, window):
    clock.set(START)
    ids = organisation.contacts(30)
    organisation.store.batch_limit = 4
    done = [Span(ids[4], ids[9]), Span("", ids[1]), Span(ids[19], ids[24])]
    pages = list(organisation.client().pages("Contact", [], done=done, **window))
    assert _ids(pages) == [*ids[2:5], *ids[10:20], *ids[25:]]
    assert [page.span for page in pages if page.span and page.span.to is None] == [pages[-1].span]
    assert list(organisation.client().pages("Contact", [], done=[Span()])) == []


def test_an_expired_cursor_keeps_to_its_window_and_span(organisation, clock):
    clock.set(START)
    organisation.contacts(2)
    clock.set(START + SECOND)
    ids = organisation.contacts(12)
    organisation.store.batch_limit = 4
    expired = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]
    organisation.faults.add(path="/query/.+", action=Status(400, expired), times=2)
    pages = organisation.client().pages("Contact", [], since=START + SECOND, done=[Span(ids[9], None)])
    assert _ids(pages) == ids[:10]


def test_a_record_deleted_between_two_pages_is_a_tombstone_or_a_record(organisation, clock):
    clock.set(START)
    ids = organisation.contacts(12)
    organisation.store.batch_limit = 4
    delete = Call(lambda: organisation.store.delete("Contact", ids[-1]))
    organisation.faults.add(path="/query/.+", action=delete)
    pages = list(organisation.client().pages("Contact", [], since=START))
    assert sorted([*_ids(pages), *_gone(pages)]) == ids


def test_what_was_restored_is_no_tombstone_though_it_is_listed(organisation, clock):
    clock.set(START)
    (one,) = organisation.contacts(1)
    listed = [{"id": one, "deletedDate": "2026-06-01T02:00:00.000+0000"}]
    organisation.faults.add(path="/deleted", action=Status(200, {"deletedRecords": listed}), times=2)
    client = organisation.client()
    assert list(client.tombstones("Contact", since=START - timedelta(hours=2))) == []
    assert client.fates("Contact", [one]) == []


def test_fates_need_evidence(organisation, clock):
    clock.set(START)
    live, winner, loser, binned, purged = organisation.contacts(5)
    lead = organisation.store.create("Lead", {"LastName": "L", "Company": "C"})
    store = organisation.store
    store.merge(winner, loser)
    for one in (binned, purged):
        store.delete("Contact", one)
    store.purge("Contact", purged)
    _, contact = store.convert_lead(lead)
    clock.advance(180)
    client = organisation.client()
    never = "0035g00000009ZZAAY"
    found = {stone.record_id: stone for stone in client.fates("Contact", [live, loser, binned, purged[:15], never])}
    assert {one: (stone.reason, stone.survivor_id) for one, stone in found.items()} == {
        loser: ("merged", winner),
        binned: ("deleted", ""),
        purged: ("deleted", ""),
    }
    assert client.fates("Lead", [lead]) == [Tombstone("Lead", lead, "converted", START, "Contact", contact)]
    assert client.fates("Contact", []) == []


def _remembered(organisation: Any, *since: datetime | None) -> datetime | None:
    client = organisation.client()
    for one in since:
        list(client.tombstones("Contact", since=one))
    return client.remembers_since("Contact")


def test_deletions_are_remembered_for_a_fortnight(organisation, clock):
    clock.set(START)
    long_ago = START - timedelta(days=20)
    assert _remembered(organisation, None, START - timedelta(days=14), START) is None
    forgotten = _remembered(organisation, long_ago)
    assert forgotten is not None
    assert START - timedelta(days=15) < forgotten < START
    assert _remembered(organisation, long_ago, START) == forgotten


def test_a_list_of_deletions_that_was_cut_says_so(organisation, clock):
    clock.set(START)
    organisation.store.purge_deletion_log()
    clock.advance(3600)
    assert _remembered(organisation, START - timedelta(days=1)) == START
    forgotten = [{"errorCode": "INVALID_REPLICATION_DATE", "message": "startDate before replication enabled date"}]
    organisation.faults.add(path="/deleted", action=Status(400, forgotten))
    assert _remembered(organisation, START - timedelta(days=1)) == clock.now()


def test_an_object_without_a_list_of_deletions_is_not_asked_for_one(organisation, clock):
    clock.set(START)
    ids = organisation.contacts(2)
    organisation.store.delete("Contact", ids[0])
    hide = Edit(lambda body: body.replace(b'"replicateable":true', b'"replicateable":false'))
    organisation.faults.add(path="/describe", action=hide)
    client = organisation.client()
    assert [stone.record_id for stones in client.tombstones("Contact") for stone in stones] == [ids[0]]
    assert list(client.tombstones("Contact", since=START - SECOND)) == []
    assert client.remembers_since("Contact") == START
    assert organisation.sent("/deleted") == []


def test_an_object_without_a_time_to_filter_by_is_read_as_a_whole(organisation, clock):
    clock.set(START)
    kept, gone = organisation.contacts(2)
    organisation.store.delete("Contact", gone)
    hide = Edit(
        lambda body: re.sub(rb'"filterable":true(?=[^{}]*"name":"\w+(Modstamp|Date)")', b'"filterable":false', body)
    )
    organisation.faults.add(path="/describe", action=hide)
    client = organisation.client()
    pages = list(client.pages("Contact", [], since=START + SECOND))
    assert (_ids(pages), _gone(pages)) == ([kept], {})
    since = START + SECOND
    assert [stone.record_id for stones in client.tombstones("Contact", since=since) for stone in stones] == [gone]


def test_counts_and_ids_of_a_span(organisation):
    ids = organisation.contacts(9)
    client = organisation.client()
    span = Span(ids[2], ids[6])
    assert client.count("Contact", span) == 4
    assert [one for some in client.ids("Contact", span) for one in some] == ids[3:7]
    assert client.count("Contact") == 9


def test_stages_are_those_of_the_organisation(organisation):
    client = organisation.client()
    deals = client.stages("Opportunity")
    by_id = {stage.stage_id: stage for stage in deals}
    assert {stage.pipeline_id for stage in deals} == {""}
    assert [stage.position for stage in deals] == sorted(stage.position for stage in deals)
    won, first = by_id["Closed Won"], by_id["Prospecting"]
    assert (won.closed, won.won, won.probability) == (True, True, 1.0)
    assert (first.closed, first.won, first.probability) == (False, False, 0.1)
    assert any(stage.closed and not stage.won for stage in deals)
    assert {stage.closed for stage in client.stages("Case")} == {True, False}
    assert {stage.closed for stage in client.stages("Task")} == {True, False}
    assert client.stages("Lead") == []


def test_compound_fields_are_not_selectable(organisation):
    fields = {field.name: field.selectable for field in organisation.client().schema("Contact")}
    assert (fields["MailingAddress"], fields["MailingStreet"]) == (False, True)
