"""The competition of candidates: both records' other candidates count against a pair.

Pure. Belongs here: posterior, share and number of candidates of pairs, from odds. Candidates of one source that are
linked to each other, or to either record of the pair, are one candidate. Sums go by size, so that no order of rows
shows. Not here: what follows for the tier (judging.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.scores.scored import Ids

#: A candidate whose odds are below this part of the pair's does not count as one.
_NEGLIGIBLE = 0.01
_CHUNK = 500_000

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Judged:
    """Of each pair. `share`: of the odds of all that compete; `candidates`: how many do, this pair included."""

    posterior: NDArray[np.float64]
    share: NDArray[np.float64]
    candidates: NDArray[np.int32]


@dataclass(frozen=True)
class Candidates:
    """`segment`: record and source, ascending, where its candidates begin (`start`, one more than segments); each
    candidate is a group of linked records of that source, with the odds of its best member, best first."""

    sources: int
    segment: NDArray[np.int64]
    start: NDArray[np.int64]
    group: Ids
    odds: NDArray[np.float64]


def candidates(left: Ids, right: Ids, odds: NDArray[np.float64], source: Codes, group: Ids) -> Candidates:
    """Who competes. `source`, `group` by id: the code of each record's source, the group it is linked with there."""
    sources = int(source.max(initial=0)) + 1
    record, other = np.concatenate((left, right)), np.concatenate((right, left))
    both = np.concatenate((odds, odds))
    segment = record.astype(np.int64) * sources + source[other]
    order = np.lexsort((-both, group[other], segment))
    segment, of, both = segment[order], group[other][order], both[order]
    best = np.ones(len(segment), dtype=np.bool_)
    best[1:] = (segment[1:] != segment[:-1]) | (of[1:] != of[:-1])
    segment, of, both = segment[best], of[best], both[best]
    order = np.lexsort((-both, segment))
    segment, of, both = segment[order], of[order], both[order]
    distinct, start = np.unique(segment, return_index=True)
    return Candidates(sources, distinct, np.append(start, len(segment)), of, both)


def compete(left: Ids, right: Ids, odds: NDArray[np.float64], source: Codes, group: Ids, rivals: Candidates) -> Judged:
    """The pairs with all their rivals; `rivals` has at least all candidates of the records in these pairs."""
    parts = []
    for begin in range(0, len(left), _CHUNK):
        at = slice(begin, begin + _CHUNK)
        one, other = left[at], right[at]
        near, far = group[one], group[other]
        sums, counts = np.zeros(len(one)), np.zeros(len(one), dtype=np.int64)
        for record, towards in ((one, source[other]), (other, source[one])):
            total, count = _rivals(record, towards, near, far, odds[at], rivals)
            sums += total
            counts = np.maximum(counts, count)
        parts.append((sums, counts))
    against = np.concatenate([np.zeros(0), *(sums for sums, _ in parts)])
    count = np.concatenate([np.zeros(0, np.int64), *(counts for _, counts in parts)])
    return Judged(
        np.round(odds / (1 + odds + against), 9), np.round(odds / (odds + against), 9), (1 + count).astype(np.int32)
    )


def _rivals(
    record: Ids, towards: Codes, near: Ids, far: Ids, odds: NDArray[np.float64], rivals: Candidates
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sum of the odds, and number, of a record's candidates in a source, but for the groups `near` and `far`."""
    segment = record.astype(np.int64) * rivals.sources + towards
    place = np.searchsorted(rivals.segment, segment)
    known = np.zeros(len(record), dtype=np.bool_)
    inside = place < len(rivals.segment)
    known[inside] = rivals.segment[place[inside]] == segment[inside]
    place[~known] = 0
    begin = rivals.start[place]
    size = np.where(known, rivals.start[place + 1] - begin, 0) if len(rivals.segment) else np.zeros(len(record), int)
    pair = np.repeat(np.arange(len(record)), size)
    at = np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size) + np.repeat(begin, size)
    of, theirs = rivals.group[at], rivals.odds[at]
    others = (of != near[pair]) & (of != far[pair])
    pair, theirs = pair[others], theirs[others]
    sums = np.bincount(pair, weights=theirs, minlength=len(record))
    counts = np.bincount(pair[theirs >= odds[pair] * _NEGLIGIBLE], minlength=len(record))
    return sums.astype(np.float64), counts.astype(np.int64)
