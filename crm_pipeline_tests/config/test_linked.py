"""The sections of mapping.yaml for kinds that are linked by id, never matched."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.config import Mapping, load_mapping
from crm_pipeline.config.load import DEFAULTS
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import Kind, System

MAPPING = (DEFAULTS / "mapping.yaml").read_text(encoding="utf-8")
OFF = "Event: {to_salesforce: off, to_hubspot: off}"


def changed(folder: Path, *pairs: tuple[str, str]) -> Mapping:
    """The default mapping, with these texts replaced."""
    text = MAPPING
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return load_mapping(path)


def with_activities(folder: Path) -> Mapping:
    on = "to_salesforce: create, to_hubspot: create}"
    return changed(
        folder,
        ("    Task: {to_salesforce: off, to_hubspot: off}", f"    Task: {{{on}"),
        (f"    {OFF}", f"    Event: {{{on}"),
    )


def test_deals_and_tasks_are_synced_by_default_and_the_rest_is_read() -> None:
    mapping = load_mapping()
    assert [kind.kind for kind in mapping.kinds] == [Kind.COMPANY, Kind.PERSON, Kind.DEAL, Kind.TASK]
    assert (System.SALESFORCE, "Case") in mapping.read_objects
    assert (System.SALESFORCE, "Case") not in mapping.objects
    assert mapping.of(Kind.TICKET).is_off


def test_a_section_that_is_missing_is_named(tmp_path: Path) -> None:
    mapping = changed(tmp_path).model_copy(update={"ticket": None})
    with pytest.raises(ConfigError, match="says nothing about the kind ticket"):
        mapping.of(Kind.TICKET)


def test_what_is_off_decides_no_write_and_has_no_part_in_the_hash(tmp_path: Path) -> None:
    assert changed(tmp_path, ("hubspot: hs_ticket_priority", "hubspot: my_priority")).hash == load_mapping().hash
    assert changed(tmp_path, ("hubspot: hs_task_priority", "hubspot: my_priority")).hash != load_mapping().hash


def test_a_mapped_object_is_read_with_its_mapped_fields_and_those_under_read() -> None:
    fields = load_mapping().fields_read(System.HUBSPOT, "deals")
    assert {"dealstage", "amount", "crm_pipeline_key", "hs_is_closed"} <= set(fields)
    assert len(fields) == len(set(fields))
    assert load_mapping().fields_if_there("deals") == ("hs_salesforceopportunityid",)


def test_a_salesforce_task_is_a_task_or_an_activity(tmp_path: Path) -> None:
    mapping = with_activities(tmp_path)
    assert [kind.kind for kind in mapping.kinds_of("Task")] == [Kind.TASK, Kind.ACTIVITY]
    task, activity = mapping.of(Kind.TASK), mapping.of(Kind.ACTIVITY)
    for subtype, kind in (("Task", task), (None, task), ("Call", activity), ("Email", activity)):
        fields = {"TaskSubtype": subtype}
        assert [one for one in (task, activity) if one.is_kind("Task", fields)] == [kind]
    pair = activity.pair_of("Task", {"TaskSubtype": "Email"})
    assert pair is not None
    assert (pair.hubspot, pair.on_create) == ("emails", {"TaskSubtype": "Email"})
    assert activity.pair_of("Task", {}) is None, "what is unknown is of no kind"
    assert activity.pair_of("meetings", {}) == activity.pairs[2]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('only: {TaskSubtype: [Task, ""]}', "only: {TaskSubtype: []}", "needs at least one value"),
        ("salesforce: Event}", "salesforce: Case}", "pairs names Case, which is not listed under salesforce"),
        ("hubspot: tickets", "hubspot: deals", "HubSpot keeps no ticket records in 'deals'; choose from tickets"),
        ("  hubspot: contacts\n", "  hubspot: contacts\n  backfill: true\n", "backfill is for kinds that are linked"),
        ("  hubspot: deals\n", "  hubspot: deals\n  since: 2026-01-01\n", "since"),
        ("Needs Analysis: qualifiedtobuy", "Needs Analysis: mine", "which is not under to_salesforce"),
        ("meetings: hs_meeting_title", "notes: hs_body_preview", "names the object notes, which is not listed"),
    ],
)
def test_a_mistake_about_linked_kinds_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        changed(tmp_path, (old, new))
    assert says in str(error.value)


def test_an_object_of_two_kinds_says_which_records_are_which(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Task is mapped for task and activity"):
        changed(
            tmp_path,
            ("Task: {to_salesforce: off, to_hubspot: off}", "Task: {to_salesforce: create, to_hubspot: create}"),
            ('  pairs:\n    - {hubspot: tasks, salesforce: Task, only: {TaskSubtype: [Task, ""]}}\n', ""),
        )
