"""How common names, places, dates and employers are in the organisation's own data.

Belongs here: which columns of Subjects have rarities, their shares before anything is known, shares from counts.
Not here: looking a share up (model.Terms), what rarity is added to (scoring.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.model.model import Terms
from crm_pipeline.match.model.national import family_share
from crm_pipeline.match.records.subjects import Subjects
from crm_pipeline.model import Kind

#: A file's own column `suburb` is the column `extra.suburb` of Subjects.
_OWN = "extra."


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
        "city_town": Guess(0.001, 200, 10**-3.5),
        "city": Guess(0.03, 200, 10**-3),
        "prefecture": Guess(1 / 47, 50, 10**-2.5),
        "company_key": Guess(0.003, 200, 10**-3.5),
        "domain": Guess(0.003, 200, 10**-3.5),
    },
    Kind.COMPANY: {
        "name_key": Guess(0.0001, 1000, 10**-5),
        "postal_code": Guess(0.001, 200, 10**-3.5),
        "city_town": Guess(0.001, 200, 10**-3.5),
        "city": Guess(0.03, 200, 10**-3),
        "prefecture": Guess(1 / 47, 50, 10**-2.5),
    },
}


def estimate(kind: Kind, subjects: Subjects) -> Mapping[str, Terms]:
    """Column -> how common its values are among these records.

    A value's share is its count without the pair that is being compared, drawn towards the guess while records are few.
    Named are only values that are more common than an unnamed one is taken for: the model stays small.
    """
    return {
        column: _terms(counts, total, distinct, guess, national=column == "family_key")
        for column, guess in _guesses(kind, subjects).items()
        for counts, total, distinct in [_counted(subjects, column)]
    }


def rarities(subjects: Subjects, terms: Mapping[str, Terms]) -> Mapping[str, NDArray[np.float32]]:
    """Column -> -log10 share of each of its values, in the order of the codes: what compare() takes, made once for all
    pairs. Columns that Subjects lacks are left out."""
    columns = {*subjects.values, *subjects.sets}
    return {column: known.rarity(_distinct(subjects, column)) for column, known in terms.items() if column in columns}


def _guesses(kind: Kind, subjects: Subjects) -> Mapping[str, Guess]:
    columns = [*subjects.values, *subjects.sets]
    known = {column: guess for column, guess in COLUMNS[kind].items() if column in columns}
    own = {
        column: Guess(1 / max(len(_distinct(subjects, column)), 1), 200, 10**-6)
        for column in columns
        if column.startswith(_OWN)
    }
    return {**known, **own}


def _distinct(subjects: Subjects, column: str) -> Sequence[str]:
    found = subjects.values.get(column)
    return subjects.sets[column].distinct if found is None else found.distinct


def _counted(subjects: Subjects, column: str) -> tuple[NDArray[np.int64], int, Sequence[str]]:
    """How often each code comes, how many records that is of, and the values."""
    distinct = _distinct(subjects, column)
    if column in subjects.sets:
        return np.bincount(subjects.sets[column].codes, minlength=len(distinct)), len(subjects), distinct
    codes = subjects.values[column].codes
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    return counts, int(counts.sum()), distinct


def _terms(counts: NDArray[np.int64], total: int, distinct: Sequence[str], guess: Guess, *, national: bool) -> Terms:
    others = max(total - 2, 0) + guess.records
    scale = guess.records / others
    default = Terms({}, _rounded(max(scale * guess.share, guess.rarest)), _rounded(scale) if national else 0.0)
    shares = {}
    for code in np.flatnonzero(counts > 2).tolist():
        value, seen = distinct[code], int(counts[code]) - 2
        guessed = guess.share
        if national:
            share = family_share(value)
            guessed = guess.share if share is None else share
        share = _rounded((seen + guess.records * guessed) / others)
        if share > default.unnamed(value):
            shares[value] = share
    return Terms(shares, default.other, default.national)


def _rounded(share: float) -> float:
    """Two digits: a difference below 5 % is none, and makes no line in a `diff`."""
    return float(f"{share:.1e}")
