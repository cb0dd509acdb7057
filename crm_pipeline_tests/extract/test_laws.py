"""Laws 27 (watermark), 29 (truncated extract), 30 (deletes) and 31 (merges), as far as extract keeps them."""

import pytest

from crm_pipeline.emulator.faults import Call, CutBefore, Status
from crm_pipeline.errors import PermanentError, SafetyError
from crm_pipeline.model import System

_CONTACTS = System.HUBSPOT, "contacts"
_LEADS = System.SALESFORCE, "Lead"


def _watermark(world, object_="contacts"):
    return world.rows("select read_until from raw.watermark where object = ?", object_)


def _leads(world, number):
    return [world.salesforce.create("Lead", {"LastName": f"n{i}", "Company": "-"}) for i in range(number)]


def test_law_27_watermark_moves_only_with_the_rows(world):
    ids = world.contacts(120)
    world.faults.add(path=r"/objects/.*/contacts$", action=Status(400, {"status": "error", "category": "X"}), after=1)
    with pytest.raises(PermanentError):
        world.read(*_CONTACTS)
    assert _watermark(world) == []
    assert world.live() == set()
    world.faults.clear()
    world.read(*_CONTACTS)
    assert world.live() == set(ids)
    first = _watermark(world)
    for record_id in ids:
        world.hubspot.update("contacts", record_id, {"jobtitle": "部長"})
    world.faults.add(path=r"/search$", action=Status(400, {"status": "error", "category": "X"}), after=1)
    with pytest.raises(PermanentError):
        world.read(*_CONTACTS)
    assert _watermark(world) == first
    assert world.rows("select count(*) from raw.history") == [(0,)]
    world.faults.clear()
    assert world.read(*_CONTACTS).changed == 120
    assert _watermark(world) > first


def test_law_27_watermark_overlapping_windows_change_nothing(world):
    world.contacts(3)
    _leads(world, 3)
    world.run(later=60)
    before = world.rows("from raw.record order by 1")
    result = world.run(later=60)
    assert {o.object: o.read for o in result.objects if o.read} == {"contacts": 3, "Lead": 3}
    assert all((o.new, o.changed) == (0, 0) for o in result.objects)
    assert world.rows("from raw.record order by 1") == before
    assert world.rows("from raw.history") == []


@pytest.mark.parametrize("number", [101, 250])
def test_law_27_watermark_rows_with_one_stamp_all_arrive(world, number):
    world.read(*_CONTACTS)
    ids = world.contacts(number)
    result = world.read(*_CONTACTS)
    assert not result.full
    assert world.live() == set(ids)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("system", "object_", "table"), [(*_CONTACTS, "hubspot_contacts"), (*_LEADS, "salesforce_lead")]
)
def test_law_27_watermark_more_than_ten_thousand_rows_with_one_stamp_arrive(world, system, object_, table):
    world.read(system, object_)
    ids = world.contacts(10_050) if system is System.HUBSPOT else _leads(world, 10_050)
    assert not world.read(system, object_).full
    assert world.live(table) == set(ids)


def test_law_27_watermark_a_record_edited_while_it_is_read_arrives_now_or_next_time(world):
    ids = world.contacts(250)
    world.read(*_CONTACTS)
    for record_id in ids:
        world.hubspot.update("contacts", record_id, {"jobtitle": "部長"})

    def edit():
        world.clock.advance(5)
        world.hubspot.update("contacts", ids[0], {"jobtitle": "課長"})
        world.hubspot.update("contacts", ids[-1], {"jobtitle": "課長"})

    world.faults.add(path=r"/search$", action=Call(edit), after=2)
    world.read(*_CONTACTS)
    world.read(*_CONTACTS)
    titles = dict(world.rows("select record_id, fields->>'jobtitle' from raw.hubspot_contacts"))
    assert titles == {i: "課長" if i in (ids[0], ids[-1]) else "部長" for i in ids}


def test_law_29_truncated_extract_of_a_first_read_is_completed(world):
    ids = world.contacts(20)
    record = {"id": ids[0], "createdAt": "2026-11-20T09:00:00Z", "updatedAt": "2026-11-20T09:00:00Z"}
    page = {"results": [{**record, "archived": False, "properties": {"lastname": "n0"}}]}
    world.faults.add(method="GET", path=r"/objects/.*contacts$", action=Status(200, page))
    assert world.read(*_CONTACTS).missing == 19
    assert world.live() == set(ids)
    assert world.rows("select here, there, missing from raw.reconciliation") == [(20, 20, 19)]


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(("purged", "refused"), [(2, False), (3, True)])
def test_law_29_truncated_extract_stops_when_rows_drop_by_more_than_the_limit(world, full, purged, refused):
    ids = world.contacts(20)
    world.read(*_CONTACTS)
    before = _watermark(world)
    for record_id in ids[:purged]:
        world.hubspot.purge("contacts", record_id)
    world.hubspot.update("contacts", ids[-1], {"jobtitle": "部長"})
    if refused:
        with pytest.raises(SafetyError, match=r"max_drop_percent \(10 %\)"):
            world.read(*_CONTACTS, full=full)
        assert _watermark(world) == before
        assert world.rows("from raw.history") == []
    else:
        result = world.read(*_CONTACTS, full=full)
        assert result.here - result.there == purged
        assert result.explained
    assert world.live() == set(ids)


