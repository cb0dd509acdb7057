"""Clusters of a file against each other: what one row does not say, another row of the same customer does.

Belongs here: which clusters are one customer by the best that any two of their rows say of each comparison, less what
looking at so many pairs finds by chance. No join brings records together that contradict each other. Files only: a
CRM's pairs are judged each by itself (law 37). Not here: clusters by pairs (clustering.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.cluster.closure import pairs_inside
from crm_pipeline.match.cluster.components import components
from crm_pipeline.match.desk import Desk
from crm_pipeline.match.scores.pattern import patterns
from crm_pipeline.match.scores.scored import TIERS, Flags, Ids, Scored
from crm_pipeline.match.scores.scoring import MOST_ODDS, grouped
from crm_pipeline.match.tiers import competition
from crm_pipeline.match.vocabulary import Compared
from crm_pipeline.model import Tier

_AUTO = TIERS.index(Tier.AUTO)
#: Odds of the best pair from which on two clusters are worth a look; odds from which on they are likely one.
_WORTH, _LIKELY = 0.05, 3.0
#: Pairs between two clusters, and records of a joined one, at most.
_MOST_PAIRS, _MOST_RECORDS = 60, 100
_ROUNDS = 3
#: Pairs of records that are compared at once.
_CHUNK = 250_000


@dataclass(frozen=True)
class _Between:
    """Pairs of clusters: both labels, their best row (a place among the rows), all pairs of members as ids with the
    pair of clusters they belong to (`of`, ascending)."""

    left: Ids
    right: Ids
    row: NDArray[np.intp]
    of: NDArray[np.intp]
    one: Ids
    other: Ids


def links(desk: Desk, rows: Scored, labels: Ids) -> tuple[Scored, Ids]:
    """The rows with the best ones of joined clusters automatic, and the labels (by id) after joining them."""
    for _ in range(_ROUNDS):
        between = _between(rows, labels)
        if not len(between.left):
            break
        odds, allowed = _weighed(desk, between, rows)
        source = np.zeros(len(labels), dtype=np.int32)
        likely = odds >= _LIKELY
        group = components(len(labels), between.left[likely], between.right[likely])
        rivals = competition.candidates(between.left, between.right, odds, source, group)
        posterior = competition.compete(between.left, between.right, odds, source, group, rivals).posterior
        sure = allowed & (posterior >= desk.settings.auto)
        sure[sure] = ~_contradictory(desk, between.left[sure], between.right[sure], labels)
        if not sure.any():
            break
        tier, sureness = rows.tier.copy(), rows.posterior.copy()
        tier[between.row[sure]] = _AUTO
        sureness[between.row[sure]] = posterior[sure]
        rows = replace(rows, tier=tier, posterior=sureness)
        labels = components(len(labels), between.left[sure], between.right[sure])[labels]
    return rows, labels


def _between(rows: Scored, labels: Ids) -> _Between:
    """Clusters with a row between them that is not hopeless; one of them at least has several members."""
    size = np.bincount(labels, minlength=len(labels))
    low, high = np.minimum(labels[rows.l], labels[rows.r]), np.maximum(labels[rows.l], labels[rows.r])
    pairs = size[low] * size[high]
    place = np.flatnonzero((low != high) & (rows.odds >= _WORTH) & (pairs > 1) & (pairs <= _MOST_PAIRS))
    place = place[np.lexsort((-rows.odds[place], high[place], low[place]))]
    low, high = low[place], high[place]
    first: Flags = np.ones(len(place), dtype=np.bool_)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    place, low, high = place[first], low[first], high[first]
    members = np.argsort(labels, kind="stable").astype(np.int32)
    start = np.searchsorted(labels[members], np.arange(len(labels)))
    pairs = size[low] * size[high]
    of = np.repeat(np.arange(len(low)), pairs)
    number = np.arange(len(of)) - np.repeat(np.cumsum(pairs) - pairs, pairs)
    wide = size[high][of]
    return _Between(
        low,
        high,
        place,
        of,
        members[start[low[of]] + number // np.maximum(wide, 1)],
        members[start[high[of]] + number % np.maximum(wide, 1)],
    )


def _weighed(desk: Desk, between: _Between, rows: Scored) -> tuple[NDArray[np.float64], Flags]:
    """Odds of each pair of clusters, and whether its kinds of evidence allow a link."""
    start = np.searchsorted(between.of, np.arange(len(between.left) + 1))
    odds, allowed = [np.zeros(0)], [np.zeros(0, np.bool_)]
    begin = 0
    while begin < len(between.left):
        end = max(int(np.searchsorted(start, start[begin] + _CHUNK, side="right")) - 1, begin + 1)
        inside = slice(start[begin], start[end])
        whole, best = _best(*_compared(desk, between.one[inside], between.other[inside]), between.of[inside] - begin)
        row = between.row[begin:end]
        prior = np.log10(rows.odds[row]) - rows.weight[row]
        looks = np.log10(np.diff(start[begin : end + 1]))
        odds.append(np.minimum(10 ** (grouped(whole, best) + prior - looks), MOST_ODDS))
        highest, _, contradicts = desk.allowed.of(patterns(whole))
        allowed.append((highest == _AUTO) & ~contradicts)
        begin = end
    return np.concatenate(odds), np.concatenate(allowed)


def _best(compared: Compared, parts: NDArray[np.float32], of: NDArray[np.intp]) -> tuple[Compared, NDArray[np.float32]]:
    """Of each pair of clusters (`of`, from 0, ascending) the best outcome of each comparison, and what it weighs."""
    start = np.flatnonzero(np.append(True, of[1:] != of[:-1]))
    levels = np.zeros((len(start), compared.levels.shape[1]), dtype=np.uint8)
    best = np.zeros((len(start), parts.shape[1]), dtype=np.float32, order="F")
    for place in range(parts.shape[1]):
        # What can be compared somewhere says more than what cannot.
        value = np.where(compared.levels[:, place] > 0, parts[:, place], -np.inf)
        order = np.lexsort((-value, of))[start]
        levels[:, place] = compared.levels[order, place]
        best[:, place] = np.where(levels[:, place] > 0, parts[order, place], 0)
    return Compared(compared.comparisons, levels, np.zeros_like(best)), best


def _contradictory(desk: Desk, left: Ids, right: Ids, labels: Ids) -> Flags:
    """Which of these joins of clusters, all made, would bring two records together that contradict each other."""
    joined = components(len(labels), left, right)
    after = joined[labels]
    torn = np.bincount(after, minlength=len(labels)) > _MOST_RECORDS
    touched = np.zeros(len(labels), dtype=np.bool_)
    touched[joined[left]] = True
    nobody = np.zeros(0, dtype=np.int32)
    one, other = pairs_inside(after, touched[after] & ~torn[after], nobody, nobody, desk.population.dice)
    apart = labels[one] != labels[other]
    one, other = one[apart], other[apart]
    for begin in range(0, len(one), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        _, _, contradicts = desk.allowed.of(patterns(_compared(desk, one[part], other[part])[0]))
        torn[after[one[part][contradicts]]] = True
    found: Flags = torn[joined[left]]
    return found


def _compared(desk: Desk, one: Ids, other: Ids) -> tuple[Compared, NDArray[np.float32]]:
    return desk.comparing(np.minimum(one, other), np.maximum(one, other))
