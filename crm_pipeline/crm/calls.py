"""Counts calls, stops a client that has used up its share of the CRM's day, and knows who waits and why.

Not here: the waiting itself (`limiter`, `gateway`), or what to do with the error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock, get_ident
from time import monotonic

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


@dataclass(frozen=True)
class Wait:
    """A call that has not been answered yet because of `reason`, which completes "waiting: HubSpot ..."."""

    reason: str
    since: float  # time.monotonic()


class Calls:
    """The account book of a run with one CRM, shared by the clients and threads that it has."""

    def __init__(self, system: System, limits: Limits) -> None:
        self._system = system
        self._limits = limits
        self._lock = Lock()
        self._usage = Usage()
        self._waits: dict[int, Wait] = {}

    @property
    def usage(self) -> Usage:
        return self._usage

    @property
    def allowed(self) -> int | None:
        """How many calls this run may still make today; None while the CRM has not said what a day allows."""
        usage = self._usage
        if not usage.daily_limit:
            return None
        organisation, run = self._shares(usage)
        return max(0, math.ceil(min(organisation - usage.daily_used, run - usage.total)))

    @property
    def waiting(self) -> Wait | None:
        """The longest wait that is under way in any thread."""
        with self._lock:
            return min(self._waits.values(), key=lambda wait: wait.since, default=None)

    def wait_begins(self, reason: str) -> None:
        """This thread waits from now on, or still, for another reason."""
        with self._lock:
            before = self._waits.get(get_ident())
            self._waits[get_ident()] = Wait(reason, before.since if before else monotonic())

    def wait_ends(self) -> None:
        """This thread does not wait any more."""
        with self._lock:
            self._waits.pop(get_ident(), None)

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
        organisation, run = self._shares(usage)
        if usage.daily_used >= organisation:
            whose, name, share = "the organisation's", "organisation_percent", self._limits.organisation_percent
            advice = "run again tomorrow, or raise it in the settings"
        elif usage.total >= run:
            whose, name, share = "this run's", "run_percent", self._limits.run_percent
            advice = "run again, which goes on from there, or raise it in the settings"
        else:
            return
        raise DailyLimitError(
            f"{self._system.label}: {whose} share of {share:g} % (budget.{name}) of {usage.daily_limit:,} daily API "
            f"calls is used up (today {usage.daily_used:,}, this run {usage.total:,}); {advice}.",
            system=self._system,
        )

    def _shares(self, usage: Usage) -> tuple[float, float]:
        """Calls a day up to which everybody, and this run, may go."""
        limits = self._limits
        return usage.daily_limit * limits.organisation_percent / 100, usage.daily_limit * limits.run_percent / 100

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
