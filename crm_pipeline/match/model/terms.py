"""How common names, places, dates and employers are in the organisation's own data.

Belongs here: which columns of Subjects have rarities, their shares before anything is known, shares from counts.
Not here: looking a share up (model.Terms), what a rarity adds to (estimate.py, scoring).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.model.model import Terms
from crm_pipeline.match.subjects import Subjects
from crm_pipeline.model import Kind

#: A file's own column `suburb` is the column `own:suburb` of Subjects.
OWN = "own:"


@dataclass(frozen=True)
class Guess:
    """A column before anything is known: the share of one value, how many records outweigh that guess, and the share
    below which values need not be told apart (the levels' caps make no difference of them)."""

    share: float
    records: int
    rarest: float


#: Column of Subjects (values or sets) -> what is known before any data. Every one of them has rarities.
COLUMNS: Mapping[Kind, Mapping[str, Guess]] = {
    Kind.PERSON: {
        "family_key": Guess(0.0003, 1000, 10**-5.5),
        "given_key": Guess(0.0015, 1000, 10**-4.5),
        "birth_date": Guess(1 / 25_000, 1000, 10**-4.2),
        "postal_code": Guess(0.001, 200, 10**-3.5),
        "town": Guess(0.001, 200, 10**-3.5),
        "city": Guess(0.03, 200, 10**-3),
        "prefecture": Guess(1 / 47, 50, 10**-2.5),
        "company_key": Guess(0.003, 200, 10**-3),
        "domains": Guess(0.003, 200, 10**-3),
    },
    Kind.COMPANY: {
        "name_key": Guess(0.0001, 1000, 10**-5),
        "postal_code": Guess(0.001, 200, 10**-3.5),
        "town": Guess(0.001, 200, 10**-3.5),
        "city": Guess(0.03, 200, 10**-3),
        "prefecture": Guess(1 / 47, 50, 10**-2.5),
    },
}


def estimate(kind: Kind, subjects: Subjects) -> Mapping[str, Terms]:
    """Column -> how common its values are among these records."""
    raise NotImplementedError


def rarities(subjects: Subjects, terms: Mapping[str, Terms]) -> Mapping[str, NDArray[np.float32]]:
    """Column -> -log10 share of each of its values, in the order of the codes; columns that Subjects lacks are left
    out. What compare() takes."""
    raise NotImplementedError
