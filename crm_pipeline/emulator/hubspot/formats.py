"""How HubSpot writes times, dates and ids, and how it reads what clients send."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH_MS = re.compile(r"-?\d{1,15}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z; such texts sort by time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def epoch_ms(text: str) -> int:
    """Milliseconds since 1970 of a time in HubSpot's own form."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def datetime_text(text: str) -> str | None:
    """A datetime value (epoch milliseconds, or ISO 8601 with a zone) as HubSpot stores it; None: neither."""
    try:
        if _EPOCH_MS.fullmatch(text):
            return iso(_EPOCH + timedelta(milliseconds=int(text)))
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return iso(at) if at.tzinfo is not None else None


def date_text(text: str) -> str | None:
    """A date value (YYYY-MM-DD, or epoch milliseconds at midnight UTC) as YYYY-MM-DD; None: neither."""
    try:
        if _EPOCH_MS.fullmatch(text):
            if int(text) % _DAY_MS:
                return None
            return (_EPOCH + timedelta(milliseconds=int(text))).date().isoformat()
        if _DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except (ValueError, OverflowError):
        return None
    return None
