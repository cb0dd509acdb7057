"""What one run for one kind of record works with, and comparing any of its pairs.

Belongs here: loading just the records that are compared. Not here: what is done with the result (engine.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.match.followed import Followed
from crm_pipeline.match.load import load
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.population import Population
from crm_pipeline.match.scored import Ids, Scored, register_ids, together
from crm_pipeline.match.vocabulary import Compared, Comparison
from crm_pipeline.match.weighing import Allowed, Scales
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Desk:
    connection: Connection
    kind: Kind
    settings: MatchSettings
    model: Model
    comparisons: Sequence[Comparison]
    followed: Followed
    population: Population

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
        ids = self.population.none()
        ids[left] = ids[right] = True
        register_ids(self.connection, "involved", ids)
        return self._scales("involved")

    def scored_pairs(self) -> Scored:
        """The pairs of the temporary table `pair`, compared."""
        found = self.connection.execute("select l, r, rules from pair").fetchnumpy()
        self.connection.execute("drop table pair")
        left, right = np.asarray(found["l"], dtype=np.int32), np.asarray(found["r"], dtype=np.int32)
        if not len(left):
            return together([])
        return self.scales(left, right).scored(left, right, np.asarray(found["rules"], dtype=np.uint64))

    def comparing(self, left: Ids, right: Ids) -> tuple[Compared, NDArray[np.float32]]:
        """What is compared of these pairs, and each comparison's own weight."""
        return self.scales(left, right).compared(left, right)

    def _scales(self, ids: str | None) -> Scales:
        return Scales(
            load(self.connection, self.kind, ids),
            self.comparisons,
            self.model,
            self.settings,
            self.allowed,
            self.followed.verdicts,
            self.followed.rejected_pairs,
        )
