"""Pairs of companies and the tier they get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_pipeline_tests.match.records import company, mailbox, matched, pairs, person, together, warehouse

Columns = dict[str, Any]


@pytest.mark.parametrize(
    ("left", "right", "tier"),
    [
        ({"name": "長野製作所", "domains": ["nagano.jp"]}, {"name": "長野製作所", "domains": ["nagano.jp"]}, "auto"),
        ({"name": "長野製作所", "city": "長野市"}, {"name": "長野製作所", "city": "長野市"}, "auto"),
        (
            {"name": "長野製作所", "legal_form": "株式会社", "domains": ["nagano.jp"]},
            {"name": "長野製作所", "legal_form": "有限会社", "domains": ["nagano.jp"]},
            "recommended",
        ),
        (
            {"name": "ブルーネット", "domains": ["blue-net.jp"], "postal_code": "1080023"},
            {"name": "bluenet", "postal_code": "1080023"},
            "recommended",
        ),
        (
            {"name": "長野製作所", "domains": ["nagano.jp"], "postal_code": "3800001"},
            {"name": "長野製作所", "domains": ["nagano-ss.jp"], "postal_code": "3800001"},
            "recommended",
        ),
        ({"name": "長野製作所", "domains": ["group.jp"]}, {"name": "松本運輸", "domains": ["group.jp"]}, "possible"),
        ({"name": "長野製作所", "city": "長野市"}, {"name": "松本運輸", "city": "長野市"}, "none"),
    ],
)
def test_a_pair_of_companies_gets_its_tier(tmp_path: Path, left: Columns, right: Columns, tier: str) -> None:
    house = warehouse(tmp_path, [], [company("hubspot/companies/1", **left), company("salesforce/Account/1", **right)])
    matched(house)
    found = pairs(house).get(("hubspot/companies/1", "salesforce/Account/1"))
    assert (found["tier"] if found else "none") == tier


def test_the_domain_of_its_people_helps_to_find_a_company(tmp_path: Path) -> None:
    house = warehouse(
        tmp_path,
        [
            person(
                "salesforce/Contact/1",
                "佐藤",
                "健二",
                e_mails=[mailbox("taro@aaa.jp")],
                company_record_key="salesforce/Account/1",
            )
        ],
        [
            company("hubspot/companies/1", "長野製作所", domains=["aaa.jp"]),
            company("salesforce/Account/1", "長野製作所"),
        ],
    )
    matched(house)
    assert together(house) == [["hubspot/companies/1", "salesforce/Account/1"]]
