"""What may be sent again, and how long to wait before it.

Belongs here: the classes of failure and the arithmetic of waiting. Not here: how one CRM words a failure
(`hubspot/answers`, `salesforce/answers`) and the sending itself (`gateway`).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from crm_pipeline.crm.limits import Limits
from crm_pipeline.errors import TransientError


class Failure(StrEnum):
    """Why a call gave no usable answer; decides whether it may be sent again."""

    NOT_HANDLED = "not_handled"  # surely not done: refused connection, rate limit, lock, 503
    LOST = "lost"  # perhaps done: cut or timed out after sending, 500, 502, 504
    DAILY = "daily"  # the day's calls are used up

    def may_repeat(self, *, writes: bool) -> bool:
        """Reads may always be repeated; a write only if it was surely not done."""
        return self is Failure.NOT_HANDLED or (self is Failure.LOST and not writes)


@dataclass(frozen=True)
class Problem:
    """A failed call. `reason` completes "HubSpot ..."; `wait`: seconds the CRM asks for, `pause`: from everybody."""

    failure: Failure
    reason: str
    status: int = 0
    code: str = ""
    wait: float | None = None
    pause: bool = False


class LostAnswerError(TransientError):
    """A write was sent and its answer is lost: it may have landed, so it must not be sent again."""


def backoff(attempt: int, problem: Problem, limits: Limits) -> float:
    """Seconds to wait after failed try number `attempt` (from 1): what the CRM asked for, else doubling with jitter."""
    if problem.wait is not None:
        return problem.wait
    step = min(limits.backoff_seconds * 2.0 ** (attempt - 1), limits.backoff_ceiling_seconds)
    return step * random.uniform(0.75, 1.25)  # noqa: S311 - spreads retries, guards nothing


def retry_after(header: str | None) -> float | None:
    """Seconds of a Retry-After header; None without one or for a date (neither CRM sends dates)."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
