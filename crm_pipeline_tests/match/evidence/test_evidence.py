"""Evidence in words, for the person who decides."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crm_pipeline.match.comparison import compare
from crm_pipeline.match.evidence import evidence, words
from crm_pipeline.match.features import refresh
from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.model.start import start
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.records.load import load
from crm_pipeline.match.scores.scoring import weigh
from crm_pipeline.match.vocabulary import Group
from crm_pipeline.model import Kind
from crm_pipeline_tests.match.records import company, mailbox, person, settings, telephone, warehouse

A, B = "hubspot/contacts/1", "salesforce/Lead/2"
FIRM, ACCOUNT = "hubspot/companies/1", "salesforce/Account/2"


def chips(folder: Path, rows: list[dict[str, Any]], kind: Kind = Kind.PERSON, **shared: Any) -> dict[str, Any]:
    """The evidence of the first two rows, by comparison, and its hash under ''."""
    people, companies = (rows, []) if kind is Kind.PERSON else ([], rows)
    house = warehouse(folder, people, companies)
    comparisons = PERSON if kind is Kind.PERSON else COMPANY
    with house.connect() as connection:
        model = start(kind, comparisons, {}, {name: frozenset(values) for name, values in shared.items()}, {})
        refresh(connection, kind, settings(), model)
        subjects = load(connection, kind)
        places = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
        compared = compare(subjects, comparisons, *places, {})
        ids = subjects.ids[:1], subjects.ids[1:2]
        evidence.write(connection, kind, [evidence.Portion(*ids, compared, weigh(compared, model).parts)])
        ((texts, hashed),) = connection.execute("select evidence, evidence_hash from evidence_text").fetchall()
    return {**{one["comparison"]: one for one in json.loads(texts)}, "": hashed}


@pytest.mark.parametrize("comparison", [*PERSON, *COMPANY], ids=lambda comparison: comparison.name)
def test_every_outcome_has_words_in_both_languages(comparison):
    for level in comparison.levels:
        if comparison.group != Group.SAMPLE:
            english, japanese = words.templates(comparison, level.name)
            assert english != japanese


@pytest.mark.parametrize(
    ("one", "other", "comparison", "english"),
    [
        ({}, {}, "family_name", "same family name: 長谷川"),
        ({"e_mails": [mailbox("a@x.jp"), mailbox("b@x.jp")]}, {"e_mails": [mailbox("b@x.jp")]}, "e_mail", "b@x.jp"),
        (
            {"phones": [telephone("+81262223333", prefecture="長野県")]},
            {"prefecture": "長野県", "city": "長野市"},
            "area_code",
            "+81262223333 is Nagano; the address is 長野県長野市",
        ),
        (
            {"prefecture": "長野県", "city": "長野市"},
            {"phones": [telephone("+81262223333", prefecture="長野県")]},
            "area_code",
            "+81262223333 is Nagano; the address is 長野県長野市",
        ),
        (
            {"prefecture": "東京都"},
            {"phones": [telephone("+81262223333", prefecture="長野県")]},
            "area_code",
            "+81262223333 is Nagano, but the address is 東京都",
        ),
        (
            {"phones": [telephone("+81312345678")], "prefecture": "東京都"},
            {"phones": [telephone("+81262223333", prefecture="長野県")], "prefecture": "大阪府"},
            "area_code",
            "+81262223333 is Nagano, but the address is 東京都",
        ),
        (
            {"birth_date": date(1988, 4, 9)},
            {"birth_date": date(1988, 4, 9)},
            "birth_date",
            "same birth date: 1988-04-09",
        ),
        (
            {"phones": [telephone("+819012345678", "mobile"), telephone("+81312345678")]},
            {"phones": [telephone("+81312345678"), telephone("+819012345678", "mobile")]},
            "phone",
            "same mobile number: +819012345678",
        ),
        ({"postal_code": "3800001"}, {"postal_code": "3800001"}, "address", "same postal code: 3800001"),
        ({"company_key": "山田製作所"}, {"company_key": "山田製作所"}, "company", "same company: 山田製作所"),
    ],
)
def test_the_words_name_what_was_compared(tmp_path, one, other, comparison, english):
    found = chips(tmp_path, [person(A, "長谷川", "健", **one), person(B, "長谷川", "健", **other)])
    assert english in found[comparison]["words"]
    assert "{" not in found[comparison]["words"] + found[comparison]["words_ja"]


def test_what_speaks_against_says_so(tmp_path):
    found = chips(tmp_path, [person(A, "長谷川", "健"), person(B, "長谷川", "花子")])
    assert (found["given_name"]["verdict"], found["family_name"]["verdict"]) == ("contradicts", "supports")
    assert found["given_name"]["words"] == "different given names: 健, 花子"


def test_companies_have_words_as_well(tmp_path):
    rows = [
        company(FIRM, "柴田印刷", domains=["shibata.co.jp"]),
        company(ACCOUNT, "柴田印刷", domains=["shibata.co.jp"]),
    ]
    found = chips(tmp_path, rows, Kind.COMPANY)
    assert found["company_name"]["words"] == "same name: 柴田印刷"
    assert found["domain"]["words"] == "same domain: shibata.co.jp"


def test_the_first_part_of_the_hash_is_of_identifiers_only(tmp_path):
    plain = {"e_mails": [mailbox("a@x.jp")]}
    rows = [person(A, "長谷川", "健", **plain), person(B, "長谷川", "健", **plain)]
    names = ["alone", "town", "mail"]
    for name in names:
        (tmp_path / name).mkdir()
    alone = chips(tmp_path / "alone", [person(A, "長谷川", "健"), person(B, "長谷川", "健")])[""]
    town = {"prefecture": "長野県", "city": "長野市"}
    with_town = chips(tmp_path / "town", [person(A, "長谷川", "健", **town), person(B, "長谷川", "健", **town)])[""]
    with_mail = chips(tmp_path / "mail", rows)[""]
    assert alone.split("-")[0] == with_town.split("-")[0] != with_mail.split("-")[0]
    assert len({alone.split("-")[1], with_town.split("-")[1], with_mail.split("-")[1]}) == 3
