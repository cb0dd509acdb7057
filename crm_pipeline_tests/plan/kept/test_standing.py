"""Invalid writes of which nothing changes are decided once, and stand in every plan until something does."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.model import System
from crm_pipeline.plan.said.holds import Hold, insert
from crm_pipeline_tests.plan.world import World

H, S = System.HUBSPOT, System.SALESFORCE
TOO_LONG = {"LastName": "山田", "Company": "C", "Title": "長" * 41}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A title that HubSpot cannot take, and nothing else to do: the rest is agreed."""
    made = World(tmp_path)
    made.record("person-1", H, "contacts", "1", {"lastname": "山田", "company": "C"})
    made.record("person-1", S, "Lead", "1", TOO_LONG)
    made.plan()
    settle(made)
    return made


def settle(world: World) -> None:
    """As a push of the newest plan would: its decisions without a write are complete."""
    for table, columns in (
        ("agreed", "golden_id, field, value, rule, field_hash, 1"),
        ("base", "b.golden_id, record_key, b.field, b.value, null, 1"),
    ):
        source = (
            "plan.decision d where writes = 0"
            if table == "agreed"
            else ("plan.base b join plan.decision d using (plan_id, golden_id, field) where d.writes = 0")
        )
        newest = "and plan_id = (select max(plan_id) from plan.plan)"
        world.execute(f"insert into state.{table} select {columns} from {source} {newest}")


def settled(world: World) -> bool:
    return world.execute("select golden_id from plan.settled") == [("person-1",)]


def test_an_invalid_write_is_decided_once_and_in_every_plan(world: World) -> None:
    world.plan()
    assert settled(world), "the second plan found nothing but the invalid write"
    second = world.execute("select * exclude (plan_id) from plan.change where plan_id = 2")
    result = world.plan()
    assert (result.refused, result.operations) == (1, 0)
    assert world.execute("select * exclude (plan_id) from plan.change where plan_id = 3") == second
    assert settled(world)


def test_it_is_decided_anew_when_its_record_changes(world: World) -> None:
    world.plan()
    world.execute('update raw.salesforce_lead set fields = json_merge_patch(fields, \'{"Title": "部長"}\')')
    result = world.plan()
    assert (result.refused, result.operations) == (0, 1)
    assert world.changes() == {("contacts", "job_title"): '{"jobtitle": "部長"}'}


def test_it_is_decided_anew_when_the_schema_changes(world: World) -> None:
    world.plan()
    world.execute("update raw.schema_field set length = 100 where name = 'jobtitle'")
    assert world.plan().operations == 1


def test_a_field_that_a_person_pins_is_invalid_no_more(world: World) -> None:
    world.plan()
    with world.warehouse.connect() as connection:
        insert(connection, [Hold("person-1", None, "job_title", "pinned", "Sato", "a test")])
    assert world.plan().refused == 0
    assert world.execute("select reason from plan.waiting where plan_id = 3") == [("pinned",)]


def test_a_value_that_another_record_holds_is_asked_about_every_time(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.record("person-1", H, "contacts", "1", {"lastname": "山田", "company": "C"})
    world.record("person-1", S, "Lead", "1", {"LastName": "山田", "Company": "C", "Email": "info@x.jp"})
    world.record("person-2", H, "contacts", "9", {"lastname": "他", "email": "info@x.jp"})
    world.record("person-2", S, "Lead", "9", {"LastName": "他", "Email": "info@x.jp"})
    world.plan()
    settle(world)
    assert world.plan().refused == 1
    assert ("person-1",) not in world.execute("select golden_id from plan.settled")
