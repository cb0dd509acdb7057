"""Taking a write back: what goes where, and what stays as it is, without any CRM."""

from __future__ import annotations

import json

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.config.load import DEFAULTS
from crm_pipeline.errors import NotFoundError, SafetyError
from crm_pipeline.model import System
from crm_pipeline.plan import stage
from crm_pipeline.plan.undo import stage as undo_stage
from crm_pipeline.plan.undo.stage import Target
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.plan.world import World

CONTACT = "hubspot/contacts/11"


def landed(op_id, field, old, new, *, plan_id=1, run_id=1, operation="update", record_id="11", **more):
    """Rows of a write of ours to a HubSpot contact, as push leaves them."""
    common = {"op_id": op_id, "plan_id": plan_id, "run_id": run_id, "system": "hubspot", "object": "contacts"}
    common |= {"record_id": record_id, "golden_id": "person-1", "operation": operation, "field": field}
    common |= {"old": old, "new": new}
    outbox = {**common, "request_id": op_id, "state": more.get("state", "landed"), "observed": more.get("observed")}
    audit = {
        **common,
        "rule": more.get("rule", "prefer_salesforce"),
        "reason": "r",
        "written_at": "2026-01-01T00:00:00Z",
    }
    return outbox, audit


@pytest.fixture
def world(tmp_path):
    """山田 in both CRMs. Run 2 was the last that read; contact 11 has our phone and an address."""
    world = World(tmp_path)
    world.record(
        "person-1", System.HUBSPOT, "contacts", "11", {"lastname": "山田", "phone": "+81 3 1111 2222", "zip": "1"}
    )
    world.record("person-1", System.SALESFORCE, "Lead", "00Q1", {"LastName": "山田", "Phone": "03-1111-2222"})
    read(world, 2)
    return world


def read(world, run_id):
    world.execute("delete from raw.watermark")
    mark = {"read_until": "2026-01-01T00:00:00Z", "fields_hash": "", "run_id": run_id}
    with world.warehouse.connect() as connection:
        insert(connection, "raw.watermark", [{"system": "hubspot", "object": "contacts", **mark}])


def wrote(world, *writes):
    with world.warehouse.connect() as connection:
        for outbox, audit in writes:
            insert(connection, "push.outbox", [outbox])
            insert(connection, "push.audit", [audit])


def undone(world, target=Target(1)):  # noqa: B008 - immutable
    """(operation, old, new) of what would be sent, and why the rest stays."""
    result = undo_stage.run(world.warehouse, world.settings, 9, target, "佐藤", "")
    sent = world.execute("select operation, old, new from plan.change where problem is null order by seq")
    return sent, [why for _, _, why in result.refused]


PHONE = {"phone": None}, {"phone": "03-1111-2222"}


def test_the_old_value_goes_back_where_ours_still_stands_in_any_spelling(world):
    wrote(world, landed("a", "phone", *PHONE))
    sent, stays = undone(world)
    assert sent == [("clear", '{"phone":"+81 3 1111 2222"}', '{"phone":""}')]
    assert stays == []


def test_what_the_crm_made_of_ours_counts_as_ours(world):
    world.execute('update raw.hubspot_contacts set fields = json_merge_patch(fields, \'{"phone": "rewritten"}\')')
    wrote(world, landed("a", "phone", *PHONE, observed={"phone": "rewritten"}))
    assert undone(world)[0] == [("clear", '{"phone":"rewritten"}', '{"phone":""}')]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"new": {"phone": "03-9"}}, "somebody changed the value since"),
        ({"state": "unknown"}, "whether it landed is not known yet"),
        ({"operation": "archive"}, "restored by hand"),
        ({"field": "shoe_size"}, "the mapping of shoe_size is another one by now"),
    ],
)
def test_what_cannot_be_taken_back_says_why_and_makes_no_plan(world, more, why):
    more = {"field": "phone", "old": {"phone": None}, "new": {"phone": "03-1111-2222"}} | more
    wrote(world, landed("a", more.pop("field"), more.pop("old"), more.pop("new"), **more))
    sent, stays = undone(world)
    assert sent == []
    assert len(stays) == 1
    assert why in stays[0]
    assert world.execute("from plan.plan") == []


@pytest.mark.parametrize(("before", "restored"), [("7", "associate"), (None, "clear")])
def test_a_relation_leads_again_where_it_led(world, before, restored):
    name = "associations.companies"
    wrote(world, landed("a", "employer", {name: before}, {name: "8"}, operation="associate"))
    assert undone(world) == ([(restored, f'{{"{name}":"8"}}', f'{{"{name}":"{before or ""}"}}')], [])


