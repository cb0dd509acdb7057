"""Law 37: records matched in pieces, over several nights of edits, are matched as if all at once."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.match.blocking import rules
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.match.records import company, fill, mailbox, matched, person, telephone

FAMILIES, GIVENS = ["佐藤", "斎藤", "斉藤", "sato", "長谷川", None], ["健二", "花子", "kenji", "k", None]
ADDRESSES = [None, None, "a@aaa.jp", "b@aaa.jp", "c@bbb.jp", "kenji.sato@ccc.jp", "kenji.sato@ddd.jp"]
PHONES = [None, None, "+81262000000", "+819011112222"]
PLACES = ["hubspot/contacts", "salesforce/Lead", "salesforce/Contact"]


def _person(number: int, dice: random.Random) -> dict[str, Any]:
    family, given_name = dice.choice(FAMILIES), dice.choice(GIVENS)
    reading = {"佐藤": "sato", "斎藤": "saito", "斉藤": "saito", "sato": "sato"}.get(family or "", "")
    given_reading = {"健二": "kenji", "花子": "hanako", "kenji": "kenji"}.get(given_name or "", "")
    address, phone = dice.choice(ADDRESSES), dice.choice(PHONES)
    return person(
        f"{PLACES[number % 3]}/{number}",
        family,
        given_name,
        readings=[f"{reading} {given_reading}"] if reading else [],
        name_flags=["initial"] if given_name == "k" else [],
        e_mails=[mailbox(address)] if address else [],
        phones=[telephone(phone, "mobile" if "90" in phone else "fixed")] if phone else [],
        birth_date=dice.choice([None, date(1980, 1, 2), date(1980, 2, 1), date(1990, 5, 6)]),
        city=dice.choice([None, "長野市", "松本市"]),
        postal_code=dice.choice([None, "3800001"]),
        company_record_key=dice.choice([None, "hubspot/companies/1", "salesforce/Account/1"]),
    )


def _companies(dice: random.Random) -> list[dict[str, Any]]:
    return [
        company(key, dice.choice(["長野製作所", "長野製作所本社", "信州印刷"]), domains=dice.choice([[], ["aaa.jp"]]))
        for key in ("hubspot/companies/1", "salesforce/Account/1")
    ]


def _decide(house: Warehouse, keys: list[str], dice: random.Random, day: int) -> None:
    left, right = sorted(dice.sample(keys, 2))
    verdict = dice.choice(["match", "not_a_match", "unsure"])
    with house.connect() as connection:
        connection.execute(
            "insert into state.decision values (?, ?, ?, 'a person', ?, '', '', '')",
            [left, right, verdict, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)],
        )


def _results(house: Warehouse) -> list[list[tuple[Any, ...]]]:
    with house.connect() as connection:
        return (
            [
                connection.execute(f"select {columns} from match.{table} order by all").fetchall()
                for table, columns in (("pair", "*"), ("cluster", "*"), ("problem", "*"))
            ]
            + [
                connection.execute(
                    f"""
                select least(a.record_key, b.record_key), greatest(a.record_key, b.record_key), s.* exclude (l, r)
                from match.{table} s join match.{kind} a on a.id = s.l join match.{kind} b on b.id = s.r
                where s.kind = '{kind}' order by all
                """
                ).fetchall()
                for table in ("scored", "inside")
                for kind in ("person", "company")
            ]
            + [
                connection.execute(
                    f"select record_key, k.* exclude (id) from match.block_key k join match.{kind} using (id) "
                    f"where k.kind = '{kind}' order by all"
                ).fetchall()
                for kind in ("person", "company")
            ]
        )


def _all_at_once(house: Warehouse) -> list[list[tuple[Any, ...]]]:
    """What a warehouse that has no earlier results makes of the same records and decisions."""
    other = Warehouse(house.path.with_name("other.duckdb"))
    shutil.copy(house.path, other.path)
    with other.connect() as connection:
        for table in ("pair", "cluster", "problem", "person", "company", "block_key", "block_rules", "scored"):
            connection.execute(f"delete from match.{table}")
        for table in ("inside", "state", "decided", "coverage"):
            connection.execute(f"delete from match.{table}")
    matched(other)
    return _results(other)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few records are too large, so that many become so, and cease to be."""
    for kind, known in rules.RULES.items():
        smaller = tuple(
            rules.Rule(r.name, r.rows, r.values, min(r.largest, 4 if r.refined_by else 2), r.refined_by, r.several)
            for r in known
        )
        monkeypatch.setitem(rules.RULES, kind, smaller)


def _nights(folder: Path, seed: int, count: int, nights: int) -> None:
    dice = random.Random(seed)
    house = Warehouse(folder / "crm.duckdb")
    people = {number: _person(number, dice) for number in range(count)}
    companies = _companies(dice)
    for night in range(nights):
        fill(house, dice.sample(list(people.values()), len(people)), companies)
        matched(house)
        assert _results(house) == _all_at_once(house), (seed, night)
        for _ in range(dice.randint(1, 3)):
            number = dice.randrange(count + 3)
            if dice.random() < 0.3:
                people.pop(number, None)
            else:
                people[number] = _person(number, dice)
        if dice.random() < 0.5:
            _decide(house, [row["record_key"] for row in people.values()], dice, night)
        if dice.random() < 0.3:
            companies = _companies(dice)


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 10**9))
def test_law_37_incremental_equals_full(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    _nights(tmp_path_factory.mktemp("nights"), seed, 14, 3)


def test_law_37_where_blocks_become_too_large_and_cease_to_be(tmp_path: Path, small_blocks: None) -> None:
    _nights(tmp_path, 7, 24, 5)


def test_law_37_where_one_more_record_makes_a_block_too_large(tmp_path: Path, small_blocks: None) -> None:
    """And one less does not: the members that did not change have second keys in between as well."""
    house = Warehouse(tmp_path / "crm.duckdb")
    same = [
        person(
            f"{PLACES[n % 3]}/{n}",
            "佐藤",
            "健二",
            city="長野市" if n % 2 else "松本市",
            birth_date=date(1980, 1, 1 + n),
        )
        for n in range(5)
    ]
    others = [person(f"salesforce/Lead/{n}", f"f{n}", f"g{n}") for n in range(10, 30)]
    for members in (4, 5, 4):
        fill(house, [*same[:members], *others], [])
        matched(house)
        assert _results(house) == _all_at_once(house), members
