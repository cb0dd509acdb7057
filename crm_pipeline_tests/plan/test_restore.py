"""Who leaves a golden record gives back what we wrote there from the other part; nothing of it spreads meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from crm_pipeline.model import System
from crm_pipeline.plan import holds
from crm_pipeline.plan.holds import Hold
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.plan.world import World

H, S = System.HUBSPOT, System.SALESFORCE
LEAD, OTHER = "salesforce/Lead/1", "salesforce/Lead/2"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A contact that was linked with lead 1, got its phone number and title, and belongs to lead 2 now."""
    world = World(tmp_path)
    contact = {"lastname": "山田", "company": "C", "phone": "03-1111-1111", "jobtitle": "部長"}
    world.record("person-2", H, "contacts", "1", contact)
    world.record(
        "person-1", S, "Lead", "1", {"LastName": "山田", "Company": "C", "Phone": "03-1111-1111", "Title": "部長"}
    )
    world.record("person-2", S, "Lead", "2", {"LastName": "山田", "Company": "C", "Title": "社長"})
    return world


def wrote(
    world: World, plan_id: int, name: str, old: object, new: object, source: str | None, **others: object
) -> None:
    """A write of ours to the contact that landed."""
    field = {"phone": "phone", "jobtitle": "job_title"}[name]
    operation: Mapping[str, object] = {
        "plan_id": plan_id,
        "op_id": f"{plan_id}-{name}",
        "system": "hubspot",
        "object": "contacts",
        "record_id": "1",
        "operation": "update",
        "field": field,
        "old": {name: old},
        "new": {name: new},
        "golden_id": "person-1",
    }
    planned = {"seq": 0, "kind": "person", "rule": "r", "reason": "", "source_key": source, "fingerprint": ""}
    sent = {"run_id": plan_id, "request_id": "r", "state": "landed", **others}
    with world.warehouse.connect() as connection:
        insert(connection, "plan.change", [{**operation, **planned}])
        insert(connection, "push.outbox", [{**operation, **sent}])
        (last,) = connection.execute("select coalesce(max(plan_id), 0) from plan.plan").fetchone() or (0,)
        for number in range(int(last) + 1, plan_id + 1):
            connection.execute(
                "insert into plan.plan (plan_id, run_id, hash, state, why, mapping_hash, schema_hash, created_at, "
                "expires_at) values (?, 1, '', 'applied', '', '', '', now(), now())",
                [number],
            )


def restores(world: World) -> list[tuple[object, ...]]:
    return world.execute(
        "select record_id, field, new->>'phone', problem from plan.change where operation = 'unlink_restore' "
        "and plan_id = (select max(plan_id) from plan.plan) order by field"
    )


def test_what_came_from_the_other_part_goes_back_and_waits_for_approval(world: World) -> None:
    wrote(world, 1, "phone", "03-9999-9999", "03-1111-1111", LEAD)
    result = world.plan()
    assert restores(world) == [("1", "phone", "03-9999-9999", None)]
    assert "HubSpot contacts: 1 restores" in result.why


def test_nothing_is_decided_about_the_field_until_then(world: World) -> None:
    """Lead 2 has no phone number: it must not get that of lead 1 over the contact."""
    assert world.plan()
    assert ("Lead", "phone") in world.changes()
    wrote(world, 9, "phone", None, "03-1111-1111", LEAD)
    world.plan()
    assert ("Lead", "phone") not in world.changes()
    assert restores(world) == [("1", "phone", "", None)]


def test_several_writes_in_a_row_go_back_to_what_stood_before_the_first(world: World) -> None:
    wrote(world, 1, "phone", "03-9999-9999", "03-2222-2222", LEAD)
    wrote(world, 2, "phone", "03-2222-2222", "03-1111-1111", LEAD)
    world.plan()
    assert restores(world) == [("1", "phone", "03-9999-9999", None)]


def test_an_edit_of_a_user_in_between_is_what_stood_before(world: World) -> None:
    wrote(world, 1, "phone", "03-9999-9999", "03-2222-2222", LEAD)
    wrote(world, 2, "phone", "03-5555-5555", "03-1111-1111", LEAD)
    world.plan()
    assert restores(world) == [("1", "phone", "03-5555-5555", None)]


def test_a_value_that_somebody_changed_since_stays(world: World) -> None:
    wrote(world, 1, "phone", "03-9999-9999", "03-8888-8888", LEAD)
    world.plan()
    assert restores(world) == []


def test_a_value_from_its_own_part_stays(world: World) -> None:
    wrote(world, 1, "phone", "03-9999-9999", "03-7777-7777", LEAD)
    wrote(world, 2, "phone", "03-7777-7777", "03-1111-1111", OTHER)
    world.plan()
    assert restores(world) == []


def test_it_is_given_back_once(world: World) -> None:
    wrote(world, 1, "phone", "03-9999-9999", "03-1111-1111", LEAD)
    wrote(world, 2, "phone", "03-1111-1111", "03-9999-9999", None, operation="unlink_restore")
    world.execute('update raw.hubspot_contacts set fields = json_merge_patch(fields, \'{"phone": "03-9999-9999"}\')')
    world.plan()
    assert restores(world) == []
    assert ("Lead", "phone") in world.changes(), "decided again"


def test_a_hold_keeps_it(world: World) -> None:
    wrote(world, 1, "phone", "03-9999-9999", "03-1111-1111", LEAD)
    with world.warehouse.connect() as connection:
        holds.insert(connection, [Hold("person-2", None, "phone", "pinned", "Sato", "the number is right")])
    world.plan()
    assert restores(world) == []


def test_nobody_gets_a_record_with_the_values_of_another(world: World) -> None:
    world.execute("delete from golden.link where record_id = '2' and object = 'Lead'")
    wrote(world, 1, "phone", "03-9999-9999", "03-1111-1111", LEAD)
    world.plan()
    assert ("Lead", "*") not in world.changes()
    assert ("hubspot/contacts/1", "values_of_another_customer") in world.execute(
        "select record_key, reason from plan.waiting"
    )
