"""Comparisons for the columns of a file that we know nothing about: exact, text, name, date, number.

Belongs here: their outcomes and what they weigh to start from. Not here: how an outcome is found (comparison/own.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from crm_pipeline.match.vocabulary import Comparison, Force, Level

METHODS = ("exact", "text", "name", "date", "number")
#: In front of the column's name: where the subjects hold it, and what its terms are called.
PREFIX = "extra."
#: Distinct values for each record that has one, from which on a value is taken to belong to one customer only: a
#: customer may have a few records.
_IDENTIFIES = 0.3

_SUPPORT, _NEUTRAL = Force.SUPPORT, Force.NEUTRAL
#: Each customer appears a few times at most, so a value's rarity is bounded; estimation may go further.
_EQUAL = Level("equal", 0, _SUPPORT, 0.8, term=True, cap=5)
_DIFFERENT = Level("different", -0.7, _NEUTRAL, 0.14, cap=0)
_LEVELS: Mapping[str, tuple[Level, ...]] = {
    "exact": (_EQUAL, _DIFFERENT),
    "text": (
        _EQUAL,
        Level("similar", -0.5, _SUPPORT, 0.07, term=True, cap=4),
        Level("close", 0.3, _NEUTRAL, 0.04, cap=2),
        _DIFFERENT,
    ),
    "name": (
        _EQUAL,
        Level("similar", -0.7, _SUPPORT, 0.07, term=True, cap=3),
        Level("close", 0, _NEUTRAL, 0.04, cap=2),
        _DIFFERENT,
    ),
    "date": (
        _EQUAL,
        Level("swapped", 1.5, _SUPPORT, 0.01, cap=4),
        Level("digit", 1, _NEUTRAL, 0.03, cap=3),
        Level("year", 0, _NEUTRAL, 0.02, cap=1),
        _DIFFERENT,
    ),
    "number": (_EQUAL, Level("near", 0.3, _NEUTRAL, 0.05, cap=2), _DIFFERENT),
}
#: A number that belongs to one customer. `similar`: one character off or two swapped.
_IDENTIFIER = (
    Level("equal", 0, Force.IDENTIFIER, 0.85, term=True, cap=6),
    Level("similar", 1.5, _SUPPORT, 0.05, cap=4),
    Level("different", -1, _NEUTRAL, 0.1, cap=0),
)


def own_columns(methods: Mapping[str, str], distinctness: Mapping[str, float]) -> tuple[Comparison, ...]:
    """Comparisons of the columns in `methods` (column -> one of METHODS), each named and grouped as its column.

    `distinctness`: column -> distinct values / records that have one: an `exact` column of nearly unique values
    identifies. The subjects hold the values as PREFIX + column, which is also the name of the column's terms.
    """
    return tuple(
        Comparison(column, column, _levels(method, distinctness.get(column, 0.0)), method=method)
        for column, method in methods.items()
    )


def _levels(method: str, distinctness: float) -> tuple[Level, ...]:
    return _IDENTIFIER if method == "exact" and distinctness >= _IDENTIFIES else _LEVELS[method]
