"""Call limits of a private app: rolling ten seconds, searches a second, calls a day.

Figures: HubSpot's usage guidelines and search documentation (5 searches a second for the whole account). Windows run
in real time; the day is the account's, by the emulated clock.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import date

from crm_pipeline.emulator.hubspot.errors import HubSpotError

#: Calls in ten seconds and a day by subscription; the last is an Enterprise account with one limit increase.
TIERS = {
    "starter": (100, 250_000),
    "professional": (190, 625_000),
    "enterprise": (190, 1_000_000),
    "limit_increase": (250, 2_000_000),
}


@dataclass
class RateLimits:
    """Counts calls; refuses those above a limit only when `enforced`."""

    enforced: bool = False
    app_id: int = 0
    per_ten_seconds: int = TIERS["professional"][0]
    searches_per_second: int = 5
    per_day: int = TIERS["professional"][1]
    calls_today: int = 0
    _day: date | None = None
    _calls: deque[float] = field(default_factory=deque)
    _searches: deque[float] = field(default_factory=deque)

    def start_day(self, day: date) -> None:
        """Tell which day it is in the account's time zone; a new day starts counting from zero."""
        if day != self._day:
            self._day, self.calls_today = day, 0

    def count(self, *, search: bool) -> dict[str, str]:
        """Count one call and give the headers of its answer (searches carry none).

        Raises HubSpotError 429, with HubSpot's policy name, when a limit is reached; such a call does not count.
        """
        now = time.monotonic()
        window, seconds, limit = (
            (self._searches, 1, self.searches_per_second) if search else (self._calls, 10, self.per_ten_seconds)
        )
        while window and window[0] <= now - seconds:
            window.popleft()
        if self.enforced:
            if self.calls_today >= self.per_day:
                raise limit_reached("DAILY", self.app_id)
            if len(window) >= limit:
                raise limit_reached("SECONDLY" if search else "TEN_SECONDLY_ROLLING", self.app_id)
        window.append(now)
        self.calls_today += 1
        return {} if search else self._headers()

    def _headers(self) -> dict[str, str]:
        return {
            "X-HubSpot-RateLimit-Max": str(self.per_ten_seconds),
            "X-HubSpot-RateLimit-Remaining": str(max(0, self.per_ten_seconds - len(self._calls))),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Daily": str(self.per_day),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self.per_day - self.calls_today)),
        }


def limit_reached(policy: str, app_id: int) -> HubSpotError:
    """429 with HubSpot's body; `policy` is TEN_SECONDLY_ROLLING, SECONDLY or DAILY (body: hubspot-api-python #117)."""
    extra = {
        "errorType": "RATE_LIMIT",
        "policyName": policy,
        "groupName": f"publicapi:private-apps-api-calls:{app_id}",
    }
    return HubSpotError(429, f"You have reached your {policy.lower()} limit.", extra=extra)
