"""The model before any data: the levels' own weights, prior odds by size.

Belongs here: what estimation starts from and shrinks to. Not here: the weights themselves (people.py, firms.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm_pipeline.match.model.model import Model, Terms
from crm_pipeline.match.vocabulary import Comparison
from crm_pipeline.model import Kind


def start(
    kind: Kind,
    comparisons: Sequence[Comparison],
    records: Mapping[str, int],
    shared: Mapping[str, frozenset[str]],
    terms: Mapping[str, Terms],
) -> Model:
    """`records`: how many each source has. What a model is while there are too few data to estimate anything."""
    raise NotImplementedError


def prior_odds(own: int, other: int, *, same_source: bool) -> float:
    """Odds that two records taken at random are one customer; `own`, `other`: records in the two sources."""
    raise NotImplementedError
