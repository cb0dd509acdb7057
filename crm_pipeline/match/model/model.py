"""The frozen model of one kind of record: weights, how common values are, prior odds, shared contacts.

Belongs here: the value that matching reads, and looking something up in it. Not here: start values (start.py), how it
is estimated (estimate.py, terms.py), how it is kept (file.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.model.national import family_share
from crm_pipeline.match.vocabulary import Outcome


@dataclass(frozen=True)
class Terms:
    """How common the values of one column are. `shares`: value -> its share; `other`: share of a value not named, at
    least. `national`: what a family name's share in the nation is multiplied with, if the name is not named; 0 in
    columns of anything else."""

    shares: Mapping[str, float]
    other: float
    national: float = 0.0

    def rarity(self, values: Sequence[str]) -> NDArray[np.float32]:
        """-log10 of each value's share, in the order of `values`."""
        shares = [self._share(value) for value in values]
        return (-np.log10(np.asarray(shares, dtype=np.float64))).astype(np.float32)

    def _share(self, value: str) -> float:
        named = self.shares.get(value)
        return self.unnamed(value) if named is None else named

    def unnamed(self, value: str) -> float:
        """The share of a value that `shares` does not name."""
        if not self.national:
            return self.other
        share = family_share(value)
        return self.other if share is None else max(self.other, self.national * share)


@dataclass(frozen=True)
class Model:
    """`weights`: log10 of the likelihood ratio of each level (of a level with `term`: what is added to the rarity).

    `terms`: column -> how common its values are. `prior`: (source, source), in both orders -> odds that two records
    taken at random are one customer. `shared`: `e_mail`, `phone`, `domain` -> values that several customers use.
    `records`: how many records of each source it was made from. `version`: follows from everything else.
    """

    kind: str
    weights: Mapping[Outcome, float]
    terms: Mapping[str, Terms]
    prior: Mapping[tuple[str, str], float]
    shared: Mapping[str, frozenset[str]]
    records: Mapping[str, int]
    version: str
