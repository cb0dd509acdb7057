"""Relative date literals: TODAY, LAST_N_DAYS:3, NEXT_FISCAL_QUARTER and the like.

Belongs here: the days a literal stands for, in the time zone of the organisation. Weeks start on Sunday, as in the
United States and Japan; the fiscal year is the calendar year, as it is until an administrator changes it.

Choices where the behaviour is not documented: LAST_N_WEEKS, _MONTHS, _QUARTERS and _YEARS end before the current
period, NEXT_N_ ones start after it, and N_..._AGO is the one whole period.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SINGLE = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}
_PERIOD = re.compile(r"(LAST|THIS|NEXT)_(?:FISCAL_(?=Q|Y))?(WEEK|MONTH|QUARTER|YEAR)\Z")
_SPAN = re.compile(r"(LAST|NEXT)_(90)_DAYS\Z")
_COUNTED = re.compile(r"(LAST|NEXT)_N_(?:FISCAL_(?=Q|Y))?(DAY|WEEK|MONTH|QUARTER|YEAR)S:(\d{1,6})\Z")
_AGO = re.compile(r"N_(?:FISCAL_(?=Q|Y))?(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO:(\d{1,6})\Z")
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_STEPS = {"LAST": -1, "THIS": 0, "NEXT": 1}


def is_range(text: str) -> bool:
    """Whether the upper-case word is a relative date literal."""
    return text in _SINGLE or any(pattern.match(text) for pattern in (_PERIOD, _SPAN, _COUNTED, _AGO))


def days_of(text: str, today: date) -> tuple[date, date]:
    """First day, and the day after the last one. LAST_N_DAYS includes today. Raises OverflowError, ValueError."""
    if text in _SINGLE:
        return _period("DAY", today, _SINGLE[text], 1)
    if match := _PERIOD.match(text):
        return _period(match.group(2), today, _STEPS[match.group(1)], 1)
    if match := _AGO.match(text):
        return _period(match.group(1), today, -int(match.group(2)), 1)
    if match := _SPAN.match(text):
        direction, unit, count = match.group(1), "DAY", int(match.group(2))
    else:
        match = _COUNTED.match(text)
        assert match is not None
        direction, unit, count = match.group(1), match.group(2), int(match.group(3))
    if direction == "NEXT":
        return _period(unit, today, 1, count)
    including_today = unit == "DAY"
    return _period(unit, today, -count, count + including_today)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The UTC time at which the day starts in the zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _period(unit: str, today: date, step: int, count: int) -> tuple[date, date]:
    """`count` units, the first of them `step` units from the current one."""
    if unit in ("DAY", "WEEK"):
        start = today if unit == "DAY" else today - timedelta(days=today.isoweekday() % 7)
        days = timedelta(days=1 if unit == "DAY" else 7)
        return start + step * days, start + (step + count) * days
    months = _MONTHS[unit]
    current = (today.year * 12 + today.month - 1) // months * months
    return _month(current + step * months), _month(current + (step + count) * months)


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
