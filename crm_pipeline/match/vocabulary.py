"""The words of matching: comparisons, their levels, what a level can do, which evidence is one fact.

Belongs here: the types that every part of matching speaks in. Not here: which comparisons there are for people
(people.py), companies (firms.py) and files, and what they weigh in one organisation (model/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

#: (comparison, level) of a pair's evidence.
Outcome = tuple[str, str]


class Force(StrEnum):
    """What a level can do beyond its weight (tier.py)."""

    NAME = "name"  # agreement of names, or of parts of them
    PARTIAL = "partial"  # half agreement of names
    SUPPORT = "support"  # independent of the name
    IDENTIFIER = "identifier"  # belongs to one customer only
    NEUTRAL = "neutral"  # weighs what the data say, either way, and allows or forbids no tier
    DOUBT = "doubt"  # speaks against, may be explained
    CONTRADICTION = "contradiction"  # never linked without a person


class Group(StrEnum):
    """Evidence of one group is one fact: the strongest counts, not the sum (names apart: parts of one value)."""

    NAME = "name"
    E_MAIL = "e_mail"
    PHONE = "phone"
    BIRTH = "birth"
    DOMAIN = "domain"
    WORKPLACE = "workplace"  # company, its domain, its address, its switchboard
    LEGAL_FORM = "legal_form"
    CORPORATE_NUMBER = "corporate_number"
    SAMPLE = "sample"  # weighs nothing; bounds what the name may weigh


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison.

    `weight`: log10 of the likelihood ratio to start from; of a level with `term` it is added to the rarity of the
    agreed value (-log10 of its share), and the sum is at most `cap`. `share`: how often two records of one customer
    that can be compared at all end here, to start from. `cap` alone bounds what estimation may make of the weight.
    """

    name: str
    weight: float
    force: Force
    share: float
    term: bool = False
    cap: float | None = None


@dataclass(frozen=True)
class Comparison:
    """One thing that two records are compared by. Level 0 is `not comparable`; level i is `levels[i - 1]`.

    `group`: of all levels, but for those that `groups` names. A group of a file's own columns is their name.
    `method`: how values of a file's own column are compared (own_columns.py); None for what we know by its name.
    `learned`: what its levels can do was learned from the data of a file (file/learning.py). `slips`: so was that
    its differences are slips, as they come together with others by chance only.
    """

    name: str
    group: str
    levels: tuple[Level, ...]
    groups: Mapping[str, str] | None = field(default=None, hash=False)
    method: str | None = None
    learned: bool = False
    slips: bool = False

    def code(self, level: str) -> int:
        """`equal` -> 1, ... Raises KeyError for a level that this comparison does not have."""
        for code, known in enumerate(self.levels, start=1):
            if known.name == level:
                return code
        raise KeyError(f"{self.name} has no level {level}")

    def group_of(self, level: str) -> str:
        return (self.groups or {}).get(level, self.group)


@dataclass(frozen=True)
class Compared:
    """Pairs compared, one row a pair, one column a comparison (in the order of `comparisons`).

    `levels`: uint8 codes, 0 = not comparable. `rarity`: float32, -log10 share of the agreed value where the level has
    `term`, else 0.
    """

    comparisons: Sequence[Comparison]
    levels: NDArray[np.uint8]
    rarity: NDArray[np.float32]
