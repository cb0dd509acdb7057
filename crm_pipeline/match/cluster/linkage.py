"""Average linkage by rounds: all clusters that are each other's nearest are joined at once.

Belongs here: which clusters are joined, given what is known of the pairs between them. Two clusters are as near as
their records are on average: a compared pair counts with its weight, a pair that nothing compared with `UNCOMPARED`.
A forbidden pair keeps two clusters apart whatever else is known. Joining mutually nearest clusters in any order ends
like joining the nearest of all first, since a joined cluster is never nearer to a third one than the nearer of its two
parts was (average linkage is reducible). Weights are whole numbers, so that sums do not depend on the order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.cluster.components import jumped
from crm_pipeline.match.cluster.pairs import Places
from crm_pipeline.match.cluster.ties import Numbers, mixed

Units = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Units in 1 of weight (log10 of odds).
UNIT = 10_000
#: What a pair that shares no blocking rule counts, log10 of odds: weakly against. A sure link of odds 10^5 carries
#: four such pairs, so that records found by different values stay together and strangers do not become a chain.
UNCOMPARED = -UNIT
#: Nearer by less than this is no nearer; then the tie decides. It lets long chains be joined in few rounds.
_STEP = UNIT // 20
_LEVELS = 1 << 15


@dataclass(frozen=True)
class Edges:
    """What is known between clusters, each pair of clusters once. `excess`: sum of weight - UNCOMPARED."""

    left: Places
    right: Places
    excess: Units
    forbidden: Flags

    def __len__(self) -> int:
        return len(self.left)

    def where(self, chosen: Flags | NDArray[np.intp]) -> Edges:
        return Edges(self.left[chosen], self.right[chosen], self.excess[chosen], self.forbidden[chosen])


@dataclass
class State:
    """One entry a cluster, at the place of one of its records. `once`: bits of which no two members may share one."""

    sizes: Units
    once: Numbers
    ties: Numbers


def join(edges: Edges, state: State) -> Places:
    """Join the nearest clusters while that is likelier right than wrong. Returns the cluster of each place; `state` is
    used up."""
    count = len(state.sizes)
    parent = np.arange(count, dtype=np.int32)
    best = np.zeros(count, np.uint64)
    flag = np.zeros(count, np.bool_)
    edges = combined(edges, count)
    while True:
        edges, total, live = _in_play(edges, state, flag)
        if not live.any():
            return jumped(parent)
        merges = _mutually_nearest(edges.where(live), total[live], state, best)
        kept, gone = edges.left[live][merges], edges.right[live][merges]
        parent[gone] = kept
        state.sizes[kept] += state.sizes[gone]
        state.once[kept] |= state.once[gone]
        state.ties[kept] += state.ties[gone]
        flag[kept] = flag[gone] = True
        moved = flag[edges.left] | flag[edges.right]
        flag[kept] = flag[gone] = False
        after = edges.where(moved)
        after = Edges(parent[after.left], parent[after.right], after.excess, after.forbidden)
        edges = _both(edges.where(~moved), combined(after, count))


def combined(edges: Edges, count: int) -> Edges:
    """Each pair of different clusters once, the smaller place left."""
    low, high = np.minimum(edges.left, edges.right), np.maximum(edges.left, edges.right)
    apart = np.flatnonzero(low != high)
    if not len(apart):
        return edges.where(apart)
    pair = low[apart].astype(np.int64) * count + high[apart]
    order = apart[np.argsort(pair)]
    low, high = low[order], high[order]
    first = np.flatnonzero(np.concatenate(([True], (low[1:] != low[:-1]) | (high[1:] != high[:-1]))))
    excess = np.add.reduceat(edges.excess[order], first)
    return Edges(low[first], high[first], excess, np.logical_or.reduceat(edges.forbidden[order], first))


def _in_play(edges: Edges, state: State, flag: Flags) -> tuple[Edges, Units, Flags]:
    """The edges that can still matter, their weight in all, and which of them speak for a join.

    A cluster that nothing speaks for joining now never is joined: joins of others bring it no nearer.
    """
    total, live = _weighed(edges, state)
    for_left, for_right = edges.left[live], edges.right[live]
    flag[for_left] = flag[for_right] = True
    matters = np.flatnonzero(flag[edges.left] & flag[edges.right])
    flag[for_left] = flag[for_right] = False
    return edges.where(matters), total[matters], live[matters]


def _weighed(edges: Edges, state: State) -> tuple[Units, Flags]:
    total = edges.excess + UNCOMPARED * (state.sizes[edges.left] * state.sizes[edges.right])
    meets = (state.once[edges.left] & state.once[edges.right]) != 0
    return total, (total > 0) & ~edges.forbidden & ~meets


def _mutually_nearest(edges: Edges, total: Units, state: State, best: Numbers) -> NDArray[np.intp]:
    """Places of the edges that are the nearest of both their clusters."""
    level = total // (_STEP * state.sizes[edges.left] * state.sizes[edges.right])
    level = np.minimum(level, _LEVELS).astype(np.uint64)
    near = (level << np.uint64(48)) | (mixed(state.ties[edges.left] + state.ties[edges.right]) >> np.uint64(16))
    best[edges.left] = best[edges.right] = 0
    np.maximum.at(best, edges.left, near)
    np.maximum.at(best, edges.right, near)
    return np.flatnonzero((best[edges.left] == near) & (best[edges.right] == near))


def _both(one: Edges, other: Edges) -> Edges:
    return Edges(
        np.concatenate((one.left, other.left)),
        np.concatenate((one.right, other.right)),
        np.concatenate((one.excess, other.excess)),
        np.concatenate((one.forbidden, other.forbidden)),
    )
