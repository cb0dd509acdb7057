"""The worker of bulk jobs: turns, pauses, faults, and the lock between steps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from crm_pipeline.emulator.salesforce.bulk.worker import Worker


def counted(name: str, log: list[str], steps: int) -> Iterator[None]:
    for number in range(steps):
        log.append(f"{name}{number}")
        yield


def test_tasks_take_turns() -> None:
    lock, log = threading.RLock(), []  # type: ignore[var-annotated]
    worker = Worker(lock)
    with lock:  # both are there before the first step
        worker.submit(counted("a", log, 3))
        worker.submit(counted("b", log, 3))
    worker.wait()
    assert log == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_lock_is_free_between_steps() -> None:
    lock = threading.RLock()
    worker, log = Worker(lock), []  # type: ignore[var-annotated]
    entered = threading.Event()

    def steps() -> Iterator[None]:
        entered.set()
        while not log:
            yield

    worker.submit(steps())
    entered.wait()
    with lock:
        log.append("a request got its turn")
    worker.wait()


def test_function_of_a_step_is_called_without_the_lock() -> None:
    lock = threading.RLock()
    free: list[bool] = []

    def take() -> None:
        free.append(lock.acquire(blocking=False))
        if free[-1]:
            lock.release()

    def try_from_elsewhere() -> None:
        taker = threading.Thread(target=take)
        taker.start()
        taker.join()

    def steps() -> Iterator[Callable[[], None]]:
        try_from_elsewhere()
        yield try_from_elsewhere

    worker = Worker(lock)
    worker.submit(steps())
    worker.wait()
    assert free == [False, True]


def test_task_that_breaks_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Iterator[None]:
        raise ZeroDivisionError
        yield

    log: list[str] = []
    worker = Worker(threading.RLock())
    worker.submit(broken())
    worker.submit(counted("a", log, 2))
    worker.wait()
    assert log == ["a0", "a1"]
    assert "A bulk job broke off." in caplog.text


def test_task_with_a_pause_waits_until_it_is_hurried() -> None:
    log: list[str] = []
    worker = Worker(threading.RLock())
    worker.submit(counted("late", log, 1), 3600)
    early = threading.Event()
    worker.submit(iter([early.set]))
    early.wait()
    assert log == []
    worker.hurry()
    worker.wait()
    assert log == ["late0"]


def test_thread_ends_with_the_work_and_starts_again() -> None:
    log: list[str] = []
    worker = Worker(threading.RLock())
    for name in "ab":
        worker.submit(counted(name, log, 1))
        worker.wait()
    assert log == ["a0", "b0"]
