"""A read cut into ranges of ids: every record once, whatever the ids look like and in whatever order pages come."""

import random
from bisect import bisect_right

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.crm.ranges import OutOfOrderError, Range, Ranges, checked, kept

PAGE = 10


class World:
    """Records by id and a list endpoint over them: `limit` ids above `after`."""

    def __init__(self, ids, spans=((0, None),), *, workers=8, seed=0):
        self.ids = sorted(ids)
        self.newest_asked = 0
        self.ranges = Ranges(spans, page=PAGE, newest=self.newest)
        self.workers = workers
        self.random = random.Random(seed)
        self.given: list[int] = []
        self.done: list[tuple[int, int | None]] = []
        self.calls = 0
        self.most_at_once = 0

    def newest(self):
        self.newest_asked += 1
        return self.ids[-1] if self.ids else 0

    def answer(self, range_: Range):
        start = bisect_right(self.ids, range_.after)
        return self.ids[start : start + PAGE], start + PAGE < len(self.ids)

    def read(self):
        """Read everything, pages coming back in a random order."""
        under_way = []
        while True:
            while len(under_way) < self.workers and (range_ := self.ranges.take()) is not None:
                under_way.append((range_, *self.answer(range_)))
            self.most_at_once = max(self.most_at_once, len(under_way))
            if not under_way:
                return self
            range_, ids, more = under_way.pop(self.random.randrange(len(under_way)))
            self.calls += 1
            after, to = self.ranges.advance(range_, ids, more=more)
            self.done.append((after, to))
            self.given += ids[: kept(ids, to)]


gaps_between_ids = st.lists(st.integers(1, 3) | st.integers(1, 10_000_000), max_size=400)
spans = st.lists(st.integers(0, 100_000_000), unique=True, max_size=7).map(sorted)


@given(gaps_between_ids, spans, st.integers(1, 8), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_every_record_of_the_spans_comes_once_and_all_ids_are_done(steps, ends, workers, seed):
    ids, last = [], 0
    for step in steps:
        last += step
        ids.append(last)
    asked = [*zip(ends[::2], ends[1::2], strict=False), *([(ends[-1], None)] if len(ends) % 2 else [])]
    world = World(ids, asked, workers=workers, seed=seed).read()
    assert sorted(world.given) == [one for one in ids if any(a < one and (b is None or one <= b) for a, b in asked)]
    assert world.most_at_once <= workers
    joined: list[tuple[int, int | None]] = []
    for after, to in sorted(world.done, key=lambda span: (span[0], span[1] is None, span[1] or 0)):
        if joined and joined[-1][1] == after and (after, joined[-1][1]) not in asked and after not in dict(asked):
            joined[-1] = (joined[-1][0], to)
        elif after != to:
            joined.append((after, to))
    assert joined == asked


@pytest.mark.parametrize("pages", [0, 1, 2, 4])
def test_a_few_pages_are_read_one_after_the_other_without_a_further_call(pages):
    world = World(range(1, pages * PAGE + 1)).read()
    assert (world.calls, world.newest_asked, world.most_at_once) == (max(pages, 1), 0, 1)


@pytest.mark.parametrize(
    ("name", "ids", "surplus"),
    [
        ("evenly", range(51, 51 + 50 * 5000, 50), 10),
        ("old ids dense, new ids sparse", [*range(1, 4000), *range(10**9, 10**9 + 10**8, 10**5)], 45),
        ("a single newest id far away", [*range(1, 5000), 10**10], 45),
        ("a small object with a single newest id far away", [*range(1, 200), 10**10], 14),
        ("sparse then dense", [*range(10**6, 10**9, 10**6), *range(10**10, 10**10 + 4000)], 25),
    ],
)
def test_records_that_lie_unevenly_cost_few_calls_more_and_are_read_side_by_side(name, ids, surplus):
    ids = list(ids)
    world = World(ids).read()
    assert sorted(world.given) == ids
    assert world.calls <= len(ids) / PAGE + surplus
    assert world.most_at_once == 8
    assert world.newest_asked == 1


def test_records_created_behind_the_newest_known_come_too():
    world = World(range(1, 2001))
    world.newest = lambda: 2000
    world.ids += range(2001, 2300)
    assert sorted(world.read().given) == list(range(1, 2300))


def test_a_page_that_was_cut_short_in_the_middle_loses_nothing():
    world = World(range(1, 3001), seed=3)
    whole, cut = world.answer, []

    def answer(range_):
        ids, more = whole(range_)
        if ids and len(cut) < 20 and max(world.given, default=0) > ids[-1]:
            cut.append(ids[0])
            return ids[:3], False
        return ids, more

    world.answer = answer
    assert sorted(world.read().given) == list(range(1, 3001))
    assert len(cut) == 20


def test_when_all_records_beyond_are_gone_meanwhile_the_read_ends():
    world = World(range(1, 3001))
    whole = world.answer

    def answer(range_):
        if len(world.given) > 1500:
            world.ids = world.ids[:500]
        return whole(range_)

    world.answer = answer
    assert len(set(world.read().given)) == len(world.given)


def test_a_range_with_an_end_does_not_ask_for_the_newest_id():
    world = World(range(1, 2001), [(100, 1900)]).read()
    assert (sorted(world.given), world.newest_asked) == (list(range(101, 1901)), 0)


@pytest.mark.parametrize(
    ("ids", "after", "numbers"),
    [([], 5, []), (["6", "9", "10"], 5, [6, 9, 10]), (["5", "6"], 5, [5, 6])],
)
def test_ascending_ids_are_numbers(ids, after, numbers):
    assert checked(ids, after) == numbers


@pytest.mark.parametrize("ids", [["4"], ["6", "6"], ["9", "10", "8"], ["a"], ["٣"], [""], ["-1"]])
def test_ids_in_no_order_are_refused(ids):
    with pytest.raises(OutOfOrderError):
        checked(ids, 5)
