"""Names, legal forms and domains of companies, and the company of a person.

Belongs here: how company keys are compared. Not here: what an outcome weighs (firms.py, people.py of match).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match import firms, people
from crm_pipeline.match.comparison.contacts import second_rank
from crm_pipeline.match.comparison.pairs import Levels, Pairs
from crm_pipeline.match.comparison.scripts import scripts
from crm_pipeline.match.comparison.similarity import distinct, jaro_winkler, lengths, passing, shorter
from crm_pipeline.match.records.subjects import Flags

_OF_PERSON = {level.name: people.COMPANY_OF_PERSON.code(level.name) for level in people.COMPANY_OF_PERSON.levels}
_NAME = {level.name: firms.COMPANY_NAME.code(level.name) for level in firms.COMPANY_NAME.levels}
_FORM = {level.name: firms.LEGAL_FORM.code(level.name) for level in firms.LEGAL_FORM.levels}
_DOMAIN = {level.name: firms.DOMAIN.code(level.name) for level in firms.DOMAIN.levels}
_NUMBER = {level.name: firms.CORPORATE_NUMBER.code(level.name) for level in firms.CORPORATE_NUMBER.levels}
#: Company keys: similar from here; below the other bound they are clearly different.
_SIMILAR, _DIFFERENT = 0.92, 0.75
#: A name is a part of the other one from this length on.
_SHORTEST_PART = 3


def company(pairs: Pairs) -> tuple[Levels, NDArray[np.float32]]:
    """The company of a person: of one name, or known as one employer."""
    left, right = pairs.codes("company_key")
    both = pairs.both("company_key")
    levels = np.zeros(len(pairs), dtype=np.uint8)
    equal = both & (pairs.equal("company_key") | pairs.equal("employer"))
    levels[equal] = _OF_PERSON["equal"]
    places, alike, _, part = _measured(pairs, "company_key", np.flatnonzero(both & ~equal))
    levels[places[(alike >= _SIMILAR) | part]] = _OF_PERSON["similar"]
    levels[places[(alike < _DIFFERENT) & ~part]] = _OF_PERSON["different"]
    return levels, np.minimum(pairs.rarity("company_key", left), pairs.rarity("company_key", right))


def company_name(pairs: Pairs) -> tuple[Levels, NDArray[np.float32]]:
    levels = np.zeros(len(pairs), dtype=np.uint8)
    equal = pairs.equal("name_key")
    levels[equal] = _NAME["equal"]
    places, alike, least, part = _measured(pairs, "name_key", np.flatnonzero(pairs.both("name_key") & ~equal))
    outcome = np.full(len(places), _NAME["close"], dtype=np.uint8)
    outcome[alike < _DIFFERENT] = _NAME["different"]
    outcome[(alike >= _SIMILAR) | (part & (least >= _SHORTEST_PART))] = _NAME["similar"]
    levels[places] = outcome
    return levels, pairs.rarity("name_key", pairs.codes("name_key")[0])


def _measured(
    pairs: Pairs, column: str, places: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int32], NDArray[np.bool_]]:
    """Of the pairs in one script: their places, similarity, length of the shorter name, whether it is a part."""
    texts = pairs.texts(column)
    script = pairs.of_texts(column, scripts)
    left, right = pairs.some(places).codes(column)
    places = places[script[left] == script[right]]
    found = distinct(*pairs.some(places).codes(column))
    alike = jaro_winkler(texts, found)
    least = shorter(pairs.of_texts(column, lengths), found)
    part = passing(lambda one, other: one in other or other in one, texts, found)
    return places, alike[found.places], least[found.places], part[found.places]


def legal_form(pairs: Pairs) -> tuple[Levels, None]:
    script = pairs.of_texts("legal_form", scripts)
    left, right = pairs.codes("legal_form")
    comparable = pairs.both("legal_form") & (script[left] == script[right])
    elsewhere = pairs.both("legal_form_position") & ~pairs.equal("legal_form_position")
    outcome = np.where(elsewhere, _FORM["position"], _FORM["equal"])
    outcome[left != right] = _FORM["different"]
    return np.where(comparable, outcome, 0).astype(np.uint8), None


def corporate_number(pairs: Pairs) -> tuple[Levels, None]:
    outcome = np.where(pairs.equal("corporate_number"), _NUMBER["equal"], _NUMBER["different"])
    return np.where(pairs.both("corporate_number"), outcome, 0).astype(np.uint8), None


def domain(pairs: Pairs) -> tuple[Levels, None]:
    """Domains of two companies: their own, and those of their people's addresses."""
    own = pairs.common("own_site")
    found = np.where(own >= 0, own, _with_own(pairs))
    shared = pairs.of_texts("site", second_rank)
    levels = np.zeros(len(pairs), dtype=np.uint8)
    levels[pairs.both_sets("own_site")] = _DOMAIN["different"]
    levels[_named(pairs)] = _DOMAIN["name"]
    levels[found >= 0] = _DOMAIN["people"]
    levels[(own >= 0)] = _DOMAIN["equal"]
    levels[(found >= 0) & shared[found]] = _DOMAIN["shared"]
    return levels, None


def _with_own(pairs: Pairs) -> NDArray[np.int32]:
    """A domain that is at least one of the two's own."""
    one, other = pairs.common("own_site", "site"), pairs.common("site", "own_site")
    return np.where(one < 0, other, np.where(other < 0, one, np.minimum(one, other)))


def _named(pairs: Pairs) -> Flags:
    """One company's name in Latin letters is how the other one spells itself in its domain."""
    labels = pairs.subjects.sets["label"]
    left, right = pairs.codes("name_key")
    here, there = labels.first[pairs.left], labels.first[pairs.right]
    named = ((here == right) & (right >= 0)) | ((there == left) & (left >= 0))
    for places, names in ((pairs.left, right), (pairs.right, left)):
        for place in np.flatnonzero(labels.several[places] & ~named):
            one = labels.codes[labels.offsets[places[place]] : labels.offsets[places[place] + 1]]
            named[place] = bool((one == names[place]).any())
    found: Flags = named & ~pairs.equal("name_key")
    return found
