"""The guide's example, from raw rows to golden records (spec identity.md, last section but one)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm_pipeline.golden.stage import run as golden_run
from crm_pipeline.match.stage import run as match_run
from crm_pipeline.normalise.stage import run as normalise_run
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.match.records import pairs, settings, together

YAMADA, MATSUMOTO = "hubspot/contacts/1", "hubspot/contacts/2"
LEAD_YAMADA, LEAD_JIRO, LEAD_HANAKO = "salesforce/Lead/0000001", "salesforce/Lead/0002345", "salesforce/Lead/0002346"

CONTACTS: dict[str, dict[str, Any]] = {
    "1": {
        "lastname": "山田",
        "firstname": "太郎",
        "state": "長野県",
        "city": "長野市",
        "address": "吉田一丁目",
        "birth_date": "1988-04-09",
    },
    "2": {"lastname": "松本", "email": "mathu@bbb.co.jp", "phone": "000-111-2222", "birth_date": "2000-08-12"},
}
LEADS: dict[str, dict[str, Any]] = {
    "0000001": {
        "LastName": "山田",
        "FirstName": "太郎",
        "Email": "yamada@aaa.jp",
        "Phone": "026-000-0000",
        "Industry": "製造業",
    },
    "0002345": {
        "LastName": "松本",
        "FirstName": "次郎",
        "State": "東京都",
        "City": "世田谷区",
        "Street": "桜新町一丁目",
        "Industry": "建設業",
    },
}


@pytest.fixture
def house(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "crm.duckdb")


def run(
    house: Warehouse,
    *,
    contacts: dict[str, dict[str, Any]] = CONTACTS,
    leads: dict[str, dict[str, Any]] = LEADS,
    placeholder_names: bool = False,
) -> None:
    """Read the records, with every mapped field that a record does not have being blank, and run to golden."""
    chosen = settings(placeholder_names=placeholder_names)
    with house.connect() as connection:
        for table, object_, records in (("hubspot_contacts", "contacts", contacts), ("salesforce_lead", "Lead", leads)):
            connection.execute(f"delete from raw.{table}")
            names = chosen.mapping.person.crm_fields(object_)
            for place, (record_id, fields) in enumerate(records.items()):
                at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=place)
                connection.execute(
                    f"insert into raw.{table} values (?, ?, ?, 'somebody', ?, '{{}}', null, 1, null)",
                    [record_id, at, at, json.dumps({**dict.fromkeys(names), **fields}, ensure_ascii=False)],
                )
    for stage in (normalise_run, match_run, golden_run):
        stage(house, chosen, 1)


def decide(house: Warehouse, left: str, right: str, verdict: str) -> None:
    with house.connect() as connection:
        connection.execute(
            "insert into state.decision select left_key, right_key, ?, 'a person', now(), '', evidence_hash, '' "
            "from match.pair where left_key = ? and right_key = ?",
            [verdict, left, right],
        )


def waiting(house: Warehouse) -> list[tuple[str, str, str, int]]:
    with house.connect() as connection:
        return connection.execute(
            "select left_key, right_key, tier, candidates from match.review order by all"
        ).fetchall()


def test_yamada_is_linked_and_matsumoto_waits_with_one_candidate(house: Warehouse) -> None:
    run(house)
    assert together(house) == [[YAMADA, LEAD_YAMADA]]
    assert waiting(house) == [(MATSUMOTO, LEAD_JIRO, "possible", 1)]
    evidence = json.loads(pairs(house)[YAMADA, LEAD_YAMADA]["evidence"])
    assert "026 is Nagano; the address is 長野県長野市" in [chip["words"] for chip in evidence]
    assert pairs(house)[MATSUMOTO, LEAD_JIRO]["why_not_auto"].startswith("surname only")


def test_with_the_placeholder_flag_on_yamada_is_recommended(house: Warehouse) -> None:
    run(house, placeholder_names=True)
    assert together(house) == []
    assert (YAMADA, LEAD_YAMADA, "recommended", 1) in waiting(house)


def test_after_accepting_matsumoto_the_golden_person_has_both_sides(house: Warehouse) -> None:
    run(house)
    decide(house, MATSUMOTO, LEAD_JIRO, "match")
    run(house)
    assert together(house) == [[YAMADA, LEAD_YAMADA], [MATSUMOTO, LEAD_JIRO]]
    assert waiting(house) == []
    with house.connect() as connection:
        rows = connection.execute(
            "select family_name, given_name, e_mail, phone, prefecture, birth_date, industry "
            "from golden.person order by 1"
        ).fetchall()
    assert rows == [
        ("山田", "太郎", "yamada@aaa.jp", "026-000-0000", "長野県", "1988-04-09", "製造業"),
        ("松本", "次郎", "mathu@bbb.co.jp", "000-111-2222", "東京都", "2000-08-12", "建設業"),
    ]


def test_a_second_matsumoto_gives_two_candidates_and_no_link(house: Warehouse) -> None:
    run(house, leads={**LEADS, "0002346": {"LastName": "松本", "FirstName": "花子"}})
    assert together(house) == [[YAMADA, LEAD_YAMADA]]
    assert waiting(house) == [(MATSUMOTO, LEAD_JIRO, "possible", 2), (MATSUMOTO, LEAD_HANAKO, "possible", 2)]


def test_contradicting_birth_dates_give_no_link(house: Warehouse) -> None:
    yamada = {**LEADS["0000001"], "Birthdate__c": "1990-01-01"}
    jiro = {**LEADS["0002345"], "Birthdate__c": "1999-09-09"}
    run(house, leads={"0000001": yamada, "0002345": jiro})
    assert together(house) == []
    assert waiting(house) == []


def test_law_49_own_writes_are_not_evidence(house: Warehouse) -> None:
    """What we wrote into a record changes nothing for matching: neither cluster nor evidence."""
    run(house)
    before = (together(house), pairs(house)[MATSUMOTO, LEAD_JIRO]["evidence_hash"])
    written = {"Phone": "000-111-2222", "Birthdate__c": "2000-08-12"}
    with house.connect() as connection:
        for name, value in written.items():
            connection.execute(
                "insert into state.written values (?, ?, ?, null, 'null', 1)", [LEAD_JIRO, name, json.dumps(value)]
            )
    lead = {**LEADS["0002345"], **written}
    run(house, leads={**LEADS, "0002345": lead})
    assert (together(house), pairs(house)[MATSUMOTO, LEAD_JIRO]["evidence_hash"]) == before
