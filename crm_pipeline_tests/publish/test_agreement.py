"""How far both CRMs agree: the counts by reason add up, and a quiet night compares nothing again."""

from __future__ import annotations

import pytest

from crm_pipeline.model import System
from crm_pipeline.plan.said import holds
from crm_pipeline.plan.said.holds import Hold
from crm_pipeline.publish import agreement, now
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.plan.test_consent import with_consent
from crm_pipeline_tests.plan.world import World

H, S = System.HUBSPOT, System.SALESFORCE


@pytest.fixture
def world(tmp_path):
    """person-1 agrees in all but its phone, which differs in spelling only in person-2; person-3 is in HubSpot only."""
    world = World(tmp_path)
    for number, here, there in ((1, "03-1111-2222", "03-9999-9999"), (2, "03-1111-2222", "+81 3-1111-2222")):
        world.record(f"person-{number}", H, "contacts", str(number), {"lastname": "山田", "phone": here})
        world.record(f"person-{number}", S, "Lead", f"L{number}", {"LastName": "山田", "Phone": there})
    world.record("person-3", H, "contacts", "3", {"lastname": "鈴木"})
    world.plan()
    return world


def reasons(world, field="phone"):
    """Reason -> pairs of the last measurement."""
    world.run_id += 1
    with world.warehouse.connect() as connection:
        now.prepare(connection, world.settings)
        agreement.refresh(connection, world.settings, world.run_id)
    rows = world.execute(
        "select reason, pairs from publish.agreement where field = ? and kind = 'person' and run_id = ?",
        [field, world.run_id],
    )
    return {reason: pairs for reason, pairs in rows if pairs}


def test_a_spelling_is_no_difference_and_a_write_that_waits_is_the_reason_of_another(world):
    assert reasons(world) == {"agree": 1, "waits_for_approval": 1}
    assert reasons(world, "name") == {"agree": 2}


@pytest.mark.parametrize(
    ("hold", "reason"),
    [
        (("pinned", "phone", None), "pinned"),
        (("undo", "phone", None), "undone"),
        (("pinned", "e_mail", None), "waits_for_approval"),
    ],
)
def test_a_hold_is_a_reason(world, hold, reason):
    origin, field, key = hold
    with world.warehouse.connect() as connection:
        holds.insert(connection, [Hold("person-1", key, field, origin, "佐藤", "", "h")])
    assert reasons(world) == {"agree": 1, reason: 1}


def test_what_a_landed_write_wrote_counts_at_once(world):
    op = {"op_id": "a", "plan_id": 1, "run_id": 9, "request_id": "a", "state": "landed", "system": "hubspot"}
    op |= {"object": "contacts", "record_id": "1", "golden_id": "person-1", "field": "phone", "operation": "update"}
    with world.warehouse.connect() as connection:
        insert(connection, "push.outbox", [{**op, "old": {}, "new": {"phone": "03-9999-9999"}}])
    assert reasons(world) == {"agree": 2}


def test_a_duplicate_that_stays_and_a_field_that_is_missing_are_reasons(world):
    world.record("person-1", H, "contacts", "4", {"lastname": "山田", "phone": "03-1111-0000"}, primary=False)
    world.execute("update raw.salesforce_lead set fields = json_merge_patch(fields, '{\"Title\": null}')")
    assert sum(reasons(world).values()) == 3, "two pairs of person-1, one of person-2"
    assert reasons(world, "job_title") == {"unknown": 3}


def test_a_blank_duplicate_beside_a_record_that_agrees_differs_within_its_side(world):
    world.record("person-4", H, "contacts", "5", {"lastname": "佐藤", "jobtitle": "部長"})
    world.record("person-4", H, "contacts", "6", {"lastname": "佐藤", "jobtitle": None}, primary=False)
    world.record("person-4", S, "Lead", "L5", {"LastName": "佐藤", "Title": None})
    op = {"op_id": "b", "plan_id": 1, "run_id": 9, "request_id": "b", "state": "landed", "system": "salesforce"}
    op |= {"object": "Lead", "record_id": "L5", "golden_id": "person-4", "field": "job_title", "operation": "update"}
    with world.warehouse.connect() as connection:
        insert(connection, "push.outbox", [{**op, "old": {}, "new": {"Title": "部長"}}])
    assert reasons(world, "job_title") == {"agree": 3, "within_side": 1}


def test_a_blank_and_a_no_of_a_ratchet_are_no_difference(tmp_path):
    world = World(tmp_path, with_consent())
    for number, here, there in ((1, None, False), (2, None, True)):
        world.record(f"person-{number}", H, "contacts", str(number), {"lastname": "山田", "hs_email_optout": here})
        world.record(f"person-{number}", S, "Lead", f"L{number}", {"LastName": "山田", "HasOptedOutOfEmail": there})
    found = reasons(world, "opted_out")
    assert found.pop("agree") == 1
    assert sum(found.values()) == 1


def test_a_quiet_night_compares_nothing_again_and_says_the_same(world):
    before = reasons(world)
    world.execute("update publish.disagreement set cause = 'one_way'")
    assert reasons(world) == {"agree": 1, "one_way": 1}, "kept, not compared again"
    world.execute('update raw.hubspot_contacts set fields = json_merge_patch(fields, \'{"jobtitle": "x"}\')')
    assert reasons(world) == before


def test_what_leaves_a_golden_record_leaves_the_counts(world):
    reasons(world)
    world.execute("update golden.link set golden_id = 'person-9' where record_key = 'salesforce/Lead/L1'")
    assert reasons(world) == {"agree": 1}
    assert world.execute("from publish.disagreement where golden_id = 'person-1'") == []
