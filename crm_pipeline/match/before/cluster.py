"""Clusters: records that are one customer, by automatic links and people's decisions, never against a decision.

Pure. Belongs here: joining under constraints, the same for every order of the input. Not here: which pairs are links.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
#: Two record keys, the smaller one first.
KeyPair = tuple[str, str]


@dataclass(frozen=True)
class Problem:
    """A link that could not be kept, and the words for it."""

    left_key: str
    right_key: str
    problem: str


@dataclass(frozen=True)
class Clusters:
    """`of`: record key -> the smallest record key of its cluster."""

    of: Mapping[str, str]
    problems: tuple[Problem, ...]


def clusters(
    records: Iterable[str],
    accepted: Sequence[KeyPair],
    automatic: Sequence[KeyPair],
    rejected: frozenset[KeyPair],
    contradictory: frozenset[KeyPair],
) -> Clusters:
    """Join `accepted` (newest first), then `automatic` (surest first).

    No join puts a `rejected` pair into one cluster, through any path; no automatic join does so with a
    `contradictory` pair. A link left out for that reason is a problem of the result.
    """
    forest = _Forest(records, rejected, contradictory)
    problems = []
    for left, right in accepted:
        between = forest.rejected_between(left, right)
        if between is None:
            forest.join(left, right)
        else:
            words = f"accepted, but it would join {between[0]} and {between[1]}, which are decided not to match"
            problems.append(Problem(left, right, words))
    for left, right in automatic:
        if forest.root(left) == forest.root(right):
            continue
        between = forest.rejected_between(left, right)
        against = forest.contradictory_between(left, right)
        if between is not None:
            words = f"not linked: it would join {between[0]} and {between[1]}, which are decided not to match"
            problems.append(Problem(left, right, words))
        elif against is not None:
            words = f"not linked: it would join {against[0]} and {against[1]}, whose evidence is contradictory"
            problems.append(Problem(left, right, words))
        else:
            forest.join(left, right)
    smallest: dict[str, str] = {}
    for record in sorted(forest.members):
        smallest.setdefault(forest.root(record), record)
    of = {record: smallest[forest.root(record)] for record in sorted(forest.members)}
    return Clusters(of, tuple(problems))


def components(links: Iterable[tuple[Key, Key]]) -> list[list[Key]]:
    """The connected components of links, without constraints."""
    parent: dict[Key, Key] = {}

    def root(key: Key) -> Key:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for left, right in links:
        a, b = root(left), root(right)
        if a != b:
            parent[b] = a
    members: dict[Key, list[Key]] = {}
    for key in list(parent):
        members.setdefault(root(key), []).append(key)
    return list(members.values())


class _Forest:
    """Union-find that knows, for each tree, whom its members must not meet."""

    def __init__(self, records: Iterable[str], rejected: Iterable[KeyPair], contradictory: Iterable[KeyPair]) -> None:
        self.parent = {record: record for record in records}
        self.members = {record: [record] for record in self.parent}
        self.rejected = _neighbours(rejected)
        self.contradictory = _neighbours(contradictory)

    def root(self, record: str) -> str:
        while self.parent[record] != record:
            self.parent[record] = self.parent[self.parent[record]]
            record = self.parent[record]
        return record

    def join(self, left: str, right: str) -> None:
        a, b = self.root(left), self.root(right)
        if a == b:
            return
        if len(self.members[a]) < len(self.members[b]):
            a, b = b, a
        self.parent[b] = a
        self.members[a] += self.members[b]
        self.members[b] = []

    def rejected_between(self, left: str, right: str) -> KeyPair | None:
        return self._between(left, right, self.rejected)

    def contradictory_between(self, left: str, right: str) -> KeyPair | None:
        return self._between(left, right, self.contradictory)

    def _between(self, left: str, right: str, against: Mapping[str, set[str]]) -> KeyPair | None:
        """The first pair of `against` that a join would bring together."""
        a, b = self.root(left), self.root(right)
        if a == b:
            return None
        small, other = sorted((a, b), key=lambda root: len(self.members[root]))
        met = [
            (min(member, enemy), max(member, enemy))
            for member in self.members[small]
            for enemy in against.get(member, ())
            if enemy in self.parent and self.root(enemy) == other
        ]
        return min(met, default=None)


def _neighbours(pairs: Iterable[KeyPair]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for left, right in pairs:
        found.setdefault(left, set()).add(right)
        found.setdefault(right, set()).add(left)
    return found
