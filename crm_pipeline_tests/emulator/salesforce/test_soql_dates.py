"""SOQL: the days that a relative date literal stands for, on Tuesday, 24 November 2026."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw


@pytest.mark.parametrize(
    ("literal", "start", "end"),
    [
        ("YESTERDAY", "2026-11-23", "2026-11-23"),
        ("THIS_WEEK", "2026-11-22", "2026-11-28"),
        ("LAST_WEEK", "2026-11-15", "2026-11-21"),
        ("NEXT_WEEK", "2026-11-29", "2026-12-05"),
        ("THIS_MONTH", "2026-11-01", "2026-11-30"),
        ("NEXT_MONTH", "2026-12-01", "2026-12-31"),
        ("LAST_QUARTER", "2026-07-01", "2026-09-30"),
        ("NEXT_FISCAL_QUARTER", "2027-01-01", "2027-03-31"),
        ("THIS_YEAR", "2026-01-01", "2026-12-31"),
        ("LAST_FISCAL_YEAR", "2025-01-01", "2025-12-31"),
        ("LAST_90_DAYS", "2026-08-26", "2026-11-24"),
        ("NEXT_90_DAYS", "2026-11-25", "2027-02-22"),
        ("LAST_N_DAYS:2", "2026-11-22", "2026-11-24"),
        ("NEXT_N_DAYS:2", "2026-11-25", "2026-11-26"),
        ("N_DAYS_AGO:3", "2026-11-21", "2026-11-21"),
        ("LAST_N_WEEKS:2", "2026-11-08", "2026-11-21"),
        ("NEXT_N_MONTHS:2", "2026-12-01", "2027-01-31"),
        ("N_MONTHS_AGO:11", "2025-12-01", "2025-12-31"),
        ("LAST_N_QUARTERS:1", "2026-07-01", "2026-09-30"),
        ("N_FISCAL_QUARTERS_AGO:4", "2025-10-01", "2025-12-31"),
        ("LAST_N_YEARS:2", "2024-01-01", "2025-12-31"),
        ("N_FISCAL_YEARS_AGO:1", "2025-01-01", "2025-12-31"),
    ],
)
def test_date_literals(raw: Raw, store: SalesforceStore, literal: str, start: str, end: str) -> None:
    """The first and last day are in the range, the days before and after it are below and above."""
    one = timedelta(days=1)
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    fields = {"Name": "Deal", "StageName": "Prospecting"}
    deal = store.create("Opportunity", {**fields, "CloseDate": start})
    for day, operator in ((first, "="), (last, "="), (last + one, ">"), (first - one, "<")):
        store.update("Opportunity", deal, {"CloseDate": day.isoformat()})
        for tried in ("=", ">", "<"):
            answer = raw.query(f"SELECT COUNT() FROM Opportunity WHERE CloseDate {tried} {literal}")
            assert answer.json()["totalSize"] == (tried == operator)
