"""Tiers of whole arrays of pairs, why they are not automatic, and which of them anybody needs to see.

Pure; the rules for one pair are in tier.py, and are the same. Belongs here: bulk. Not here: tables (shown.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.match.cluster.closure import Dice
from crm_pipeline.match.scores.scored import Flags, Scored, packed
from crm_pipeline.match.scores.weighing import Allowed
from crm_pipeline.match.tiers.tier import CLEARLY_BEST, WORTH_A_LOOK

_NONE, _POSSIBLE, _RECOMMENDED, _AUTO = range(4)
TORN = "another sure candidate contradicts this one"
REJECTED = "a person decided that they do not match"


def tiers(
    rows: Scored, allowed: Allowed, settings: MatchSettings, torn: NDArray[np.int64], rejected: NDArray[np.int64]
) -> NDArray[np.int8]:
    """The tier of each row by number. `torn`, `rejected`: packed pairs."""
    found = _by_numbers(rows, allowed, settings)
    pair = packed(rows.l, rows.r)
    found[(found == _AUTO) & (np.isin(pair, torn) | np.isin(pair, rejected))] = _RECOMMENDED
    return found


def reasons(rows: Scored, allowed: Allowed, settings: MatchSettings, torn: NDArray[np.int64]) -> NDArray[np.object_]:
    """Why each row is not automatic, in words; None where it is."""
    first = _by_numbers(rows, allowed, settings)
    words = allowed.why(rows.pattern)
    unsaid = np.array([word is None for word in words], dtype=np.bool_)
    best = rows.share >= CLEARLY_BEST
    for places, values, text in (
        (unsaid & ~best, rows.candidates, "{} candidates compete"),
        (unsaid & best, np.round(rows.posterior, 3), "posterior {:.3f} is below " + f"{settings.auto:g}"),
    ):
        distinct, place = np.unique(values[places], return_inverse=True)
        words[places] = np.array([text.format(value) for value in distinct.tolist()], dtype=np.object_)[place]
    words[first == _AUTO] = None
    taken_back = (first == _AUTO) & (rows.tier != _AUTO)
    words[taken_back] = np.where(np.isin(packed(rows.l, rows.r), torn)[taken_back], TORN, REJECTED)
    return words


def _by_numbers(rows: Scored, allowed: Allowed, settings: MatchSettings) -> NDArray[np.int8]:
    highest, lowest, _ = allowed.of(rows.pattern)
    found = np.where(rows.posterior >= WORTH_A_LOOK, _POSSIBLE, _NONE)
    surely = (rows.posterior >= settings.recommended) | ((lowest == _RECOMMENDED) & (rows.share >= CLEARLY_BEST))
    found = np.where(surely, _RECOMMENDED, found)
    found = np.where(rows.posterior >= settings.auto, _AUTO, found)
    return np.minimum(found, highest).astype(np.int8)


def shown(rows: Scored, most: int, dice: Dice, verdicts: NDArray[np.int64]) -> tuple[Flags, NDArray[np.int8]]:
    """Which rows are shown, and the tier that they are shown with.

    Links, recommendations, pairs that somebody decided about, and a possible match that is among the `most` best ones
    of both its records. `rows` must have all possible matches of every record whose rows matter.
    """
    among = _among_the_best(rows, most, dice)
    decided = np.isin(packed(rows.l, rows.r), verdicts)
    good = (rows.tier >= _RECOMMENDED) | among
    return good | decided, np.where(good, rows.tier, _NONE).astype(np.int8)


def _among_the_best(rows: Scored, most: int, dice: Dice) -> Flags:
    possible = np.flatnonzero(rows.tier == _POSSIBLE)
    record = np.concatenate((rows.l[possible], rows.r[possible]))
    row = np.concatenate((possible, possible))
    one, other = dice[rows.l[row]], dice[rows.r[row]]
    order = np.lexsort(
        (np.maximum(one, other), np.minimum(one, other), -rows.weight[row], -rows.posterior[row], record)
    )
    record, row = record[order], row[order]
    first = np.ones(len(record), dtype=np.bool_)
    first[1:] = record[1:] != record[:-1]
    begin = np.maximum.accumulate(np.where(first, np.arange(len(record)), 0))
    rank = np.arange(len(record)) - begin
    good = np.zeros(len(rows), dtype=np.int8)
    np.add.at(good, row[rank < most], 1)
    found: Flags = good == 2
    return found