def test_law_29_truncated_extract_deletions_with_tombstones_are_no_drop(world):
    ids = world.contacts(20)
    world.read(*_CONTACTS)
    for record_id in ids[:15]:
        world.hubspot.archive("contacts", record_id)
    result = world.read(*_CONTACTS)
    assert (result.retired, result.here, result.there) == (15, 5, 5)


def test_law_30_deletes_need_a_tombstone(world):
    ids = world.contacts(20)
    leads = _leads(world, 20)
    world.run()
    world.hubspot.purge("contacts", ids[0])
    world.hubspot.archive("contacts", ids[1])
    world.salesforce.delete("Lead", leads[0])
    world.run(full=True)
    assert world.live() == set(ids) - {ids[1]}
    assert world.live("salesforce_lead") == set(leads[1:])
    stones = world.rows("select object, record_id, reason from raw.tombstone order by 1")
    assert stones == [("Lead", leads[0], "deleted"), ("contacts", ids[1], "deleted")]
    ((explained,),) = world.rows(
        "select explained from raw.reconciliation where object = 'contacts' order by run_id desc limit 1"
    )
    assert "1 record here is not there and has no tombstone" in explained


def test_law_30_deletes_are_seen_after_the_recycle_bin_was_emptied(world):
    leads = _leads(world, 20)
    world.read(*_LEADS)
    world.clock.advance(60)
    world.salesforce.delete("Lead", leads[0])
    world.salesforce.empty_recycle_bin()
    assert world.read(*_LEADS).retired == 1
    assert world.live("salesforce_lead") == set(leads[1:])


def test_law_30_deletes_a_restored_record_is_live_again(world):
    leads = _leads(world, 20)
    world.read(*_LEADS)
    world.salesforce.delete("Lead", leads[0])
    assert world.read(*_LEADS).retired == 1
    world.salesforce.undelete("Lead", leads[0])
    assert world.read(*_LEADS).restored == 1
    assert world.live("salesforce_lead") == set(leads)
    assert world.rows("from raw.tombstone") == []


def test_law_31_merges_in_hubspot_lead_to_the_new_record(world):
    one, other = world.contacts(2)
    world.read(*_CONTACTS)
    survivor = world.hubspot.merge("contacts", one, other)
    world.read(*_CONTACTS)
    assert world.live() == {survivor}
    stones = world.rows("select record_id, reason, survivor_object, survivor_id from raw.tombstone order by 1")
    assert stones == [(i, "merged", "contacts", survivor) for i in sorted((one, other))]
    third = world.hubspot.create("contacts", {"lastname": "n3", "email": "n3@example.jp"})
    world.read(*_CONTACTS)
    last = world.hubspot.merge("contacts", third, survivor)
    world.read(*_CONTACTS)
    assert world.live() == {last}
    assert {s for (s,) in world.rows("select survivor_id from raw.tombstone")} == {last}


def test_law_31_merges_in_salesforce_lead_to_the_winner(world):
    one, other, third = _leads(world, 3)
    world.read(*_LEADS)
    world.salesforce.merge(one, other)
    world.read(*_LEADS)
    world.salesforce.merge(third, one)
    world.read(*_LEADS)
    assert world.live("salesforce_lead") == {third}
    stones = dict(world.rows("select record_id, survivor_id from raw.tombstone"))
    assert stones == {one: third, other: third}


def test_law_31_conversions_lead_from_the_lead_to_the_contact(world):
    (lead,) = _leads(world, 1)
    world.run()
    _, contact = world.salesforce.convert_lead(lead)
    world.run()
    assert world.live("salesforce_lead") == set()
    assert world.live("salesforce_contact") == {contact}
    stones = world.rows("select object, record_id, reason, survivor_object, survivor_id from raw.tombstone")
    assert stones == [("Lead", lead, "converted", "Contact", contact)]


def test_a_connection_that_breaks_while_reading_is_tried_again(world):
    ids = world.contacts(120)
    world.faults.add(path=r"/objects/.*contacts$", action=CutBefore(), after=1)
    world.read(*_CONTACTS)
    assert world.live() == set(ids)
