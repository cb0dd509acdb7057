"""Results of queries between one page and the next.

Belongs here: locators and pages. Not here: running queries (soql/), HTTP.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.ids import make_id
from crm_pipeline.emulator.salesforce.soql import Result

LIFETIME = timedelta(days=2)
_MOST_ROWS = 10_000_000
"""Of all open results together: what was opened first is closed first, so that memory has a bound (a choice)."""
_LOCATOR = re.compile(r"(01g\w{15})-(\d+)\Z", re.ASCII)


@dataclass(frozen=True)
class Page:
    """Some rows of a result as they are answered; `next_locator` is None on the last page."""

    total: int
    records: list[dict[str, Any]]
    next_locator: str | None


@dataclass(frozen=True)
class _Cursor:
    result: Result
    size: int
    opened: datetime


class Cursors:
    """Open results; each stays open for two days and may be read from any of its rows."""

    def __init__(self) -> None:
        self._open: dict[str, _Cursor] = {}
        self._count = 0

    def first(self, result: Result, size: int, now: datetime) -> Page:
        """The first page of a new result, of at most `size` rows."""
        self._open = {key: cursor for key, cursor in self._open.items() if now - cursor.opened <= LIFETIME}
        if len(result.rows) <= size:
            return Page(result.total, [result.render(row) for row in result.rows], None)
        self._count += 1
        key = make_id("01g", self._count)
        self._open[key] = _Cursor(result, size, now)
        while len(self._open) > 1 and sum(len(cursor.result.rows) for cursor in self._open.values()) > _MOST_ROWS:
            del self._open[next(iter(self._open))]
        return self.page(f"{key}-0", None, now)

    def page(self, locator: str, size: int | None, now: datetime) -> Page:
        """The page that a locator names; `size` None is the size of the first one."""
        match = _LOCATOR.match(locator)
        cursor = self._open.get(match.group(1)) if match else None
        if match is None or cursor is None or now - cursor.opened > LIFETIME:
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        key, start = match.group(1), int(match.group(2))
        end = start + (size or cursor.size)
        rows = cursor.result.rows
        if start >= len(rows):
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        records = [cursor.result.render(row) for row in rows[start:end]]
        return Page(cursor.result.total, records, f"{key}-{end}" if end < len(rows) else None)
