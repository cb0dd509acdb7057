"""What two people's values are found to be to each other: every level of every comparison, and when there is none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crm_pipeline.match.people import PERSON
from crm_pipeline.model import Kind
from crm_pipeline_tests.match.compared import levels_of
from crm_pipeline_tests.match.records import mailbox, telephone

Columns = dict[str, Any]


def _name(family: str | None, given: str | None = None, *readings: str, flags: tuple[str, ...] = ()) -> Columns:
    return {"family": family, "given": given, "readings": list(readings), "name_flags": list(flags)}


def _mail(*addresses: str, **columns: Any) -> Columns:
    return {"e_mails": [mailbox(address) for address in addresses], **columns}


def _phone(number: str, extension: str | None = None, **columns: Any) -> Columns:
    return {"phones": [{**telephone(number, **columns), "extension": extension}]}


def _born(year: int, month: int, day: int) -> Columns:
    return {"birth_date": date(year, month, day)}


INFO = {"e_mails": [mailbox("info@aaa.jp", "role")]}
FREE = {"e_mails": [mailbox("taro@free.com", "free")]}
NAGANO = {"prefecture": "長野県", "city": "長野市"}
MARRIED = {"given": "花子", **_born(1980, 2, 3), **_mail("hanako@aaa.jp")}

#: left, right, comparison, level (None: nothing to compare)
CASES: list[tuple[Columns, Columns, str, str | None]] = [
    # family names
    (_name("佐藤"), _name("佐藤"), "family_name", "equal"),
    (_name("佐藤"), _name("鈴木"), "family_name", "different"),
    (_name("佐藤"), _name(None, "健二"), "family_name", None),
    (_name("佐藤", None, "sato"), _name("sato", None, "sato"), "family_name", "reading"),
    (_name("佐藤"), _name("sato"), "family_name", None),
    (_name("佐藤", None, "sato"), _name("suzuki", None, "suzuki"), "family_name", "reading_differs"),
    (_name("斎藤"), _name("斉藤"), "family_name", "weak"),
    (_name("中川", None, "nakagawa"), _name("中河", None, "nakagawa"), "family_name", "weak"),
    (_name("mcdonald"), _name("macdonald"), "family_name", "similar"),
    (_name("garcia lopez"), _name("garcia"), "family_name", "similar"),
    (_name("カトウダイスケ"), _name("カトウダイスケイ"), "family_name", "similar"),
    (_name("smith"), _name("smyth"), "family_name", "close"),
    (_name("sato"), _name("saito"), "family_name", "different"),
    ({"family": "佐藤", **MARRIED}, {"family": "鈴木", **MARRIED}, "family_name", "changed"),
    ({**MARRIED, "family": "佐藤"}, {"family": "鈴木", "given": "花子"}, "family_name", "different"),
    (_name("김"), _name("김"), "family_name", "equal"),
    (_name("김"), _name("이"), "family_name", "different"),
    # given names
    (_name("佐藤", "健二"), _name("佐藤", "健二"), "given_name", "equal"),
    (_name("佐藤", "健二"), _name("佐藤", "健三"), "given_name", "different"),
    (_name("佐藤", "健二", "sato kenji"), _name("sato", "kenji", "sato kenji"), "given_name", "reading"),
    (_name("佐藤", "健二", "sato kenji"), _name("sato", "taro", "sato taro"), "given_name", "reading_differs"),
    (_name("佐藤", "健二", "sato kenji"), _name("佐藤", "賢司", "sato kenji"), "given_name", "weak"),
    (_name("佐藤", "健二"), _name("佐藤", "kenji"), "given_name", None),
    (_name("smith", "robert"), _name("smith", "bob"), "given_name", "nickname"),
    (_name("smith", "bob"), _name("smith", "bobby"), "given_name", "close"),
    (_name("sato", "ken"), _name("sato", "kenneth"), "given_name", "different"),
    (_name("sato", "yuko"), _name("sato", "yuki"), "given_name", "different"),
    (_name("smith", "jonathan"), _name("smith", "jonathon"), "given_name", "similar"),
    (_name("smith", "emma"), _name("smith", "ema"), "given_name", "close"),
    (_name("sato", "k", flags=("initial",)), _name("sato", "kenji"), "given_name", "initial"),
    (_name("sato", "k", flags=("initial",)), _name("佐藤", "健二", "sato kenji"), "given_name", "initial"),
    (_name("sato", "k", flags=("initial",)), _name("sato", "taro"), "given_name", "different"),
    (_name("sato", "k", flags=("initial",)), _name("佐藤", "健二"), "given_name", None),
    (
        {"family": "佐藤", **_mail("kenji.s@aaa.jp")},
        _name("佐藤", "健二", "sato kenji"),
        "given_name",
        "mailbox",
    ),
    ({"family": "佐藤", **_mail("taro@aaa.jp")}, _name("佐藤", "健二", "sato kenji"), "given_name", None),
    # the whole name: undivided, or in each other's field
    (_name("佐藤健二", flags=("unsplit",)), _name("佐藤", "健二"), "given_name", "equal"),
    (_name("佐藤健二", flags=("unsplit",)), _name("佐藤健二", flags=("unsplit",)), "family_name", "equal"),
    (_name("richard", "mcdonald"), _name("mcdonald", "richard"), "family_name", "equal"),
    (_name("richrd", "mcdonald"), _name("macdonald", "richard"), "given_name", "similar"),
    # e-mail addresses
    (_mail("taro@aaa.jp"), _mail("b@aaa.jp", "taro@aaa.jp"), "e_mail", "equal"),
    (INFO, INFO, "e_mail", "shared"),
    (_mail("kenji.sato@aaa.jp"), _mail("kenji.sato@bbb.jp"), "e_mail", "local"),
    (_mail("ken@aaa.jp"), _mail("ken@bbb.jp"), "e_mail", "different"),
    (_mail("kenji.sato@aaa.jp"), _mail("kenji.stao@aaa.jp"), "e_mail", "similar"),
    (_mail("kenji1@aaa.jp"), _mail("kenji2@aaa.jp"), "e_mail", "different"),
    (_mail("taro@aaa.jp"), {}, "e_mail", None),
    # telephones
    (_phone("+819012345678", kind="mobile"), _phone("+819012345678", kind="mobile"), "phone", "mobile"),
    (_phone("+81261234567"), _phone("+81261234567"), "phone", "fixed"),
    (_phone("+811", status="possible"), _phone("+811", status="possible"), "phone", "not_valid"),
    (_phone("+81399999999"), _phone("+81399999999"), "phone", "shared"),
    (_phone("+81261234567"), _phone("+81261234568"), "phone", "different"),
    (_phone("+81261234567", "12"), _phone("+81261234567", "13"), "extension", "different"),
    (_phone("+81261234567", "12"), _phone("+81261234567", "12"), "extension", "equal"),
    (_phone("+81261234567", "12"), _phone("+81261234567"), "extension", None),
    # birth dates
    (_born(1980, 2, 3), _born(1980, 2, 3), "birth_date", "equal"),
    (_born(1980, 2, 3), _born(1980, 3, 2), "birth_date", "swapped"),
    (_born(1980, 2, 3), _born(1981, 2, 3), "birth_date", "digit"),
    (_born(1980, 2, 3), _born(1980, 11, 27), "birth_date", "year"),
    (_born(1980, 2, 3), _born(1991, 7, 24), "birth_date", "different"),
    # addresses
    ({"postal_code": "3800001"}, {"postal_code": "3800001"}, "address", "postal_code"),
    ({"postal_code": "3800001", "number": "1"}, {"postal_code": "3800001", "number": "2"}, "address", "near"),
    ({**NAGANO, "town": "吉田"}, {**NAGANO, "town": "吉田"}, "address", "town"),
    ({"city": "leeds", "town": "high street"}, {"city": "leeds", "town": "high streat"}, "address", "similar"),
    ({"postal_code": "ls11aa"}, {"postal_code": "ls11ab"}, "address", "code_typo"),
    (NAGANO, NAGANO, "address", "city"),
    (NAGANO, {"prefecture": "長野県", "city": "松本市"}, "address", "prefecture"),
    (NAGANO, {"prefecture": "東京都"}, "address", "different"),
    ({"city": "leeds"}, {"city": "york"}, "address", "different"),
    ({"city": "長野市"}, {"city": "nagano"}, "address", None),
    (_phone("+81261234567", prefecture="長野県"), NAGANO, "area_code", "agrees"),
    (NAGANO, _phone("+81261234567", prefecture="東京都"), "area_code", "differs"),
    (NAGANO, _phone("+819012345678", kind="mobile"), "area_code", None),
    # workplaces
    ({"company_key": "aaa"}, {"company_key": "aaa"}, "company", "equal"),
    ({"company_key": "長野製作所"}, {"company_key": "長野製作所松本"}, "company", "similar"),
    ({"company_key": "長野製作所"}, {"company_key": "松本運輸"}, "company", "different"),
    ({"company_key": "長野"}, {"company_key": "nagano"}, "company", None),
    (_mail("a@aaa.jp"), _mail("b@aaa.jp"), "domain", "equal"),
    (_mail("a@aaa.jp"), _mail("b@bbb.jp"), "domain", "different"),
    (FREE, FREE, "domain", None),
    # sample names
    (_name("山田", "太郎", flags=("placeholder",)), _name("山田", "太郎"), "sample_name", "one"),
    # nothing at all, and odd values
    ({}, {}, "family_name", None),
    (_name("x"), _name("x"), "family_name", "equal"),
    (_name("x"), _name("y"), "family_name", "different"),
    (_name("🙂"), _name("🙂"), "family_name", "equal"),
    (_name("a" * 3_000_000), _name("a" * 3_000_000 + "b"), "family_name", "equal"),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    pairs = [(left, right) for left, right, _, _ in CASES]
    return levels_of(tmp_path_factory.mktemp("people"), Kind.PERSON, pairs, phone=frozenset({"+81399999999"}))


@pytest.mark.parametrize("number", range(len(CASES)))
def test_two_people_are_found_to_be(found: list[dict[str, str]], number: int) -> None:
    _, _, comparison, level = CASES[number]
    assert found[number].get(comparison) == level


def test_every_level_has_a_case() -> None:
    covered = {(comparison, level) for _, _, comparison, level in CASES}
    known = {(comparison.name, level.name) for comparison in PERSON for level in comparison.levels}
    assert known - covered == {("domain", "employer")}  # test_features.py: it needs a company
