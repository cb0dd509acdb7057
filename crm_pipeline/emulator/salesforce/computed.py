"""Fields of a record that follow from its other fields, and from the records it refers to.

Belongs here: what holds of every stored record, however it was written; so imported records get these fields too. Not
here: what one write sets (completion.py), what it changes in other records (consequences.py).

Sources: Object Reference of Salesforce (Opportunity, Case, Task, Event). Choices where it is not documented: the fiscal
year is the calendar year; an unknown stage counts as open.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any
from zoneinfo import ZoneInfo

from crm_pipeline.emulator.salesforce.layout import Draft
from crm_pipeline.emulator.salesforce.rows import Row, Rows
from crm_pipeline.emulator.salesforce.standard_values import (
    CLOSED_CASE,
    CLOSED_TASK,
    FORECAST_CATEGORIES,
    HIGH_PRIORITY,
    STAGES,
    UNKNOWN_STAGE,
)
from crm_pipeline.emulator.salesforce.values import format_datetime

CASE_FROM_CONTACT = {
    "ContactEmail": "Email",
    "ContactPhone": "Phone",
    "ContactMobile": "MobilePhone",
    "ContactFax": "Fax",
}
"""Fields of a case that show its contact's."""

_FIRST_CASE = 1000
_FULL_DAY = 1440
_ID_DIGITS = {digit: value for value, digit in enumerate(digits + ascii_uppercase + ascii_lowercase)}


def fill(draft: Draft, rows: Rows, zone: ZoneInfo) -> None:
    """Set the computed fields of a record that is about to be stored."""
    fill_one = _BY_OBJECT.get(draft.layout.sobject.name)
    if fill_one is not None:
        fill_one(draft, rows, zone)


def _opportunity(draft: Draft, rows: Rows, zone: ZoneInfo) -> None:
    stage = STAGES.get(draft["StageName"], UNKNOWN_STAGE)
    draft["IsClosed"], draft["IsWon"] = stage.closed, stage.won
    if draft["Probability"] is None:
        draft["Probability"] = stage.probability
    if draft["ForecastCategoryName"] is None:
        draft["ForecastCategoryName"] = stage.forecast
    draft["ForecastCategory"] = FORECAST_CATEGORIES.get(draft["ForecastCategoryName"], "Pipeline")
    amount, closing = draft["Amount"], draft["CloseDate"]
    draft["ExpectedRevenue"] = None if amount is None else round(amount * draft["Probability"] / 100, 2)
    if closing is not None:
        year, quarter = int(closing[:4]), (int(closing[5:7]) + 2) // 3
        draft["FiscalYear"], draft["FiscalQuarter"], draft["Fiscal"] = year, quarter, f"{year} {quarter}"


def _case(draft: Draft, rows: Rows, zone: ZoneInfo) -> None:
    draft["CaseNumber"] = f"{_FIRST_CASE + _number(draft['Id']):08d}"
    draft["IsClosed"] = draft["Status"] == CLOSED_CASE
    draft["Comments"] = None
    contact = rows.get("Contact", draft["ContactId"]) if draft["ContactId"] else None
    for name, source in CASE_FROM_CONTACT.items():
        draft[name] = None if contact is None else contact[source]


def _number(record_id: str) -> int:
    """How many records of its object there were with this one; ids count up."""
    found = 0
    for digit in record_id[6:15].lstrip("0"):
        found = found * len(_ID_DIGITS) + _ID_DIGITS[digit]
    return found


def _task(draft: Draft, rows: Rows, zone: ZoneInfo) -> None:
    draft["IsClosed"] = draft["Status"] == CLOSED_TASK
    draft["IsHighPriority"] = draft["Priority"] == HIGH_PRIORITY
    if draft["TaskSubtype"] is None:
        draft["TaskSubtype"] = "Task"
    draft["AccountId"] = _account_of(draft, rows)


def _event(draft: Draft, rows: Rows, zone: ZoneInfo) -> None:
    if draft["EventSubtype"] is None:
        draft["EventSubtype"] = "Event"
    if draft["ShowAs"] is None:
        draft["ShowAs"] = "Busy"
    draft["AccountId"] = _account_of(draft, rows)
    if draft["IsAllDayEvent"]:
        _all_day(draft)
    else:
        _timed(draft, zone)


def _all_day(draft: Draft) -> None:
    """An all-day event has dates, kept as midnights in UTC; it ends at the midnight with which its last day begins."""
    day = draft["ActivityDate"] or (draft["StartDateTime"] or draft["ActivityDateTime"] or "")[:10]
    if not day:
        return
    start = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    if draft["EndDateTime"] is not None:
        last = datetime.fromisoformat(draft["EndDateTime"][:10] + "T00:00:00+00:00")
    else:
        last = start + timedelta(days=max((draft["DurationInMinutes"] or _FULL_DAY) // _FULL_DAY, 1) - 1)
    draft["ActivityDate"], draft["EndDate"] = day, last.date().isoformat()
    draft["StartDateTime"], draft["EndDateTime"] = format_datetime(start), format_datetime(last)
    draft["ActivityDateTime"] = draft["StartDateTime"]
    draft["DurationInMinutes"] = _minutes(last - start) + _FULL_DAY


def _timed(draft: Draft, zone: ZoneInfo) -> None:
    begins = draft["StartDateTime"] or draft["ActivityDateTime"]
    if begins is None:
        return
    start = datetime.fromisoformat(begins)
    if draft["EndDateTime"] is None:
        draft["EndDateTime"] = format_datetime(start + timedelta(minutes=draft["DurationInMinutes"] or 0))
    end = datetime.fromisoformat(draft["EndDateTime"])
    draft["StartDateTime"] = draft["ActivityDateTime"] = begins
    draft["DurationInMinutes"] = _minutes(end - start)
    draft["ActivityDate"] = start.astimezone(zone).date().isoformat()
    draft["EndDate"] = end.astimezone(zone).date().isoformat()


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def _account_of(draft: Draft, rows: Rows) -> Any:
    """The account that an activity is related to, itself or by an opportunity, else that of its contact."""
    related, person = draft["WhatId"] or "", draft["WhoId"] or ""
    if related.startswith("001"):
        return related
    if related.startswith("006"):
        return _account_in(rows.get("Opportunity", related))
    return _account_in(rows.get("Contact", person)) if person.startswith("003") else None


def _account_in(row: Row | None) -> Any:
    return None if row is None else row["AccountId"]


_BY_OBJECT: dict[str, Callable[[Draft, Rows, ZoneInfo], None]] = {
    "Opportunity": _opportunity,
    "Case": _case,
    "Task": _task,
    "Event": _event,
}
