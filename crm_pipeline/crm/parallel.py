"""Calls side by side: a bounded number under way, their results pulled by whoever reads them.

Belongs here: threads. Not here: what is called (the clients), in what parts a read is cut (`ranges`), how fast calls
may leave (`limiter`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

#: Calls of one read under way: HubSpot's highest rate, 25 a second, when an answer takes 0.6 s.
WORKERS = 16
#: Results that may wait for the reader before nothing more is begun.
_WAITING = 4

Job = TypeVar("Job")
Result = TypeVar("Result")
Out = TypeVar("Out")


def side_by_side(
    take: Callable[[], Job | None],
    run: Callable[[Job], Result],
    finish: Callable[[Job, Result], Out],
    *,
    workers: int = WORKERS,
) -> Iterator[Out]:
    """What `finish` makes of the results, in the order in which they come.

    `run` is called in threads; `take` (the next job, or None as long as there is none) and `finish` are called by the
    reader of this iterator only, `take` again after each result. A reader that is slow leaves at most 4 results more
    than `workers` waiting. The first error is raised and no further job begins; that and closing the iterator end all
    threads.
    """
    running: dict[Future[Result], Job] = {}
    ready: deque[Out] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="crm-call")

    def start() -> None:
        while len(running) < workers and len(running) + len(ready) < workers + _WAITING:
            job = take()
            if job is None:
                return
            running[pool.submit(run, job)] = job

    try:
        start()
        while running or ready:
            finished, _ = wait(running, timeout=0 if ready else None, return_when=FIRST_COMPLETED)
            for future in finished:
                ready.append(finish(running.pop(future), future.result()))
            start()
            if ready:
                yield ready.popleft()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def mapped(run: Callable[[Job], Result], jobs: Iterable[Job], *, workers: int = WORKERS) -> Iterator[Result]:
    """`run` of each job, in the order in which the results come."""
    rest = iter(jobs)
    return side_by_side(lambda: next(rest, None), run, lambda _, result: result, workers=workers)
