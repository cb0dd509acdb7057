"""`explain`: what it says of two records is what the last run made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.match.evidence.explain import Explanation, explain
from crm_pipeline.match.model import file
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.match.records import copied, mailbox, matched, person, warehouse

CONTACT, LEAD, OTHER = "hubspot/contacts/1", "salesforce/Lead/1", "salesforce/Lead/2"


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    people = [
        person(CONTACT, "長谷川", "健二", e_mails=[mailbox("k@aaa.jp")]),
        person(LEAD, "長谷川", "健二", e_mails=[mailbox("k@aaa.jp")]),
        person(OTHER, "松本", None),
    ]
    made = warehouse(tmp_path_factory.mktemp("untouched"), people)
    matched(made)
    return made


@pytest.fixture
def house(tmp_path: Path, untouched: Warehouse) -> Warehouse:
    return copied(untouched, tmp_path)


def explained(house: Warehouse, one: str, other: str) -> Explanation:
    model = file.read(file.place(house.path, Kind.PERSON))
    with house.read() as connection:
        return explain(connection, {Kind.PERSON: model}, one, other)


def test_the_tier_is_told_by_its_name(house):
    found = explained(house, LEAD, CONTACT)
    assert (found.left_key, found.right_key, found.compared, found.tier) == (CONTACT, LEAD, True, "auto")


def test_two_records_that_nothing_compared_are_in_no_tier(house):
    found = explained(house, CONTACT, OTHER)
    assert (found.compared, found.tier) == (False, "none")


def test_what_was_decided_is_told_whichever_way_round_it_was_written(house):
    with house.connect() as connection:
        connection.execute(
            "insert into state.decision values (?, ?, 'not_a_match', '佐藤', '2026-01-01', '', '', '')", [LEAD, CONTACT]
        )
    assert explained(house, CONTACT, LEAD).said == "not a match, says 佐藤"
