"""Invalid writes of which nothing changes are decided once, and stand in every plan until something does."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.config.other_rules import with_rules
from crm_pipeline.model import LINKED, Kind, Rule, System
from crm_pipeline.plan.said.holds import Hold, insert
from crm_pipeline.plan.trial.simulate import simulated
from crm_pipeline_tests.narrow import people_and_companies
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
    """As a push of the newest plan would: its decisions without a write are complete, what it refused has its end."""
    world.execute(
        """
        insert into push.outbox by name
        select c.op_id, c.plan_id, 1 as run_id, c.op_id as request_id, c.problem_state as state, c.system, c.object,
            c.record_id, c.golden_id, c.field, c.operation, c.old, c.new
        from plan.change c where c.plan_id = (select max(plan_id) from plan.plan) and c.problem is not null
        """
    )
    world.execute("update plan.plan set state = 'applied' where plan_id = (select max(plan_id) from plan.plan)")
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


def rows(world: World, plan_id: int) -> list[tuple[object, ...]]:
    return world.execute("select * exclude (plan_id, since_plan) from plan.operation where plan_id = ?", [plan_id])


def test_an_invalid_write_is_decided_once_and_in_every_plan(world: World) -> None:
    world.plan()
    settle(world)
    assert settled(world), "the second plan found nothing but the invalid write"
    written = world.execute("select count(*) from plan.change")
    for plan_id in (3, 4, 5):
        result = world.plan()
        assert (result.refused, result.operations) == (1, 0)
        assert rows(world, plan_id) == rows(world, 2)
        settle(world)
    assert settled(world)
    assert world.execute("select count(*) from plan.change") == written
    assert world.execute("select count(*) from push.outbox") == [(2,)]
    assert (
        world.execute("select planned, invalid, missing, twice from push.accounting where plan_id > 1")
        == [(1, 1, 0, 0)] * 4
    )


def test_it_stands_in_no_plan_after_it_was_decided_anew(world: World) -> None:
    world.plan()
    settle(world)
    world.plan()
    settle(world)
    world.execute('update raw.salesforce_lead set fields = json_merge_patch(fields, \'{"Title": "部長"}\')')
    assert world.plan().refused == 0
    assert world.execute("select plan_id, until_plan from plan.standing") == [(2, 3)]
    assert [len(rows(world, plan_id)) for plan_id in (2, 3, 4)] == [1, 1, 1]
    assert world.changes() == {("contacts", "job_title"): '{"jobtitle": "部長"}'}


def test_an_undo_between_two_plans_has_none(world: World) -> None:
    world.plan()
    settle(world)
    world.execute(
        "insert into plan.plan by name select * replace (3 as plan_id, 'undo' as purpose) from plan.plan "
        "where plan_id = 2"
    )
    assert world.plan().refused == 1
    assert [len(rows(world, plan_id)) for plan_id in (2, 3, 4)] == [1, 0, 1]


def test_writes_of_a_kind_that_is_synced_no_more_stand_no_more(world: World) -> None:
    world.plan()
    settle(world)
    world.plan()
    settle(world)
    for table in ("change", "standing"):
        world.execute(f"update plan.{table} set kind = 'deal'")
    world.plan()
    assert rows(world, 4) == []


def test_they_are_in_the_plans_again_when_their_kind_is_synced_again(tmp_path: Path) -> None:
    settings = load_settings()
    others = {str(kind): None for kind in LINKED if kind is not Kind.DEAL}
    with_deals = settings.model_copy(update={"mapping": settings.mapping.model_copy(update={"read": {}, **others})})
    world = World(tmp_path, with_deals)
    world.record("deal-1", H, "deals", "1", {"dealname": "商談"})
    world.record("deal-1", S, "Opportunity", "1", {"Name": "商" * 41})
    refused = []
    for synced in (with_deals, with_deals, with_deals, people_and_companies(settings), with_deals):
        world.settings = synced
        refused.append(world.plan().refused)
        settle(world)
    assert refused == [1, 1, 1, 0, 1]


def test_what_was_not_sent_has_its_row_in_the_next_plan_and_stands_from_there(world: World) -> None:
    world.plan()  # held, say: it has no ends
    assert world.plan().refused == 1
    assert world.execute("select plan_id from plan.change where plan_id > 1 order by 1") == [(2,), (3,)]
    settle(world)
    assert world.plan().refused == 1
    assert world.execute("select plan_id, until_plan from plan.standing") == [(3, None)]


def test_other_rules_are_compared_with_it(world: World) -> None:
    """It would be refused as well under rules that are about another field, and under others it would not."""
    for _ in range(3):
        world.plan()
        settle(world)

    def differences(field: str) -> list[tuple[str, str]]:
        mapping = with_rules(world.settings.mapping, {field: Rule.DONT_SYNC})
        found = simulated(world.warehouse, world.settings, world.settings.model_copy(update={"mapping": mapping}))
        return [(one.change, one.field) for one in found.differences]

    assert differences("person.phone") == []
    assert differences("person.job_title") == [("removed", "job_title")]


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
