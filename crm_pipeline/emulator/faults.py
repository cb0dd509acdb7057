"""Failures that tests switch on: errors, cut connections, delays, an edit at a bad moment."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any


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
class Delay:
    """Wait so many (real) seconds before the request is handled."""

    seconds: float


@dataclass(frozen=True)
class Call:
    """Call a function just before the request is handled, e.g. another user's edit."""

    function: Callable[[], object]


Action = Status | CutBefore | CutAfter | Delay | Call


@dataclass
class _Rule:
    method: str | None
    path: re.Pattern[str]
    action: Action
    times: int
    after: int

    def matches(self, method: str, path: str) -> bool:
        return self.method in (None, method) and self.path.search(path) is not None


class Faults:
    """The faults in force; every rule that matches a request acts, in the order they were added."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._lock = Lock()

    def add(
        self,
        *,
        method: str | None = None,
        path: str = "",
        action: Action,
        times: int = 1,
        after: int = 0,
    ) -> None:
        """Let `action` happen to the next `times` matching requests, once `after` of them passed.

        `path` is a regular expression searched in the path (without the query); `method` None is
        any method.
        """
        rule = _Rule(method and method.upper(), re.compile(path), action, times, after)
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._rules.clear()

    def actions(self, method: str, path: str) -> list[Action]:
        """What must happen to this request; counts it against every matching rule."""
        due: list[Action] = []
        with self._lock:
            for rule in self._rules:
                if not rule.matches(method, path):
                    continue
                if rule.after > 0:
                    rule.after -= 1
                elif rule.times > 0:
                    rule.times -= 1
                    due.append(rule.action)
        return due
