"""Plans made from records in the warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.errors import NotFoundError, SafetyError
from crm_pipeline.model import PlanState, System
from crm_pipeline.plan.entity import Moved
from crm_pipeline.plan.kept.approval import approve
from crm_pipeline.plan.kept.save import forget_moves, save_moves
from crm_pipeline.plan.member import field_hash
from crm_pipeline_tests.plan.world import World

H, S = System.HUBSPOT, System.SALESFORCE


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def pair(world: World, hubspot: dict[str, object], lead: dict[str, object], golden_id: str = "person-1") -> None:
    n = golden_id.split("-")[1]
    world.record(golden_id, H, "contacts", n, {"lastname": "山田", "firstname": "太郎"} | hubspot)
    world.record(golden_id, S, "Lead", n, {"LastName": "山田", "FirstName": "太郎", "Company": "C", **lead})


def test_each_field_follows_its_rule(world: World) -> None:
    pair(world, {"phone": "000-111-2222", "company": "C"}, {"Email": "yamada@aaa.jp", "Industry": "製造業"})
    world.plan()
    assert world.changes() == {
        ("contacts", "e_mail"): '{"email": "yamada@aaa.jp"}',
        ("contacts", "industry"): '{"industry": "製造業"}',
        ("Lead", "phone"): '{"Phone": "000-111-2222"}',
    }


def test_an_address_is_one_value_and_sent_whole(world: World) -> None:
    pair(
        world,
        {"company": "C", "state": "長野県", "city": "松本市", "address": "1-1"},
        {"State": "長野県", "City": "長野市", "Street": "吉田一丁目"},
    )
    world.plan()
    assert world.changes() == {
        (
            "contacts",
            "address",
        ): '{"zip": "", "state": "長野県", "city": "長野市", "address": "吉田一丁目", "country": ""}'
    }


def test_a_value_that_does_not_fit_is_invalid_and_never_cut(world: World) -> None:
    pair(world, {"company": "C"}, {"Title": "長" * 41})
    result = world.plan()
    assert result.refused == 1
    assert "41 characters, jobtitle takes 40" in world.changes()["contacts", "job_title"]


def test_the_same_plan_has_the_same_hash_and_another_supersedes_it(world: World) -> None:
    pair(world, {"company": "C"}, {"Email": "a@b.jp"})
    first, second = world.plan(), world.plan()
    assert first.hash == second.hash
    assert world.execute("select state from plan.plan order by plan_id") == [("superseded",), ("held",)]
    pair(world, {"company": "C"}, {"Email": "c@d.jp"}, "person-2")
    assert world.plan().hash != first.hash


def test_the_first_plan_of_a_mapping_is_held_and_an_approval_names_its_content(world: World) -> None:
    pair(world, {"company": "C"}, {"Email": "a@b.jp"})
    held = world.plan()
    assert held.state is PlanState.HELD
    assert "first run of this mapping" in held.why
    approve(world.warehouse, held.hash, "Sato")
    assert world.plan().state is PlanState.APPROVED, "the same content planned again"
    pair(world, {"company": "C"}, {"Email": "c@d.jp"}, "person-2")
    changed = world.plan()
    assert changed.state is PlanState.HELD
    with pytest.raises(SafetyError, match="newer plan"):
        approve(world.warehouse, held.hash, "Sato")
    with pytest.raises(NotFoundError, match="no plan has the hash"):
        approve(world.warehouse, "0123456789", "Sato")
    with pytest.raises(SafetyError, match="needs a name"):
        approve(world.warehouse, changed.hash, " ")


def test_a_contact_that_sales_does_not_know_becomes_a_lead(world: World) -> None:
    world.record("person-1", H, "contacts", "1", {"lastname": "鈴木", "email": "s@x.jp", "jobtitle": "部長"})
    result = world.plan()
    assert result.creates == 1
    new = world.changes()["Lead", "*"]
    assert '"Email": "s@x.jp"' in new
    assert '"Company": "-"' in new, "a lead needs a company: default_on_create"
    assert world.execute("select create_key from plan.change") == [("person-1/Lead/1",)]


def test_a_contact_of_sales_is_never_created_in_marketing_by_default(world: World) -> None:
    world.record("person-1", S, "Contact", "3", {"LastName": "鈴木"})
    assert world.plan().creates == 0


def test_a_create_without_its_required_field_is_invalid(world: World) -> None:
    world.record("person-1", H, "contacts", "1", {"firstname": "only"})
    world.plan()
    assert "needs LastName" in world.changes()["Lead", "*"]


def test_a_create_whose_default_has_no_place_any_more_is_invalid_and_the_rest_goes_on(world: World) -> None:
    world.execute("delete from raw.schema_field where object = 'Lead' and name = 'Company'")
    world.record("person-1", H, "contacts", "1", {"lastname": "鈴木"})
    pair(world, {}, {"Email": "a@b.jp"}, "person-2")
    assert world.plan().refused == 1
    assert "Salesforce Lead.Company cannot be seen" in world.changes()["Lead", "*"]
    assert world.changes()["contacts", "e_mail"] == '{"email": "a@b.jp"}'


def test_a_unique_value_that_another_record_holds_is_invalid(world: World) -> None:
    pair(world, {"company": "C"}, {"Email": "info@x.jp"})
    world.record("person-2", H, "contacts", "9", {"lastname": "他", "hs_additional_emails": "a@x.jp;Info@x.jp"})
    world.plan()
    assert "held by hubspot/contacts/9" in world.changes()["contacts", "e_mail"]


def test_two_creates_never_get_the_same_unique_value(world: World) -> None:
    for n in (1, 2):
        world.record(f"person-{n}", S, "Lead", str(n), {"LastName": f"L{n}", "Company": "C", "Email": "info@x.jp"})
    result = world.plan()
    assert (result.creates, result.refused) == (1, 1)


def test_an_owner_without_a_partner_is_invalid_and_the_rest_goes_on(world: World) -> None:
    world.execute("insert into raw.user values ('salesforce', '005A', 'a@x.jp', 'A', true)")
    pair(world, {"company": "C"}, {"OwnerId": "005A", "Email": "a@b.jp"})
    world.plan()
    changes = world.changes()
    assert "no active user" in changes["contacts", "owner"]
    assert changes["contacts", "e_mail"] == '{"email": "a@b.jp"}'
    world.execute("insert into raw.user values ('hubspot', '77', 'A@x.jp', 'A', true)")
    world.plan()
    assert world.changes()["contacts", "owner"] == '{"hubspot_owner_id": "77"}'


def test_a_field_that_does_not_fit_the_schema_is_reported_and_left_out(world: World) -> None:
    world.execute("update raw.schema_field set updateable = false where name = 'phone' and object = 'contacts'")
    pair(world, {"company": "C"}, {"Phone": "03-1234-5678", "Email": "a@b.jp"})
    assert world.plan().incompatible == 2  # with leads and with contacts
    assert set(world.changes()) == {("contacts", "e_mail")}
    problems = world.execute("select problem from plan.compatibility where problem <> ''")
    assert all("read-only" in str(problem) and "allowed are" in str(problem) for (problem,) in problems)


def test_a_field_missing_from_the_payload_is_frozen(world: World) -> None:
    pair(world, {"company": "C"}, {"Email": "a@b.jp", "Phone": "03-1234-5678"})
    world.execute("update raw.hubspot_contacts set fields = json_merge_patch(fields, '{\"email\": null}')")
    world.plan()
    assert set(world.changes()) == {("contacts", "phone")}


def test_what_is_settled_is_decided_anew_when_phone_numbers_are_read_in_another_country(world: World) -> None:
    pair(world, {"company": "C", "phone": "03-1234-5678"}, {"Phone": "+81 3-1234-5678"})
    world.plan()
    world.execute("insert into state.agreed select golden_id, field, value, rule, field_hash, 1 from plan.decision")
    world.execute("insert into state.base select golden_id, record_key, field, value, null, 1 from plan.base")
    world.plan()
    assert (world.changes(), world.execute("select golden_id from plan.settled")) == ({}, [("person-1",)])
    world.settings = world.settings.model_copy(update={"phone_region": "US"})
    world.plan()
    assert set(world.changes()) == {("contacts", "phone")}


def test_holding_what_the_crm_made_of_our_write_equals_holding_what_we_sent(world: World) -> None:
    pair(world, {"company": "C", "email": "a.@x.jp"}, {"Email": "a@x.jp"})
    world.execute("insert into state.agreed values ('person-1', 'e_mail', '[\"a@x.jp\"]', 'prefer_salesforce', '', 1)")
    base = "insert into state.base values ('person-1', ?, 'e_mail', '[\"a@x.jp\"]', ?, 1)"
    world.execute(base, ["hubspot/contacts/1", '["a.@x.jp"]'])
    world.execute(base, ["salesforce/Lead/1", None])
    world.execute(
        "update state.agreed set field_hash = ?",
        [field_hash(world.settings.mapping.person.field("e_mail"), world.settings)],
    )
    world.plan()
    assert world.changes() == {}


def test_a_stopgap_that_a_create_needed_means_blank(world: World) -> None:
    pair(world, {}, {"Company": "-"})
    world.plan()
    assert world.changes() == {}


def test_nothing_to_plan_from_is_said(tmp_path: Path) -> None:
    empty = World(tmp_path)
    empty.execute("delete from raw.schema_field")
    with pytest.raises(SafetyError, match="no extract has been made yet; run the pipeline once first"):
        empty.plan()


@pytest.mark.parametrize(
    ("fields", "required", "says"),
    [
        ({"lastname": "L" * 41}, "LastName", "the value has 41 characters, LastName takes 40"),
        ({"lastname": None}, "LastName", "Salesforce Lead needs LastName, which no linked record has"),
        ({"lastname": "L"}, "Region__c", "Salesforce Lead needs Region__c, which the mapping does not fill"),
    ],
)
def test_a_new_record_that_lacks_what_is_required_says_why(
    world: World, fields: dict[str, str | None], required: str, says: str
) -> None:
    world.record("person-1", H, "contacts", "1", {"email": "a@b.jp", **fields})
    if required == "Region__c":
        world.execute(
            "insert into raw.schema_field select * replace ('Region__c' as name, true as required_on_create) "
            "from raw.schema_field where object = 'Lead' and name = 'LastName'"
        )
    world.plan()
    assert says in world.changes()["Lead", "*"]


def test_decisions_that_a_plan_does_not_complete_are_forgotten_whole(world: World) -> None:
    moves = [
        Moved(golden_id, field, ("x",), "two_way", "h", 1, (("hubspot/contacts/1", ("x",)),))
        for golden_id in ("person-1", "person-2")
        for field in ("phone", "employer")
    ]
    with world.warehouse.connect() as connection:
        save_moves(connection, 1, moves)
        forget_moves(connection, 1, {("person-1", "employer"), ("person-2", "phone")})
        forget_moves(connection, 1, ())
    for table in ("plan.decision", "plan.base"):
        left = world.execute(f"select golden_id, field from {table} order by all")
        assert left == [("person-1", "phone"), ("person-2", "employer")]
