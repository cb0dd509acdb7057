"""The threshold of a file: of all its links together hardly any is wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.match.tiers.expected import settings_of_file

MATCH = MatchSettings(
    auto=0.995, recommended=0.9, placeholder_names=False, candidates_per_record=5, shared_by_names=3, at_most_one=()
)


@pytest.mark.parametrize(
    ("posteriors", "auto"),
    [
        ([], 0.995),
        ([0.5, 0.2], 0.995),
        ([0.96], 0.995),
        ([0.9999] * 99 + [0.96, 0.3], 0.96),
        ([0.9999] * 999 + [0.89], 0.9999),
        ([0.9999] * 10 + [0.96] * 3, 0.995),  # one of three equals could go, and they go together
    ],
)
def test_the_threshold(posteriors, auto):
    found = settings_of_file(np.array(posteriors), MATCH).auto
    assert found == min(auto, MATCH.auto)


@given(st.lists(st.floats(0, 1) | st.sampled_from([0.9, 0.96, 0.9999]), max_size=60))
def test_what_is_linked_is_expected_to_be_right(posteriors):
    posterior = np.array(posteriors)
    found = settings_of_file(posterior, MATCH)
    assert MATCH.recommended <= found.auto <= MATCH.auto
    linked = posterior[posterior >= found.auto]
    assert not len(linked) or linked.mean() >= MATCH.auto - 1e-9
