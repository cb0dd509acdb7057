"""Whole arrays against the definition for one pair."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.config import load_settings
from crm_pipeline.match.scores.scored import TIERS, Scored, unjudged
from crm_pipeline.match.tiers.competition import candidates, compete
from crm_pipeline.match.tiers.judging import reasons, shown, tiers
from crm_pipeline.match.tiers.tier import Numbers, Standing, tier
from crm_pipeline.model import Tier

_COUNT = 6
_SETTINGS = load_settings().match
odds = st.sampled_from([0.001, 0.02, 1.0, 30.0, 1e4, 1e9])
drawn_pairs = st.dictionaries(
    st.tuples(st.integers(0, _COUNT - 1), st.integers(0, _COUNT - 1)).filter(lambda pair: pair[0] < pair[1]),
    odds,
    min_size=1,
    max_size=12,
)


@given(drawn_pairs, st.lists(st.integers(0, 1), min_size=_COUNT, max_size=_COUNT), st.integers(1, _COUNT))
def test_rivals_are_the_best_members_of_other_groups_of_the_other_source(
    pairs: dict[tuple[int, int], float], sources: list[int], groups: int
) -> None:
    source = np.array(sources, dtype=np.int32)
    group = np.arange(_COUNT, dtype=np.int32) % groups
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int32) for side in (0, 1))
    size = np.array(list(pairs.values()))
    found = compete(left, right, size, source, group, candidates(left, right, size, source, group))

    def rivals(one: int, other: int) -> list[float]:
        best: dict[int, float] = {}
        for (a, b), theirs in pairs.items():
            for near, far in ((a, b), (b, a)):
                if near == one and sources[far] == sources[other] and group[far] not in (group[one], group[other]):
                    best[int(group[far])] = max(best.get(int(group[far]), 0), theirs)
        return list(best.values())

    for place, ((one, other), own) in enumerate(pairs.items()):
        near, far = rivals(one, other), rivals(other, one)
        assert np.isclose(found.posterior[place], own / (1 + own + sum(near) + sum(far)), atol=1e-8)
        assert np.isclose(found.share[place], own / (own + sum(near) + sum(far)), atol=1e-8)
        counted = max(sum(o >= own / 100 for o in near), sum(o >= own / 100 for o in far))
        assert found.candidates[place] == 1 + counted


class _Allowed:
    """Standings by number, as weighing.Allowed looks them up."""

    known: ClassVar = [
        Standing(highest, lowest, why)
        for highest, why in ((Tier.AUTO, None), (Tier.RECOMMENDED, "a"), (Tier.POSSIBLE, "b"), (Tier.NONE, "c"))
        for lowest in (Tier.RECOMMENDED, Tier.NONE)
        if lowest is Tier.NONE or highest in (Tier.AUTO, Tier.RECOMMENDED)
    ]

    def of(self, patterns):  # type: ignore[no-untyped-def]
        rows = [self.known[number] for number in patterns]
        return (
            np.array([TIERS.index(row.highest) for row in rows], dtype=np.int8),
            np.array([TIERS.index(row.lowest) for row in rows], dtype=np.int8),
            np.zeros(len(rows), dtype=np.bool_),
        )

    def why(self, patterns):  # type: ignore[no-untyped-def]
        return np.array([self.known[number].why_not_auto for number in patterns], dtype=np.object_)


def _rows(numbers: list[tuple[float, float, int, int]]) -> Scored:
    count = len(numbers)
    zeros = np.zeros(count)
    rows = unjudged(
        np.arange(count, dtype=np.int32),
        np.arange(count, dtype=np.int32) + count,
        np.zeros(count, dtype=np.uint64),
        zeros,
        zeros,
        np.array([n[3] for n in numbers], dtype=np.int64),
        np.zeros(count, dtype=np.bool_),
    )
    posterior, share = (np.array([n[side] for n in numbers]) for side in (0, 1))
    return Scored(
        *(getattr(rows, name) for name in ("l", "r", "rules", "weight", "odds", "pattern", "strong")),
        posterior,
        share,
        np.array([n[2] for n in numbers], dtype=np.int32),
        rows.tier,
    )


probability = st.sampled_from([0.0, 0.005, 0.01, 0.5, 0.9, 0.95, 0.995, 0.9996, 1.0])
numbers = st.tuples(probability, probability, st.integers(1, 4), st.integers(0, len(_Allowed.known) - 1))
NOBODY = np.zeros(0, dtype=np.int64)


@given(st.lists(numbers, min_size=1, max_size=8))
def test_the_tiers_of_arrays_are_those_of_single_pairs(drawn: list[tuple[float, float, int, int]]) -> None:
    rows, allowed = _rows(drawn), _Allowed()
    found = tiers(rows, allowed, _SETTINGS, NOBODY, NOBODY)  # type: ignore[arg-type]
    rows = Scored(*(getattr(rows, name) for name in rows.__dict__ if name != "tier"), found)
    why = reasons(rows, allowed, _SETTINGS, NOBODY)  # type: ignore[arg-type]
    for place, (posterior, share, candidate_count, pattern) in enumerate(drawn):
        expected = tier(allowed.known[pattern], Numbers(posterior, share, candidate_count), _SETTINGS)
        assert (TIERS[found[place]], why[place]) == expected


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(5, 9), probability), max_size=15, unique_by=lambda p: p[:2]))
def test_no_record_has_more_possible_matches_than_asked_for(drawn: list[tuple[int, int, float]]) -> None:
    rows = _rows([(posterior, 1.0, 1, 0) for *_, posterior in drawn])
    ends = [np.array([row[side] for row in drawn], dtype=np.int32) for side in (0, 1)]
    columns = {**rows.__dict__, "l": ends[0], "r": ends[1], "tier": np.ones(len(drawn), dtype=np.int8)}
    visible, _ = shown(Scored(**columns), 2, np.arange(10, dtype=np.uint64), NOBODY)
    for side in (0, 1):
        assert np.bincount(ends[side][visible], minlength=1).max(initial=0) <= 2
    if drawn:
        best = max(range(len(drawn)), key=lambda place: (drawn[place][2], -drawn[place][0], -drawn[place][1]))
        assert visible[best]
