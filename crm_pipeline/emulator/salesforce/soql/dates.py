"""Relative date literals: TODAY, LAST_N_DAYS:3 and the like.

Belongs here: the days a literal stands for, in the time zone of the organisation.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_COUNTED = re.compile(r"(LAST_N_DAYS|NEXT_N_DAYS|N_DAYS_AGO):(\d+)\Z")
_SINGLE = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}


def is_range(text: str) -> bool:
    """Whether the upper-case word is a relative date literal."""
    return text in _SINGLE or _COUNTED.match(text) is not None


def days_of(text: str, today: date) -> tuple[date, date]:
    """First day, and the day after the last one. LAST_N_DAYS includes today."""
    if text in _SINGLE:
        start = today + timedelta(days=_SINGLE[text])
        return start, start + timedelta(days=1)
    counted = _COUNTED.match(text)
    assert counted is not None
    name, days = counted.group(1), timedelta(days=int(counted.group(2)))
    one = timedelta(days=1)
    if name == "LAST_N_DAYS":
        return today - days, today + one
    if name == "NEXT_N_DAYS":
        return today + one, today + days + one
    return today - days, today - days + one


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The UTC time at which the day starts in the zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
