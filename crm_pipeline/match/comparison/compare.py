"""Run every comparison over pairs of places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.model.model import Terms
from crm_pipeline.match.subjects import Subjects
from crm_pipeline.match.vocabulary import Compared, Comparison

#: Column of the subjects -> -log10 share of each of its distinct values.
Rarities = Mapping[str, NDArray[np.float32]]


def rarities(subjects: Subjects, terms: Mapping[str, Terms]) -> Rarities:
    """How rare the distinct values of each column are: once for all chunks of pairs."""
    distinct = {name: column.distinct for name, column in {**subjects.values, **subjects.sets}.items()}
    return {name: known.rarity(distinct[name]) for name, known in terms.items() if name in distinct}


def compare(
    subjects: Subjects,
    comparisons: Sequence[Comparison],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    terms: Rarities,
) -> Compared:
    """Compare the records at the places `left[i]` and `right[i]`, for all i at once."""
    raise NotImplementedError