def test_a_part_of_a_group_that_somebody_edited_keeps_the_whole_group(world):
    """Law 51: no street of one address with the town of another."""
    names = ("zip", "state", "city", "address", "country")
    wrote(world, landed("a", "address", dict.fromkeys(names), {"city": "長野市"}))
    assert undone(world) == ([], ["somebody changed the value since: theirs stays"])


def test_a_later_write_of_ours_is_taken_back_first(world):
    wrote(world, landed("a", "phone", {"phone": "03-0"}, {"phone": "03-5"}))
    wrote(world, landed("b", "phone", {"phone": "03-5"}, {"phone": "03-1111-2222"}, plan_id=2, run_id=2))
    read(world, 3)
    assert undone(world) == ([], ["run 2 wrote there later: undo that one first"])
    assert undone(world, Target(record_key=CONTACT))[0] == [
        ("update", '{"phone":"+81 3 1111 2222"}', '{"phone":"03-5"}')
    ]


STEPS = [{"value": step, "label": step, "active": True} for step in ("lead", "customer")]


@pytest.mark.parametrize(
    ("before", "sent", "stays"),
    [
        ("lead", [], ["HubSpot moves lifecyclestage forward only: clear it there and set the old value by hand"]),
        (None, [("clear", '{"lifecyclestage":"customer"}', '{"lifecyclestage":""}')], []),
    ],
)
def test_a_lifecycle_stage_that_hubspot_would_not_move_back_is_left_and_told(tmp_path, before, sent, stays):
    """HubSpot ignores a stage backwards in silence; a blank one it takes."""
    text = (DEFAULTS / "mapping.yaml").read_text(encoding="utf-8")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(text.replace("hubspot: lead_source", "hubspot: lifecyclestage", 1), encoding="utf-8")
    world = World(tmp_path, load_settings(mapping=mapping))
    world.execute(
        "update raw.schema_field set type = 'enumeration', field_type = 'radio', options = ?::json "
        "where name = 'lifecyclestage'",
        [json.dumps(STEPS)],
    )
    world.record("person-1", System.HUBSPOT, "contacts", "11", {"lastname": "山田", "lifecyclestage": "customer"})
    read(world, 2)
    wrote(world, landed("a", "lead_source", {"lifecyclestage": before}, {"lifecyclestage": "customer"}))
    assert undone(world) == (sent, stays)


def test_a_record_that_we_created_is_archived_unless_it_is_in_use(world):
    created = landed("a", "*", {}, {"lastname": "山田", "phone": "03-1111-2222"}, operation="create")
    wrote(world, created)
    sent, _ = undone(world)
    assert [operation for operation, *_ in sent] == ["archive"]
    assert world.execute("select state from plan.plan") == [("held",)], "archives always need a person"
    at = "2026-01-01T00:00:00Z"
    ticket = {"record_id": "7", "created_at": at, "modified_at": at, "modified_by": "", "fields": {}, "changed": {}}
    of = {"system": "hubspot", "from_object": "tickets", "from_id": "7", "to_object": "contacts", "to_id": "11"}
    with world.warehouse.connect() as connection:
        insert(connection, "raw.hubspot_tickets", [{**ticket, "run_id": 1}])
        insert(connection, "raw.association", [{**of, "is_primary": False}])
    assert undone(world)[1] == ["other records belong to it by now: archive it by hand"]
    world.execute("delete from raw.association")
    world.execute('update raw.hubspot_contacts set fields = json_merge_patch(fields, \'{"lastname": "鈴木"}\')')
    assert undone(world)[1] == ["somebody edited the record since it was created: archive it by hand"]


def test_an_undo_is_taken_back_by_its_own_rule(world):
    wrote(world, landed("a", "phone", {"phone": "03-0"}, {"phone": "03-1111-2222"}, rule="undo"))
    undone(world)
    assert world.execute("select rule, golden_id from plan.change") == [("redo", "person-1")]


def test_an_undo_names_a_person_and_something_that_was_written(world):
    with pytest.raises(SafetyError, match=r"say who asks for it \(by\)"):
        undo_stage.run(world.warehouse, world.settings, 9, Target(1), " ")
    with pytest.raises(SafetyError, match="or a record: system/object/id"):
        Target()
    with pytest.raises(NotFoundError, match="we wrote nothing"):
        undo_stage.run(world.warehouse, world.settings, 9, Target(7), "佐藤")


def test_an_undo_that_gives_way_to_a_night_is_told(world):
    wrote(world, landed("a", "phone", *PHONE))
    undone(world)
    planned = stage.run(world.warehouse, world.settings, 10)
    assert planned.explained.endswith("make it again with: crm-pipeline undo 1 --by YOUR_NAME")
    ((state, why),) = world.execute("select state, why from plan.plan where purpose = 'undo'")
    assert (state, why) == (
        "superseded",
        "run 10 planned anew before this undo was sent; make it again with: crm-pipeline undo 1 --by YOUR_NAME",
    )
