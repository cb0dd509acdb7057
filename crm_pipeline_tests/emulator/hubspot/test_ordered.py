"""Laws of the sorted numbers behind every index: the same as a sorted list."""

from __future__ import annotations

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.emulator.hubspot.ordered import Ordered

NUMBERS = st.integers(-30, 30)


@given(st.sets(NUMBERS), st.lists(NUMBERS), NUMBERS, st.integers(-2, 40), st.integers(0, 40))
def test_numbers_stay_in_order_and_are_counted(
    start: set[int], toggled: list[int], sought: int, first: int, length: int
) -> None:
    ordered, plain = Ordered(start, full=4), set(start)
    for number in toggled:
        (ordered.remove if number in plain else ordered.add)(number)
        plain ^= {number}
        assert (len(ordered), number in ordered) == (len(plain), number in plain)

    expected = sorted(plain)
    assert list(ordered) == expected
    assert ordered.position(sought) == bisect_left(expected, sought)
    assert ordered.between(first, first + length) == expected[max(first, 0) : max(first + length, 0)]


@given(st.sets(NUMBERS), st.sets(NUMBERS))
def test_many_numbers_are_added_at_once(some: set[int], more: set[int]) -> None:
    ordered = Ordered(some, full=4)
    ordered.update(more - some)

    assert list(ordered) == sorted(some | more)
