"""Sure links whose records ended in different clusters, each with the reason in words: none is lost in silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.cluster.pairs import Links, Pairs, Places, Problem
from crm_pipeline.match.cluster.ties import Numbers


@dataclass(frozen=True)
class Against:
    """What keeps clusters apart. `once`: bits of which a cluster has each at most once, or None."""

    rejected: Pairs
    contradictory: Pairs
    once: Numbers | None


def problems(keys: NDArray[np.object_], automatic: Links, labels: Places, against: Against) -> list[Problem]:
    """One problem for each link between two clusters of `labels`, by record keys. `keys` ascend."""
    out = automatic.where(labels[automatic.left] != labels[automatic.right])
    if not len(out):
        return []
    rejected = _Between(against.rejected, labels)
    contradictory = _Between(against.contradictory, labels)
    twice = _Twice(against.once, labels)
    sizes = np.bincount(labels, minlength=len(labels))
    between = _between(out, labels)
    _, which, sure = np.unique(between, return_inverse=True, return_counts=True)
    low, high = np.minimum(out.left, out.right), np.maximum(out.left, out.right)
    found = []
    for place in np.lexsort((high, low)).tolist():
        left, right = int(low[place]), int(high[place])
        a, b = int(labels[left]), int(labels[right])
        if (pair := rejected.first(between[place])) is not None:
            words = f"{_would_join(keys, *pair)}, which are decided not to match"
        elif (pair := contradictory.first(between[place])) is not None:
            words = f"{_would_join(keys, *pair)}, whose evidence is contradictory"
        elif (pair := twice.first(a, b)) is not None:
            words = f"{_would_join(keys, *pair)}, and of these a customer has one only"
        else:
            words = (
                f"not linked: it would join {sizes[a]} and {sizes[b]} records, "
                f"and of the {sizes[a] * sizes[b]} pairs between them only {sure[which[place]]} would be sure"
            )
        found.append(Problem(keys[left], keys[right], words))
    return found


def _would_join(keys: NDArray[np.object_], left: int, right: int) -> str:
    return f"not linked: it would join {keys[left]} and {keys[right]}"


def _between(pairs: Pairs, labels: Places) -> NDArray[np.int64]:
    """A number for the two clusters of each pair."""
    a, b = labels[pairs.left], labels[pairs.right]
    return np.minimum(a, b).astype(np.int64) * len(labels) + np.maximum(a, b)


class _Between:
    """The first of the pairs between two clusters, by record keys."""

    def __init__(self, pairs: Pairs, labels: Places) -> None:
        low, high = np.minimum(pairs.left, pairs.right), np.maximum(pairs.left, pairs.right)
        numbers = _between(pairs, labels)
        order = np.lexsort((high, low, numbers))
        self.numbers, first = np.unique(numbers[order], return_index=True)
        self.low, self.high = low[order][first], high[order][first]

    def first(self, number: np.int64) -> tuple[int, int] | None:
        place = int(np.searchsorted(self.numbers, number))
        if place == len(self.numbers) or self.numbers[place] != number:
            return None
        return int(self.low[place]), int(self.high[place])


class _Twice:
    """Members of two clusters that may not be together, being of one source and object."""

    def __init__(self, once: Numbers | None, labels: Places) -> None:
        self.once = once
        if once is not None:
            self.members = np.flatnonzero(once)
            self.members = self.members[np.argsort(labels[self.members], kind="stable")]
            self.labels = labels[self.members]

    def first(self, a: int, b: int) -> tuple[int, int] | None:
        if self.once is None:
            return None
        others = self._of(b)
        for one in self._of(a).tolist():
            meets = others[(self.once[others] & self.once[one]) != 0]
            if len(meets):
                other = int(meets[0])
                return min(one, other), max(one, other)
        return None

    def _of(self, label: int) -> NDArray[np.intp]:
        start, end = np.searchsorted(self.labels, [label, label + 1])
        return self.members[start:end]
