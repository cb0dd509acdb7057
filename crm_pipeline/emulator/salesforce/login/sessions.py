"""Who may call the API, and how often a day.

Belongs here: access tokens and the count of calls. Not here: the HTTP headers that carry them.
"""

import secrets
from datetime import date, datetime, timedelta

SESSION_LENGTH = timedelta(hours=2)
"""Salesforce's default: a session ends two hours after its last use."""


class Sessions:
    """Access tokens of the integration user."""

    def __init__(self, organisation_id: str) -> None:
        self._prefix = organisation_id[:15]
        self._last_used: dict[str, datetime] = {}

    def issue(self, now: datetime) -> str:
        """A new access token."""
        token = f"{self._prefix}!{secrets.token_urlsafe(48)}"
        self._last_used[token] = now
        return token

    def is_valid(self, token: str, now: datetime) -> bool:
        """Whether the token may be used now; using it keeps the session alive."""
        last_used = self._last_used.get(token)
        if last_used is None or now - last_used > SESSION_LENGTH:
            self._last_used.pop(token, None)
            return False
        self._last_used[token] = now
        return True

    def last_used(self, token: str, now: datetime) -> datetime | None:
        """When a session was used last, without using it; None when it has ended."""
        last_used = self._last_used.get(token)
        return None if last_used is None or now - last_used > SESSION_LENGTH else last_used

    def revoke(self, token: str) -> bool:
        """End one session; False when there is none."""
        return self._last_used.pop(token, None) is not None

    def expire(self) -> None:
        """End all sessions."""
        self._last_used.clear()


class Usage:
    """Calls of the current day (UTC) against the organisation's daily limit; refused above it when `enforced`."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.enforced = True
        self.used = 0
        self._day: date | None = None

    def count(self, now: datetime) -> bool:
        """Count a call; False, and not counted, when the limit is reached."""
        if now.date() != self._day:
            self._day, self.used = now.date(), 0
        if self.enforced and self.used >= self.limit:
            return False
        self.used += 1
        return True

    @property
    def header(self) -> str:
        """Value of the Sforce-Limit-Info header."""
        return f"api-usage={self.used}/{self.limit}"
