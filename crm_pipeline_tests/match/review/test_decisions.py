"""Decisions that another program writes into state.decision: any way round, and not always right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_pipeline.errors import ConfigError
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.match.records import copied, mailbox, matched, person, together, warehouse

CONTACT, LEAD = "hubspot/contacts/1", "salesforce/Lead/1"


@pytest.fixture(scope="module")
def undecided(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    made = warehouse(tmp_path_factory.mktemp("undecided"), [person(CONTACT, "松本"), person(LEAD, "松本", "次郎")])
    matched(made)
    assert waiting(made) == [(CONTACT, LEAD)]
    return made


@pytest.fixture
def house(tmp_path: Path, undecided: Warehouse) -> Warehouse:
    return copied(undecided, tmp_path)


def waiting(house: Warehouse) -> list[tuple[Any, ...]]:
    with house.read() as connection:
        return connection.execute("select left_key, right_key from match.review").fetchall()


def say(house: Warehouse, left: str, right: str, verdict: str, evidence: str = "") -> None:
    with house.connect() as connection:
        connection.execute(
            "insert into state.decision values (?, ?, ?, 'a program', '2026-01-01', '', ?, '')",
            [left, right, verdict, evidence],
        )


@pytest.mark.parametrize("pair", [(CONTACT, LEAD), (LEAD, CONTACT)])
def test_a_pair_may_be_written_either_way_round(house, pair):
    say(house, *pair, "not_a_match")
    matched(house)
    assert (waiting(house), together(house)) == ([], [])
    say(house, *pair, "match")
    matched(house)
    assert (waiting(house), together(house)) == ([], [[CONTACT, LEAD]])


def test_a_rejected_pair_comes_back_with_a_new_identifier_only(house):
    with house.read() as connection:
        ((evidence,),) = connection.execute("select evidence_hash from match.pair").fetchall()
    say(house, LEAD, CONTACT, "not_a_match", evidence)
    with house.connect() as connection:
        connection.execute("update normalise.person set city = '長野市'")
    matched(house)
    assert waiting(house) == []
    with house.connect() as connection:
        connection.execute("update normalise.person set e_mails = $mailbox", {"mailbox": [mailbox("m@aaa.jp")]})
    matched(house)
    assert waiting(house) == [(CONTACT, LEAD)]


@pytest.mark.parametrize("verdict", ["accept", "", "not a match"])
def test_a_verdict_that_is_none_is_refused_with_its_row(house, verdict):
    say(house, CONTACT, LEAD, verdict)
    with pytest.raises(ConfigError, match=f"'{verdict}' for {CONTACT} and {LEAD}; correct that row"):
        matched(house)
