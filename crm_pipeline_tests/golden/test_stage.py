"""From raw rows and clusters to golden records, over several runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.golden.stage import GoldenResult, run
from crm_pipeline.warehouse import Warehouse

HUBSPOT, LEAD, CONTACT = "hubspot/contacts/1", "salesforce/Lead/1", "salesforce/Contact/1"
TABLES = {
    "hubspot/contacts": "hubspot_contacts",
    "salesforce/Lead": "salesforce_lead",
    "salesforce/Contact": "salesforce_contact",
}


@pytest.fixture
def house(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "crm.duckdb")


def add(
    house: Warehouse, key: str, fields: dict[str, Any], *, day: int = 1, changed: dict[str, str] | None = None
) -> None:
    place, _, record_id = key.rpartition("/")
    at = datetime(2026, 1, day, tzinfo=UTC)
    times = {name: {"at": moment, "after": None, "certain": True} for name, moment in (changed or {}).items()}
    with house.connect() as connection:
        connection.execute(
            f"insert into raw.{TABLES[place]} values (?, ?, ?, 'somebody', ?, ?, null, 1, null)",
            [record_id, at, at, json.dumps(fields), json.dumps(times)],
        )


def retire(house: Warehouse, key: str, survivor: str | None = None) -> None:
    place, _, record_id = key.rpartition("/")
    system, _, object_ = place.partition("/")
    with house.connect() as connection:
        connection.execute(f"update raw.{TABLES[place]} set retired = 'merged' where record_id = ?", [record_id])
        into = survivor.split("/") if survivor else [None, None, None]
        connection.execute(
            "insert into raw.tombstone values (?, ?, ?, 'merged', null, ?, ?, 1)",
            [system, object_, record_id, into[1], into[2]],
        )


def golden(house: Warehouse, *clusters: list[str], run_id: int = 1) -> GoldenResult:
    with house.connect() as connection:
        connection.execute("delete from match.cluster")
        for members in clusters:
            for key in members:
                connection.execute("insert into match.cluster values ('person', ?, ?)", [key, min(members)])
    return run(house, load_settings(), run_id)


def links(house: Warehouse) -> dict[str, str]:
    return dict(_rows(house, "select record_key, golden_id from golden.link"))


def _rows(house: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with house.connect() as connection:
        return connection.execute(query).fetchall()


def test_the_longer_name_and_both_contacts_reach_the_golden_person(house: Warehouse) -> None:
    add(house, HUBSPOT, {"lastname": "松本", "firstname": None, "email": "mathu@bbb.co.jp", "phone": "000-111-2222"})
    add(house, LEAD, {"LastName": "松本", "FirstName": "次郎", "Email": None, "Phone": None})
    result = golden(house, [HUBSPOT, LEAD])
    assert result == GoldenResult(people=1, companies=0, minted=1, redirected=0)
    row = _rows(
        house,
        "select golden_id, family_name, given_name, e_mail, phone, birth_date, hubspot_records, salesforce_records "
        "from golden.person",
    )
    assert row == [("person-1", "松本", "次郎", "mathu@bbb.co.jp", "000-111-2222", None, 1, 1)]
    told = _rows(
        house, "select part, value, record_key, rule, losing from golden.provenance where field = 'name' order by part"
    )
    assert [(part, value, key, rule) for part, value, key, rule, _ in told] == [
        ("family_name", "松本", LEAD, "most_complete"),
        ("given_name", "次郎", LEAD, "most_complete"),
    ]
    assert json.loads(told[1][4]) == [{"record_key": HUBSPOT, "value": None}]


def test_an_address_is_taken_whole_from_one_record(house: Warehouse) -> None:
    hubspot = {"zip": "3800001", "state": "長野県", "city": "長野市", "address": None, "country": None}
    lead = {"PostalCode": None, "State": "東京都", "City": "世田谷区", "Street": "桜新町一丁目", "Country": None}
    add(house, HUBSPOT, hubspot, changed={"city": "2026-01-01T00:00:00+00:00"})
    add(house, LEAD, lead, changed={"City": "2026-01-02T00:00:00+00:00"})
    golden(house, [HUBSPOT, LEAD])
    row = _rows(house, "select postal_code, prefecture, city, street from golden.person")
    assert row == [(None, "東京都", "世田谷区", "桜新町一丁目")]
    assert _rows(house, "select distinct rule from golden.provenance") == [("latest",)]


def test_what_was_decided_wins_while_a_record_holds_it(house: Warehouse) -> None:
    add(house, HUBSPOT, {"email": "Old@aaa.jp"}, changed={"email": "2026-01-01T00:00:00+00:00"})
    add(house, LEAD, {"Email": "new@aaa.jp"}, changed={"Email": "2026-02-01T00:00:00+00:00"})
    golden(house, [HUBSPOT, LEAD])
    assert _rows(house, "select e_mail from golden.person") == [("new@aaa.jp",)]
    for agreed, value, rule in (("old@aaa.jp", "Old@aaa.jp", "decided"), ("gone@aaa.jp", "new@aaa.jp", "latest")):
        with house.connect() as connection:
            connection.execute("delete from state.agreed")
            connection.execute(
                "insert into state.agreed values ('person-1', 'e_mail', ?, 'two_way', '', 1)", [json.dumps([agreed])]
            )
        golden(house, [HUBSPOT, LEAD])
        assert _rows(house, "select e_mail from golden.person") == [(value,)]
        assert _rows(house, "select rule from golden.provenance where field = 'e_mail'") == [(rule,)]


def test_a_contact_is_primary_before_an_older_lead_and_stays_so(house: Warehouse) -> None:
    def primaries() -> list[str]:
        rows = _rows(house, "select record_key from golden.link where is_primary order by 1")
        return [key for (key,) in rows]

    add(house, LEAD, {"LastName": "松本"}, day=1)
    golden(house, [LEAD])
    assert primaries() == [LEAD]
    add(house, CONTACT, {"LastName": "松本"}, day=2)
    golden(house, [CONTACT, LEAD])
    assert primaries() == [LEAD], "kept until it leaves or is retired"
    retire(house, LEAD)
    golden(house, [CONTACT])
    assert primaries() == [CONTACT]


def test_a_merge_in_the_crm_joins_the_golden_records(house: Warehouse) -> None:
    other = "hubspot/contacts/2"
    add(house, HUBSPOT, {"lastname": "松本"})
    add(house, other, {"lastname": "松本"})
    golden(house, [HUBSPOT], [other])
    assert links(house) == {HUBSPOT: "person-1", other: "person-2"}
    retire(house, HUBSPOT, survivor=other)
    result = golden(house, [other], run_id=2)
    assert links(house) == {HUBSPOT: "person-1", other: "person-1"}
    assert result == GoldenResult(people=1, companies=0, minted=0, redirected=1)
    assert _rows(house, "select golden_id, survivor_id, run_id from golden.redirect") == [("person-2", "person-1", 2)]
    assert _rows(house, "select record_key, retired, is_primary from golden.link order by 1") == [
        (HUBSPOT, "merged", False),
        (other, None, True),
    ]


def test_redirects_lead_to_their_end_in_one_step_and_ids_are_not_used_again(house: Warehouse) -> None:
    keys = [f"hubspot/contacts/{n}" for n in (1, 2, 3)]
    for day, key in enumerate(keys, start=1):
        add(house, key, {"lastname": "松本"}, day=day)
    golden(house, *[[key] for key in keys])
    golden(house, [keys[0]], [keys[1], keys[2]], run_id=2)
    golden(house, keys, run_id=3)
    assert _rows(house, "select golden_id, survivor_id from golden.redirect order by 1") == [
        ("person-2", "person-1"),
        ("person-3", "person-1"),
    ]
    golden(house, [keys[0]], [keys[1], keys[2]], run_id=4)
    assert links(house) == {keys[0]: "person-1", keys[1]: "person-4", keys[2]: "person-4"}
    assert _rows(house, "select golden_id, since_run from golden.link order by record_key") == [
        ("person-1", 1),
        ("person-4", 4),
        ("person-4", 4),
    ]


def test_the_same_clusters_give_the_same_tables(house: Warehouse) -> None:
    add(house, HUBSPOT, {"lastname": "松本", "email": "a@aaa.jp"})
    add(house, LEAD, {"LastName": "松本", "Email": "b@aaa.jp"}, day=2)
    tables = ("entity", "link", "redirect", "provenance", "person", "company")
    golden(house, [HUBSPOT, LEAD])
    before = [_rows(house, f"from golden.{table} order by all") for table in tables]
    golden(house, [HUBSPOT, LEAD], run_id=2)
    assert [_rows(house, f"from golden.{table} order by all") for table in tables] == before
