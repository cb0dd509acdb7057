"""The model before any data: the levels' own weights, prior odds by size.

Belongs here: what estimation starts from and shrinks to. Not here: the weights themselves (people.py, firms.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from crm_pipeline.match.model.file import versioned
from crm_pipeline.match.model.model import Model, Terms
from crm_pipeline.match.vocabulary import Comparison
from crm_pipeline.model import Kind

#: Expected duplicates of a record in its own source, and expected counterparts of a record in another one.
_DUPLICATES, _COUNTERPARTS = 0.05, 0.5


def start(
    kind: Kind,
    comparisons: Sequence[Comparison],
    records: Mapping[str, int],
    shared: Mapping[str, frozenset[str]],
    terms: Mapping[str, Terms],
) -> Model:
    """`records`: how many each source has. What a model is while there are too few data to estimate anything."""
    return versioned(
        Model(
            kind=kind.value,
            weights={(c.name, level.name): float(level.weight) for c in comparisons for level in c.levels},
            terms=terms,
            prior={
                (one, other): prior_odds(records[one], records[other], same_source=one == other)
                for one, other in product(records, repeat=2)
            },
            shared=shared,
            records=records,
            version="",
        )
    )


def prior_odds(own: int, other: int, *, same_source: bool) -> float:
    """Odds that two records taken at random are one customer; `own`, `other`: records in the two sources.

    Half of the smaller side is expected on the other one: 0.5 / n (facts on Japanese identity data, section 10).
    Inside one source `own` counts.
    """
    return _DUPLICATES / max(own, 1) if same_source else _COUNTERPARTS / max(own, other, 1)
