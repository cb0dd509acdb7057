"""Records that hold too little to be found again: even a copy of them would not be linked.

Belongs here: comparing each record with itself, which is the most that it can ever score. Not here: what blocking
leaves out (blocking/coverage.py), how it is printed (cli/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.match.comparison import compare
from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.model.terms import rarities
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.records.load import load
from crm_pipeline.match.scores.pattern import standings
from crm_pipeline.match.scores.scoring import weigh
from crm_pipeline.match.tiers.tier import Numbers, tier
from crm_pipeline.model import Kind, Tier
from crm_pipeline.warehouse import Connection

#: Records compared at once.
_CHUNK = 500_000


@dataclass(frozen=True)
class Unlinkable:
    """Of one source: its records, and those whose copy would not be linked automatically, by the reason in words."""

    source: str
    records: int
    reasons: Mapping[str, int]


def unlinkable(connection: Connection, kind: Kind, model: Model, settings: MatchSettings) -> list[Unlinkable]:
    """Compare every record of match.<kind> with itself under this model."""
    subjects = load(connection, kind)
    comparisons = PERSON if kind is Kind.PERSON else COMPANY
    source = subjects.values["source"]
    prior = np.array([_prior(model, name) for name in source.distinct])
    terms = rarities(subjects, model.terms)
    reasons: dict[str, Counter[str]] = {name: Counter() for name in source.distinct}
    for start in range(0, len(subjects), _CHUNK):
        places = np.arange(start, min(start + _CHUNK, len(subjects)), dtype=np.int32)
        weighed = weigh(compare(subjects, comparisons, places, places, terms), model)
        odds = prior[source.codes[places]] * 10 ** np.minimum(weighed.weight, 9)
        sure = np.round(odds / (1 + odds), 3)
        allowed = standings(np.unique(weighed.pattern), comparisons)
        rows = np.stack([source.codes[places], weighed.pattern, (sure * 1000).astype(np.int64)], axis=1)
        for (of, pattern, posterior), count in zip(*np.unique(rows, axis=0, return_counts=True), strict=True):
            found, why = tier(allowed[int(pattern)], Numbers(posterior / 1000, 1.0, 1), settings)
            if found is not Tier.AUTO:
                reasons[source.distinct[of]][_in_general(why or "")] += int(count)
    sizes = np.bincount(source.codes, minlength=len(source.distinct))
    return [
        Unlinkable(name, int(sizes[place]), dict(reasons[name].most_common()))
        for place, name in enumerate(source.distinct)
    ]


def _prior(model: Model, source: str) -> float:
    """The best odds that a record of this source has towards any other."""
    return max((odds for (one, _), odds in model.prior.items() if one == source), default=0.0)


def _in_general(why: str) -> str:
    """A posterior is another one for each record."""
    return "the name is too common for the little else that there is" if why.startswith("posterior") else why
