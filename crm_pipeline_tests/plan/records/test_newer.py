"""Which records of linked kinds get a counterpart, and which object it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_pipeline.config import KindMapping, load_settings
from crm_pipeline.model import Kind, System, record_key
from crm_pipeline.plan.member import Member
from crm_pipeline.plan.records.create import object_to_create
from crm_pipeline.plan.records.newer import Since, is_new

H, S = System.HUBSPOT, System.SALESFORCE
START = datetime(2026, 4, 1, tzinfo=UTC)
BEFORE, AFTER = START - timedelta(seconds=1), START
MAPPING = load_settings().mapping
SINCE: Since = {(Kind.DEAL, S): START}


def member(system: System, object_: str, created: datetime = AFTER, **fields: Any) -> Member:
    key = record_key(system, object_, "1")
    return Member(key, system, object_, "1", created, created, True, fields, {}, {})


def saying(kind: Kind, **what: object) -> KindMapping:
    return MAPPING.of(kind).model_copy(update=what)


@pytest.mark.parametrize(
    ("mapping", "created", "side", "new"),
    [
        (saying(Kind.DEAL), AFTER, S, True),
        (saying(Kind.DEAL), BEFORE, S, False),
        (saying(Kind.DEAL), AFTER, H, False),  # nothing is remembered: it was not read to the end yet
        (saying(Kind.DEAL, backfill=True), BEFORE, H, True),
        (saying(Kind.DEAL, since=BEFORE), BEFORE, H, True),
        (saying(Kind.DEAL, since=AFTER), BEFORE, S, False),
        (saying(Kind.PERSON), BEFORE, S, True),
    ],
)
def test_a_linked_record_is_new_since_the_switch_a_matched_one_always(
    mapping: KindMapping, created: datetime, side: System, new: bool
) -> None:
    assert is_new(mapping, member(side.other, mapping.hubspot, created), side, SINCE) is new


def activities(switch: str) -> KindMapping:
    activity = saying(Kind.ACTIVITY, backfill=True)
    on = {
        o: s.model_copy(update={"to_hubspot": switch, "to_salesforce": switch}) for o, s in activity.salesforce.items()
    }
    return activity.model_copy(update={"salesforce": on})


@pytest.mark.parametrize(
    ("source", "object_"),
    [
        (member(H, "calls"), "Task"),
        (member(H, "meetings"), "Event"),
        (member(S, "Task", TaskSubtype="Email"), "emails"),
        (member(S, "Task", TaskSubtype="Call"), "calls"),
        (member(S, "Event"), "meetings"),
        (member(S, "Task", TaskSubtype="Task"), None),
        (member(S, "Task"), None),
    ],
)
def test_an_activity_becomes_the_object_that_its_pair_names(source: Member, object_: str | None) -> None:
    assert object_to_create(activities("create"), [source], source.system.other, {}) == object_
    assert object_to_create(activities("update"), [source], source.system.other, {}) is None
