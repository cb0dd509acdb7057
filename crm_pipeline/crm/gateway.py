"""The one way out: every request of a client passes read-only mode, throttle, budget and retry here.

Not here: wire formats; a client hands in a function that sends, and one that diagnoses an answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from threading import Lock
from typing import Any

import orjson

from crm_pipeline.crm.calls import CallClass, Calls
from crm_pipeline.crm.limiter import Limiter, Slot, Window
from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.retry import Failure, LostAnswerError, Problem, backoff
from crm_pipeline.errors import DailyLimitError, SafetyError, TransientError
from crm_pipeline.model import System


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, whatever library received it. `headers` is case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded body; None if it is empty or not JSON."""
        return self._decoded

    @cached_property
    def _decoded(self) -> Any:
        if not self.body:
            return None
        try:
            return orjson.loads(self.body)
        except ValueError:
            pass
        try:  # what orjson, at half the time, is too strict for: half of a surrogate pair, which a CRM may hold
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Call:
    """What is about to be sent. `subject` says it to a person ("contacts"); never a value or a query."""

    call_class: CallClass
    subject: str
    windows: Sequence[Window] = ()

    @property
    def writes(self) -> bool:
        return self.call_class is CallClass.WRITE


class NotSentError(Exception):
    """Raised by a sender: no connection, so nothing was handled. Its text says of the CRM why, if the sender knows."""


#: In place of "cannot be reached": a proxy that opens connections, or an authority that this machine does not know.
UNTRUSTED = "shows a TLS certificate that this machine does not trust (SSL_CERT_FILE, REQUESTS_CA_BUNDLE)"


class NoAnswerError(Exception):
    """Raised by a sender: the connection broke or timed out after the request may have left."""


class Pace:
    """What the clients that a run has of one account share: the rate, and the account book."""

    def __init__(self, system: System, limits: Limits) -> None:
        self.limiter = Limiter()
        self.calls = Calls(system, limits)


class Gateway:
    """Sends calls of one client; thread-safe. `learn` is told each answer and the place that its call had."""

    def __init__(
        self,
        system: System,
        limits: Limits,
        *,
        diagnose: Callable[[Reply], Problem | None],
        learn: Callable[[Reply, Slot], None],
        read_only: bool,
        pace: Pace | None = None,
    ) -> None:
        pace = pace or Pace(system, limits)
        self.system = system
        self.limits = limits
        self.limiter = pace.limiter
        self.calls = pace.calls
        self._diagnose = diagnose
        self._learn = learn
        self.read_only = read_only
        self._lock = Lock()
        self._server_time: datetime | None = None

    @property
    def server_time(self) -> datetime | None:
        """The Date header of the last answer."""
        return self._server_time

    def exchange(self, call: Call, send: Callable[[], Reply]) -> Reply:
        """Send until there is an answer, for at most `Limits.patience_seconds` of waiting; refusals (4xx) are answers.

        Raises `SafetyError` for a write in read-only mode, `DailyLimitError`, `LostAnswerError` for a write that may
        have landed, and `TransientError` for everything else that may pass.
        """
        if call.writes and self.read_only:
            raise SafetyError(
                f"This is a dry run: writing {call.subject} to {self.system.label} was refused before it left."
            )
        try:
            return self._exchange(call, send)
        finally:
            self.calls.wait_ends()

    def _exchange(self, call: Call, send: Callable[[], Reply]) -> Reply:
        waited = 0.0
        attempt = 0
        while True:
            attempt += 1
            reply, problem, slot = self._try(call, send, first=attempt == 1)
            if problem is None:
                assert reply is not None
                return reply
            wait = backoff(attempt, problem, self.limits)
            met = self._server_time is not None
            patience = self.limits.patience_seconds if met else self.limits.first_patience_seconds
            if not problem.failure.may_repeat(writes=call.writes) or waited + wait > patience:
                break
            waited += wait
            self.calls.wait_begins(problem.reason)
            if problem.pause:
                self.limiter.pause(slot, wait)
                self.calls.retried()
            else:
                time.sleep(wait)
                self.calls.retried(wait)
        raise self._error(call, problem, attempt)

    def _try(self, call: Call, send: Callable[[], Reply], *, first: bool) -> tuple[Reply | None, Problem | None, Slot]:
        if first:
            self.calls.wait_begins("allows no faster calls")
        slot = self.limiter.acquire(call.windows)
        if first:
            self.calls.wait_ends()
        if slot.waited:
            self.calls.waited(slot.waited)
        # Errors are raised outside of the except blocks: the libraries' own texts hold URLs with queries.
        try:
            self.calls.admit(call.call_class)
            reply = send()
        except NotSentError as error:
            return None, Problem(Failure.NOT_HANDLED, str(error) or "cannot be reached"), slot
        except NoAnswerError:
            return None, Problem(Failure.LOST, "did not answer"), slot
        finally:
            self.limiter.answered(slot)
        self._note_time(reply)
        self._learn(reply, slot)
        return reply, self._diagnose(reply), slot

    def _note_time(self, reply: Reply) -> None:
        try:
            at = parsedate_to_datetime(reply.headers.get("Date", ""))
        except ValueError:
            return
        with self._lock:
            self._server_time = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)

    def _error(self, call: Call, problem: Problem, attempts: int) -> Exception:
        label = self.system.label
        system, status, code = self.system, problem.status, problem.code
        if problem.failure is Failure.DAILY:
            return DailyLimitError(
                f"{label} {problem.reason}; the run stopped at {call.subject} and can go on tomorrow.",
                system=system,
                status=status,
                code=code,
            )
        if problem.failure is Failure.LOST and call.writes:
            return LostAnswerError(
                f"{label} {problem.reason} while writing {call.subject}, so the write may have landed; "
                "it is looked up before it is sent again.",
                system=system,
                status=status,
                code=code,
            )
        doing = "writing" if call.writes else "reading"
        tries = "1 try" if attempts == 1 else f"{attempts} tries"
        return TransientError(
            f"{label} {problem.reason} while {doing} {call.subject} ({tries}); "
            "check the network and the CRM's status page, then run again.",
            system=system,
            status=status,
            code=code,
        )
