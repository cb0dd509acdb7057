"""What people decided and what belongs together anyway: joined before anything that was computed.

Belongs here: accepted pairs under rejected ones. Groups in which they do not meet are joined at once; only in those
where they contradict each other the order counts, and one link is joined after the other.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.cluster.components import components
from crm_pipeline.match.cluster.pairs import Pairs, Places, Problem

#: How the problem of a decided link that could not be kept begins.
LEFT_OUT = "accepted, but it would join"


def joined(keys: NDArray[np.object_], accepted: Pairs, rejected: Pairs) -> tuple[Places, list[Problem]]:
    """Of each place the smallest place that it is decided to be one with; `accepted` is in the order of precedence.

    `keys` ascend. An accepted pair that would join a rejected one, through any path, is left out and reported.
    """
    roots = components(len(keys), accepted.left, accepted.right)
    inside = roots[rejected.left] == roots[rejected.right]
    if not inside.any():
        return roots, []
    torn = np.zeros(len(keys), np.bool_)
    torn[roots[rejected.left[inside]]] = True
    torn = torn[roots]
    forest = _Forest(rejected.where(inside))
    problems = []
    links = accepted.where(torn[accepted.left])
    for left, right in zip(links.left.tolist(), links.right.tolist(), strict=True):
        between = forest.between(left, right)
        if between is None:
            forest.join(left, right)
            continue
        a, b = (keys[place] for place in between)
        words = f"{LEFT_OUT} {a} and {b}, which are decided not to match"
        problems.append(Problem(keys[min(left, right)], keys[max(left, right)], words))
    roots = roots.copy()
    for place in np.flatnonzero(torn).tolist():
        roots[place] = forest.root(place)
    return roots, problems


class _Forest:
    """Union-find that knows, for each tree, whom its members must not meet. Roots are the smallest of their trees."""

    def __init__(self, rejected: Pairs) -> None:
        self.parent: dict[int, int] = {}
        self.enemies = _neighbours(rejected)
        self.wary = {place: [place] for place in self.enemies}  # root -> its members that have enemies

    def root(self, place: int) -> int:
        parent = self.parent
        while parent.setdefault(place, place) != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    def join(self, left: int, right: int) -> None:
        low, high = sorted((self.root(left), self.root(right)))
        if low != high:
            self.parent[high] = low
            few, many = sorted((self.wary.pop(low, []), self.wary.pop(high, [])), key=len)
            many += few
            self.wary[low] = many

    def between(self, left: int, right: int) -> tuple[int, int] | None:
        """The first rejected pair that a join would bring together."""
        a, b = self.root(left), self.root(right)
        if a == b:
            return None
        few, other = sorted((a, b), key=lambda root: (len(self.wary.get(root, ())), root))
        met = [
            (min(member, enemy), max(member, enemy))
            for member in self.wary.get(few, ())
            for enemy in self.enemies[member]
            if self.root(enemy) == other
        ]
        return min(met, default=None)


def _neighbours(pairs: Pairs) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = {}
    for left, right in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
        found.setdefault(left, set()).add(right)
        found.setdefault(right, set()).add(left)
    return found
