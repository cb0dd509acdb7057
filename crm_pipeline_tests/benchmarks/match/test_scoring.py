"""Scores of clusters and pairs: hand-made cases, and counting against listing."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline_tests.benchmarks.match import scoring
from crm_pipeline_tests.benchmarks.match.generator.pairs import within

LABELS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=30)


def test_a_cluster_of_three_with_a_stranger_has_one_right_pair_of_three() -> None:
    score = scoring.clusters(np.array([0, 0, 0, 1]), np.array([7, 7, 8, 8]))
    assert (score.said, score.true, score.right) == (3, 2, 1)
    assert (score.precision, score.recall) == (pytest.approx(1 / 3), 0.5)
    assert score.f1 == pytest.approx(0.4)


def test_nobody_linked_and_nobody_to_link_is_faultless() -> None:
    score = scoring.clusters(np.array([0, 1]), np.array([0, 1]))
    assert (score.precision, score.recall, score.f1) == (1, 1, 1)


def test_a_pair_counts_once_whichever_way_round() -> None:
    score = scoring.pairs(np.array([0, 1, 2, 3]), np.array([1, 0, 3, 3]), np.array([5, 5, 6, 7]))
    assert (score.said, score.true, score.right) == (2, 1, 1)


@given(LABELS)
def test_counts_are_those_of_listed_pairs(labels: list[tuple[int, int]]) -> None:
    found, truth = (np.array([pair[side] for pair in labels], dtype=np.int64) for side in (0, 1))
    listed = list(combinations(range(len(labels)), 2))
    score = scoring.clusters(found, truth)
    assert score.said == sum(found[a] == found[b] for a, b in listed)
    assert score.true == sum(truth[a] == truth[b] for a, b in listed)
    assert score.right == sum(found[a] == found[b] and truth[a] == truth[b] for a, b in listed)
    assert set(zip(*within(found), strict=True)) == {(a, b) for a, b in listed if found[a] == found[b]}
    assert scoring.pairs(*within(found), truth) == score
