"""Laws 33, 35 and 38 of the match stage: order, decisions, and what may be one cluster."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.laws.sizes import examples
from crm_pipeline_tests.match.records import fill, mailbox, matched, pairs, person, together

NAMES = [("佐藤", "健二"), ("佐藤", None), ("佐藤", "花子"), ("鈴木", "健二"), (None, None)]
people = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from([None, "a@aaa.jp", "b@aaa.jp", "c@bbb.jp"]),
        st.sampled_from([None, date(1980, 1, 2), date(1990, 5, 6)]),
        st.sampled_from([None, "長野市", "松本市"]),
        st.sampled_from(["hubspot/contacts", "salesforce/Lead", "salesforce/Contact"]),
    ),
    min_size=2,
    max_size=7,
)


def _rows(drawn: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [
        person(
            f"{place}/{number}",
            family,
            given_name,
            e_mails=[mailbox(address)] if address else [],
            birth_date=birth,
            city=city,
        )
        for number, ((family, given_name), address, birth, city, place) in enumerate(drawn)
    ]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("laws") / "crm.duckdb")


def _result(
    house: Warehouse, rows: list[dict[str, Any]]
) -> tuple[list[list[str]], dict[tuple[str, str], tuple[Any, ...]]]:
    fill(house, rows)
    matched(house)
    found = {k: (r["tier"], r["posterior"], r["weight"], r["evidence_hash"]) for k, r in pairs(house).items()}
    return together(house), found


@examples(3, 100)
@given(people, st.randoms(use_true_random=False))
def test_law_33_order(house: Warehouse, drawn: list[tuple[Any, ...]], shuffler: random.Random) -> None:
    rows = _rows(drawn)
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    assert _result(house, rows) == _result(house, shuffled)


@examples(3, 100)
@given(people)
def test_law_38_only_confident_clusters(house: Warehouse, drawn: list[tuple[Any, ...]]) -> None:
    """Two records are one cluster only if automatic links connect them; contradicting birth dates never are."""
    rows = _rows(drawn)
    joined, found = _result(house, rows)
    births = {row["record_key"]: row["birth_date"] for row in rows}
    reached = {row["record_key"]: {row["record_key"]} for row in rows}
    for (left, right), (tier, *_) in found.items():
        if tier == "auto":
            union = reached[left] | reached[right]
            for key in union:
                reached[key] = union
    for members in joined:
        assert set(members) <= reached[members[0]]
        assert len({births[key] for key in members} - {None}) <= 1


def _decide(house: Warehouse, left: str, right: str, verdict: str, day: int) -> None:
    with house.connect() as connection:
        row = connection.execute(
            "select evidence_hash from match.pair where left_key = ? and right_key = ?", [left, right]
        ).fetchone()
        connection.execute(
            "insert into state.decision values (?, ?, ?, 'a person', ?, '', ?, '')",
            [left, right, verdict, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day), row[0] if row else ""],
        )


def _waiting(house: Warehouse) -> list[tuple[str, str]]:
    with house.connect() as connection:
        return connection.execute("select left_key, right_key from match.review order by all").fetchall()


def test_law_35_a_decision_outranks_the_score_in_every_later_run(tmp_path: Path) -> None:
    hubspot, lead = "hubspot/contacts/1", "salesforce/Lead/1"
    box = [mailbox("a@aaa.jp")]
    house = Warehouse(tmp_path / "crm.duckdb")
    fill(house, [person(hubspot, "佐藤", "健二", e_mails=box), person(lead, "佐藤", "健二", e_mails=box)])
    matched(house)
    assert together(house) == [[hubspot, lead]]
    _decide(house, hubspot, lead, "not_a_match", 1)
    for _ in range(2):
        matched(house)
        assert together(house) == []
        assert _waiting(house) == []
    _decide(house, hubspot, lead, "match", 2)
    matched(house)
    assert together(house) == [[hubspot, lead]]


def test_a_rejected_pair_comes_back_only_with_a_new_identifier(tmp_path: Path) -> None:
    hubspot, lead = "hubspot/contacts/1", "salesforce/Lead/1"
    house = Warehouse(tmp_path / "crm.duckdb")
    fill(house, [person(hubspot, "佐藤"), person(lead, "佐藤", "健二")])
    matched(house)
    assert _waiting(house) == [(hubspot, lead)]
    _decide(house, hubspot, lead, "not_a_match", 1)
    matched(house)
    assert _waiting(house) == []
    fill(house, [person(hubspot, "佐藤", city="長野市"), person(lead, "佐藤", "健二", city="長野市")])
    matched(house)
    assert _waiting(house) == []
    box = [mailbox("a@aaa.jp")]
    fill(house, [person(hubspot, "佐藤", e_mails=box), person(lead, "佐藤", "健二", e_mails=box)])
    matched(house)
    assert _waiting(house) == [(hubspot, lead)]
    assert together(house) == []


def test_an_unsure_pair_waits_until_its_evidence_changes(tmp_path: Path) -> None:
    hubspot, lead = "hubspot/contacts/1", "salesforce/Lead/1"
    house = Warehouse(tmp_path / "crm.duckdb")
    fill(house, [person(hubspot, "佐藤"), person(lead, "佐藤", "健二")])
    matched(house)
    _decide(house, hubspot, lead, "unsure", 1)
    matched(house)
    assert _waiting(house) == []
    fill(house, [person(hubspot, "佐藤", city="長野市"), person(lead, "佐藤", "健二", city="長野市")])
    matched(house)
    assert _waiting(house) == [(hubspot, lead)]


def test_law_35_contradictory_decisions_are_reported(tmp_path: Path) -> None:
    a, b, c = "hubspot/contacts/1", "hubspot/contacts/2", "salesforce/Lead/1"
    house = Warehouse(tmp_path / "crm.duckdb")
    fill(house, [person(a, "佐藤"), person(b, "佐藤"), person(c, "佐藤", "健二")])
    _decide(house, a, b, "match", 1)
    _decide(house, b, c, "match", 2)
    _decide(house, a, c, "not_a_match", 3)
    matched(house)
    assert together(house) == [[b, c]]
    with house.connect() as connection:
        assert connection.execute("select left_key, right_key from match.problem").fetchall() == [(a, b)]


def test_a_rejected_candidate_no_longer_competes(tmp_path: Path) -> None:
    one, other, third = "hubspot/contacts/1", "salesforce/Lead/1", "salesforce/Lead/2"
    house = Warehouse(tmp_path / "crm.duckdb")
    fill(house, [person(one, "佐藤"), person(other, "佐藤", "健二"), person(third, "佐藤", "花子")])
    matched(house)
    assert pairs(house)[one, other]["candidates"] == 2
    _decide(house, one, third, "not_a_match", 1)
    matched(house)
    assert pairs(house)[one, other]["candidates"] == 1
