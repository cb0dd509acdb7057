"""What is held is not written and keeps its bases; an undo's hold ends by itself, a person's does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.errors import ConfigError, NotFoundError, SafetyError
from crm_pipeline.plan.entity import EntityPlan, plan_entity
from crm_pipeline.plan.member import Agreed, Member, field_hash
from crm_pipeline.plan.said import holds
from crm_pipeline.plan.said.holds import Hold, Holds
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.plan.people import SETTINGS, H, S, context, member
from crm_pipeline_tests.plan.world import World

TITLE = SETTINGS.mapping.person.field("job_title")
HASH = field_hash(TITLE, SETTINGS)
AGREED = {"job_title": Agreed(("old",), HASH)}


def edited_in_salesforce() -> list[Member]:
    return [
        member(H, "contacts", {"jobtitle": "old"}, bases={"job_title": ("old",)}),
        member(H, "contacts", {"jobtitle": "old"}, n=2, primary=False, bases={"job_title": ("old",)}),
        member(S, "Lead", {"Title": "new"}, at=9, bases={"job_title": ("old",)}),
    ]


def untouched() -> list[Member]:
    """As an undo leaves it: each record holds its base, and they differ."""
    return [
        member(H, "contacts", {"jobtitle": "old"}, bases={"job_title": ("old",)}),
        member(S, "Lead", {"Title": "new"}, bases={"job_title": ("new",)}),
    ]


def hold(record_key: str | None = None, field: str | None = None, **others: object) -> Hold:
    return Hold("person-1", record_key, field, **{"origin": "pinned", "held_by": "Sato", "why": ""} | others)  # type: ignore[arg-type]


def planned(members: list[Member], *held: Hold) -> EntityPlan:
    return plan_entity("person-1", members, AGREED, context(holds=Holds(held)))


def titles(plan: EntityPlan) -> list[str | None]:
    return [o.record_key for o in plan.operations if o.field == "job_title"]


@pytest.mark.parametrize("held", [hold(), hold(field="job_title")])
def test_a_golden_record_or_a_field_of_it_is_frozen(held: Hold) -> None:
    plan = planned(edited_in_salesforce(), held)
    assert titles(plan) == []
    assert not [m for m in plan.moves if m.field == "job_title"], "bases stay"
    assert plan.pinned == [("hubspot/contacts/1", "job_title"), ("hubspot/contacts/2", "job_title")]


@pytest.mark.parametrize("field", [None, "job_title"])
def test_a_held_record_is_not_written_and_the_decision_stays_open(field: str | None) -> None:
    plan = planned(edited_in_salesforce(), hold("hubspot/contacts/2", field))
    assert titles(plan) == ["hubspot/contacts/1"]
    assert plan.pinned == [("hubspot/contacts/2", "job_title")]
    assert not [m for m in plan.moves if m.field == "job_title"], "the source is still changed when the hold ends"


@pytest.mark.parametrize(
    "elsewhere", [hold("hubspot/contacts/3"), hold(field="phone"), Hold("person-2", None, None, "pinned", "Sato", "")]
)
def test_a_hold_on_something_else_changes_nothing(elsewhere: Hold) -> None:
    assert planned(edited_in_salesforce(), elsewhere).operations == planned(edited_in_salesforce()).operations


def test_an_undos_hold_stays_while_nobody_edits() -> None:
    undone = hold(field="job_title", origin="undo", field_hash=HASH)
    assert titles(planned(untouched())), "without the hold the undone value would be written again"
    plan = planned(untouched(), undone)
    assert not titles(plan)
    assert not plan.ended


@pytest.mark.parametrize("title", ["newer", None])
def test_an_undos_hold_ends_when_a_linked_record_is_edited(title: str | None) -> None:
    undone = hold(field="job_title", origin="undo", field_hash=HASH)
    contact, lead = untouched()
    lead = member(S, "Lead", {"Title": title}, at=9, bases={"job_title": ("new",)})
    plan = planned([contact, lead], undone)
    assert plan.ended == [(undone, "a linked record was edited")]
    assert titles(plan) == ["hubspot/contacts/1"] if title else not plan.pinned


def test_an_undos_hold_ends_when_the_mapping_of_the_field_changed() -> None:
    undone = hold(field="job_title", origin="undo", field_hash="as it was")
    assert planned(untouched(), undone).ended == [(undone, "the field's rule or mapping changed")]


def test_a_field_that_could_not_be_read_ends_no_hold() -> None:
    undone = hold(field="job_title", origin="undo", field_hash=HASH)
    contact, lead = untouched()
    hidden = {name: value for name, value in lead.fields.items() if name != "Title"}
    unread = Member(
        lead.key, lead.system, lead.object, "1", lead.created, lead.modified, True, hidden, lead.changed, lead.bases
    )
    assert not planned([contact, unread], undone).ended


def test_a_persons_hold_never_ends_by_itself() -> None:
    assert not planned(edited_in_salesforce(), hold(field="job_title", field_hash="as it was")).ended


def test_a_plan_says_what_is_pinned_and_a_lifted_hold_is_decided_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.record("person-1", H, "contacts", "1", {"lastname": "山田", "company": "C"})
    world.record("person-1", S, "Lead", "1", {"LastName": "山田", "Company": "C", "Email": "a@b.jp"})
    world.record("person-2", H, "contacts", "2", {"lastname": "高橋"})
    held = [hold(field="e_mail"), Hold("person-2", "hubspot/contacts/2", None, "pinned", "Sato", "")]
    with world.warehouse.connect() as connection:
        numbers = holds.insert(connection, held)
    assert numbers == [1, 2]
    world.plan()
    assert world.changes() == {}
    waiting = "select record_key, reason from plan.waiting order by all"
    assert world.execute(waiting) == [("hubspot/contacts/1", "pinned"), ("hubspot/contacts/2", "pinned")]
    with world.warehouse.connect() as connection:
        for number in numbers:
            holds.lift(connection, number, "Sato")
    world.plan()
    assert world.changes().keys() == {("contacts", "e_mail"), ("Lead", "*")}


def test_a_hold_follows_its_golden_record_and_its_record(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "crm.duckdb").connect() as connection:
        holds.insert(connection, [hold(), hold("hubspot/contacts/1")])
        connection.execute("insert into golden.redirect values ('person-1', 'person-0', 1, null)")
        connection.execute(
            "insert into raw.tombstone (system, object, record_id, reason, survivor_object, survivor_id, run_id) "
            "values ('hubspot', 'contacts', '1', 'merged', 'contacts', '7', 1)"
        )
        found = holds.load(connection)
    assert found.holds("person-0")
    assert found.holds("person-9", "hubspot/contacts/7")
    assert not found.holds("person-1")


def test_a_hold_ends_once_and_a_row_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "crm.duckdb").connect() as connection:
        (number,) = holds.insert(connection, [hold(origin="until Monday")])
        with pytest.raises(ConfigError, match=r"hold 1 in state\.hold has the origin 'until Monday'"):
            holds.load(connection)
        with pytest.raises(SafetyError, match="--by"):
            holds.lift(connection, number, " ")
        holds.lift(connection, number, "Sato")
        with pytest.raises(SafetyError, match="hold 1 is over already: Sato"):
            holds.lift(connection, number, "Suzuki")
        with pytest.raises(NotFoundError, match="no hold 2"):
            holds.lift(connection, 2, "Sato")
        assert not holds.load(connection).any_of("person-1")
