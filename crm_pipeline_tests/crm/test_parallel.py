"""Calls side by side: bounded, pulled, and over when somebody stops."""

import threading
from itertools import count
from threading import Barrier, Event

import pytest

from crm_pipeline.crm.parallel import mapped


def _threads() -> set[str]:
    return {one.name for one in threading.enumerate() if one.name.startswith("crm-call")}


def test_all_results_come_and_so_many_calls_are_made_at_once():
    together = Barrier(4, timeout=5)  # breaks unless four calls are under way together

    def call(job):
        together.wait()
        return job * job

    assert sorted(mapped(call, range(1, 13), workers=4)) == [n * n for n in range(1, 13)]
    assert not _threads()


def test_a_reader_that_waits_leaves_few_results_waiting():
    begun = []
    results = mapped(begun.append, count(), workers=3)
    for taken in range(20):
        next(results)
        assert len(begun) <= taken + 1 + 3 + 4
    results.close()
    assert not _threads()


def test_the_first_error_is_raised_and_nothing_new_begins():
    begun = []

    def call(job):
        begun.append(job)
        if job == 5:
            raise LookupError(job)

    with pytest.raises(LookupError):
        list(mapped(call, count(), workers=2))
    assert len(begun) <= 5 + 2 + 4
    assert not _threads()


def test_closing_waits_for_the_calls_under_way():
    slow, over = Event(), []

    def call(job):
        if job:
            slow.wait(0.05)
            over.append(job)

    results = mapped(call, range(100), workers=2)
    next(results)
    results.close()
    assert not _threads()
    assert len(over) <= 3
