"""The time an emulated CRM lives in. Rate limits and pauses between calls use the real time."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Real UTC time until a test sets or advances it."""

    def __init__(self) -> None:
        self._fixed: datetime | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """The emulated time, with time zone UTC."""
        if self._fixed is not None:
            return self._fixed
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Move the time by so many seconds; a clock that stands still goes on standing there."""
        if self._fixed is not None:
            self._fixed += timedelta(seconds=seconds)
        else:
            self._offset += timedelta(seconds=seconds)

    def set(self, at: datetime | None) -> None:
        """Let the time stand still at `at` (time zone required); None goes back to real time."""
        if at is not None and at.tzinfo is None:
            raise ValueError("The clock needs a time with a time zone: datetime(..., tzinfo=UTC).")
        self._fixed = at.astimezone(UTC) if at is not None else None
        self._offset = timedelta()
