"""What a deletion in one CRM does to the other: nothing, or an archive that nothing speaks against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.model import Act, System
from crm_pipeline.plan.member import Agreed, Member
from crm_pipeline.plan.records import deletions
from crm_pipeline.plan.records.create import Obstacles
from crm_pipeline.plan.records.deletions import Deletions, plan_archive
from crm_pipeline.plan.said.holds import Hold, Holds
from crm_pipeline.plan.undo.restore import Foreign
from crm_pipeline.plan.whole import Ground, plan_whole
from crm_pipeline_tests.plan.people import SETTINGS, H, S, context, member
from crm_pipeline_tests.plan.records.test_filters import switched
from crm_pipeline_tests.plan.world import World

POLICY = {"on_record_delete": "archive_other_side"}
ARCHIVING = switched(POLICY)
BASES = {"job_title": ("部長",)}
CONTACT = member(H, "contacts", {"jobtitle": "部長", "lastname": "山田"}, bases=BASES)
LEAD_GONE: Mapping[str, Mapping[System, frozenset[str]]] = {"person-1": {S: frozenset({"Lead"})}}


def archived(
    *members: Member, known: Deletions, settings: object = ARCHIVING, holds: Holds | None = None
) -> tuple[list[str | None], str | None]:
    given = context(settings, holds=holds or Holds())  # type: ignore[arg-type] # Settings
    operations, why_not = plan_archive("person-1", members, given, known)
    assert all(o.operation is Act.ARCHIVE and not o.new for o in operations)
    return [o.record_key for o in operations], why_not


def test_the_other_sides_records_are_archived_with_what_they_hold() -> None:
    (operation,), why_not = plan_archive("person-1", [CONTACT], context(ARCHIVING), Deletions(LEAD_GONE))
    assert why_not is None
    assert (operation.operation, operation.record_key) == (Act.ARCHIVE, CONTACT.key)
    assert (operation.old["jobtitle"], operation.old["lastname"], operation.old["phone"]) == ("部長", "山田", None)


def test_the_default_leaves_them_alone() -> None:
    assert archived(CONTACT, known=Deletions(LEAD_GONE), settings=SETTINGS) == ([], None)


def test_a_direction_that_is_off_leaves_them_alone() -> None:
    off = switched({**POLICY, "to_hubspot": "off"})
    assert archived(CONTACT, known=Deletions(LEAD_GONE), settings=off) == ([], None)


@pytest.mark.parametrize(
    "known",
    [
        Deletions(),
        Deletions({"person-1": {H: frozenset({"contacts"})}}),
        Deletions({"person-1": {S: frozenset({"Lead", "Contact"})}}),
    ],
    ids=["nothing was deleted", "on this side only", "another pair has no such policy"],
)
def test_without_a_deletion_of_such_a_pair_nothing_is_archived(known: Deletions) -> None:
    assert archived(CONTACT, known=known) == ([], None)


def test_the_last_record_of_its_side_must_be_gone() -> None:
    assert archived(CONTACT, member(S, "Lead", {}), known=Deletions(LEAD_GONE)) == ([], None)


def test_a_deletion_in_hubspot_archives_the_leads() -> None:
    lead = member(S, "Lead", {"Title": "部長"}, bases=BASES)
    second = member(S, "Lead", {"Title": "部長"}, n=2, bases=BASES)
    known = Deletions({"person-1": {H: frozenset({"contacts"})}})
    assert archived(lead, second, known=known) == ([lead.key, second.key], None)


def test_a_value_that_was_typed_since_forbids_it() -> None:
    edited = replace(CONTACT, fields={**CONTACT.fields, "jobtitle": "社長"})
    assert archived(edited, known=Deletions(LEAD_GONE)) == ([], "deleted_there_and_edited_here")
    never_synced = replace(CONTACT, bases={})
    assert archived(never_synced, known=Deletions(LEAD_GONE)) == ([], "deleted_there_and_edited_here")


def test_a_field_that_could_not_be_read_forbids_it() -> None:
    hidden = replace(CONTACT, fields={name: v for name, v in CONTACT.fields.items() if name != "phone"})
    assert archived(hidden, known=Deletions(LEAD_GONE)) == ([], "deleted_there_and_edited_here")


def test_an_open_child_forbids_it() -> None:
    known = Deletions(LEAD_GONE, children={CONTACT.key: "hubspot/deals/1"})
    assert archived(CONTACT, known=known) == ([], "deleted_there_and_open_children_here")
    unread = Deletions(LEAD_GONE, unread=frozenset({H}))
    assert archived(CONTACT, known=unread) == ([], "deleted_there_and_children_here_are_not_read")


def test_a_hold_forbids_it() -> None:
    held = Holds([Hold("person-1", None, "phone", "pinned", "Sato", "")])
    assert archived(CONTACT, known=Deletions(LEAD_GONE), holds=held) == ([], "pinned")


def test_what_the_warehouse_knows_of_deletions(tmp_path: Path) -> None:
    world = World(tmp_path, switched(POLICY, load_settings()))
    world.record("person-1", H, "contacts", "1", {"lastname": "山田"})
    world.record("person-1", S, "Lead", "1", {"LastName": "山田"}, retired="deleted", primary=False)

    def known() -> Deletions:
        with world.warehouse.connect() as connection:
            return deletions.load(connection, world.settings, world.settings.mapping.person)

    assert known().gone == {}, "a record that vanished is not a deletion"
    world.execute(
        "insert into raw.tombstone (system, object, record_id, reason, run_id) "
        "values ('salesforce', 'Lead', '1', 'deleted', 1)"
    )
    assert known() == Deletions(LEAD_GONE, {}, known().unread)

    world.execute(
        "insert into raw.hubspot_deals (record_id, created_at, modified_at, modified_by, fields, changed, run_id) "
        "values ('7', now(), now(), '', '{}', '{}', 1)"
    )
    world.execute(
        "insert into raw.association (system, from_object, from_id, to_object, to_id, is_primary) "
        "values ('hubspot', 'deals', '7', 'contacts', '1', false)"
    )
    for closed, is_open in (("null", True), ('"false"', True), ('"true"', False)):
        world.execute("update raw.hubspot_deals set fields = ?", [f'{{"hs_is_closed": {closed}}}'])
        assert known().children == ({"hubspot/contacts/1": "hubspot/deals/7"} if is_open else {}), closed

    world.execute(
        "insert into push.outbox (op_id, plan_id, run_id, request_id, state, system, object, record_id, golden_id, "
        "field, operation, old, new) values "
        "('o', 1, 1, 'r', 'landed', 'salesforce', 'Lead', '1', 'person-1', '*', 'archive', '{}', '{}')"
    )
    assert known().gone == {}, "a deletion by us never triggers one"

    world.execute("insert into state.link values ('salesforce/Lead/1', 'person-1', 'restored', 5)")
    held = "select golden_id, origin, held_by, why from state.hold where ended_at is null"
    for _ in range(2):
        with world.warehouse.connect() as connection:
            deletions.hold_restored(connection)
        assert world.execute(held) == [
            ("person-1", "pinned", "crm-pipeline", "salesforce/Lead/1 was restored in its CRM")
        ], "once for each time"
    world.execute("update state.hold set ended_at = now(), ended_by = 'Sato'")
    world.execute("update state.link set run_id = 9")
    with world.warehouse.connect() as connection:
        deletions.hold_restored(connection)
    assert len(world.execute(held)) == 1


def test_an_edit_is_seen_under_another_mapping_too() -> None:
    """Where the mapping changed since the last decision its bases count no more, and what was typed is still there."""
    edited = replace(CONTACT, fields={**CONTACT.fields, "jobtitle": "社長"})
    agreed = {"job_title": Agreed(("部長",), "the mapping of before")}
    obstacles = Obstacles(frozenset(), frozenset({("person-1", S)}), frozenset(), {})
    ground = Ground(context(ARCHIVING), obstacles, {}, Deletions(LEAD_GONE), Foreign({}), frozenset())
    for record, acts in ((edited, []), (CONTACT, [Act.ARCHIVE])):
        assert [o.operation for o in plan_whole("person-1", [record], agreed, ground).operations] == acts
