"""What only several comparisons together tell: a name given up at marriage, and names in each other's field.

Belongs here: changing a level of the name by what the others found. Not here: each comparison by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match import people
from crm_pipeline.match.comparison.pairs import Pairs
from crm_pipeline.match.comparison.similarity import jaro_winkler_between
from crm_pipeline.match.vocabulary import Comparison, Force, Level

#: Names in each other's field are the same person's from this Jaro-Winkler similarity on, both of them.
_CROSSED = 0.9
_AGREES = (Force.SUPPORT, Force.IDENTIFIER)


def reconsider(pairs: Pairs, comparisons: Sequence[Comparison], levels: NDArray[np.uint8]) -> None:
    """Change the levels of names that stand for another fact than they seem to."""
    place = {comparison.name: number for number, comparison in enumerate(comparisons) if comparison.method is None}
    if not {"family_name", "given_name"} <= place.keys():
        return
    family, given = levels[:, place["family_name"]], levels[:, place["given_name"]]
    _crossed(pairs, family, given)
    if {"birth_date", "e_mail", "phone"} <= place.keys():
        born = levels[:, place["birth_date"]] == people.BIRTH_DATE.code("equal")
        contact = _agrees(people.E_MAIL.levels)[levels[:, place["e_mail"]]]
        contact |= _agrees(people.PHONE.levels)[levels[:, place["phone"]]]
        called = (given == people.GIVEN_NAME.code("equal")) | (given == people.GIVEN_NAME.code("reading"))
        married = (family == people.FAMILY_NAME.code("different")) & called & born & contact
        family[married] = people.FAMILY_NAME.code("changed")


def _agrees(levels: Sequence[Level]) -> NDArray[np.bool_]:
    return np.array([False, *(level.force in _AGREES for level in levels)])


def _crossed(pairs: Pairs, family: NDArray[np.uint8], given: NDArray[np.uint8]) -> None:
    """`mcdonald richard` and `richard macdonald`: both names similar. What is exactly crossed is equal already."""
    places = np.flatnonzero(
        (family == people.FAMILY_NAME.code("different")) & (given == people.GIVEN_NAME.code("different"))
    )
    if not len(places):
        return
    some = pairs.some(places)
    japanese, other = some.flags("japanese")
    latin = ~(japanese & other)
    for column in ("family_script", "given_script"):
        code = some.texts(column).index("latin") if "latin" in some.texts(column) else -2
        latin &= (some.codes(column)[0] == code) & (some.codes(column)[1] == code)
    places = places[latin]
    for side in (0, 1):
        some = pairs.some(places)
        alike = jaro_winkler_between(
            (some.texts("family_key"), some.codes("family_key")[side]),
            (some.texts("given_key"), some.codes("given_key")[1 - side]),
        )
        places = places[alike >= _CROSSED]
    family[places] = people.FAMILY_NAME.code("similar")
    given[places] = people.GIVEN_NAME.code("similar")
