"""Throttling, in a time that the test makes."""

from threading import Thread

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.crm.limiter import Limiter, Window


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _limiter() -> tuple[Limiter, Time]:
    time = Time()
    return Limiter(time.clock, time.sleep), time


@given(limit=st.integers(1, 6), gaps=st.lists(st.floats(0, 3), max_size=40))
def test_no_window_ever_holds_more_calls_than_its_limit(limit, gaps):
    limiter, time = _limiter()
    window, taken = Window(limit, 10.0), []
    for gap in gaps:
        time.now += gap
        limiter.acquire([window])
        taken.append(time.now)
    for start in taken:
        assert sum(start <= at < start + 10.0 - 1e-6 for at in taken) <= limit


def test_calls_below_the_limit_do_not_wait():
    limiter, _ = _limiter()
    window = Window(5, 10.0)
    assert [limiter.acquire([window]) for _ in range(5)] == [0.0] * 5
    assert limiter.acquire([window]) == 10.0


def test_a_call_waits_for_all_its_windows():
    limiter, _ = _limiter()
    search, app = Window(1, 1.0), Window(2, 10.0)
    assert [limiter.acquire([search, app]) for _ in range(3)] == [0.0, 1.0, 9.0]


def test_a_pause_holds_everybody():
    limiter, _ = _limiter()
    limiter.pause(7.0)
    assert limiter.acquire([Window(5, 10.0)]) == 7.0
    assert limiter.acquire([]) == 0.0


def test_a_learnt_limit_keeps_five_percent_back():
    limiter, _ = _limiter()
    window = Window(1, 1.0)
    limiter.learn(window, 190, 10.0)
    assert (window.limit, window.seconds) == (180, 10.0)


def test_a_lowered_limit_counts_the_calls_already_made():
    limiter, time = _limiter()
    window = Window(4, 10.0)
    for _ in range(4):
        limiter.acquire([window])
        time.now += 1
    window.limit = 2
    assert limiter.acquire([window]) == 8.0  # of 0, 1, 2, 3 at 4: the one made at 2 must leave first


def test_threads_share_the_windows():
    limiter = Limiter(sleep=lambda _: None)
    window = Window(200, 1000.0)
    threads = [Thread(target=lambda: [limiter.acquire([window]) for _ in range(25)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert window.wait(limiter._clock()) > 0
