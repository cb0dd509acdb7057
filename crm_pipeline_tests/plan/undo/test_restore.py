"""Who leaves a golden record gives back what we wrote there from the other part; nothing of it spreads meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from crm_pipeline.model import Act, Kind, System
from crm_pipeline.plan.member import Referred
from crm_pipeline.plan.said import holds
from crm_pipeline.plan.said.holds import Hold
from crm_pipeline.plan.stage import PlanResult
from crm_pipeline.plan.undo.restore import Foreign
from crm_pipeline.plan.undo.take_back import Written
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.plan.people import context, member
from crm_pipeline_tests.plan.world import World

H, S = System.HUBSPOT, System.SALESFORCE
OWN, STRANGER = "salesforce/Lead/2", "salesforce/Lead/1"

#: What happened to a contact's phone number -> the number that it gives back, None if it keeps what it holds.
#: A write: (what stood there, what we wrote, from which record). The contact is lead 2's now and was lead 1's before.
CASES: Mapping[str, tuple[Sequence[tuple[str | None, str, str | None]], str | None]] = {
    "one write": ([("9", "1", STRANGER)], "9"),
    "over a blank": ([(None, "1", STRANGER)], ""),
    "several in a row": ([("9", "2", STRANGER), ("2", "1", STRANGER)], "9"),
    "a user's edit in between": ([("9", "2", STRANGER), ("5", "1", STRANGER)], "5"),
    "somebody changed it since": ([("9", "8", STRANGER)], None),
    "its own part wrote later": ([("9", "7", STRANGER), ("7", "1", OWN)], None),
    "it was given back before": ([("9", "1", STRANGER), ("1", "9", None)], None),
    "held": ([("9", "1", STRANGER)], None),
}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, PlanResult]:
    """A contact for each case, all with the number 1, and a plan."""
    world = World(tmp_path_factory.mktemp("restore"))
    world.record("person-100", S, "Lead", "1", {"LastName": "山田", "Company": "C", "Phone": "1"})
    for n, (name, (writes, _)) in enumerate(CASES.items(), 1):
        world.record(f"person-{n}", H, "contacts", str(n), {"lastname": "山田", "company": "C", "phone": "1"})
        own = OWN.replace("2", f"2{n}")
        world.record(f"person-{n}", S, "Lead", own.rpartition("/")[2], {"LastName": "山田", "Company": "C"})
        for plan_id, (old, new, source) in enumerate(writes, 1):
            wrote(world, plan_id, str(n), old, new, own if source == OWN else source)
        if name == "held":
            with world.warehouse.connect() as connection:
                holds.insert(connection, [Hold(f"person-{n}", None, "phone", "pinned", "Sato", "the number is right")])
    world.record("person-99", H, "contacts", "99", {"lastname": "高橋", "company": "C", "phone": "1"})
    wrote(world, 1, "99", "9", "1", STRANGER)
    world.execute(
        "insert into plan.plan (plan_id, run_id, hash, state, why, mapping_hash, schema_hash, created_at, expires_at) "
        "values (9, 1, '', 'applied', '', '', '', now(), now())"
    )
    return world, world.plan()


@pytest.fixture
def world(night: tuple[World, PlanResult]) -> World:
    return night[0]


def wrote(world: World, plan_id: int, contact: str, old: str | None, new: str, source: str | None) -> None:
    """A write of ours to a contact's phone number that landed."""
    operation: Mapping[str, object] = {
        "plan_id": plan_id,
        "op_id": f"{plan_id}-{contact}",
        "system": "hubspot",
        "object": "contacts",
        "record_id": contact,
        "operation": "update",
        "field": "phone",
        "old": {"phone": old},
        "new": {"phone": new},
        "golden_id": "person-100",
    }
    planned = {"seq": 0, "kind": "person", "rule": "r", "reason": "", "source_key": source, "fingerprint": ""}
    sent = {"run_id": plan_id, "request_id": "r", "state": "landed"}
    with world.warehouse.connect() as connection:
        insert(connection, "plan.change", [{**operation, **planned}])
        insert(connection, "push.outbox", [{**operation, **sent}])


def planned(world: World, operation: str) -> dict[object, object]:
    """Contact -> the new phone number."""
    rows = world.execute(
        "select golden_id, new->>'phone' from plan.change where operation = ? and field = 'phone' "
        "and problem is null and object = 'contacts' and plan_id > 9",
        [operation],
    )
    return {golden_id: number for golden_id, number in rows}  # noqa: C416 - rows are tuples of any length


@pytest.mark.parametrize("case", CASES)
def test_what_came_from_the_other_part_goes_back(world: World, case: str) -> None:
    golden_id = f"person-{list(CASES).index(case) + 1}"
    assert planned(world, "unlink_restore").get(golden_id) == CASES[case][1]


def test_it_waits_for_approval(night: tuple[World, PlanResult]) -> None:
    assert "HubSpot contacts: 5 restores" in night[1].why


