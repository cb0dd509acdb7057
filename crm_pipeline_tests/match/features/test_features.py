"""What is compared of each record: kept up to date, and what people and companies know of each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crm_pipeline.match.comparison import compare
from crm_pipeline.match.features import refresh
from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.records.load import load
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline_tests.match.compared import empty, every_pair, named
from crm_pipeline_tests.match.records import company, fill, mailbox, person, settings, telephone, warehouse

A, B, C = "hubspot/contacts/1", "salesforce/Lead/2", "salesforce/Lead/3"


def _refreshed(house: Warehouse, kind: Kind = Kind.PERSON, **shared: frozenset[str]) -> tuple[set[str], set[str]]:
    """Record keys that changed, and those that are gone."""
    with house.connect() as connection:
        refresh(connection, kind, settings(), empty(kind, **shared))
        changed = connection.execute(f"select record_key from changed join match.{kind} using (id)").fetchall()
        gone = connection.execute("select record_key from gone").fetchall()
        assert connection.execute(f"select count(distinct id) - count(*) from match.{kind}").fetchall() == [(0,)]
    return {key for (key,) in changed}, {key for (key,) in gone}


def _rows(house: Warehouse, columns: str) -> list[tuple[Any, ...]]:
    with house.connect() as connection:
        return connection.execute(f"select {columns} from match.person order by record_key").fetchall()


def test_only_what_changed_is_made_anew_and_ids_stay(tmp_path: Path) -> None:
    house = warehouse(tmp_path, [person(A, "佐藤"), person(B, "鈴木")])
    assert _refreshed(house) == ({A, B}, set())
    ids = dict(_rows(house, "record_key, id"))
    assert _refreshed(house) == (set(), set())
    fill(house, [person(A, "佐藤", "健二"), person(B, "鈴木"), person(C, "田中")])
    assert _refreshed(house) == ({A, C}, set())
    assert {key: id_ for key, id_ in _rows(house, "record_key, id") if key in ids} == ids
    fill(house, [person(B, "鈴木"), person(C, "田中")])
    assert _refreshed(house) == (set(), {A})


def test_a_shared_list_that_changes_changes_the_flags(tmp_path: Path) -> None:
    house = warehouse(tmp_path, [person(A, e_mails=[mailbox("front@aaa.jp")], phones=[telephone("+811")])])
    _refreshed(house)
    assert _refreshed(house, e_mail=frozenset({"front@aaa.jp"}), phone=frozenset({"+811"})) == ({A}, set())
    assert _rows(house, "e_mails[1].shared, phones[1].shared") == [(True, True)]


def test_several_contacts_of_a_record_are_each_there_once(tmp_path: Path) -> None:
    phones = [telephone("+812"), telephone("+811"), {**telephone("+812", status="possible"), "extension": "7"}]
    mails = [mailbox("b@aaa.jp"), mailbox("A@aaa.jp"), mailbox("b@aaa.jp"), mailbox("junk@x.jp", "junk")]
    house = warehouse(tmp_path, [person(A, e_mails=mails, phones=phones)])
    _refreshed(house, phone=frozenset({"+811"}))
    assert _rows(
        house,
        "[t.e164 for t in phones], [t.shared for t in phones], phones[2].not_valid, phones[2].extension, "
        "[m.identity for m in e_mails], [m.local for m in e_mails]",
    ) == [(["+811", "+812"], [True, False], True, "7", ["A@aaa.jp", "b@aaa.jp"], ["a", "b"])]


def test_a_record_that_we_created_and_nobody_filled_is_none(tmp_path: Path) -> None:
    house = warehouse(tmp_path, [person(A, "佐藤"), person(B)])
    with house.connect() as connection:
        connection.execute("insert into state.link values (?, 'person-1', 'created', 1)", [B])
    assert _refreshed(house) == ({A}, set())


@pytest.mark.parametrize(
    ("row", "full_key", "family"),
    [
        ({"family": "佐藤", "given": "健二"}, "佐藤健二", "佐藤"),
        ({"family": "佐藤健二", "name_flags": ["unsplit"]}, "佐藤健二", None),
        ({"family": "mcdonald", "given": "richard"}, "mcdonald richard", "mcdonald"),
        ({"family": "richard", "given": "mcdonald"}, "mcdonald richard", "richard"),
        ({"family": "佐藤"}, None, "佐藤"),
        ({}, None, None),
    ],
)
def test_the_whole_name_is_one_however_it_is_divided(
    tmp_path: Path, row: dict[str, Any], full_key: str | None, family: str | None
) -> None:
    house = warehouse(tmp_path, [person(A, **row)])
    _refreshed(house)
    assert _rows(house, "full_key, family_key") == [(full_key, family)]


def _companies(connection: Connection, *clusters: tuple[str, str]) -> None:
    connection.executemany("insert into match.cluster values ('company', ?, ?)", [list(row) for row in clusters])


def test_a_person_has_the_domains_of_its_employer(tmp_path: Path) -> None:
    people = [
        person(A, "佐藤", company_record_key="salesforce/Account/1"),
        person(B, "佐藤", e_mails=[mailbox("taro@aaa.jp")]),
        person(C, "佐藤", company_key="長野製作所"),
    ]
    house = warehouse(
        tmp_path,
        people,
        [company("salesforce/Account/1", "長野製作所"), company("hubspot/companies/2", domains=["aaa.jp"])],
    )
    with house.connect() as connection:
        _companies(connection, ("salesforce/Account/1", "x"), ("hubspot/companies/2", "x"))
    assert _refreshed(house) == ({A, B, C}, set())
    with house.connect() as connection:
        subjects = load(connection, Kind.PERSON)
    found = named(compare(subjects, PERSON, *every_pair(subjects), {}))
    assert [one.get("domain") for one in found] == ["employer", None, "employer"]
    with house.connect() as connection:
        connection.execute("update match.cluster set cluster = 'y' where record_key = 'hubspot/companies/2'")
    assert _refreshed(house) == ({A, C}, set())


def test_a_company_has_the_domains_of_its_people(tmp_path: Path) -> None:
    people = [person(A, e_mails=[mailbox("taro@aaa.jp")], company_record_key="salesforce/Account/1")]
    firms = [company("hubspot/companies/1", domains=["aaa.jp"]), company("salesforce/Account/1")]
    house = warehouse(tmp_path, people, firms)
    assert _refreshed(house, Kind.COMPANY) == ({"hubspot/companies/1", "salesforce/Account/1"}, set())
    with house.connect() as connection:
        subjects = load(connection, Kind.COMPANY)
    assert named(compare(subjects, COMPANY, *every_pair(subjects), {}))[0]["domain"] == "people"


def test_codes_depend_on_the_chosen_records_only(tmp_path: Path) -> None:
    rows = [
        person(A, "佐藤", "健二"),
        person(B, "鈴木"),
        person(C, "佐藤", e_mails=[mailbox("b@x.jp"), mailbox("a@x.jp")]),
    ]
    house = warehouse(tmp_path, rows)
    _refreshed(house)
    with house.connect() as connection:
        everybody = load(connection, Kind.PERSON)
        connection.execute("create temp table chosen as select id from match.person where family_key = '佐藤'")
        some = load(connection, Kind.PERSON, "chosen")
    assert everybody.values["family_key"].distinct == ["佐藤", "鈴木"]
    assert everybody.values["family_key"].codes.tolist() == [0, 1, 0]
    assert everybody.values["given_key"].codes.tolist() == [0, -1, -1]
    assert everybody.sets["e_mail"].offsets.tolist() == [0, 0, 0, 2]
    assert (len(some), some.values["family_key"].distinct) == (2, ["佐藤"])
    assert np.all(np.diff(some.ids) > 0)


def test_no_records_at_all(tmp_path: Path) -> None:
    house = warehouse(tmp_path)
    assert _refreshed(house) == (set(), set())
    with house.connect() as connection:
        subjects = load(connection, Kind.PERSON)
    nothing = np.zeros(0, dtype=np.int32)
    assert compare(subjects, PERSON, nothing, nothing, {}).levels.shape == (0, len(PERSON))
