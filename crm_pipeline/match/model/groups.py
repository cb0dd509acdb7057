"""How two ways of grouping the same records differ: customers merged, split, or with records moved between them.

Pure. Belongs here: comparing two labellings. Not here: where they come from (trial.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Change = Literal["merged", "split", "moved"]


@dataclass(frozen=True)
class Regrouped:
    """Records that were these customers and are those; each customer is its record keys, sorted."""

    change: Change
    before: Sequence[Sequence[str]]
    after: Sequence[Sequence[str]]


def regrouped(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[Regrouped]:
    """`before`, `after`: the same records -> label of their customer. Labels say nothing, only who shares one."""
    old, new = _members(before), _members(after)
    touched = [key for key in sorted(before) if old[before[key]] != new[after[key]]]
    found: list[Regrouped] = []
    seen: set[str] = set()
    for key in touched:
        if key in seen:
            continue
        olds, news = _reached(key, before, after, old, new)
        seen.update(record for label in olds for record in old[label])
        change: Change = "merged" if len(news) == 1 else "split" if len(olds) == 1 else "moved"
        found.append(Regrouped(change, _customers(old, olds), _customers(new, news)))
    return found


def _members(labels: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
    members = defaultdict(list)
    for record in sorted(labels):
        members[labels[record]].append(record)
    return members


def _customers(members: Mapping[str, Sequence[str]], labels: Iterable[str]) -> Sequence[Sequence[str]]:
    return sorted((members[label] for label in labels), key=lambda records: records[0])


def _reached(
    key: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    old: Mapping[str, Sequence[str]],
    new: Mapping[str, Sequence[str]],
) -> tuple[set[str], set[str]]:
    """The labels of both sides that are tied together by a chain of common records."""
    olds: set[str] = set()
    news: set[str] = set()
    todo = [key]
    while todo:
        record = todo.pop()
        if before[record] not in olds:
            olds.add(before[record])
            todo += old[before[record]]
        if after[record] not in news:
            news.add(after[record])
            todo += new[after[record]]
    return olds, news
