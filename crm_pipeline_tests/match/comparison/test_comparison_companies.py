"""What two companies' values are found to be to each other."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.match.firms import COMPANY
from crm_pipeline.model import Kind
from crm_pipeline_tests.match.compared import levels_of
from crm_pipeline_tests.match.records import telephone

Columns = dict[str, Any]
KK = {"legal_form": "株式会社", "legal_form_position": "before"}


def _phone(number: str, **columns: Any) -> Columns:
    return {"phones": [telephone(number, **columns)]}


#: left, right, comparison, level (None: nothing to compare)
CASES: list[tuple[Columns, Columns, str, str | None]] = [
    ({"name": "長野製作所"}, {"name": "長野製作所"}, "company_name", "equal"),
    ({"name": "長野製作所"}, {"name": "長野製作所松本"}, "company_name", "similar"),
    ({"name": "acmeindustries"}, {"name": "acmeindustry"}, "company_name", "similar"),
    ({"name": "abcdefgh"}, {"name": "abcxyzgh"}, "company_name", "close"),
    ({"name": "長野製作所"}, {"name": "松本運輸"}, "company_name", "different"),
    ({"name": "ブルーネット"}, {"name": "bluenet"}, "company_name", None),
    ({"name": "bluenet"}, {}, "company_name", None),
    (KK, KK, "legal_form", "equal"),
    (KK, {**KK, "legal_form_position": "after"}, "legal_form", "position"),
    (KK, {**KK, "legal_form": "有限会社"}, "legal_form", "different"),
    (KK, {"legal_form": "inc"}, "legal_form", None),
    ({"corporate_number": "7000012050002"}, {"corporate_number": "7000012050002"}, "corporate_number", "equal"),
    ({"corporate_number": "7000012050002"}, {"corporate_number": "1180301018771"}, "corporate_number", "different"),
    ({"corporate_number": "7000012050002"}, {}, "corporate_number", None),
    ({"domains": ["aaa.jp"]}, {"domains": ["aaa.jp", "bbb.jp"]}, "domain", "equal"),
    ({"domains": ["group.jp"]}, {"domains": ["group.jp"]}, "domain", "shared"),
    ({"domains": ["aaa.jp"]}, {"domains": ["bbb.jp"]}, "domain", "different"),
    ({"domains": ["blue-net.jp"]}, {"name": "bluenet"}, "domain", "name"),
    ({"domains": ["x.jp", "blue-net.jp"]}, {"name": "bluenet", "domains": ["bn.jp"]}, "domain", "name"),
    ({"domains": ["aaa.jp"]}, {}, "domain", None),
    (_phone("+819012345678", kind="mobile"), _phone("+819012345678", kind="mobile"), "phone", "mobile"),
    (_phone("+81261234567"), _phone("+81261234567"), "phone", "fixed"),
    (_phone("+81261234567"), _phone("+81261234568"), "phone", "different"),
    ({"city": "長野市"}, {"city": "長野市"}, "address", "city"),
    (_phone("+81261234567", prefecture="長野県"), {"prefecture": "長野県"}, "area_code", "agrees"),
    (_phone("+81261234567", prefecture="長野県"), {"prefecture": "東京都"}, "area_code", "differs"),
    ({}, {}, "company_name", None),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    pairs = [(left, right) for left, right, _, _ in CASES]
    return levels_of(tmp_path_factory.mktemp("firms"), Kind.COMPANY, pairs, domain=frozenset({"group.jp"}))


@pytest.mark.parametrize("number", range(len(CASES)))
def test_two_companies_are_found_to_be(found: list[dict[str, str]], number: int) -> None:
    _, _, comparison, level = CASES[number]
    assert found[number].get(comparison) == level


def test_every_level_of_its_own_has_a_case() -> None:
    covered = {(comparison, level) for _, _, comparison, level in CASES}
    known = {
        (c.name, level.name)
        for c in COMPANY
        if c.name in ("company_name", "legal_form", "domain")
        for level in c.levels
    }
    assert known - covered == {("domain", "people")}  # test_features.py: it needs a person
