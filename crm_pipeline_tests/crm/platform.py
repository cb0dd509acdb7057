"""A rate-limited platform and its callers in a time of their own: an independent model to hold the limiter against."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from math import inf

from crm_pipeline.crm.limiter import Limiter, Slot, Window


@dataclass
class Platform:
    """Refuses a call when a window that it keeps is full, rolling or fixed; a refused call does not count."""

    limit: int
    seconds: float
    rolling: bool = True
    phase: float = 0.0  # of fixed windows
    arrivals: deque[float] = field(default_factory=deque)

    def remaining(self, now: float) -> int:
        oldest = now - self.seconds
        if not self.rolling:
            oldest = (now + self.phase) // self.seconds * self.seconds - self.phase - 1e-9
        return self.limit - sum(at > oldest for at in self.arrivals)

    def handle(self, now: float) -> bool:
        while self.arrivals and self.arrivals[0] <= now - self.seconds:
            self.arrivals.popleft()
        if self.remaining(now) <= 0:
            return False
        self.arrivals.append(now)
        return True


class Simulation:
    """`threads` callers that call again as soon as they may, for as long as `run` lets time pass."""

    def __init__(
        self, platform: Platform, window: Window, *, threads: int, seed: int, answer: float, names: bool = True
    ) -> None:
        self.platform = platform
        self.window = window
        self.answer = answer  # seconds that the platform needs, give or take a half
        self.names = names  # whether answers name the limit and what is left
        self.now = 0.0
        self.limiter = Limiter(lambda: self.now)
        self.accepted: list[float] = []
        self.refused: list[float] = []
        self._random = random.Random(seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self._connections = 0  # open and not in use
        self._waiting: list[Callable[[], None]] = []
        for _ in range(threads):
            self._at(0.0, self._call)

    def others(self, each: float, until: float) -> None:
        """Another application of the same limit, which calls every `each` seconds, roughly."""
        at = 0.0
        while at < until:
            at += each * self._random.uniform(0.2, 1.8)
            self._at(at, lambda: self.platform.handle(self.now) and None)

    def run(self, until: float) -> None:
        while self._events and self._events[0][0] <= until:
            self.now, _, event = heapq.heappop(self._events)
            event()
        self.now = until

    def share(self, start: float, end: float) -> float:
        """Accepted calls in [start, end), of what the limit allows in that time."""
        allowed = self.platform.limit * (end - start) / self.platform.seconds
        return sum(start <= at < end for at in self.accepted) / allowed

    def _at(self, time: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (time, next(self._number), event))

    def _call(self) -> None:
        slot = self.limiter.request([self.window])
        if not isinstance(slot, Slot):
            return self._waiting.append(self._call) if slot == inf else self._at(self.now + slot, self._call)
        opens = self._connections == 0
        self._connections -= not opens
        on_the_way = self._random.uniform(0.02, 0.06) + 0.4 * opens  # a few round trips
        return self._at(self.now + on_the_way, lambda: self._arrive(slot))

    def _arrive(self, slot: Slot) -> None:
        accepted = self.platform.handle(self.now)
        (self.accepted if accepted else self.refused).append(self.now)
        remaining, limit = self.platform.remaining(self.now), self.platform.limit
        takes = self.answer * self._random.uniform(0.5, 1.5) + self._random.uniform(0.02, 0.06)

        def answered() -> None:
            self.limiter.answered(slot)
            if not accepted:
                self.limiter.pause(slot, self.platform.seconds)
            elif self.names:
                self.limiter.learn(slot, self.window, limit, self.platform.seconds, remaining)
            self._connections += 1
            waiting, self._waiting = self._waiting, []
            for call in (self._call, *waiting):
                call()

        self._at(self.now + takes, answered)
