"""Columns of text: arrays of str, with None for a blank.

Belongs here: what is done with a whole column, whatever it means. Not here: names, phones, addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from crm_pipeline.emulator.organisation.synthetic.draws import Flags, Ints

Texts: TypeAlias = npt.NDArray[np.object_]


def column(values: Iterable[object]) -> Texts:
    """The values as a column."""
    listed = list(values)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def blank(size: int) -> Texts:
    """A column without any value."""
    return np.full(size, None, dtype=object)


def padded(digits: int) -> Texts:
    """0 to 10**digits - 1 as texts of that many digits."""
    return column(f"{number:0{digits}}" for number in range(10**digits))


#: Numbers as texts, by value.
NUMBERS = column(map(str, range(10_000)))
TWO_DIGITS, THREE_DIGITS, FOUR_DIGITS = padded(2), padded(3), padded(4)


def either(where: Flags, one: Texts | str | None, other: Texts | str | None) -> Texts:
    """One value where the flag is set, the other elsewhere."""
    chosen: Texts = np.where(where, _as_column(one), _as_column(other))
    return chosen


def _as_column(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) else np.array(value, dtype=object)


def filled(values: Texts) -> Flags:
    """True where there is a value."""
    there: Flags = values != np.array(None, dtype=object)
    return there


def kept(values: Texts, where: Flags) -> Texts:
    """The values where the flag is set, blanks elsewhere."""
    return either(where, values, None)


def numbers(values: Ints) -> Texts:
    """Whole numbers as a column that may have blanks."""
    return values.astype(object)


def replaced(values: Texts, where: Flags, new: Callable[[Flags], Texts]) -> Texts:
    """The column with `new(where)` in the places that are flagged."""
    if not where.any():
        return values
    changed = values.copy()
    changed[where] = new(where)
    return changed


def by_kind(values: Texts, kinds: Ints, forms: Mapping[int, Callable[[Flags], Texts]]) -> Texts:
    """The column with each kind's form in the places of that kind; other kinds keep their value."""
    changed = values.copy()
    for kind, form in forms.items():
        where = kinds == kind
        if where.any():
            changed[where] = form(where)
    return changed


def each(function: Callable[[str], str], values: Texts) -> Texts:
    """The function of every text."""
    return column(None if value is None else function(value) for value in values.tolist())
