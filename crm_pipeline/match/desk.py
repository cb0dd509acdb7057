"""What one run for one kind of record works with, and comparing any of its pairs.

Belongs here: loading just the records that are compared. Not here: what is done with the result (engine.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.records.load import load
from crm_pipeline.match.records.population import Population
from crm_pipeline.match.records.subjects import Subjects
from crm_pipeline.match.review.followed import Followed
from crm_pipeline.match.scores.scored import Flags, Ids, Scored, register_ids, together
from crm_pipeline.match.scores.weighing import Allowed, Scales
from crm_pipeline.match.vocabulary import Compared, Comparison
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Pairs that are fetched at once, in DuckDB's vectors of 2048: half a million.
_VECTORS = 250


@dataclass(frozen=True)
class Desk:
    connection: Connection
    kind: Kind
    settings: MatchSettings
    model: Model
    comparisons: Sequence[Comparison]
    followed: Followed
    population: Population

    subjects: Subjects | None = None
    #: Records that were loaded in this run, and with them what compares them.
    _loaded: list[tuple[Flags, Scales]] = field(default_factory=list, repr=False)

    @cached_property
    def allowed(self) -> Allowed:
        return Allowed(self.comparisons)

    @cached_property
    def _everybody(self) -> Scales:
        return self._scales(None)

    def scales(self, left: Ids, right: Ids) -> Scales:
        """For comparing these pairs."""
        if self.population.everybody:
            return self._everybody
        for ids, scales in self._loaded:
            if ids[left].all() and ids[right].all():
                return scales
        ids = self.population.none()
        ids[left] = ids[right] = True
        return self._load(ids)

    def _load(self, ids: Flags) -> Scales:
        register_ids(self.connection, "involved", ids)
        scales = self._scales("involved")
        self._loaded.append((ids, scales))
        return scales

    def scored_pairs(self, beside: Flags) -> Scored:
        """The pairs of the temporary table `pair`, compared. `beside`: records (ids) of which pairs will be compared
        afterwards; to load them together costs less."""
        if not self.connection.execute("select 1 from pair limit 1").fetchall():
            self.connection.execute("drop table pair")
            return together([])
        if self.population.everybody:
            scales = self._everybody
        else:
            ends = self.connection.execute("select l from pair union select r from pair").fetchnumpy()["l"]
            ids = beside & self.population.there
            ids[ends] = True
            scales = self._load(ids)
        result = self.connection.execute("select l, r, rules from pair")
        rows = scales.scored(self._chunks(result))
        self.connection.execute("drop table pair")
        return rows

    @staticmethod
    def _chunks(result: Connection) -> Iterator[tuple[Ids, Ids, NDArray[np.uint64]]]:
        """Parts of a result: all pairs at once would not fit the memory."""
        while len(frame := result.fetch_df_chunk(_VECTORS)):
            yield (
                frame["l"].to_numpy(dtype=np.int32),
                frame["r"].to_numpy(dtype=np.int32),
                frame["rules"].to_numpy(dtype=np.uint64),
            )

    def comparing(self, left: Ids, right: Ids) -> tuple[Compared, NDArray[np.float32]]:
        """What is compared of these pairs, and each comparison's own weight."""
        return self.scales(left, right).compared(left, right)

    def _scales(self, ids: str | None) -> Scales:
        return Scales(
            self.subjects if ids is None and self.subjects else load(self.connection, self.kind, ids),
            self.comparisons,
            self.model,
            self.settings,
            self.allowed,
            self.followed.verdicts,
            self.followed.rejected_pairs,
        )
