"""What is kept of older plans: what they decided is needed only until it is completed."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.model import System
from crm_pipeline.plan.kept.header import Asked, open_plan
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.plan.world import World

H, S = System.HUBSPOT, System.SALESFORCE


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A customer who gets a phone number in Salesforce; planned once."""
    world = World(tmp_path)
    name = {"lastname": "山田", "firstname": "太郎", "company": "C"}
    world.record("person-1", H, "contacts", "1", {**name, "phone": "000-111-2222"})
    world.record("person-1", S, "Lead", "1", {"LastName": "山田", "FirstName": "太郎", "Company": "C"})
    world.plan()
    return world


def deciding(world: World) -> dict[str, list[object]]:
    """The plans whose decisions, and whose moves of bases, are kept."""
    return {
        table: [plan for (plan,) in world.execute(f"select distinct plan_id from plan.{table} order by 1")]
        for table in ("decision", "base")
    }


def ended(world: World, state: str, code: str = "") -> None:
    """The write of the first plan ended so."""
    op = {"op_id": "a", "plan_id": 1, "run_id": 1, "request_id": "a", "system": "salesforce", "object": "Lead"}
    op |= {"record_id": "1", "golden_id": "person-1", "field": "phone", "operation": "update", "old": {}, "new": {}}
    with world.warehouse.connect() as connection:
        insert(connection, "push.outbox", [{**op, "state": state, "code": code}])
        connection.execute("update plan.plan set state = 'applied' where plan_id = 1")


@pytest.mark.parametrize(("state", "code"), [("landed", ""), ("rejected", "X"), ("unknown", "moved_on")])
def test_a_new_plan_takes_the_place_of_what_an_older_one_decided(world: World, state: str, code: str) -> None:
    assert deciding(world) == {"decision": [1], "base": [1]}
    ended(world, state, code)
    world.plan()
    assert deciding(world) == {"decision": [2], "base": [2]}


@pytest.mark.parametrize(("state", "code"), [("sent", ""), ("unknown", "time_out")])
def test_what_a_plan_decided_stays_while_the_answer_of_a_write_is_missing(world: World, state: str, code: str) -> None:
    ended(world, state, code)
    world.plan()
    assert deciding(world) == {"decision": [1, 2], "base": [1, 2]}
    world.execute("update push.outbox set state = 'landed'")
    world.plan()
    assert deciding(world) == {"decision": [3], "base": [3]}


def test_an_undo_leaves_what_the_newest_night_decided(world: World) -> None:
    with world.warehouse.connect() as connection:
        open_plan(connection, world.settings, 2, "h", "s", [], Asked("1", "Sato", ""))
    assert deciding(world) == {"decision": [1], "base": [1]}
