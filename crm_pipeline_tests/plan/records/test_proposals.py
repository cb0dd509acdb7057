"""Duplicates inside a CRM: who would stay, and what the merged record would hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm_pipeline.model import System, Value
from crm_pipeline.plan.records.proposals import Duplicate, Proposal, proposed
from crm_pipeline_tests.plan.people import SETTINGS
from crm_pipeline_tests.plan.world import World

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def lead(n: int, *, primary: bool = False, days: int = 0, **fields: Value) -> Duplicate:
    return Duplicate(f"salesforce/Lead/{n}", primary, T0 + timedelta(days=days), fields)


def of(*records: Duplicate) -> list[Proposal]:
    return proposed(SETTINGS.mapping.person, "Lead", records)


@pytest.mark.parametrize(
    ("records", "winner", "reason"),
    [
        ((lead(1, Phone="1", Title="x"), lead(2, primary=True)), 2, "speaks for this customer"),
        ((lead(1, Phone="1"), lead(2, Phone="1", Title="x", days=9)), 2, "most complete"),
        ((lead(1, Phone="1", days=9), lead(2, Phone="2")), 2, "oldest"),
        ((lead(2, Phone="1"), lead(1, Phone="2")), 1, "oldest"),
    ],
)
def test_who_stays(records: tuple[Duplicate, ...], winner: int, reason: str) -> None:
    (one,) = of(*records)
    assert one.winner_key == f"salesforce/Lead/{winner}"
    assert reason in one.reason
    assert of(*reversed(records)) == [one], "whatever the order"


def test_the_merged_record_keeps_the_winners_values_and_fills_its_blanks_from_the_others_in_order() -> None:
    first, second = of(
        lead(1, primary=True, Phone="1", Title=" "),
        lead(2, Phone="2", Title="部長", City="長野市", Email="a@b.jp"),
        lead(3, Title="課長", Street="吉田"),
    )
    assert (first.loser_key, second.loser_key) == ("salesforce/Lead/2", "salesforce/Lead/3")
    assert first.fields["phone"] == (("1",), ("2",), ("1",))
    assert first.fields["job_title"] == ((" ",), ("部長",), ("部長",))
    assert second.fields["job_title"] == ((" ",), ("課長",), ("部長",))
    assert first.fields["address"][2] == (None, None, "長野市", None, None), "a group is one value"


def test_they_are_written_with_each_plan_and_go_when_the_records_are_merged(tmp_path: Path) -> None:
    world = World(tmp_path)
    for n in (1, 2):
        world.record("person-1", System.SALESFORCE, "Lead", str(n), {"LastName": "山田"}, primary=n == 2)
    world.record("person-1", System.HUBSPOT, "contacts", "1", {"lastname": "山田"})
    world.plan()
    rows = "select golden_id, winner_key, loser_key, fields->'$.name.kept[0]' from plan.proposal"
    assert world.execute(rows) == [("person-1", "salesforce/Lead/2", "salesforce/Lead/1", '"山田"')]
    world.execute("update golden.link set retired = 'merged' where record_key = 'salesforce/Lead/1'")
    world.plan()
    assert world.execute(rows) == []
