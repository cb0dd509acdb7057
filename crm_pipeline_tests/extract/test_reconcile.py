"""The numbers that stop a run, and the sentences that explain the others."""

import pytest

from crm_pipeline.extract.reconcile import Counts, explained, refusal


@pytest.mark.parametrize(
    ("counts", "exceeds"),
    [
        (Counts(here=100, there=100, before=100), False),
        (Counts(here=0, there=0), False),
        # A full read that misses known records: exactly the limit passes, one more does not.
        (Counts(here=100, there=90, before=100, missing=10), False),
        (Counts(here=100, there=89, before=100, missing=11), True),
        # An incremental read whose CRM counts fewer than are known.
        (Counts(here=100, there=90, before=100), False),
        (Counts(here=100, there=89, before=100), True),
        (Counts(here=100, there=89, before=100, created_lately=1), False),
        # A read that brought fewer than the CRM counts.
        (Counts(here=90, there=100), False),
        (Counts(here=89, there=100), True),
        (Counts(here=89, there=100, gone_lately=1), False),
        (Counts(here=89, there=100, held_back=1), False),
    ],
)
def test_one_over_the_limit_stops_the_run(counts, exceeds):
    assert counts.exceeds(10) is exceeds


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (Counts(here=5, there=5), ""),
        (Counts(here=5, there=4, before=5, missing=1), "1 known records were not in the full read"),
        (Counts(here=5, there=3, created_lately=2), "2 were created while counting"),
        (Counts(here=3, there=5, held_back=2), "2 are in quarantine"),
        (Counts(here=3, there=5, gone_lately=2), "2 were deleted or merged while counting"),
        (Counts(here=3, there=5), "2 fewer here than the CRM counts"),
        (Counts(here=5, there=3), "2 more here than the CRM counts"),
    ],
)
def test_every_difference_is_explained(counts, words):
    assert words in explained(counts)
    assert bool(explained(counts)) is (counts.here != counts.there)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (Counts(here=10, there=10, before=10, missing=4), "4 of 10 known records"),
        (Counts(here=10, there=5, before=10), "the CRM counts 5 records where 10 are known"),
        (Counts(here=5, there=10), "only 5 of the 10 records"),
    ],
)
def test_a_refusal_says_what_dropped_and_what_to_do(counts, words):
    text = refusal(counts, "HubSpot contacts", 10)
    assert words in text
    assert "extract.max_drop_percent (10 %)" in text
