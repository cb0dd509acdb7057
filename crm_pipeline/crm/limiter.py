"""Keeps the calls of all threads of a client below the CRM's rate limits, and close to them.

Belongs here: windows and waiting. Not here: what an answer means (`retry`), daily limits (`calls`).

A CRM counts a call when it arrives, which is some time between its leaving and its answer. A call therefore keeps its
place from when it leaves until a window's length after its answer, or after `_ON_THE_WAY` of the window if the answer
takes longer than that. So no window of the platform, rolling or fixed, can see more than the limit, whatever the calls
do on their way, as long as that is enough; and 1 / 1.1 of the limit is used at the worst.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Condition

#: Share of a window that a call may take to arrive; the answer may take longer.
_ON_THE_WAY = 0.09
#: Seconds for clocks that round.
_ROUNDING = 0.01
#: The first calls open connections, which takes as long as several calls: they count from their answers.
_COLD = 16
#: What others use is remembered for so many windows after the last sign of them.
_REMEMBERED = 30
#: Of what others use, kept free on top: they do not call evenly.
_MORE_OF_OTHERS = 0.1


class Slot:
    """The place of one call in its windows."""

    __slots__ = ("answered", "cold", "sent", "waited", "windows")

    def __init__(self, windows: Sequence[Window], sent: float, *, cold: bool) -> None:
        self.windows = windows
        self.sent = sent
        self.answered = math.inf
        self.cold = cold
        self.waited = 0.0


class Window:
    """At most `limit` calls in any `seconds`; not thread-safe by itself.

    `named`: answers name the limit. Until the first one has, calls go one by one: the limit may be lower, and an
    earlier process may have used it up a moment ago.
    """

    def __init__(self, limit: int, seconds: float, *, named: bool = False) -> None:
        self.limit = limit
        self.seconds = seconds
        self._known = not named
        self._answers = 0
        self._slots: deque[Slot] = deque()
        self._others = 0
        self._others_until = 0.0

    @property
    def cold(self) -> bool:
        return self._answers < _COLD

    def wait(self, now: float) -> float:
        """Seconds until one more call fits: 0 when it fits now, infinity when an answer must come first."""
        while self._slots and self._free_at(self._slots[0]) <= now - self.seconds:
            self._slots.popleft()
        if not self._known:
            return math.inf if self._slots else 0.0
        taken = sorted(at for at in map(self._free_at, self._slots) if at > now)
        allowed = max(1, self.limit - self._of_others(now))
        return taken[len(taken) - allowed] - now if len(taken) >= allowed else 0.0

    def take(self, slot: Slot) -> None:
        """Count a call that leaves now."""
        self._slots.append(slot)

    def answer(self) -> None:
        """Note that an answer came, whatever it says."""
        self._answers += 1
        self._known = True

    def learn(self, limit: int, seconds: float) -> None:
        """Take over the limit that the CRM named."""
        self.limit, self.seconds, self._known = max(1, limit), seconds, True

    def observe(self, slot: Slot, remaining: int) -> None:
        """What the CRM says is left tells how much others use; `slot` is the call whose answer says it.

        Calls that may or may not have been in the CRM's window make this a range. Only if all of them together do not
        account for what is gone are there surely others; then the upper end is taken.
        """
        if slot.answered - slot.sent > self.seconds:
            return  # it is not known when in all that time the CRM looked
        used = self.limit - remaining
        possible = sum(
            one.sent < slot.answered and self._free_at(one) > slot.sent for one in self._slots if one is not slot
        )
        most = max(0, used - 1 - self._certain(slot))
        if used > possible + 1:
            self._note_others(slot, most)
        else:
            self._others = min(self._others, most)

    def refused(self, slot: Slot) -> None:
        """The CRM's window was full although ours was not: there are others. A refused call does not count."""
        self._note_others(slot, max(1, self.limit - self._certain(slot)))
        self._slots.remove(slot)

    def room(self, slot: Slot) -> int:
        """Calls that would still have fitted, for all we knew, when the one of `slot` was looked at."""
        return self.limit - self._certain(slot)

    def _certain(self, slot: Slot) -> int:
        """Calls of ours that were surely in the CRM's window when it looked at the one of `slot`."""
        return sum(one.answered <= slot.sent and one.sent > slot.answered - self.seconds for one in self._slots)

    def _note_others(self, slot: Slot, number: int) -> None:
        self._others = number
        self._others_until = slot.answered + _REMEMBERED * self.seconds

    def _of_others(self, now: float) -> int:
        if now >= self._others_until:
            return 0
        return math.ceil(self._others * (1 + _MORE_OF_OTHERS))

    def _free_at(self, slot: Slot) -> float:
        arrived = slot.answered if slot.cold else min(slot.answered, slot.sent + _ON_THE_WAY * self.seconds)
        return arrived + self.seconds + _ROUNDING


class Limiter:
    """Lets callers through when every window that they name has room and no pause is on. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = Condition()
        self._paused_until = 0.0
        self._windows: dict[str, Window] = {}

    def window(self, name: str, limit: int, seconds: float, *, named: bool = False) -> Window:
        """The window of this name, made at first use: all clients of an account share it."""
        with self._changed:
            return self._windows.setdefault(name, Window(limit, seconds, named=named))

    def acquire(self, windows: Sequence[Window]) -> Slot:
        """Wait for room in all `windows` and take it. Tell `answered` when the call is over, however it ended."""
        started = self._clock()
        with self._changed:
            while isinstance(slot := self._request(windows), float):
                self._changed.wait(None if math.isinf(slot) else slot)
        slot.waited = slot.sent - started
        return slot

    def request(self, windows: Sequence[Window]) -> Slot | float:
        """A place in all `windows` if there is one now, else the seconds after which to ask again."""
        with self._changed:
            return self._request(windows)

    def _request(self, windows: Sequence[Window]) -> Slot | float:
        now = self._clock()
        wait = max([self._paused_until - now, *(window.wait(now) for window in windows)], default=0.0)
        if wait > 0:
            return wait
        slot = Slot(windows, now, cold=any(window.cold for window in windows))
        for window in windows:
            window.take(slot)
        return slot

    def answered(self, slot: Slot) -> None:
        """The call is over: it was counted by now, if it ever was."""
        with self._changed:
            slot.answered = self._clock()
            for window in slot.windows:
                window.answer()
            self._changed.notify_all()

    def learn(self, slot: Slot, window: Window, limit: int, seconds: float, remaining: int | None) -> None:
        """Take over what the answer to a call says of a window: the limit, and what is left of it."""
        with self._changed:
            window.learn(limit, seconds)
            if remaining is not None:
                window.observe(slot, remaining)
            self._changed.notify_all()

    def pause(self, slot: Slot, seconds: float) -> None:
        """Nobody calls for so long: the CRM said that we are too fast, so others must be using the limit as well.

        Of several windows it is the one with the least room that was full.
        """
        with self._changed:
            self._paused_until = max(self._paused_until, self._clock() + seconds)
            if slot.windows:
                min(slot.windows, key=lambda window: window.room(slot)).refused(slot)
