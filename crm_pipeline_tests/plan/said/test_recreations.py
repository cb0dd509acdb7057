"""A deleted record is made again only when a person asks for it, once each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.errors import NotFoundError, SafetyError
from crm_pipeline.model import System
from crm_pipeline.plan.said import recreations
from crm_pipeline_tests.plan.world import World

H, S = System.HUBSPOT, System.SALESFORCE


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.record("person-1", H, "contacts", "1", {"lastname": "鈴木", "email": "s@x.jp"})
    made.record("person-1", S, "Lead", "1", {"LastName": "鈴木", "Company": "C"}, retired="deleted")
    made.record("person-2", H, "contacts", "2", {"lastname": "森"})
    made.record("person-2", S, "Lead", "2", {"LastName": "森", "Company": "C"})
    return made


def ask(world: World, golden_id: str = "person-1", by: str = "Sato", system: System = S) -> str:
    with world.warehouse.connect() as connection:
        return recreations.ask(connection, world.settings, golden_id, system, by, "he is a customer again")


def test_what_a_person_asks_for_is_created_with_her_name_on_it(world: World) -> None:
    assert world.plan().creates == 0
    assert ask(world) == "Lead"
    assert world.plan().creates == 1
    ((key, reason),) = world.execute("select create_key, reason from plan.change where operation = 'create'")
    assert (key, reason) == ("person-1/Lead/1", "deleted in Salesforce, asked for again by Sato")
    with pytest.raises(SafetyError, match="already"):
        ask(world)


def test_it_counts_for_one_record(world: World) -> None:
    """The new record is deleted as well: nobody asked for a third one."""
    ask(world)
    world.record("person-1", S, "Lead", "9", {"LastName": "鈴木", "Company": "C"})
    world.plan()
    assert world.execute("select ended_by from state.recreation") == [("the record is there",)]
    world.execute("update golden.link set retired = 'deleted' where record_id = '9'")
    world.execute("update raw.salesforce_lead set retired = 'deleted' where record_id = '9'")
    assert world.plan().creates == 0


def test_one_that_was_made_and_deleted_before_it_was_read_is_not_made_twice(world: World) -> None:
    ask(world)
    world.execute("insert into state.link values ('salesforce/Lead/9', 'person-1', 'created', 1)")
    assert world.plan().creates == 0


def test_it_can_be_taken_back(world: World) -> None:
    ask(world)
    with world.warehouse.connect() as connection:
        recreations.withdraw(connection, "person-1", S, "Abe")
    assert world.plan().creates == 0
    assert world.execute("select asked_by, ended_by from state.recreation") == [("Sato", "Abe")]
    with world.warehouse.connect() as connection, pytest.raises(NotFoundError, match="undo"):
        recreations.withdraw(connection, "person-1", S, "Abe")


@pytest.mark.parametrize(
    ("golden_id", "by", "system", "says"),
    [
        ("person-1", " ", S, "needs a name"),
        ("person-2", "Sato", S, "no record of person-2 was deleted in Salesforce"),
        ("person-1", "Sato", H, "no record of person-1 was deleted in HubSpot"),
    ],
)
def test_what_cannot_be_asked_for_is_said(world: World, golden_id: str, by: str, system: System, says: str) -> None:
    with pytest.raises((NotFoundError, SafetyError), match=says):
        ask(world, golden_id, by, system)


def test_what_the_mapping_never_creates_is_said(world: World) -> None:
    world.record("person-3", S, "Contact", "3", {"LastName": "林"})
    world.record("person-3", H, "contacts", "3", {"lastname": "林"}, retired="deleted")
    with pytest.raises(SafetyError, match="creates no person like person-3 in HubSpot"):
        ask(world, "person-3", system=H)
