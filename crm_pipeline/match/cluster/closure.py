"""Components of strong links, and the pairs inside them that have to be compared before they may be one cluster.

Pure. Belongs here: all pairs of the small components, friends of friends in the large ones. Not here: who is in one
component, clusters (cluster/); comparing them (weighing.py).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.scores.scored import Flags, Ids

#: Components up to this size are compared pair by pair.
_LARGEST = 100
#: In larger ones, so many neighbours of one record are compared with each other.
_MOST_NEIGHBOURS = 100

Dice = NDArray[np.uint64]


def affected(labels: Ids, seeds: Flags) -> Flags:
    """The members of components with a seed, and the seeds."""
    hit = np.zeros(len(labels), dtype=np.bool_)
    hit[labels[seeds]] = True
    found: Flags = hit[labels]
    return found


def pairs_inside(labels: Ids, of: Flags, left: Ids, right: Ids, dice: Dice) -> tuple[Ids, Ids]:
    """All pairs inside components of more than two records among `of`, the smaller id first.

    `left`, `right`: the links. `dice`: a number of each id that follows from its record key: in components of more
    than `_LARGEST` records, the pairs of each record's first neighbours by dice.
    """
    ids = np.flatnonzero(of).astype(np.int32)
    ids = ids[np.argsort(labels[ids], kind="stable")]
    _, starts, sizes = np.unique(labels[ids], return_index=True, return_counts=True)
    lefts, rights = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for size in np.unique(sizes[(sizes > 2) & (sizes <= _LARGEST)]).tolist():
        members = ids[starts[sizes == size][:, None] + np.arange(size)]
        one, other = np.triu_indices(size, 1)
        lefts.append(members[:, one].ravel())
        rights.append(members[:, other].ravel())
    large = np.zeros(len(labels), dtype=np.bool_)
    for start, size in zip(starts[sizes > _LARGEST].tolist(), sizes[sizes > _LARGEST].tolist(), strict=True):
        large[ids[start : start + size]] = True
    if large.any():
        near = _near(large, left, right, dice)
        lefts.append(near[:, 0])
        rights.append(near[:, 1])
    return np.concatenate(lefts), np.concatenate(rights)


def _near(large: Flags, left: Ids, right: Ids, dice: Dice) -> NDArray[np.int32]:
    """Linked pairs, and pairs of neighbours of one record."""
    inside = large[left]
    neighbours: dict[int, list[int]] = {}
    found: set[tuple[int, int]] = set()
    for one, other in zip(left[inside].tolist(), right[inside].tolist(), strict=True):
        neighbours.setdefault(one, []).append(other)
        neighbours.setdefault(other, []).append(one)
        found.add((min(one, other), max(one, other)))
    for others in neighbours.values():
        first = sorted(set(others), key=lambda other: int(dice[other]))[:_MOST_NEIGHBOURS]
        found.update(combinations(sorted(first), 2))
    return np.array(sorted(found), dtype=np.int32).reshape(-1, 2)


def torn(strong: tuple[Ids, Ids], contradicting: tuple[Ids, Ids]) -> tuple[Ids, Ids]:
    """Strong pairs of one record with two candidates that contradict each other: both, as either may be wrong."""
    ends = set(contradicting[0].tolist()) | set(contradicting[1].tolist())
    if not ends:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    mask = np.zeros(max(int(strong[0].max(initial=0)), int(strong[1].max(initial=0)), *ends) + 1, dtype=np.bool_)
    mask[list(ends)] = True
    near = mask[strong[0]] | mask[strong[1]]
    neighbours: dict[int, set[int]] = {end: set() for end in ends}
    for one, other in zip(strong[0][near].tolist(), strong[1][near].tolist(), strict=True):
        for a, b in ((one, other), (other, one)):
            if a in neighbours:
                neighbours[a].add(b)
    found: set[tuple[int, int]] = set()
    for one, other in zip(contradicting[0].tolist(), contradicting[1].tolist(), strict=True):
        for between in neighbours[one] & neighbours[other]:
            found.update(((min(one, between), max(one, between)), (min(other, between), max(other, between))))
    both = np.array(sorted(found), dtype=np.int32).reshape(-1, 2)
    return both[:, 0], both[:, 1]
