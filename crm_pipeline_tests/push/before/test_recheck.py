"""Did a record move since the plan? And what became of a write whose answer was lost?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.model import Act, OpState, SourceRecord, System, Value
from crm_pipeline.push.before.recheck import same
from crm_pipeline.push.operation import Group, Op, grouped
from crm_pipeline.push.recovery.receipt import judged

H, S = System.HUBSPOT, System.SALESFORCE
SETTINGS = load_settings()
READ = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("planned", "now", "unmoved"),
    [
        ({"Email": "a@x.jp"}, {"Email": "a@x.jp"}, True),
        ({"Email": "a@x.jp"}, {"Email": " A@X.jp"}, True),
        ({"Email": None}, {"Email": ""}, True),
        ({"Phone": "026-000-0000"}, {"Phone": "+81 26-000-0000"}, True),
        ({"Email": "a@x.jp"}, {"Email": "b@x.jp"}, False),
        ({"Email": "a@x.jp"}, {"Email": None}, False),
        ({"Email": "a@x.jp"}, {}, False),
        ({"City": "長野市", "Street": "1"}, {"City": "長野市", "Street": "2"}, False),
    ],
)
def test_a_move_is_a_canonical_difference(planned: dict[str, Value], now: dict[str, Value], unmoved: bool) -> None:
    assert same(SETTINGS, S, "Lead", planned, now) is unmoved


def op(field: str, record_id: str | None, new: dict[str, Value], create_key: str | None = None) -> Op:
    kind = Act.CREATE if create_key else Act.UPDATE
    return Op("id", S, "Lead", record_id, create_key, kind, field, {}, new, "person-1", "r", "w", None, {})


def test_operations_on_one_record_travel_together() -> None:
    ops = [op("*", None, {}, "k/1"), op("*", None, {}, "k/2"), op("a", "1", {"A": 1}), op("b", "1", {"B": 2})]
    assert [len(g.ops) for g in grouped(ops)] == [1, 1, 2]
    assert grouped(ops)[2].fields == {"A": 1, "B": 2}


@pytest.mark.parametrize(
    ("title", "seconds", "by", "state"),
    [
        ("new", 5, "us", OpState.LANDED),
        ("new", 5, "somebody", OpState.LANDED),
        ("old", 0, "us", OpState.SUPERSEDED),
        ("old", 0, "somebody", OpState.SUPERSEDED),
        ("rewritten", 5, "us", OpState.LANDED),
        ("other", 5, "somebody", OpState.UNKNOWN),
        ("other", 5, "", OpState.UNKNOWN),
    ],
)
def test_a_lost_answer_is_judged_by_the_record(title: str, seconds: int, by: str, state: OpState) -> None:
    group = Group((op("job_title", "1", {"Title": "new"}),))
    modified = READ + timedelta(seconds=seconds)
    record = SourceRecord(S, "Lead", "1", READ, modified, by, {"Title": title})
    assert judged(group, record, READ, "us", SETTINGS) is state


def test_a_record_that_is_gone_did_not_get_the_write() -> None:
    assert judged(Group((op("job_title", "1", {"Title": "n"}),)), None, READ, "us", SETTINGS) is OpState.SUPERSEDED
