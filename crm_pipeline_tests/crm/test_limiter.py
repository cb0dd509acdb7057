"""Throttling, in a time that the test makes: never above what a platform allows, and close to it."""

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.crm.limiter import Limiter, Slot, Window
from crm_pipeline_tests.crm.platform import Platform, Simulation

TEN_SECONDS = {"limit": 190, "seconds": 10.0}
SECOND = {"limit": 5, "seconds": 1.0}


class Time:
    """A limiter in a time that passes only when told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.limiter = Limiter(lambda: self.now)

    def call(self, *windows: Window, takes: float = 0.0) -> Slot:
        """Wait for room, leave, and be answered."""
        while not isinstance(slot := self.limiter.request(windows), Slot):
            self.now += slot
        self.now += takes
        self.limiter.answered(slot)
        return slot


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.mark.parametrize("rolling", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_platform_refuses_nothing_and_gives_nine_tenths_of_its_rate(rolling, seed):
    platform = Platform(**TEN_SECONDS, rolling=rolling, phase=seed * 3.1)
    simulation = Simulation(platform, Window(100, 10.0, named=True), threads=12, seed=seed, answer=0.4)
    simulation.run(60)
    assert simulation.refused == []
    assert simulation.share(0, 60) >= 0.9


@pytest.mark.parametrize("rolling", [True, False])
@pytest.mark.parametrize("threads", [4, 12])
@pytest.mark.parametrize("seed", [1, 2])
def test_searches_keep_their_own_second_although_no_answer_names_it(rolling, threads, seed):
    platform = Platform(**SECOND, rolling=rolling, phase=seed * 0.3)
    simulation = Simulation(platform, Window(5, 1.0), threads=threads, seed=seed, answer=0.3, names=False)
    simulation.run(60)
    assert simulation.refused == []
    assert simulation.share(5, 60) >= 0.9


@pytest.mark.parametrize(("each", "left"), [(0.5, 0.89), (0.1, 0.47)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_others_use_of_the_limit_is_left_to_them(each, left, seed):
    simulation = Simulation(Platform(**TEN_SECONDS), Window(100, 10.0, named=True), threads=12, seed=seed, answer=0.4)
    simulation.others(each, until=60)
    simulation.run(60)
    assert len(simulation.refused) <= 1
    assert simulation.share(10, 60) >= 0.75 * left


def test_calls_that_an_earlier_process_made_a_moment_ago_are_found_out_by_the_first_answer():
    platform = Platform(**TEN_SECONDS)
    for _ in range(190):
        platform.handle(-1.0)
    platform.arrivals.popleft()
    simulation = Simulation(platform, Window(100, 10.0, named=True), threads=12, seed=1, answer=0.4)
    simulation.run(60)
    assert simulation.refused == []
    assert simulation.share(10, 60) >= 0.9


def test_a_tier_that_changes_is_learnt_anew():
    platform = Platform(**TEN_SECONDS)
    simulation = Simulation(platform, Window(100, 10.0, named=True), threads=12, seed=1, answer=0.4)
    simulation.run(30)
    platform.limit = 250
    simulation.run(70)
    assert simulation.refused == []
    assert simulation.share(40, 70) >= 0.9
    platform.limit = 100
    simulation.run(150)
    assert simulation.share(100, 150) >= 0.9
    assert all(at < 90 for at in simulation.refused)


@given(limit=st.integers(1, 6), calls=st.lists(st.tuples(st.floats(0, 3), st.floats(0, 0.9)), max_size=40))
def test_no_window_ever_holds_more_calls_than_its_limit_wherever_they_arrive(limit, calls):
    time, window, ways = Time(), Window(limit, 10.0), []
    for gap, takes in calls:
        time.now += gap
        slot = time.call(window, takes=takes)
        ways.append((slot.sent, slot.answered))
    for early in (True, False):
        arrived = sorted(sent if early else answered for sent, answered in ways)
        assert all(later - earlier >= 10.0 for earlier, later in zip(arrived, arrived[limit:], strict=False))


def test_calls_below_the_limit_do_not_wait(time):
    window = Window(5, 10.0)
    assert [time.call(window).sent for _ in range(5)] == [0.0] * 5
    assert time.call(window).sent == pytest.approx(10, abs=0.02)


def test_a_call_waits_for_all_its_windows(time):
    second, ten = Window(1, 1.0), Window(2, 10.0)
    sent = [time.call(second, ten).sent for _ in range(3)]
    assert sent == pytest.approx([0, 1, 10], abs=0.05)


def test_a_call_holds_its_place_until_its_answer_while_connections_are_new(time):
    window = Window(1, 1.0)
    first = time.call(window, takes=0.5)
    assert time.call(window).sent - first.answered == pytest.approx(1, abs=0.02)


def test_before_the_first_answer_calls_go_one_by_one(time):
    window = Window(100, 10.0, named=True)
    slot = time.limiter.request([window])
    assert time.limiter.request([window]) == float("inf")
    time.limiter.answered(slot)
    assert isinstance(time.limiter.request([window]), Slot)


def test_a_pause_holds_everybody_and_leaves_room_for_others(time):
    window = Window(5, 10.0)
    time.limiter.pause(time.call(window), 7.0)
    assert time.call().sent == 7.0
    assert time.call(window).sent == 7.0  # the refused call did not count
    assert time.call(window).sent >= 17.0


def test_a_refusal_fills_the_window_that_had_the_least_room(time):
    small, large = Window(1, 1.0), Window(100, 10.0)
    for _ in range(30):
        refused = time.call(small, large)
    before = refused.sent
    time.limiter.pause(refused, 1.0)
    assert [time.call(large).sent - before < 2 for _ in range(20)] == [True] * 20


def test_clients_of_one_account_share_a_window_by_its_name(time):
    assert time.limiter.window("app", 100, 10.0) is time.limiter.window("app", 100, 10.0)
    assert time.limiter.window("app", 100, 10.0) is not time.limiter.window("search", 5, 1.0)


def test_threads_share_the_windows_and_say_how_long_they_waited():
    limiter, window, slots = Limiter(), Window(20, 0.05), []

    def work() -> None:
        for _ in range(10):
            slots.append(limiter.acquire([window]))
            limiter.answered(slots[-1])

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = sorted(slot.sent for slot in slots)
    assert all(later - earlier >= 0.05 for earlier, later in zip(sent, sent[20:], strict=False))
    assert max(slot.waited for slot in slots) > 0
