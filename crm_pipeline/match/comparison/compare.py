"""Run every comparison over pairs of places.

Belongs here: which function finds the outcome of which comparison. Not here: how (the other modules).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.comparison import contacts, dates, firms, names, own, places
from crm_pipeline.match.comparison.pairs import Levels, Pairs, Rarities
from crm_pipeline.match.comparison.together import reconsider
from crm_pipeline.match.records.subjects import Subjects
from crm_pipeline.match.vocabulary import Compared, Comparison

Found = tuple[Levels, NDArray[np.float32] | None]


def compare(
    subjects: Subjects,
    comparisons: Sequence[Comparison],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    terms: Rarities,
) -> Compared:
    """Compare the records at the places `left[i]` and `right[i]`, for all i at once.

    Swapping left and right changes nothing. A column that `terms` does not know has a rarity of 0.
    """
    pairs = Pairs(subjects, left, right, terms)
    levels = np.zeros((len(left), len(comparisons)), dtype=np.uint8, order="F")
    rarity = np.zeros((len(left), len(comparisons)), dtype=np.float32, order="F")
    for place, comparison in enumerate(comparisons):
        found, rare = _found(pairs, comparison)
        levels[:, place] = found
        if rare is not None and any(level.term for level in comparison.levels):
            rarity[:, place] = rare
    reconsider(pairs, comparisons, levels)
    for place, comparison in enumerate(comparisons):
        if any(level.term for level in comparison.levels):
            by_rarity = np.array([0, *(level.term for level in comparison.levels)], dtype=np.float32)
            rarity[:, place] *= by_rarity.take(levels[:, place])
    return Compared(comparisons, levels, rarity)


def _found(pairs: Pairs, comparison: Comparison) -> Found:
    if comparison.method is not None:
        return own.own(pairs, comparison)
    if comparison.name == "domain":
        return (firms.domain if "site" in pairs.subjects.sets else contacts.domain)(pairs)
    return _FUNCTIONS[comparison.name](pairs)


def _sample_name(pairs: Pairs) -> Found:
    one, other = pairs.flags("sample")
    return (one | other).astype(np.uint8), None


#: By name: a file may have levels that do something else than a CRM's (match/file/learning.py).
_FUNCTIONS: Mapping[str, Callable[[Pairs], Found]] = {
    "family_name": names.family_name,
    "given_name": names.given_name,
    "e_mail": contacts.e_mail,
    "phone": contacts.phone,
    "extension": contacts.extension,
    "birth_date": dates.birth_date,
    "address": places.address,
    "area_code": places.area_code,
    "company": firms.company,
    "sample_name": _sample_name,
    "company_name": firms.company_name,
    "legal_form": firms.legal_form,
    "corporate_number": firms.corporate_number,
}
