"""The clock that tests set."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crm_pipeline.emulator.clock import Clock

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_set_clock_stands_still_until_advanced() -> None:
    clock = Clock()
    clock.set(NOON)
    assert clock.now() == NOON

    clock.advance(90)
    assert clock.now() == NOON + timedelta(seconds=90)


def test_an_advanced_clock_runs_ahead_of_real_time_until_reset() -> None:
    clock = Clock()
    clock.advance(86_400)
    assert clock.now() - datetime.now(UTC) > timedelta(hours=23)

    clock.set(None)
    assert clock.now() - datetime.now(UTC) < timedelta(hours=1)


def test_the_time_is_utc_whatever_zone_it_was_set_in() -> None:
    clock = Clock()
    clock.set(datetime(2026, 11, 24, 21, tzinfo=timezone(timedelta(hours=9))))

    assert clock.now() == NOON
    assert clock.now().tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Clock().set(datetime(2026, 11, 24))
