"""First violation and recovery, and nothing in between: whatever the findings, night after night."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.alerts.finding import MOMENTS, Finding, Kind, Told
from crm_pipeline.alerts.news import news

NIGHT = datetime(2026, 11, 28, tzinfo=UTC)
FINDINGS = st.lists(
    st.builds(
        Finding,
        kind=st.sampled_from(Kind),
        subject=st.sampled_from(["", "a", "b"]),
        cause=st.sampled_from(["", "x"]),
        number=st.integers(0, 40),
    ),
    unique_by=lambda one: (one.kind, one.subject),
    max_size=6,
)


def remembered(told, heard):
    """The memory after the news, as memory.keep makes it."""
    gone = {(one.kind, one.subject) for one in (*heard.begun, *heard.over, *heard.forgotten)}
    kept = [one for one in told if (one.kind, one.subject) not in gone]
    return [*kept, *(Told(one.kind, one.subject, one.cause, one.number, NIGHT) for one in heard.begun)]


@given(st.lists(FINDINGS, max_size=5))
def test_what_was_told_is_not_told_again_and_what_is_over_is_told_once(nights):
    told = []
    for findings in nights:
        first = news(findings, told)
        told = remembered(told, first)
        again = news(findings, told)
        assert not again
        assert not again.forgotten
        assert {(one.kind, one.subject) for one in told} == {(one.kind, one.subject) for one in findings}
        assert not {one.kind for one in first.over} & MOMENTS


@given(FINDINGS)
def test_the_order_of_findings_is_no_news(findings):
    assert news(findings, []) == news(findings[::-1], [])


@pytest.mark.parametrize(
    ("cause", "number", "comes"),
    [("x", 5, False), ("y", 5, True), ("x", 14, False), ("x", 15, True), ("x", 1, False)],
)
def test_another_cause_and_a_number_that_has_doubled_are_told_once_more(cause, number, comes):
    told = [Told(Kind.REFUSED, "Salesforce LOCK", "x", 5, NIGHT)]
    assert bool(news([Finding(Kind.REFUSED, "Salesforce LOCK", cause, number)], told)) is comes
