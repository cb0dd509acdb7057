"""What kinds of evidence a pair has, as one number: the tiers' rules are then asked once for each kind.

Belongs here: number from levels, outcomes from number. The columns of a file that have no role count together, as
nothing but how many agree matters to the tiers: a file with fifty such columns would not fit a number otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.tiers.file_tier import standing_in_file
from crm_pipeline.match.tiers.tier import Own, Standing, standing
from crm_pipeline.match.vocabulary import Compared, Comparison, Force, Outcome

_SUPPORTING = (Force.SUPPORT, Force.IDENTIFIER)
#: Own columns that agree are counted up to here.
_MOST_SUPPORTS = 4
#: Nothing identifies, one column does, an identifying one is another.
_NOTHING, _IDENTIFIED, _DIFFERS = range(3)
_OWN = 3 * (_MOST_SUPPORTS + 1)


def patterns(compared: Compared) -> NDArray[np.int64]:
    """The pattern of each pair."""
    number = np.zeros(len(compared.levels), dtype=np.int64)
    supports = np.zeros(len(compared.levels), dtype=np.uint8)
    identified = np.full(len(compared.levels), _NOTHING, dtype=np.uint8)
    for place, comparison in enumerate(compared.comparisons):
        codes = compared.levels[:, place]
        if comparison.method is None:
            number *= len(comparison.levels) + 1
            number += codes
            continue
        supports += np.array([0, *(level.force in _SUPPORTING for level in comparison.levels)], dtype=np.uint8)[codes]
        says = np.array(_identity(comparison), dtype=np.uint8)[codes]
        identified[says == _DIFFERS] = _DIFFERS
        identified[(says == _IDENTIFIED) & (identified == _NOTHING)] = _IDENTIFIED
    number *= _OWN
    number += np.minimum(supports, _MOST_SUPPORTS) * 3 + identified
    return number


def _identity(comparison: Comparison) -> list[int]:
    """What each level of an own column says of identity; `not comparable` first."""
    forces = [level.force for level in comparison.levels]
    if Force.IDENTIFIER not in forces:
        return [_NOTHING] * (len(forces) + 1)
    said = {Force.IDENTIFIER: _IDENTIFIED, Force.NEUTRAL: _DIFFERS}
    return [_NOTHING, *(said.get(force, _NOTHING) for force in forces)]


def outcomes(pattern: int, comparisons: Sequence[Comparison]) -> tuple[frozenset[Outcome], Own]:
    """What a pattern stands for; `comparisons`: the ones it was made of, in their order."""
    number, own = divmod(int(pattern), _OWN)
    found = set()
    for comparison in reversed([c for c in comparisons if c.method is None]):
        number, code = divmod(number, len(comparison.levels) + 1)
        if code:
            found.add((comparison.name, comparison.levels[code - 1].name))
    return frozenset(found), Own(own // 3, identified=own % 3 == _IDENTIFIED, differs=own % 3 == _DIFFERS)


def standings(numbers: Iterable[int], comparisons: Sequence[Comparison]) -> dict[int, Standing]:
    """What tiers each of these patterns allows."""
    named = [comparison for comparison in comparisons if comparison.method is None]
    of_people = any(comparison.learned and comparison.name == "given_name" for comparison in comparisons)
    judge = standing_in_file if of_people else standing
    return {number: judge(*_split(number, comparisons, named)) for number in {int(number) for number in numbers}}


def _split(
    number: int, comparisons: Sequence[Comparison], named: Sequence[Comparison]
) -> tuple[frozenset[Outcome], Sequence[Comparison], Own]:
    found, own = outcomes(number, comparisons)
    return found, named, own
