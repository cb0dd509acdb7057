"""Links that nobody has to find again: created records, merges in a CRM, decisions about records that were merged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_pipeline.match.review.decisions import newest
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.match.records import fill, mailbox, matched, person, together

HUBSPOT, LEAD, OTHER = "hubspot/contacts/1", "salesforce/Lead/1", "salesforce/Lead/2"


@pytest.fixture
def house(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "crm.duckdb")


def _linked(house: Warehouse, golden_id: str, *keys: str) -> None:
    with house.connect() as connection:
        connection.execute("insert into golden.entity values (?, 'person', ?, 1)", [golden_id, keys[0]])
        for key in keys:
            system, object_, record_id = key.split("/")
            connection.execute(
                "insert into golden.link values (?, 'person', ?, ?, ?, ?, true, null, 1)",
                [golden_id, key, system, object_, record_id],
            )


def _merged(house: Warehouse, gone: str, into: str) -> None:
    system, object_, record_id = gone.split("/")
    with house.connect() as connection:
        connection.execute(
            "insert into raw.tombstone values (?, ?, ?, 'merged', null, ?, ?, 1)",
            [system, object_, record_id, into.split("/")[1], into.split("/")[2]],
        )


def _decided(house: Warehouse, left: str, right: str, verdict: str) -> None:
    with house.connect() as connection:
        connection.execute(
            "insert into state.decision values (?, ?, ?, 'a person', ?, '', '', '')",
            [left, right, verdict, datetime(2026, 1, 1, tzinfo=UTC)],
        )


def test_a_created_record_stays_with_its_golden_record_whatever_the_evidence(house: Warehouse) -> None:
    fill(house, [person(HUBSPOT, "佐藤", "健二"), person(LEAD)])
    _linked(house, "person-1", HUBSPOT)
    with house.connect() as connection:
        connection.execute("insert into state.link values (?, 'person-1', 'created', 1)", [LEAD])
    matched(house)
    assert together(house) == [[HUBSPOT, LEAD]]


def test_a_merge_survivor_joins_the_companions_of_the_record_it_swallowed(house: Warehouse) -> None:
    fill(house, [person(HUBSPOT, "佐藤"), person(OTHER, "鈴木")])
    _linked(house, "person-1", HUBSPOT, LEAD)
    _merged(house, LEAD, OTHER)
    matched(house)
    assert together(house) == [[HUBSPOT, OTHER]]


def test_a_person_may_forbid_what_a_merge_would_join(house: Warehouse) -> None:
    fill(house, [person(HUBSPOT, "佐藤"), person(OTHER, "鈴木")])
    _linked(house, "person-1", HUBSPOT, LEAD)
    _merged(house, LEAD, OTHER)
    _decided(house, HUBSPOT, OTHER, "not_a_match")
    matched(house)
    assert together(house) == []
    with house.connect() as connection:
        assert connection.execute("select left_key, right_key from match.problem").fetchall() == [(HUBSPOT, OTHER)]


def test_a_decision_follows_a_record_over_several_merges(house: Warehouse) -> None:
    third = "salesforce/Lead/3"
    fill(house, [person(HUBSPOT, "佐藤"), person(third, "佐藤", "健二")])
    _merged(house, LEAD, OTHER)
    _merged(house, OTHER, third)
    _decided(house, HUBSPOT, LEAD, "match")
    matched(house)
    assert together(house) == [[HUBSPOT, third]]
    with house.connect() as connection:
        assert [decision.pair for decision in newest(connection)] == [(HUBSPOT, third)]


def test_of_an_object_that_a_customer_has_once_no_two_records_are_linked(house: Warehouse) -> None:
    """And what is left out is told (the setting match.at_most_one)."""
    mail = [mailbox("t.hasegawa@aaa.jp")]
    keys = (HUBSPOT, "salesforce/Contact/1", "salesforce/Contact/2")
    fill(house, [person(key, "長谷川", "健", e_mails=mail) for key in keys])
    matched(house)
    assert together(house) == [list(keys)]
    matched(house, at_most_one=("salesforce/Contact",))
    assert len(together(house)) == 1
    assert len(together(house)[0]) == 2
    with house.read() as connection:
        ((words,),) = connection.execute("select distinct problem from match.problem").fetchall()
    assert "has one only" in words
