"""Counts calls, and stops a client that has used up its share of the CRM's day.

Not here: waiting (`limiter`), or what to do with the error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock

from crm_pipeline.crm.limits import Limits
from crm_pipeline.errors import DailyLimitError
from crm_pipeline.model import System


class CallClass(StrEnum):
    """What a call costs in the CRMs' rate limits, and whether it may be sent again."""

    READ = "read"
    WRITE = "write"
    SEARCH = "search"


@dataclass(frozen=True)
class Usage:
    """What a client has used so far. `daily_limit` 0: the CRM has not said. Waits include throttling."""

    read: int = 0
    write: int = 0
    search: int = 0
    retries: int = 0
    waits: int = 0
    waited_seconds: float = 0.0
    daily_used: int = 0
    daily_limit: int = 0

    @property
    def total(self) -> int:
        return self.read + self.write + self.search


class Calls:
    """The account book of one client, shared by its threads."""

    def __init__(self, system: System, limits: Limits) -> None:
        self._system = system
        self._limits = limits
        self._lock = Lock()
        self._usage = Usage()

    @property
    def usage(self) -> Usage:
        return self._usage

    def admit(self, call_class: CallClass) -> None:
        """Count a call that is about to leave.

        Raises `DailyLimitError` when the day's calls, or the share of this run, are used up.
        """
        with self._lock:
            usage = self._usage
            if usage.daily_limit:
                self._check(usage)
            self._usage = replace(
                usage,
                **{call_class.value: getattr(usage, call_class.value) + 1},
                daily_used=usage.daily_used + 1,
            )

    def _check(self, usage: Usage) -> None:
        organisation = usage.daily_limit * self._limits.organisation_percent / 100
        run = usage.daily_limit * self._limits.run_percent / 100
        if usage.daily_used >= organisation:
            whose, share = "the organisation's", self._limits.organisation_percent
        elif usage.total >= run:
            whose, share = "this run's", self._limits.run_percent
        else:
            return
        raise DailyLimitError(
            f"{self._system.label}: {whose} share of {share:g} % of {usage.daily_limit} daily API calls "
            f"is used up (today {usage.daily_used}, this run {usage.total}); run again tomorrow, "
            "or raise budget in the settings.",
            system=self._system,
        )

    def learn_daily(self, used: int, limit: int) -> None:
        """Take over what the CRM says about its day, which includes other applications' calls."""
        with self._lock:
            self._usage = replace(self._usage, daily_used=used, daily_limit=limit)

    def waited(self, seconds: float) -> None:
        """Note that a call waited before it left."""
        with self._lock:
            usage = self._usage
            self._usage = replace(usage, waits=usage.waits + 1, waited_seconds=usage.waited_seconds + seconds)

    def retried(self, waited: float = 0.0) -> None:
        """Note that a call is sent again after a wait of its own."""
        with self._lock:
            self._usage = replace(self._usage, retries=self._usage.retries + 1)
        if waited:
            self.waited(waited)
