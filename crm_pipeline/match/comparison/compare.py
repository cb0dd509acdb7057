"""Run every comparison over pairs of places.

Belongs here: which function finds the outcome of which comparison. Not here: how (the other modules).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match import firms as of_companies
from crm_pipeline.match import people as of_people
from crm_pipeline.match.comparison import contacts, dates, firms, names, own, places
from crm_pipeline.match.comparison.pairs import Levels, Pairs, Rarities
from crm_pipeline.match.comparison.together import reconsider
from crm_pipeline.match.subjects import Subjects
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
    return _FUNCTIONS[comparison](pairs)


def _sample_name(pairs: Pairs) -> Found:
    one, other = pairs.flags("sample")
    return (one | other).astype(np.uint8), None


_FUNCTIONS: Mapping[Comparison, Callable[[Pairs], Found]] = {
    of_people.FAMILY_NAME: names.family_name,
    of_people.GIVEN_NAME: names.given_name,
    of_people.E_MAIL: contacts.e_mail,
    of_people.PHONE: contacts.phone,
    of_people.EXTENSION: contacts.extension,
    of_people.BIRTH_DATE: dates.birth_date,
    of_people.ADDRESS: places.address,
    of_people.AREA_CODE: places.area_code,
    of_people.COMPANY_OF_PERSON: firms.company,
    of_people.DOMAIN_OF_PERSON: contacts.domain,
    of_people.SAMPLE_NAME: _sample_name,
    of_companies.COMPANY_NAME: firms.company_name,
    of_companies.LEGAL_FORM: firms.legal_form,
    of_companies.DOMAIN: firms.domain,
    of_companies.PHONE: contacts.phone,
    of_companies.ADDRESS: places.address,
    of_companies.AREA_CODE: places.area_code,
}