def test_nothing_is_decided_about_the_field_until_then(world: World) -> None:
    """The leads have no phone number: they must not get that of lead 1 over the contact."""
    filled = {g for (g,) in world.execute("select golden_id from plan.change where object = 'Lead' and plan_id > 9")}
    kept = {f"person-{n}" for n, (name, (_, back)) in enumerate(CASES.items(), 1) if back is None and name != "held"}
    assert filled == kept


def test_nobody_gets_a_record_with_the_values_of_another(world: World) -> None:
    waiting = world.execute("select reason from plan.waiting where record_key = 'hubspot/contacts/99'")
    assert waiting == [("values_of_another_customer",)]
    assert planned(world, "unlink_restore")["person-99"] == "9"


def test_what_cannot_be_given_back_does_not_spread_either(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.execute("update raw.schema_field set nillable = false where object = 'contacts' and name = 'phone'")
    world.record("person-100", S, "Lead", "1", {"LastName": "山田", "Company": "C", "Phone": "1"})
    world.record("person-100", H, "contacts", "9", {"lastname": "山田", "company": "C", "phone": "1"})
    world.record("person-1", H, "contacts", "1", {"lastname": "山田", "company": "C", "phone": "1"})
    world.record("person-1", S, "Lead", "21", {"LastName": "山田", "Company": "C"})
    wrote(world, 1, "1", None, "1", STRANGER)
    world.plan()
    assert world.changes() == {("contacts", "phone"): '{"phone": ""} phone cannot be cleared'}
    world.execute(
        'update raw.hubspot_contacts set fields = json_merge_patch(fields, \'{"phone": "5"}\') where record_id = 1'
    )
    world.plan()
    assert world.changes() == {("Lead", "phone"): '{"Phone": "5"}'}, "a person chose"


@pytest.mark.parametrize(("own", "restored"), [("1", None), ("1 ", None), ("5", "9"), (None, "9")])
def test_what_the_customers_own_records_say_as_well_stays(
    tmp_path: Path, own: str | None, restored: str | None
) -> None:
    """Colleagues on one switchboard: what went back would be written again the next night (law 12)."""
    world = World(tmp_path)
    world.record("person-100", S, "Lead", "1", {"LastName": "山田", "Company": "C", "Phone": "1"})
    world.record("person-100", H, "contacts", "9", {"lastname": "山田", "company": "C", "phone": "1"})
    world.record("person-1", H, "contacts", "1", {"lastname": "山田", "company": "C", "phone": "1"})
    world.record("person-1", S, "Lead", "21", {"LastName": "山田", "Company": "C", "Phone": own})
    wrote(world, 0, "1", "9", "1", STRANGER)
    world.plan()
    assert world.changes() == ({("contacts", "phone"): json.dumps({"phone": restored})} if restored else {})


PEOPLE = "associations.contacts"


@pytest.mark.parametrize(
    ("field", "old", "new", "holds", "restored"),
    [
        ("employer", "7", "8", "8", "7"),
        ("employer", None, "8", "8", ""),
        ("employer", "7", "", None, "7"),
        ("employer", "7", "8", "9", None),  # somebody chose another one since
        ("employer", "7", "8", None, None),
        ("employer", "7", "", "9", None),
        ("people/person-5", None, "8", "6;8", ""),
        ("people/person-5", None, "8", "6", None),
        ("people/person-5", "7", "", "6", "7"),
        ("people/person-5", "7", "", "6;7", None),
    ],
)
def test_a_relation_is_given_back_while_it_is_as_we_left_it(
    field: str, old: str | None, new: str, holds: str | None, restored: str | None
) -> None:
    """Else every plan would be held for a restore that is stale when it is sent."""
    name, object_ = ("associations.companies", "contacts") if field == "employer" else (PEOPLE, "deals")
    kind = Kind.PERSON if field == "employer" else Kind.DEAL
    written = Written(
        kind, H, object_, "1", "x-1", Act.ASSOCIATE, field, {name: old}, {name: new}, {}, run_id=1, rule="r"
    )
    record = member(H, object_, {name: holds})
    operations = Foreign({"x-1": [written]}).operations("x-1", [record], {}, context(kind=kind))
    assert [o.new[name] for o in operations] == ([] if restored is None else [restored])


@pytest.mark.parametrize(("own", "restored"), [("1", []), ("2", ["7"]), (None, ["7"])])
def test_a_relation_that_the_customers_own_records_have_as_well_stays(own: str | None, restored: list[str]) -> None:
    name = "associations.companies"
    written = Written(
        Kind.PERSON, H, "contacts", "1", "x-1", Act.ASSOCIATE, "employer", {name: "7"}, {name: "8"}, {}, 1, "r"
    )
    company = Referred("company-1", ((H, "companies", "8"), (S, "Account", "1")))
    contact = replace(member(H, "contacts", {name: "8"}), refers={(Kind.COMPANY, "8"): company})
    partner = replace(member(S, "Contact", {"AccountId": own}), refers={(Kind.COMPANY, "1"): company})
    operations = Foreign({"x-1": [written]}).operations("x-1", [contact, partner], {}, context())
    assert [o.new[name] for o in operations] == restored
