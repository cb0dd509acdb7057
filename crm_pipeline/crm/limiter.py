"""Keeps the calls of all threads of a client below the CRM's rate limits.

Belongs here: windows and waiting. Not here: what an answer means (`retry`), daily limits (`calls`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock


class Window:
    """At most `limit` calls in any `seconds`; not thread-safe by itself."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self.seconds = seconds
        self._taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until one more call fits; 0 when it fits now."""
        while self._taken and self._taken[0] <= now - self.seconds:
            self._taken.popleft()
        if len(self._taken) < self.limit:
            return 0.0
        return self._taken[len(self._taken) - self.limit] + self.seconds - now

    def take(self, now: float) -> None:
        """Count a call made at `now`."""
        self._taken.append(now)


class Limiter:
    """Lets callers through when every window that they name has room and no pause is on."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._paused_until = 0.0

    def acquire(self, windows: Sequence[Window]) -> float:
        """Wait for room in all `windows`, take it, and return the seconds waited."""
        waited = 0.0
        while True:
            with self._lock:
                now = self._clock()
                wait = max(
                    [self._paused_until - now, *(window.wait(now) for window in windows)],
                    default=0.0,
                )
                if wait <= 0:
                    for window in windows:
                        window.take(now)
                    return waited
            self._sleep(wait)
            waited += wait

    def sleep(self, seconds: float) -> None:
        """Wait without keeping anybody else from calling."""
        self._sleep(seconds)

    def pause(self, seconds: float) -> None:
        """Nobody calls for so long: the CRM said that we are too fast."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def learn(self, window: Window, limit: int, seconds: float) -> None:
        """Take over the limit that the CRM named, less 5 % because calls bunch up on their way."""
        with self._lock:
            window.limit = max(1, limit * 95 // 100)
            window.seconds = seconds
