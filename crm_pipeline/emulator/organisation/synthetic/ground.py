"""A district made up: its firms and people, its users, and what both CRMs' records are drawn from.

Belongs here: what both CRMs must agree on, and helpers to pick records. Not here: fields of either CRM.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from crm_pipeline.emulator.organisation import vocabulary
from crm_pipeline.emulator.organisation.generate import OWNERS
from crm_pipeline.emulator.organisation.model import Owner
from crm_pipeline.emulator.organisation.synthetic.draws import Draws, Flags, Floats, Ints
from crm_pipeline.emulator.organisation.synthetic.firms import Firms, firms_of
from crm_pipeline.emulator.organisation.synthetic.names import family_names, given_names
from crm_pipeline.emulator.organisation.synthetic.people import NOW_SECONDS, PERIOD, People, people_of
from crm_pipeline.emulator.organisation.synthetic.sizes import District, Shared, Synthetic
from crm_pipeline.emulator.organisation.synthetic.texts import Texts, column, either
from crm_pipeline.model import System

#: One more user for so many records, up to a most.
_RECORDS_A_USER, _MOST_USERS = 5_000, 200


@dataclass(frozen=True)
class Ground:
    """A district's firms and people; `draws` are their streams, each CRM has its own below it."""

    district: District
    draws: Draws
    owners: tuple[Owner, ...]

    @cached_property
    def firms(self) -> Firms:
        return firms_of(self.district, self.draws.below("firms"))

    @cached_property
    def people(self) -> People:
        return people_of(self.district, self.firms, self.draws.below("people"), len(self.owners))

    @property
    def dirt(self) -> float:
        return self.district.of_organisation.dirt


def ground(district: District, owners: tuple[Owner, ...]) -> Ground:
    """What a district's records are made of; depends on nothing but the organisation and the district's number."""
    organisation = district.of_organisation
    return Ground(district, Draws("synthetic", organisation.seed, district.number), owners)


def owners_of(organisation: Synthetic) -> tuple[Owner, ...]:
    """The users of both CRMs: those of the demo, and more in a large organisation."""
    number = min(_MOST_USERS, organisation.records // _RECORDS_A_USER)
    draws, japanese = Draws("synthetic", organisation.seed, "owners"), np.zeros(number, dtype=np.int64)
    family = family_names().draw(japanese, draws.uniform("family", number)).tolist()
    given = given_names().draw(japanese, draws.uniform("given", number)).tolist()
    families, givens = family_names(), given_names()
    more = (
        Owner(
            f"{families.letters[one]}.{givens.letters[other]}.{index + 1}@our-company.example",
            families.keyboard[one],
            givens.keyboard[other],
        )
        for index, (one, other) in enumerate(zip(family, given, strict=True))
    )
    return (*OWNERS, *more)


def known_owner(owners: tuple[Owner, ...], wanted: Ints, system: System) -> Ints:
    """The wanted owners, or the next one who has an account in that CRM."""
    known = [index for index, owner in enumerate(owners) if system in owner.systems]
    following = [next((k for k in known if k >= index), known[0]) for index in range(len(owners))]
    return np.array(following, dtype=np.int64)[wanted]


def any_owner(ground: Ground, draws: Draws, size: int, system: System, share: float = 1.0) -> Ints:
    """Owners of records that are nobody's customers, -1 for none; `share` have one at dirt 1."""
    owner = known_owner(ground.owners, draws.number("owner", size, len(ground.owners)), system)
    return np.where(draws.chance("fill owner", size, share**ground.dirt), owner, -1)


def any_row(draws: Draws, name: str, size: int, limit: int) -> Ints:
    """Any of so many rows; -1 when there is none."""
    return draws.number(name, size, limit) if limit else np.full(size, -1, dtype=np.int64)


@dataclass(frozen=True)
class Entries:
    """Whose records they are, in the order of their creation: entity rows, and whether somebody is entered again."""

    rows: Ints
    again: Flags
    created: Ints


def entries(draws: Draws, first: int, end: int, records: int) -> Entries:
    """So many records of the entities from `first` to below `end`: one of each, then further ones of some."""
    number = end - first
    further = records - number
    again = draws.order("again", number)[:further] if further <= number else draws.number("again", further, number)
    rows = first + np.concatenate([np.arange(number), again]).astype(np.int64)
    created = NOW_SECONDS - 60 - draws.number("created", records, PERIOD)
    order = np.argsort(created, kind="stable")
    return Entries(rows[order], (np.arange(records) >= number)[order], created[order])


def first_records(entered: Entries, entities: int) -> Ints:
    """The first record of each entity, -1 for one without."""
    first = np.full(entities, -1, dtype=np.int64)
    first[entered.rows[::-1]] = np.arange(len(entered.rows))[::-1]
    return first


class Groups:
    """Records by what they belong to (-1: nothing)."""

    def __init__(self, belongs_to: Ints, groups: int) -> None:
        self._order = np.argsort(belongs_to, kind="stable").astype(np.int64)
        ordered = belongs_to[self._order]
        self._start = np.searchsorted(ordered, np.arange(groups), side="left").astype(np.int64)
        self.counts = (np.searchsorted(ordered, np.arange(groups), side="right") - self._start).astype(np.int64)

    def pick(self, group: Ints, uniform: Floats) -> Ints:
        """A member of each group, -1 for an empty group or none."""
        picked = np.full(len(group), -1, dtype=np.int64)
        where = np.flatnonzero(group >= 0)
        where = where[self.counts[group[where]] > 0]
        of = group[where]
        picked[where] = self._order[self._start[of] + (uniform[where] * self.counts[of]).astype(np.int64)]
        return picked


def shared_range(shared: Shared, system: System) -> tuple[int, int]:
    """The entities (first, end) of one CRM."""
    return (0, shared.hubspot) if system is System.HUBSPOT else (shared.first_in_salesforce, shared.total)


def phrases(draws: Draws, name: str, languages: Ints, kind: str) -> Texts:
    """What a user writes about such a thing: in Japanese with Japanese customers, else in English."""
    japanese, english = _phrases(kind)
    drawn = draws.number(name, len(languages), len(japanese))
    return either(languages == 0, japanese[drawn], english[drawn])


@cache
def _phrases(kind: str) -> tuple[Texts, Texts]:
    rows = [row for row in vocabulary.table("phrases") if row[0] == kind]
    return column(row[1] for row in rows), column(row[2] for row in rows)
