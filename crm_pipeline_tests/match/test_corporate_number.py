"""The corporate number (法人番号) tells corporations apart, and finds one under another name."""

from __future__ import annotations

from pathlib import Path

from crm_pipeline_tests.match.records import company, matched, pairs, together, warehouse

ONE, OTHER = "7000012050002", "1180301018771"
HERE, THERE = "hubspot/companies/1", "salesforce/Account/1"


def test_two_of_one_name_with_different_numbers_are_never_linked(tmp_path: Path) -> None:
    house = warehouse(
        tmp_path,
        companies=[
            company(HERE, "長野製作所", corporate_number=ONE, domains=["aaa.jp"]),
            company(THERE, "長野製作所", corporate_number=OTHER, domains=["aaa.jp"]),
        ],
    )
    matched(house)
    assert together(house) == []
    assert pairs(house)[HERE, THERE]["why_not_auto"] == "the corporate numbers differ"


def test_one_number_links_two_spellings_of_a_name(tmp_path: Path) -> None:
    house = warehouse(
        tmp_path,
        companies=[
            company(HERE, "naganoseisakusho", corporate_number=ONE),
            company(THERE, "長野製作所", corporate_number=ONE),
        ],
    )
    matched(house)
    found = pairs(house)[HERE, THERE]
    assert found["tier"] in ("auto", "recommended")
    assert "same corporate number: 7000012050002" in found["evidence"]
    assert found["rules"] == ["corporate number"]
