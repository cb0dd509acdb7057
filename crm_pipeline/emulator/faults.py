"""Failures that tests switch on: errors, cut connections, delays, an edit at a bad moment.

Belongs here: which request meets which failure. Not here: what the failures of each CRM look like (named_faults.py),
refusing single records of a batch (refusals.py).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from crm_pipeline.emulator.occasions import Occasions


@dataclass(frozen=True)
class Status:
    """Answer with this status instead of handling the request; a dict or list body becomes JSON."""

    code: int
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CutBefore:
    """Close the connection before the request is handled: nothing has changed in the CRM."""


@dataclass(frozen=True)
class CutAfter:
    """Handle the request, then close the connection without an answer."""


@dataclass(frozen=True)
class CutWithin:
    """Handle the request, announce the whole answer, and close the connection in the middle of its body."""


@dataclass(frozen=True)
class Edit:
    """Handle the request, and answer with what the function makes of the body."""

    function: Callable[[bytes], bytes]


def truncated() -> Edit:
    """The first half of the answer, as if that were all of it."""
    return Edit(lambda body: body[: len(body) // 2])


@dataclass(frozen=True)
class Delay:
    """Wait so many (real) seconds before the request is handled."""

    seconds: float


@dataclass(frozen=True)
class Call:
    """Call a function just before the request is handled, e.g. another user's edit."""

    function: Callable[[], object]


Action = Status | CutBefore | CutAfter | CutWithin | Edit | Delay | Call


@dataclass
class _Rule:
    method: str | None
    path: re.Pattern[str]
    query: re.Pattern[str]
    action: Action
    after: int
    occasions: Occasions

    def matches(self, method: str, path: str, query: str) -> bool:
        is_meant = self.method in (None, method) and self.path.search(path) is not None
        return is_meant and self.query.search(query) is not None

    def is_due(self) -> bool:
        """Counts a matching request; whether it meets the action."""
        if self.after > 0:
            self.after -= 1
            return False
        return self.occasions.take()


class Faults:
    """The faults in force; every rule that matches a request acts, in the order they were added.

    `seed` decides which requests a rule with a probability meets: the same requests in the same order meet the same
    faults.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._added = 0
        self._rules: list[_Rule] = []
        self._lock = Lock()

    def add(
        self,
        *,
        method: str | None = None,
        path: str = "",
        query: str = "",
        action: Action,
        times: int | None = 1,
        after: int = 0,
        probability: float = 1.0,
    ) -> None:
        """Let `action` happen to the next `times` matching requests (None: to all), once `after` of them passed.

        `path` is a regular expression searched in the path (without the query), `query` one searched in what follows
        the question mark as it was sent; `method` None is any method. With a `probability` below 1 each matching
        request meets the fault by that chance.
        """
        with self._lock:
            occasions = Occasions(f"{self._seed}/{self._added}", times, probability)
            self._added += 1
            self._rules.append(
                _Rule(method and method.upper(), re.compile(path), re.compile(query), action, after, occasions)
            )

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._rules.clear()

    def actions(self, method: str, path: str, query: str = "") -> list[Action]:
        """What must happen to this request; counts it against every matching rule."""
        if not self._rules:
            return []
        with self._lock:
            return [rule.action for rule in self._rules if rule.matches(method, path, query) and rule.is_due()]
