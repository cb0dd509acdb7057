"""Works on bulk jobs beside the requests: slice by slice, so that nobody waits long for the organisation's lock.

Belongs here: the thread and whose turn it is. Not here: what the slices of a job do. The thread ends when there is no
work left and is started again by the next job.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

_LOG = logging.getLogger(__name__)

Steps = Iterator[Callable[[], None] | None]
"""The steps of a task, taken while the lock is held; a function that a step gives is called without the lock."""


@dataclass
class _Task:
    steps: Steps
    due: float


class Worker:
    """Takes the steps of all tasks in turn; each step is taken while `lock` is held."""

    _PAUSE = 0.0005
    """Seconds between steps: a lock given back and taken at once would starve the requests."""

    def __init__(self, lock: AbstractContextManager[bool]) -> None:
        self._lock = lock
        self._tasks: deque[_Task] = deque()
        self._changed = threading.Condition()
        self._running = False

    def submit(self, steps: Steps, delay: float = 0) -> None:
        """Take the steps one after the other, the first one after `delay` (real seconds)."""
        with self._changed:
            self._tasks.append(_Task(steps, time.monotonic() + delay))
            self._changed.notify_all()
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="bulk jobs", daemon=True).start()

    def hurry(self) -> None:
        """End the pauses of all tasks that have not begun."""
        with self._changed:
            for task in self._tasks:
                task.due = 0
            self._changed.notify_all()

    def wait(self) -> None:
        """Return when no task is left; not to be called while the lock is held."""
        with self._changed:
            self._changed.wait_for(lambda: not self._running)

    def _run(self) -> None:
        while (task := self._next()) is not None:
            if self._take_step(task):
                with self._changed:
                    self._tasks.append(task)
            time.sleep(self._PAUSE)

    def _take_step(self, task: _Task) -> bool:
        """Whether the task goes on."""
        try:
            with self._lock:
                aside = next(task.steps, self)
            if callable(aside):
                aside()
            return aside is not self
        except Exception:
            _LOG.exception("A bulk job broke off.")
            return False

    def _next(self) -> _Task | None:
        """The first task that is due, waiting for it if need be; None, and the end of the thread, without any."""
        with self._changed:
            while self._tasks:
                now = time.monotonic()
                for task in self._tasks:
                    if task.due <= now:
                        self._tasks.remove(task)
                        return task
                self._changed.wait(min(task.due for task in self._tasks) - now)
            self._running = False
            self._changed.notify_all()
            return None
