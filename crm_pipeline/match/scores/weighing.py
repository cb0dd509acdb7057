"""From pairs of ids to scored pairs, by chunks, one a core at a time.

Belongs here: odds with the prior, which pairs are worth keeping, which are strong. Not here: how records are compared
(comparison/), what evidence weighs (scoring.py), competition of candidates (competition.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.match.comparison import compare
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.model.terms import rarities
from crm_pipeline.match.records.subjects import Subjects
from crm_pipeline.match.scores import inside as insides
from crm_pipeline.match.scores import pattern
from crm_pipeline.match.scores.inside import Inside
from crm_pipeline.match.scores.scored import TIERS, Flags, Ids, Scored, packed, together, unjudged
from crm_pipeline.match.scores.scoring import MOST_ODDS, weigh
from crm_pipeline.match.tiers.tier import contradictory
from crm_pipeline.match.vocabulary import Compared, Comparison

#: Pairs below this posterior cannot reach any tier by themselves and do not compete.
_FLOOR = 0.001
#: Pairs that are compared at once; numpy lets several threads compute at the same time.
_CHUNK = 500_000
_THREADS = min(2, os.cpu_count() or 1)

#: Ids left and right, and the rules that brought the pairs.
Chunk = tuple[Ids, Ids, NDArray[np.uint64]]


class Allowed:
    """What each pattern allows: looked up in bulk, decided once for each distinct pattern."""

    def __init__(self, comparisons: Sequence[Comparison]) -> None:
        self._comparisons = comparisons
        self._contradictory = contradictory(comparisons)
        self._known: dict[int, tuple[int, int, bool, str | None]] = {}

    def of(self, patterns: NDArray[np.int64]) -> tuple[NDArray[np.int8], NDArray[np.int8], Flags]:
        """Highest and lowest tier by number, and whether the evidence contradicts."""
        distinct, place = np.unique(patterns, return_inverse=True)
        found = self._look(distinct)
        highest, lowest = (np.array([row[side] for row in found], dtype=np.int8)[place] for side in (0, 1))
        return highest, lowest, np.array([row[2] for row in found], dtype=np.bool_)[place]

    def why(self, patterns: NDArray[np.int64]) -> NDArray[np.object_]:
        """Why not automatic, in words; None where the pattern allows it."""
        distinct, place = np.unique(patterns, return_inverse=True)
        found: NDArray[np.object_] = np.array([row[3] for row in self._look(distinct)], dtype=np.object_)[place]
        return found

    def _look(self, distinct: NDArray[np.int64]) -> list[tuple[int, int, bool, str | None]]:
        numbers: list[int] = distinct.tolist()
        unknown = [number for number in numbers if number not in self._known]
        for number, standing in pattern.standings(unknown, self._comparisons).items():
            outcomes, _ = pattern.outcomes(number, self._comparisons)
            self._known[number] = (
                TIERS.index(standing.highest),
                TIERS.index(standing.lowest),
                bool(outcomes & self._contradictory),
                standing.why_not_auto,
            )
        return [self._known[number] for number in numbers]


class Scales:
    """Subjects, and all that they are weighed with. `verdicts`, `rejected`: pairs that people spoke about, packed."""

    def __init__(
        self,
        subjects: Subjects,
        comparisons: Sequence[Comparison],
        model: Model,
        settings: MatchSettings,
        allowed: Allowed,
        verdicts: NDArray[np.int64],
        rejected: NDArray[np.int64],
    ) -> None:
        self._subjects, self._comparisons, self._model = subjects, comparisons, model
        self._settings, self._allowed = settings, allowed
        self._verdicts, self._rejected = verdicts, rejected
        self._place = np.zeros(int(subjects.ids[-1]) + 1 if len(subjects) else 0, dtype=np.int32)
        self._place[subjects.ids] = np.arange(len(subjects), dtype=np.int32)
        self._rarities = rarities(subjects, model.terms)
        self._source = subjects.values["source"].codes
        self._prior = prior(subjects.values["source"].distinct, model.prior)

    def scored(self, chunks: Iterable[Chunk]) -> Scored:
        """The pairs that may still matter: a tier is open to them, or somebody decided about them."""
        return together([part for part, _ in self._parts(chunks, everything=False)])

    def inside(self, left: Ids, right: Ids, rules: NDArray[np.uint64]) -> tuple[Scored, Inside]:
        """The same, and the evidence of all pairs."""
        parts = self._parts(_chunks(left, right, rules), everything=True)
        return together([rows for rows, _ in parts]), insides.together([inside for _, inside in parts if inside])

    def compared(self, left: Ids, right: Ids) -> tuple[Compared, NDArray[np.float32]]:
        """What is compared of these pairs, and each comparison's own weight."""
        found = compare(self._subjects, self._comparisons, self._places(left), self._places(right), self._rarities)
        return found, weigh(found, self._model).parts

    def _parts(self, chunks: Iterable[Chunk], *, everything: bool) -> list[tuple[Scored, Inside | None]]:
        """Of each chunk what may still matter, and the evidence of all of its pairs, if it is wanted."""

        def part(chunk: Chunk) -> tuple[Scored, Inside | None]:
            rows, inside = self._chunk(*chunk)
            return rows, inside if everything else None

        found: list[tuple[Scored, Inside | None]] = []
        waiting = iter(chunks)
        with ThreadPoolExecutor(_THREADS) as pool:
            while some := list(islice(waiting, _THREADS)):
                found += pool.map(part, some)
        return found

    def _chunk(self, left: Ids, right: Ids, rules: NDArray[np.uint64]) -> tuple[Scored, Inside]:
        a, b = self._places(left), self._places(right)
        compared = compare(self._subjects, self._comparisons, a, b, self._rarities)
        weighed = weigh(compared, self._model)
        odds = np.minimum(10.0**weighed.weight * self._prior[self._source[a], self._source[b]], MOST_ODDS)
        highest, lowest, contradicts = self._allowed.of(weighed.pattern)
        alone = odds / (1 + odds)
        pair = packed(left, right)
        keep = (highest > 0) & ((alone >= _FLOOR) | (lowest > 0) | np.isin(pair, self._verdicts))
        strong = (highest == TIERS.index(TIERS[-1])) & (alone >= self._settings.auto)
        strong &= ~np.isin(pair, self._rejected)
        rows = unjudged(left, right, rules, weighed.weight, odds, weighed.pattern, strong)
        return rows.where(keep), Inside(left, right, np.log10(odds), contradicts)

    def _places(self, ids: Ids) -> NDArray[np.int32]:
        return self._place.take(ids)


def prior(sources: Sequence[str], known: Mapping[tuple[str, str], float]) -> NDArray[np.float64]:
    """Prior odds by number of both sources; of a source that the model does not know, the least that it does."""
    least = min(known.values(), default=1e-6)
    return np.array([[known.get((a, b), least) for b in sources] for a in sources]).reshape(len(sources), -1)


def _chunks(left: Ids, right: Ids, rules: NDArray[np.uint64]) -> Iterator[Chunk]:
    for begin in range(0, len(left), _CHUNK):
        at = slice(begin, begin + _CHUNK)
        yield left[at], right[at], rules[at]
