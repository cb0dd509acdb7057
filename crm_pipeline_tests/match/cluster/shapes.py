"""Clusters in the words of a test: by name in, by name out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from crm_pipeline.match.cluster.joining import clusters
from crm_pipeline.match.cluster.pairs import Clusters, Links, Pairs

Pair = tuple[str, str]
Weighted = Mapping[Pair, float]


def pairs(keys: Sequence[str], named: Iterable[Pair]) -> Pairs:
    place = {key: number for number, key in enumerate(keys)}
    chosen = list(named)
    left, right = ([place[pair[side]] for pair in chosen] for side in (0, 1))
    return Pairs(np.array(left, np.int32), np.array(right, np.int32))


def links(keys: Sequence[str], weighted: Weighted) -> Links:
    bare = pairs(keys, weighted)
    return Links(bare.left, bare.right, np.array(list(weighted.values()), np.float64))


def joined(
    keys: Sequence[str],
    automatic: Weighted,
    compared: Weighted | None = None,
    *,
    contradictory: Iterable[Pair] = (),
    accepted: Iterable[Pair] = (),
    rejected: Iterable[Pair] = (),
    once: Mapping[str, int] | None = None,
) -> Clusters:
    return clusters(
        keys,
        links(keys, automatic),
        compared=links(keys, compared or {}),
        contradictory=pairs(keys, contradictory),
        accepted=pairs(keys, accepted),
        rejected=pairs(keys, rejected),
        once=np.array([once.get(key, 0) for key in keys], np.uint64) if once else None,
    )


def of(keys: Sequence[str], result: Clusters) -> dict[str, str]:
    return {key: keys[place] for key, place in zip(keys, result.labels.tolist(), strict=True)}


def groups(keys: Sequence[str], result: Clusters) -> list[str]:
    """Clusters of more than one record, their keys run together: `["abc", "de"]`."""
    found: dict[str, list[str]] = {}
    for key, label in of(keys, result).items():
        found.setdefault(label, []).append(key)
    return sorted("".join(sorted(members)) for members in found.values() if len(members) > 1)


def words(result: Clusters) -> dict[Pair, str]:
    return {(problem.left_key, problem.right_key): problem.problem for problem in result.problems}
