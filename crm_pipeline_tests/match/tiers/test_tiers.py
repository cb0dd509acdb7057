"""Pairs of records and the tier they get, in an organisation of a given size."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.match.records import (
    copied,
    mailbox,
    matched,
    pairs,
    person,
    telephone,
    together,
    warehouse,
)

Columns = dict[str, Any]
TARO = mailbox("taro@aaa.jp")
KENJI = {"family": "佐藤", "given": "健二"}


def _filler(count: int) -> list[Columns]:
    """People who match nobody, half in each CRM: they only make the organisation larger."""
    names = [chr(0x3041 + number % 80) + chr(0x3041 + number // 80) + "べ" for number in range(count)]
    return [
        person(f"{'hubspot/contacts' if n % 2 else 'salesforce/Contact'}/f{n}", f"{name}の", f"{name}を")
        for n, name in enumerate(names)
    ]


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """An organisation that has been matched before, of people who match nobody."""
    house = warehouse(tmp_path_factory.mktemp("organisation"), _filler(190))
    matched(house)
    return house


def _tier(tmp_path: Path, left: Columns, right: Columns, *, filler: int = 190, **match: Any) -> tuple[str, str | None]:
    house = warehouse(
        tmp_path,
        [person("hubspot/contacts/1", **left), person("salesforce/Lead/1", **right), *_filler(filler)],
    )
    matched(house, **match)
    found = pairs(house).get(("hubspot/contacts/1", "salesforce/Lead/1"))
    return (found["tier"], found["why_not_auto"]) if found else ("none", None)


@pytest.mark.parametrize(
    ("left", "right", "tier"),
    [
        # an identifier
        ({**KENJI, "e_mails": [TARO]}, {**KENJI, "e_mails": [TARO]}, "auto"),
        ({"family": "佐藤", "e_mails": [TARO]}, {**KENJI, "e_mails": [TARO]}, "auto"),
        (
            {**KENJI, "phones": [telephone("+819012345678", "mobile")]},
            {**KENJI, "phones": [telephone("+819012345678", "mobile")]},
            "auto",
        ),
        # a full name with support, and without
        ({**KENJI, "birth_date": date(1980, 2, 3)}, {**KENJI, "birth_date": date(1980, 2, 3)}, "auto"),
        (
            {**KENJI, "city": "長野市", "prefecture": "長野県"},
            {**KENJI, "city": "長野市", "prefecture": "長野県"},
            "auto",
        ),
        (KENJI, KENJI, "recommended"),
        # the family name only, however rare
        ({"family": "佐藤"}, KENJI, "possible"),
        (
            {"family": "勅使河原", "prefecture": "長野県"},
            {"family": "勅使河原", "given": "健二", "prefecture": "長野県"},
            "possible",
        ),
        # contradictions
        ({"family": "佐藤", "birth_date": date(1980, 2, 3)}, {**KENJI, "birth_date": date(1991, 5, 14)}, "none"),
        ({"family": "佐藤", "given": "一郎", "city": "長野市"}, {**KENJI, "city": "長野市"}, "none"),
        (
            {**KENJI, "e_mails": [TARO], "birth_date": date(1980, 2, 3)},
            {**KENJI, "e_mails": [TARO], "birth_date": date(1991, 5, 14)},
            "possible",
        ),
        ({"family": "鈴木", "given": "花", "e_mails": [TARO]}, {**KENJI, "e_mails": [TARO]}, "possible"),
        # a role mailbox and an invalid number are support, not identifiers
        (
            {"family": "佐藤", "e_mails": [mailbox("info@aaa.jp", "role")]},
            {**KENJI, "e_mails": [mailbox("info@aaa.jp", "role")]},
            "possible",
        ),
        # another script: compared by readings, and never a contradiction without them
        (
            {"family": "佐藤", "given": "健二", "readings": ["sato kenji"], "birth_date": date(1980, 2, 3)},
            {"family": "sato", "given": "kenji", "readings": ["sato kenji"], "birth_date": date(1980, 2, 3)},
            "auto",
        ),
        (
            {"family": "佐藤", "given": "健二", "e_mails": [TARO]},
            {"family": "sato", "given": "kenji", "e_mails": [TARO]},
            "auto",
        ),
        # a nickname is compatible, but not with a Japanese family name
        (
            {"family": "clarke", "given": "bob", "city": "london"},
            {"family": "clarke", "given": "robert", "city": "london"},
            "auto",
        ),
        ({"family": "sato", "given": "ken", "city": "x"}, {"family": "sato", "given": "kenneth", "city": "x"}, "none"),
        # a name that nobody could divide equals the same letters in two parts
        (
            {"family": "佐藤健二", "name_flags": ["unsplit"], "birth_date": date(1980, 2, 3)},
            {**KENJI, "birth_date": date(1980, 2, 3)},
            "auto",
        ),
        # another spelling of the family name, and fields that were swapped
        (
            {"family": "中河", "given": "健二", "birth_date": date(1980, 2, 3)},
            {"family": "中川", "given": "健二", "birth_date": date(1980, 2, 3)},
            "recommended",
        ),
        (
            {"family": "richard", "given": "mcdonald", "birth_date": date(1980, 2, 3)},
            {"family": "mcdonald", "given": "richard", "birth_date": date(1980, 2, 3)},
            "auto",
        ),
        # a company in another script says nothing
        (
            {**KENJI, "e_mails": [TARO], "company_key": "長野"},
            {**KENJI, "e_mails": [TARO], "company_key": "nagano"},
            "auto",
        ),
        # an initial is compatible, not a full name
        (
            {"family": "sato", "given": "k", "name_flags": ["initial"], "readings": ["sato"], "city": "長野市"},
            {"family": "sato", "given": "kenji", "readings": ["sato kenji"], "city": "長野市"},
            "recommended",
        ),
        # the mailbox of a record without a given name contains the other's
        (
            {"family": "佐藤", "e_mails": [mailbox("kenji.s@aaa.jp")], "company_key": "aaa"},
            {"family": "佐藤", "given": "健二", "readings": ["sato kenji"], "company_key": "aaa"},
            "recommended",
        ),
    ],
)
def test_a_pair_gets_its_tier(
    tmp_path: Path, organisation: Warehouse, left: Columns, right: Columns, tier: str
) -> None:
    copied(organisation, tmp_path)
    assert _tier(tmp_path, left, right)[0] == tier


def test_a_placeholder_name_is_never_automatic(tmp_path: Path) -> None:
    yamada = {
        "family": "山田",
        "given": "太郎",
        "name_flags": ["placeholder"],
        "prefecture": "長野県",
        "city": "長野市",
    }
    (tmp_path / "a").mkdir()
    assert _tier(tmp_path / "a", yamada, yamada)[0] == "recommended"
    assert _tier(tmp_path, yamada, yamada, placeholder_names=False)[0] == "auto"


def test_a_name_that_is_sure_in_a_small_organisation_is_not_in_a_large_one(tmp_path: Path) -> None:
    small = warehouse(tmp_path / "small", [person("hubspot/contacts/1", **KENJI), person("salesforce/Lead/1", **KENJI)])
    matched(small)
    large = warehouse(
        tmp_path / "large",
        [person("hubspot/contacts/1", **KENJI), person("salesforce/Lead/1", **KENJI), *_filler(3000)],
    )
    matched(large)
    posterior = [pairs(w)["hubspot/contacts/1", "salesforce/Lead/1"]["posterior"] for w in (small, large)]
    assert posterior[0] > 0.995 > posterior[1]


def test_a_family_name_that_many_bear_weighs_less(tmp_path: Path) -> None:
    crowd = [person(f"salesforce/Contact/{n}", "長谷川", f"{chr(0x3041 + n)}を") for n in range(60)]
    one = person("hubspot/contacts/1", "長谷川", "健二")
    other = person("salesforce/Lead/1", "長谷川", "健二")
    weights = []
    for name, people in (("few", _filler(60)), ("many", crowd)):
        house = warehouse(tmp_path / name, [one, other, *people])
        matched(house)
        weights.append(pairs(house)["hubspot/contacts/1", "salesforce/Lead/1"]["weight"])
    assert weights[0] > weights[1] + 0.5


def test_a_mailbox_of_many_family_names_is_shared(tmp_path: Path) -> None:
    box = [mailbox("front@aaa.jp")]
    names = ["佐藤", "鈴木", "高橋", "田中"]
    people = [person(f"hubspot/contacts/{n}", name, "一", e_mails=box) for n, name in enumerate(names)]
    people += [person("salesforce/Lead/1", "渡辺", "二", e_mails=box), person("salesforce/Lead/2", e_mails=box)]
    house = warehouse(tmp_path, [*people, *_filler(50)])
    matched(house)
    assert together(house) == []


def test_two_strong_candidates_leave_nothing_automatic(tmp_path: Path) -> None:
    people = [
        person("hubspot/contacts/1", **KENJI, city="長野市"),
        person("salesforce/Lead/1", **KENJI, city="長野市", birth_date=date(1980, 1, 1)),
        person("salesforce/Lead/2", **KENJI, city="長野市", birth_date=date(1990, 1, 1)),
    ]
    house = warehouse(tmp_path, people)
    matched(house)
    found = pairs(house)
    assert {key[1]: (row["tier"], row["candidates"]) for key, row in found.items()} == {
        "salesforce/Lead/1": ("possible", 2),
        "salesforce/Lead/2": ("possible", 2),
    }
    assert together(house) == []


def test_a_lead_and_a_contact_of_one_person_count_as_one_candidate(tmp_path: Path) -> None:
    phone = [telephone("+819012345678", "mobile")]
    people = [
        person("hubspot/contacts/1", **KENJI, birth_date=date(1980, 1, 1)),
        person("salesforce/Lead/1", **KENJI, birth_date=date(1980, 1, 1), phones=phone),
        person("salesforce/Contact/2", **KENJI, birth_date=date(1980, 1, 1), phones=phone),
    ]
    house = warehouse(tmp_path, people)
    matched(house)
    assert together(house) == [["hubspot/contacts/1", "salesforce/Contact/2", "salesforce/Lead/1"]]


def test_a_nameless_mailbox_does_not_chain_two_strangers(tmp_path: Path) -> None:
    people = [
        person("hubspot/contacts/1", e_mails=[TARO]),
        person("hubspot/contacts/2", "田中", "一", e_mails=[TARO]),
        person("salesforce/Lead/3", "鈴木", "二", e_mails=[TARO]),
    ]
    house = warehouse(tmp_path, [*people, *_filler(50)])
    matched(house)
    assert together(house) == []


def test_at_most_the_configured_number_of_possible_matches_is_shown(tmp_path: Path) -> None:
    people = [person("hubspot/contacts/1", "佐藤")]
    people += [person(f"salesforce/Lead/{n}", "佐藤", f"{chr(0x3041 + n)}を") for n in range(8)]
    house = warehouse(tmp_path, people)
    matched(house, candidates_per_record=3)
    assert [row["candidates"] for row in pairs(house).values()] == [8, 8, 8]


def test_workplace_evidence_is_one_fact(tmp_path: Path) -> None:
    work = {"company_key": "aaa", "city": "長野市", "prefecture": "長野県", "postal_code": "3800001"}
    weights = []
    for name, columns in (("all", work), ("best", {"postal_code": "3800001"})):
        house = warehouse(
            tmp_path / name,
            [person("hubspot/contacts/1", **KENJI, **columns), person("salesforce/Lead/1", **KENJI, **columns)],
        )
        matched(house)
        weights.append(pairs(house)["hubspot/contacts/1", "salesforce/Lead/1"]["weight"])
    assert weights[0] == weights[1]


def test_the_evidence_is_told_in_words(tmp_path: Path) -> None:
    people = [
        person("hubspot/contacts/1", "山田", "太郎", prefecture="長野県", city="長野市"),
        person("salesforce/Lead/1", "山田", "太郎", phones=[telephone("+81260000000", prefecture="長野県")]),
    ]
    house = warehouse(tmp_path, people)
    with house.connect() as connection:
        connection.execute(
            "insert into normalise.value (kind, raw, version, e164) "
            "values ('phone', '026-000-0000', '1', '+81260000000')"
        )
    matched(house)
    evidence = json.loads(pairs(house)["hubspot/contacts/1", "salesforce/Lead/1"]["evidence"])
    chip = next(e for e in evidence if e["comparison"] == "area_code")
    assert chip["words"] == "026 is Nagano; the address is 長野県長野市"
    assert chip["words_ja"] == "026は長野県、住所は長野県長野市"
    assert chip["verdict"] == "supports"
    assert [e["weight"] for e in evidence] == sorted((e["weight"] for e in evidence), reverse=True)
