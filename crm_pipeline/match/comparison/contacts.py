"""E-mail addresses, telephones, extensions and domains of people; telephones of companies.

Belongs here: what both records have, and near misses. Not here: domains of companies (firms.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match import people
from crm_pipeline.match.comparison.pairs import Levels, Pairs, Rarity
from crm_pipeline.match.comparison.similarity import Distinct, distinct, lengths, one_edit
from crm_pipeline.match.records.subjects import Codes, Flags

_E_MAIL = {level.name: people.E_MAIL.code(level.name) for level in people.E_MAIL.levels}
_PHONE = {level.name: people.PHONE.code(level.name) for level in people.PHONE.levels}
_EXTENSION = {level.name: people.EXTENSION.code(level.name) for level in people.EXTENSION.levels}
_DOMAIN = {level.name: people.DOMAIN_OF_PERSON.code(level.name) for level in people.DOMAIN_OF_PERSON.levels}
#: Rank of a telephone (columns.py) -> level.
_RANKS = {"a": _PHONE["mobile"], "b": _PHONE["fixed"], "c": _PHONE["not_valid"], "d": _PHONE["shared"]}
#: Shorter local parts are one edit apart by chance.
_SHORTEST_LOCAL = 5
_DIGITS = re.compile("[0-9]+")


def e_mail(pairs: Pairs) -> tuple[Levels, None]:
    found = pairs.common("e_mail")
    texts = pairs.texts("e_mail")
    shared = pairs.of_texts("e_mail", second_rank)
    levels = np.where(found >= 0, np.where(shared[found], _E_MAIL["shared"], _E_MAIL["equal"]), 0).astype(np.uint8)
    addresses = pairs.subjects.sets["e_mail"].first
    left, right = addresses[pairs.left], addresses[pairs.right]
    open_ = np.flatnonzero((found < 0) & (left >= 0) & (right >= 0))
    some = pairs.some(open_)
    outcome = np.full(len(open_), _E_MAIL["different"], dtype=np.uint8)
    outcome[some.common("local") >= 0] = _E_MAIL["local"]
    near = distinct(left[open_], right[open_])
    outcome[_one_slip(texts, pairs.of_texts("e_mail", lengths), near)[near.places]] = _E_MAIL["similar"]
    levels[open_] = outcome
    return levels, None


def _one_slip(texts: Sequence[str], length: NDArray[np.int32], pairs: Distinct) -> Flags:
    """Personal addresses one edit apart: taro.yamda@ is, sato1@ and sato2@ are not."""
    off = one_edit(texts, length, pairs)
    near = np.flatnonzero(off)
    off[near] = [_slipped(texts[low], texts[high]) for low, high in zip(pairs.low[near], pairs.high[near], strict=True)]
    return off


def _slipped(one: str, other: str) -> bool:
    if one[0] != "a" or other[0] != "a":
        return False
    shorter = min(len(one.partition("@")[0]), len(other.partition("@")[0])) - 1
    return shorter >= _SHORTEST_LOCAL and _DIGITS.sub("", one) != _DIGITS.sub("", other)


def second_rank(texts: Sequence[str]) -> Flags:
    """Values of the second rank (columns.py): shared ones; one more place for code -1."""
    return np.array([*(text[0] == "b" for text in texts), False])


def _ranked(texts: Sequence[str]) -> Levels:
    return np.array([*(_RANKS[text[0]] for text in texts), 0], dtype=np.uint8)


def phone(pairs: Pairs) -> tuple[Levels, None]:
    found = pairs.common("phone")
    levels = pairs.of_texts("phone", _ranked)[found]
    both = pairs.both_sets("phone")
    levels[both & (found < 0)] = _PHONE["different"]
    return levels, None


def extension(pairs: Pairs) -> tuple[Levels, None]:
    """Both have an extension of one number."""
    levels = np.zeros(len(pairs), dtype=np.uint8)
    places = np.flatnonzero(pairs.common("extended") >= 0)
    same = pairs.some(places).common("extension") >= 0
    levels[places] = np.where(same, _EXTENSION["equal"], _EXTENSION["different"])
    return levels, None


def domain(pairs: Pairs) -> tuple[Levels, Rarity]:
    """Corporate domains, and those of the other's employer."""
    equal = pairs.common("mail_domain")
    employer = _either(pairs.common("mail_domain", "employer_domain"), pairs.common("employer_domain", "mail_domain"))
    levels = np.zeros(len(pairs), dtype=np.uint8)
    levels[pairs.both_sets("mail_domain")] = _DOMAIN["different"]
    levels[equal >= 0] = _DOMAIN["equal"]
    levels[employer >= 0] = _DOMAIN["employer"]
    return levels, pairs.rarity("domain", np.where(employer >= 0, employer, equal))


def _either(one: Codes, other: Codes) -> Codes:
    """The smaller of the two where both are, else the only one."""
    return np.where(one < 0, other, np.where(other < 0, one, np.minimum(one, other)))
