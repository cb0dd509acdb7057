"""Spans of ids: what is done and what is left make up all ids, each once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.crm.protocol import Span
from crm_pipeline.crm.spans import gaps, merged, numeric, order_of, textual
from crm_pipeline.model import System

_IDS = st.integers(0, 30).map(lambda number: str(number) if number else "")
_SPANS = st.lists(st.builds(Span, _IDS, st.one_of(st.none(), _IDS.filter(bool))), max_size=6)


def _holds(span, number):
    return int(span.after or 0) < number and (span.to is None or number <= int(span.to))


@given(_SPANS)
def test_merged_spans_hold_the_same_ids_in_ascending_order_with_gaps_between(spans):
    result = merged(spans, numeric)
    for number in range(1, 40):
        assert any(_holds(s, number) for s in result) == any(_holds(s, number) for s in spans)
    for one, next_one in pairwise(result):
        assert one.to is not None
        assert int(one.to) < int(next_one.after)


@given(_SPANS)
def test_every_id_is_done_or_left_never_both(spans):
    for number in range(1, 40):
        held = sum(_holds(span, number) for span in [*merged(spans, numeric), *gaps(spans, numeric)])
        assert held == 1


@pytest.mark.parametrize(
    ("system", "ids"),
    [
        (System.HUBSPOT, ["", "9", "10", "99", "100"]),
        (System.SALESFORCE, ["", "003A", "003B", "003a", "00Q1"]),
    ],
)
def test_ids_are_sorted_as_the_crm_sorts_them(system, ids):
    assert max(ids, key=order_of(system)) == ids[-1]
    assert sorted(ids, key=order_of(system)) == ids


def test_nothing_done_leaves_everything():
    assert gaps([], textual) == [Span("", None)]
    assert gaps([Span("", None)], textual) == []
