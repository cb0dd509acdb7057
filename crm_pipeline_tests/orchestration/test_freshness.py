"""How old an asset may be follows from the schedule."""

from datetime import timedelta

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.orchestration.freshness import longest_gap, policy


@pytest.mark.parametrize(
    ("schedule", "gap"),
    [
        ("0 2 * * *", timedelta(days=1)),
        ("0 2 * * 1-5", timedelta(days=3)),
        ("0 2 1 * *", timedelta(days=31)),
        ("0 */6 * * *", timedelta(hours=6)),
    ],
)
def test_the_longest_gap_of_a_schedule(schedule, gap):
    assert longest_gap(schedule, "Asia/Tokyo") == gap


def test_one_missed_night_warns_two_fail():
    fresh = policy(load_settings())
    assert (fresh.warn_window.to_timedelta(), fresh.fail_window.to_timedelta()) == (
        timedelta(hours=30),
        timedelta(hours=54),
    )
