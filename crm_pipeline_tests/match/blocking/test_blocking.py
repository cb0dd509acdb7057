"""What is compared, and what the coverage report says about the rest."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_pipeline_tests.match.records import company, mailbox, matched, person, telephone, warehouse

LEFT, RIGHT = "hubspot/contacts/1", "salesforce/Lead/1"


@pytest.mark.parametrize(
    ("left", "right", "rule"),
    [
        ({"e_mails": [mailbox("a@aaa.jp")]}, {"e_mails": [mailbox("a@aaa.jp")]}, "e-mail"),
        ({"phones": [telephone("+81262000000")]}, {"phones": [telephone("+81262000000")]}, "phone"),
        ({"family": "佐藤", "given": "健二"}, {"family": "佐藤", "given": "健二"}, "full name"),
        ({"readings": ["sato kenji"]}, {"readings": ["sato kenji"]}, "reading"),
        (
            {"family": "sato", "given": "k", "readings": ["sato k"], "name_flags": ["initial"]},
            {"family": "佐藤", "given": "健二", "readings": ["sato kenji"]},
            "reading and initial",
        ),
        ({"family": "佐藤"}, {"family": "佐藤", "given": "健二"}, "family name alone"),
        (
            {"given": "健二", "birth_date": date(1980, 1, 2)},
            {"given": "健二", "birth_date": date(1980, 1, 2)},
            "birth date and given name",
        ),
        (
            {"company_key": "aaa", "e_mails": [mailbox("kenji@aaa.jp")]},
            {"company_key": "aaa", "e_mails": [mailbox("kenji@aaa.co.jp")]},
            "mailbox name and company",
        ),
        (
            {"given": "健二", "e_mails": [mailbox("a@aaa.jp")]},
            {"given": "健二", "e_mails": [mailbox("b@aaa.jp")]},
            "company domain and given name",
        ),
    ],
)
def test_a_rule_brings_a_pair(tmp_path: Path, left: dict[str, Any], right: dict[str, Any], rule: str) -> None:
    house = warehouse(tmp_path, [person(LEFT, **left), person(RIGHT, **right)])
    matched(house)
    with house.connect() as connection:
        row = connection.execute("select pairs, records from match.coverage where rule = ?", [rule]).fetchone()
    assert row == (1, 2)


def test_records_in_no_block_are_counted(tmp_path: Path) -> None:
    house = warehouse(tmp_path, [person(LEFT, "佐藤", "健二"), person(RIGHT, "鈴木", "花")])
    matched(house)
    with house.connect() as connection:
        row = connection.execute("select records from match.coverage where rule = 'in no block'").fetchone()
    assert row == (2,)


def test_a_large_block_is_refined_and_what_stays_uncompared_is_counted(tmp_path: Path) -> None:
    people = [person(f"salesforce/Lead/{n}", "佐藤", "健二", city="長野市" if n < 2 else None) for n in range(250)]
    house = warehouse(tmp_path, people)
    matched(house)
    with house.connect() as connection:
        found = dict(connection.execute("select rule, pairs from match.coverage").fetchall())
    assert found["full name"] == 1
    assert found["too large: full name"] == 250 * 249 // 2 - 1


def test_companies_are_compared_by_the_beginning_of_their_names(tmp_path: Path) -> None:
    left, right = company("hubspot/companies/1", "長野製作所本社"), company("salesforce/Account/1", "長野製作所")
    house = warehouse(tmp_path, [], [left, right])
    matched(house)
    with house.connect() as connection:
        assert connection.execute("select rules from match.pair").fetchall() == [(["beginning of the name"],)]
