"""The numbers that stop a run, when ids are compared, and the sentences that explain the others."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_pipeline.extract.completeness.reconcile import Counts, Method, Past, due, explained, refusal

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("counts", "exceeds"),
    [
        (Counts(here=100, there=100, before=100), False),
        (Counts(here=0, there=0), False),
        # Known records that are not there any more: exactly the limit passes, one more does not.
        (Counts(here=100, there=90, before=100, surplus=10), False),
        (Counts(here=100, there=89, before=100, surplus=11), True),
        # They add up from run to run, until a higher limit accepted them.
        (Counts(here=100, there=89, before=100, surplus=11, kept_before=10), True),
        (Counts(here=100, there=89, before=100, surplus=11, kept_before=11), False),
        (Counts(here=100, there=79, before=100, surplus=21, kept_before=11), False),
        (Counts(here=100, there=78, before=100, surplus=22, kept_before=11), True),
        # As many new as vanished do not hide them.
        (Counts(here=111, there=100, before=100, surplus=11, missing=11), True),
        # A CRM that counts fewer than are known.
        (Counts(here=100, there=90, before=100), False),
        (Counts(here=100, there=89, before=100), True),
        (Counts(here=100, there=89, before=100, created_lately=1), False),
        # A read that brought fewer than the CRM counts.
        (Counts(here=90, there=100), False),
        (Counts(here=89, there=100), True),
        (Counts(here=89, there=100, gone_lately=1), False),
        (Counts(here=89, there=100, held_back=1), False),
        (Counts(here=90, there=100, before=90, surplus=1), True),
    ],
)
def test_one_over_the_limit_stops_the_run(counts, exceeds):
    assert counts.exceeds(10) is exceeds


@pytest.mark.parametrize(
    ("counts", "hopeless"),
    [
        (Counts(here=5_000, there=4_000, before=5_000), False),
        (Counts(here=5_000, there=3_999, before=5_000), True),
        (Counts(here=3_999, there=5_000), True),
        (Counts(here=5_000, there=3_999, before=5_000, surplus=1_001), True),
        (Counts(here=20_000, there=18_000, before=20_000), False),
    ],
)
def test_only_a_large_drop_is_not_looked_into(counts, hopeless):
    assert counts.hopeless(10) is hopeless


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (Counts(here=5, there=5), ""),
        (Counts(here=5, there=4, before=5, surplus=1), "1 record here is not there and has no tombstone: kept as"),
        (Counts(here=5, there=3, before=5, surplus=2), "2 records here are not there and have no tombstone"),
        (
            Counts(here=5, there=3, created_lately=2),
            "2 more here may be among the 2 created in the minute before counting",
        ),
        (Counts(here=3, there=5, held_back=2), "2 are in quarantine"),
        (
            Counts(here=3, there=5, gone_lately=2),
            "2 fewer here may be among the 2 deleted or merged in the minute before",
        ),
        (Counts(here=3, there=5), "2 fewer here than the CRM counts, within the limit"),
        (Counts(here=5, there=3), "2 more here than the CRM counts, within the limit"),
        (Counts(here=5, there=5, missing=1), "1 record that the read had not brought was found by comparing ids"),
        (Counts(here=5, there=5, surplus=1, held_back=1), "1 record here is not there"),
        (Counts(here=5, there=5, surplus=1, held_back=1), "1 is in quarantine"),
    ],
)
def test_every_difference_is_explained(counts, words):
    assert words in explained(counts)
    assert bool(explained(counts)) is bool(words)


@pytest.mark.parametrize(
    ("counts", "full", "words", "advice"),
    [
        (Counts(here=10, there=6, before=10, surplus=4), True, "4 of 10 known records", "raise the limit"),
        (Counts(here=10, there=5, before=10), False, "the CRM counts 5 records where 10 are known", "raise the limit"),
        (Counts(here=5, there=10), False, "only 5 of the 10 records", "Run once with --full"),
        (Counts(here=5, there=10), True, "only 5 of the 10 records", "Run again"),
    ],
)
def test_a_refusal_says_what_dropped_and_what_to_do(counts, full, words, advice):
    text = refusal(counts, "HubSpot contacts", 10, full=full)
    assert words in text
    assert "extract.max_drop_percent (10 %)" in text
    assert advice in text


AGREED, DIFFERENT = Counts(here=5, there=5), Counts(here=5, there=6)


@pytest.mark.parametrize(
    ("counts", "past", "asked", "method"),
    [
        (AGREED, Past(compared=NOW - DAY), {}, None),
        (DIFFERENT, Past(compared=NOW - DAY), {}, Method.SPANS),
        (Counts(here=5, there=6, gone_lately=1), Past(compared=NOW - DAY), {}, None),
        (Counts(here=5, there=4, surplus=1), Past(kept=1, compared=NOW - DAY), {}, None),
        # All ids: every few days, after a long pause, and when the CRM forgot.
        (AGREED, Past(compared=NOW - 7 * DAY + HOUR), {}, None),
        (AGREED, Past(compared=NOW - 7 * DAY), {}, Method.ALL_IDS),
        (AGREED, Past(), {}, Method.ALL_IDS),
        (AGREED, Past(compared=NOW - DAY), {"previous": NOW - 15 * DAY}, Method.ALL_IDS),
        (AGREED, Past(compared=NOW - DAY), {"forgot": True}, Method.ALL_IDS),
        # A full read knows all ids already.
        (AGREED, Past(), {"full": True, "previous": None}, None),
        (Counts(here=5, there=4, surplus=1), Past(), {"full": True}, Method.FULL_READ),
        (DIFFERENT, Past(), {"full": True}, Method.SPANS),
    ],
)
def test_ids_are_compared_when_it_is_due(counts, past, asked, method):
    asked = {"full": False, "previous": NOW - DAY, "reconcile_days": 7, **asked}
    assert due(counts, past, now=NOW, **asked) is method
