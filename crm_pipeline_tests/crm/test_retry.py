"""What may be sent again, and after how long."""

import pytest

from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.retry import Failure, Problem, backoff, retry_after


@pytest.mark.parametrize(
    ("failure", "writes", "repeats"),
    [
        (Failure.NOT_HANDLED, False, True),
        (Failure.NOT_HANDLED, True, True),
        (Failure.LOST, False, True),
        (Failure.LOST, True, False),
        (Failure.DAILY, False, False),
        (Failure.DAILY, True, False),
    ],
)
def test_law_28_a_write_is_repeated_only_if_it_was_surely_not_done(failure, writes, repeats):
    assert failure.may_repeat(writes=writes) is repeats


def test_backoff_doubles_up_to_its_ceiling_give_or_take_a_quarter():
    limits = Limits(backoff_seconds=1.0, backoff_ceiling_seconds=4.0)
    for attempt, middle in ((1, 1.0), (2, 2.0), (3, 4.0), (9, 4.0)):
        wait = backoff(attempt, Problem(Failure.LOST, ""), limits)
        assert 0.75 * middle <= wait <= 1.25 * middle


def test_law_28_what_the_crm_asks_for_is_waited():
    assert backoff(5, Problem(Failure.NOT_HANDLED, "", wait=7.0), Limits()) == 7.0


@pytest.mark.parametrize(
    ("header", "seconds"), [("2", 2.0), ("0", 0.0), ("-1", 0.0), ("", None), (None, None), ("Tue, 1 Jan", None)]
)
def test_retry_after(header, seconds):
    assert retry_after(header) == seconds
