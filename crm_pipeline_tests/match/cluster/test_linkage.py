"""Rounds of mutually nearest clusters against the plain definition; components against a walk."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.match.cluster.components import components
from crm_pipeline_tests.match.cluster.shapes import Pair, groups, joined

KEYS = list("abcdefgh")
PAIRS = list(combinations(KEYS, 2))
#: Of each pair: not compared, a sure link, or a weight against. Far enough apart that no two averages are a step apart
#: and still ordered: what is left to chance is left to chance in both.
known = st.dictionaries(st.sampled_from(PAIRS), st.integers(-6, 12), max_size=20)


def _nearest_first(links: dict[Pair, float]) -> list[str]:
    """Average linkage as it is defined, the nearest pair first. Raises LookupError where the nearest is not unique."""
    found = [[key] for key in KEYS]
    weights = {frozenset(pair): weight for pair, weight in links.items()}
    while True:
        near = []
        for one, other in combinations(found, 2):
            total = sum(weights.get(frozenset((a, b)), -1.0) for a in one for b in other)
            near.append((round(total / (len(one) * len(other)), 9), one, other))
        best, one, other = max(near, key=lambda entry: entry[0], default=(0.0, [], []))
        if best <= 0:
            return sorted("".join(sorted(members)) for members in found if len(members) > 1)
        close = [entry for entry in near if entry[0] > best - 0.06 and (entry[1], entry[2]) != (one, other)]
        if any(one in entry[1:] or other in entry[1:] for entry in close):
            raise LookupError
        found = [members for members in found if members not in (one, other)] + [one + other]


@given(known, st.floats(0.01, 0.4))
def test_rounds_give_what_the_nearest_first_gives(drawn: dict[Pair, int], spread: float) -> None:
    weights = {pair: w + spread * (PAIRS.index(pair) % 7) if w > 2 else min(w, -1) for pair, w in drawn.items()}
    automatic = {pair: weight for pair, weight in weights.items() if weight > 2}
    compared = {pair: weight for pair, weight in weights.items() if weight <= 2}
    try:
        expected = _nearest_first(weights)
    except LookupError:
        return
    assert groups(KEYS, joined(KEYS, automatic, compared)) == expected


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=14))
def test_components_are_what_a_walk_reaches(links: list[tuple[int, int]]) -> None:
    reached = [{place} for place in range(12)]
    for _ in range(12):
        for a, b in links:
            reached[a] |= reached[b]
            reached[b] |= reached[a]
    left, right = (np.array([link[side] for link in links], np.int32) for side in (0, 1))
    assert components(12, left, right).tolist() == [min(found) for found in reached]
