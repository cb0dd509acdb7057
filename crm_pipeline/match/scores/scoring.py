"""From levels to one weight a pair: evidence of one group counted once, and the pattern that the tiers go by.

Belongs here: arithmetic over whole arrays. Not here: the tiers' rules (tier.py), competition of candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.model.model import Model
from crm_pipeline.match.scores.pattern import patterns, standings
from crm_pipeline.match.vocabulary import Compared, Comparison, Force, Group, Outcome

__all__ = ["MOST_ODDS", "NAME_CAP", "PLACEHOLDER_CAP", "Weighed", "grouped", "parts", "standings", "weigh"]

#: The whole name together weighs at most this; a placeholder name, such as 山田太郎 on a sample form, next to nothing.
NAME_CAP, PLACEHOLDER_CAP = 7.0, 1.0
#: Names that disagree this much are not made up for by the other half of the name.
_NAME_DIFFERS = -1.5
#: Odds beyond this are certainty; the limit keeps sums of odds exact.
MOST_ODDS = 1e9


_AGREES = (Force.NAME, Force.SUPPORT, Force.IDENTIFIER)


@dataclass(frozen=True)
class Weighed:
    """`weight`: log10 of the likelihood ratio of each pair, groups capped. `parts`: of each comparison by itself
    (rarity and cap included), one column a comparison. `pattern`: what kinds of evidence there are (pattern.py)."""

    weight: NDArray[np.float64]
    parts: NDArray[np.float32]
    pattern: NDArray[np.int64]


def weigh(compared: Compared, model: Model) -> Weighed:
    """What the pairs weigh under this model."""
    weighed = parts(compared, model.weights)
    return Weighed(grouped(compared, weighed), weighed, patterns(compared))


def parts(compared: Compared, weights: Mapping[Outcome, float]) -> NDArray[np.float32]:
    """The weight of each comparison by itself; an outcome that the model does not know has its start weight."""
    found = np.zeros(compared.levels.shape, dtype=np.float32, order="F")
    for place, comparison in enumerate(compared.comparisons):
        base, least, cap = _bounds(comparison, weights)
        codes = compared.levels[:, place]
        if any(level.term for level in comparison.levels):
            column = base.take(codes)
            column += compared.rarity[:, place]
            np.clip(column, least.take(codes), cap.take(codes), out=found[:, place])
        else:
            np.clip(base, least, cap).take(codes, out=found[:, place])
    return found


def _bounds(
    comparison: Comparison, weights: Mapping[Outcome, float]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Of each level what is added to the rarity, and the sum's bounds: an agreement never speaks against, however
    common its value is."""
    base, least, cap = [0.0], [0.0], [0.0]
    for level in comparison.levels:
        base.append(weights.get((comparison.name, level.name), level.weight))
        least.append(0.0 if level.force in _AGREES else -np.inf)
        cap.append(np.inf if level.cap is None else level.cap)
    return np.array(base, dtype=np.float32), np.array(least, dtype=np.float32), np.array(cap, dtype=np.float32)


def grouped(compared: Compared, weighed: NDArray[np.float32]) -> NDArray[np.float64]:
    """The sum over the groups: a name's parts add up to at most NAME_CAP, of other groups the strongest counts."""
    names: list[NDArray[np.float32]] = []
    others: dict[str, list[NDArray[np.float32]]] = {}
    sample = np.zeros(len(weighed), dtype=np.bool_)
    for place, comparison in enumerate(compared.comparisons):
        column, codes = weighed[:, place], compared.levels[:, place]
        if comparison.group == Group.SAMPLE:
            sample = codes > 0
            continue
        for group, part in _by_group(comparison, column, codes):
            (names if group == Group.NAME else others.setdefault(group, [])).append(part)
    total = _name(names, sample) if names else np.zeros(len(weighed), dtype=np.float32)
    for columns in others.values():
        total += _strongest(columns)
    # Rounded, so that no order of additions and no kind of machine makes one pair two.
    return total.astype(np.float64).round(3)


def _by_group(
    comparison: Comparison, column: NDArray[np.float32], codes: NDArray[np.uint8]
) -> Sequence[tuple[str, NDArray[np.float32]]]:
    """The column, divided where some of its levels belong to another group."""
    if not comparison.groups:
        return [(comparison.group, column)]
    of_level = ["", *(comparison.group_of(level.name) for level in comparison.levels)]
    divided = []
    for group in sorted(set(of_level) - {""}):
        inside = np.array([of == group for of in of_level])[codes]
        divided.append((group, np.where(inside, column, np.float32(0))))
    return divided


def _name(columns: Sequence[NDArray[np.float32]], sample: NDArray[np.bool_]) -> NDArray[np.float32]:
    total = columns[0].copy()
    worst = columns[0].copy()
    for column in columns[1:]:
        total += column
        np.minimum(worst, column, out=worst)
    np.minimum(total, np.where(sample, np.float32(PLACEHOLDER_CAP), np.float32(NAME_CAP)), out=total)
    return np.where(worst <= _NAME_DIFFERS, worst, total)


def _strongest(columns: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    best, worst = np.maximum(columns[0], 0), np.minimum(columns[0], 0)
    for column in columns[1:]:
        np.maximum(best, column, out=best)
        np.minimum(worst, column, out=worst)
    best += worst
    return best
