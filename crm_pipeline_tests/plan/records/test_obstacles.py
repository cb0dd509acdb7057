"""What stands in the way of a create: a question, a tombstone, a CRM that was not read to its end (laws 30 and 50)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_pipeline.model import System
from crm_pipeline.plan.load import obstacles
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.plan.world import World

H, S = System.HUBSPOT, System.SALESFORCE


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def review_pair(world: World, left: str, right: str) -> None:
    with world.warehouse.connect() as connection:
        row = {
            "kind": "person",
            "left_key": left,
            "right_key": right,
            "weight": 2.0,
            "posterior": 0.5,
            "tier": "possible",
            "evidence": [],
            "evidence_hash": "h",
            "candidates": 1,
            "rules": [],
            "pattern": 0,
            "why_not_auto": "surname only",
        }
        insert(connection, "match.pair", [row])
        clusters = [{"kind": "person", "record_key": key, "cluster": key} for key in (left, right)]
        insert(connection, "match.cluster", clusters)


def test_law_50_no_premature_create(world: World) -> None:
    world.record("person-1", H, "contacts", "1", {"lastname": "松本"})
    world.record("person-2", S, "Lead", "2", {"LastName": "松本", "FirstName": "次郎", "Company": "C"})
    world.record("person-3", H, "contacts", "3", {"lastname": "森"})
    world.record("person-3", S, "Lead", "4", {"LastName": "森"}, retired="deleted")
    review_pair(world, "hubspot/contacts/1", "salesforce/Lead/2")
    assert world.plan().creates == 0
    reasons = dict(world.execute("select golden_id, reason from plan.waiting"))
    assert reasons == {
        "person-1": "waiting_for_review",
        "person-2": "waiting_for_review",
        "person-3": "deleted_there",
    }
    world.execute("delete from match.pair")
    world.execute("insert into raw.reconciliation values (1, 'salesforce', 'Lead', 5, 9, 0, 0, 0, 0, 'count', '')")
    world.plan()
    assert ("person-1", "extract_incomplete") in world.execute(
        "select golden_id, reason from plan.waiting where plan_id = 2"
    )


def test_a_question_inside_one_crm_asks_about_the_record_that_the_other_one_has(world: World) -> None:
    """Two leads that may be one person, the first with a contact: a contact for the second would be another of his."""
    person = {"LastName": "松本", "FirstName": "次郎", "Company": "C"}
    world.record("person-1", S, "Lead", "1", person)
    world.record("person-1", H, "contacts", "2", {"lastname": "松本", "firstname": "次郎"})
    world.record("person-2", S, "Lead", "3", person)
    world.record("person-3", S, "Lead", "4", person)
    review_pair(world, "salesforce/Lead/1", "salesforce/Lead/3")
    world.plan()
    assert world.execute("select golden_id, reason from plan.waiting") == [("person-2", "waiting_for_review")]
    assert world.execute("select golden_id from plan.change where operation = 'create'") == [("person-3",)]


@pytest.mark.parametrize("fate", ["merged", "converted"])
def test_what_became_a_record_that_is_not_here_is_not_created_again(world: World, fate: str) -> None:
    """It is of somebody who was erased, or cannot be loaded; it is in the CRM all the same."""
    world.record("person-1", H, "contacts", "1", {"lastname": "森"})
    world.record("person-1", S, "Lead", "2", {"LastName": "森", "Company": "C"}, retired=fate)
    world.execute("insert into raw.tombstone values ('salesforce', 'Lead', '2', ?, null, 'Contact', '3', 1)", [fate])
    assert world.plan().creates == 0
    assert world.execute("select golden_id, reason from plan.waiting") == [("person-1", "deleted_there")]


def said(world: World, left: str, right: str, verdict: str) -> None:
    row: dict[str, object] = dict.fromkeys(("why", "evidence_hash", "normaliser_version"), "")
    row |= {"left_key": left, "right_key": right, "verdict": verdict, "decided_by": "Sato"}
    row |= {"decided_at": datetime.now(UTC)}
    with world.warehouse.connect() as connection:
        insert(connection, "state.decision", [row])


@pytest.mark.parametrize("converted", [False, True])
def test_law_30_a_deleted_record_that_a_person_calls_the_same_is_not_created_again(
    world: World, converted: bool
) -> None:
    """It has a golden record of its own: what is deleted is in no cluster."""
    world.record("person-1", H, "contacts", "1", {"lastname": "森"})
    world.record("person-2", S, "Lead", "2", {"LastName": "森", "Company": "C"}, retired="deleted")
    meant = "salesforce/Lead/2"
    if converted:  # the person spoke of what it was before
        world.execute("insert into raw.tombstone values ('salesforce', 'Lead', '9', 'converted', null, 'Lead', '2', 1)")
        meant = "salesforce/Lead/9"
    said(world, "hubspot/contacts/1", meant, "match")
    assert world.plan().creates == 0
    assert world.execute("select golden_id, reason from plan.waiting") == [("person-1", "deleted_there")]
    said(world, "hubspot/contacts/1", meant, "not_a_match")
    assert world.plan().creates == 1, "the newest word counts"


def test_law_30_the_customer_of_a_deleted_record_brings_all_its_tombstones(world: World) -> None:
    world.record("person-1", H, "contacts", "1", {"lastname": "森"})
    world.record("person-2", H, "contacts", "2", {"lastname": "森"}, retired="deleted")
    world.record("person-3", H, "contacts", "3", {"lastname": "森"}, retired="deleted")
    world.record("person-3", S, "Lead", "4", {"LastName": "森", "Company": "C"}, retired="deleted")
    said(world, "hubspot/contacts/1", "hubspot/contacts/2", "match")
    said(world, "hubspot/contacts/3", "hubspot/contacts/2", "match")
    assert world.plan().creates == 0


@pytest.mark.parametrize(
    ("object_", "here", "there", "method", "explained", "is_incomplete"),
    [
        ("Lead", 5, 9, "spans", "", True),
        ("Lead", 9, 9, "unread", "it could not be read", True),
        ("Lead", 9, 8, "spans", "1 record here is not there", False),
        ("Case", 5, 9, "spans", "", False),  # read only: no people, nothing is created for it
    ],
)
def test_law_50_only_people_and_companies_must_be_complete(
    world: World, object_: str, here: int, there: int, method: str, explained: str, is_incomplete: bool
) -> None:
    row = f"1, 'salesforce', '{object_}', {here}, {there}, 0, 0, 0, 0, '{method}', '{explained}'"
    world.execute(f"insert into raw.reconciliation values ({row})")
    with world.warehouse.read() as connection:
        assert obstacles(connection, world.settings.mapping.person).incomplete == ({S} if is_incomplete else set())
