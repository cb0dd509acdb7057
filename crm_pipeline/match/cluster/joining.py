"""From pairs and decisions to clusters.

Belongs here: the order of the steps. What people decided is joined first, then sure pairs by average linkage. A weak
bridge, a shared mailbox or a switchboard does not chain strangers, because the other records of two clusters count as
much as the one pair that is sure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.cluster import decided
from crm_pipeline.match.cluster.components import components
from crm_pipeline.match.cluster.left_out import Against, problems
from crm_pipeline.match.cluster.linkage import UNCOMPARED, UNIT, Edges, State, Units, join
from crm_pipeline.match.cluster.pairs import Clusters, Links, Pairs, Places, no_links, no_pairs
from crm_pipeline.match.cluster.ties import Numbers, ties

#: Odds beyond 10^12 are as good as certain.
_SURE = 12.0
#: What a pair that was compared and is not sure counts at best. Below 0, so that one sure link carries a hundred of
#: them at most: a record to which hundreds are linked that are not sure among themselves is no customer.
_UNSURE = -0.1


def clusters(
    keys: Sequence[str] | NDArray[np.object_],
    automatic: Links,
    *,
    compared: Links | None = None,
    contradictory: Pairs | None = None,
    accepted: Pairs | None = None,
    rejected: Pairs | None = None,
    once: Numbers | None = None,
) -> Clusters:
    """Join `accepted` (in the order of precedence, newest first), then `automatic` pairs, nearest clusters first.

    `keys`: record keys, fastest in ascending order. Weights are log10 of the odds that a pair is one customer, as the
    posterior has them. `compared`: pairs that were compared and are not sure; they speak against a join, if only a
    little where their weight is positive. A pair neither there nor in `automatic` was not compared: weakly against.
    `once`: a bit for each source and object of which a cluster has at most one record, 0 for all others.

    No join puts a `rejected` pair into one cluster, through any path; no automatic join does so with a `contradictory`
    pair or against `once`. Every pair of `automatic` and `accepted` that is left out is a problem of the result. The
    clusters of records that `automatic` and `accepted` connect depend on these records alone, not on the rest, and
    nothing depends on the order or the places.
    """
    names = np.asarray(keys, dtype=np.object_)
    if not (names[:-1] < names[1:]).all():
        return _in_order(names, automatic, compared, contradictory, accepted, rejected, once)
    compared, contradictory = compared or no_links(), contradictory or no_pairs()
    accepted, rejected = accepted or no_pairs(), rejected or no_pairs()
    group, found = decided.joined(names, accepted, rejected)
    labels = _linked(names, group, automatic, compared, contradictory, rejected, once)
    found += problems(names, automatic, labels, Against(rejected, contradictory, once))
    return Clusters(labels, tuple(found))


def at_most_one(keys: NDArray[np.object_], objects: Sequence[str]) -> Numbers:
    """`once` for these objects (`salesforce/Contact`), a bit each, 64 at most. `keys` ascend."""
    bits = np.zeros(len(keys), np.uint64)
    for number, place in enumerate(objects):
        start, end = np.searchsorted(keys, np.array([f"{place}/", f"{place}0"], dtype=np.object_))  # 0 follows /
        bits[start:end] |= np.uint64(1 << number)
    return bits


def _in_order(
    names: NDArray[np.object_],
    automatic: Links,
    compared: Links | None,
    contradictory: Pairs | None,
    accepted: Pairs | None,
    rejected: Pairs | None,
    once: Numbers | None,
) -> Clusters:
    """The same with the keys in ascending order, and its places translated back."""
    order = np.argsort(names)
    place = np.empty(len(names), np.int32)
    place[order] = np.arange(len(names), dtype=np.int32)
    if (names[order[:-1]] == names[order[1:]]).any():
        raise ValueError("a record key occurs twice; every record has its own")

    def links(given: Links) -> Links:
        return Links(place[given.left], place[given.right], given.weight)

    def pairs(given: Pairs | None) -> Pairs:
        return Pairs(place[given.left], place[given.right]) if given else no_pairs()

    result = clusters(
        names[order],
        links(automatic),
        compared=links(compared) if compared else None,
        contradictory=pairs(contradictory),
        accepted=pairs(accepted),
        rejected=pairs(rejected),
        once=once[order] if once is not None else None,
    )
    return Clusters(order[result.labels].astype(np.int32)[place], result.problems)


def _linked(
    names: NDArray[np.object_],
    group: Places,
    automatic: Links,
    compared: Links,
    contradictory: Pairs,
    rejected: Pairs,
    once: Numbers | None,
) -> Places:
    """The clusters that automatic links make of decided groups."""
    count = len(names)
    left, right = group[automatic.left], group[automatic.right]
    connected = components(count, left, right)

    def within(pairs: Pairs) -> NDArray[np.bool_]:
        """Pairs between different groups that automatic links connect: no others can matter."""
        a, b = group[pairs.left], group[pairs.right]
        apart: NDArray[np.bool_] = (a != b) & (connected[a] == connected[b])
        return apart

    compared = compared.where(within(compared))
    forbidden = [pairs.where(within(pairs)) for pairs in (contradictory, rejected)]
    edges = Edges(
        np.concatenate((left, group[compared.left], *(group[pairs.left] for pairs in forbidden))),
        np.concatenate((right, group[compared.right], *(group[pairs.right] for pairs in forbidden))),
        np.concatenate(
            (
                _excess(automatic.weight),
                _excess(np.minimum(compared.weight, _UNSURE)),
                np.zeros(sum(len(pairs) for pairs in forbidden), np.int64),
            )
        ),
        np.repeat([False, True], [len(left) + len(compared), sum(len(pairs) for pairs in forbidden)]),
    )
    return _smallest(join(edges, _state(names, group, edges, once))[group], count)


def _excess(weight: NDArray[np.float64]) -> Units:
    """Weight over that of a pair that nothing compared."""
    return np.rint(np.clip(weight, -_SURE, _SURE) * UNIT).astype(np.int64) - UNCOMPARED


def _state(names: NDArray[np.object_], group: Places, edges: Edges, once: Numbers | None) -> State:
    count = len(names)
    bits = np.zeros(count, np.uint64)
    if once is not None:
        np.bitwise_or.at(bits, group, once)
    used = np.zeros(count, np.bool_)
    used[edges.left] = used[edges.right] = True
    numbers = np.zeros(count, np.uint64)
    numbers[used] = ties(names[used])
    return State(np.bincount(group, minlength=count).astype(np.int64), bits, numbers)


def _smallest(cluster: Places, count: int) -> Places:
    """Of each place the smallest place of its cluster."""
    smallest = np.full(count, count, np.int32)
    np.minimum.at(smallest, cluster, np.arange(count, dtype=np.int32))
    return smallest[cluster]
