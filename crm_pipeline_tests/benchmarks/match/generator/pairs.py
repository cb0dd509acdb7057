"""True pairs of an organisation and what is hard about each. Belongs here: kinds of difficulty from what the generator
knows. Not here: scores (scoring.py)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_pipeline_tests.benchmarks.match.generator.names import Ints, Texts
from crm_pipeline_tests.benchmarks.match.generator.organisation import Organisation
from crm_pipeline_tests.benchmarks.match.generator.spelling import FORM

Flags = np.ndarray
#: Kinds of true pairs, the first that fits counts; and of false ones.
NOTHING, ONLY_NAME = "nothing in common", "the whole name only"
TRUE_KINDS = (
    NOTHING,
    ONLY_NAME,
    "new family name",
    "new employer",
    "Kanji, kana, Latin",
    "name in part",
    "within one CRM",
    "other",
)
FALSE_KINDS = ("nobody", "household or twins", "one full name", "one company", "other")
_PART = tuple(FORM[name] for name in ("family only", "given only", "initial", "missing"))


@dataclass(frozen=True)
class Pairs:
    """Rows of the organisation, left < right, with the place of each pair's kind in TRUE_KINDS or FALSE_KINDS."""

    left: Ints
    right: Ints
    kind: Ints


def within(label: Ints) -> tuple[Ints, Ints]:
    """All pairs of rows with equal labels. Quadratic in the largest group."""
    order = np.argsort(label, kind="stable")
    _, starts, sizes = np.unique(label[order], return_index=True, return_counts=True)
    left, right = [], []
    for size in np.unique(sizes[sizes > 1]).tolist():
        first = starts[sizes == size][:, None]
        a, b = np.triu_indices(size, 1)
        left.append(order[first + a].ravel())
        right.append(order[first + b].ravel())
    if not left:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    a, b = np.concatenate(left), np.concatenate(right)
    return np.minimum(a, b), np.maximum(a, b)


def true_pairs(organisation: Organisation) -> Pairs:
    """Every pair of records of one customer, with what is hard about it."""
    known, left, right = organisation.known, *within(organisation.customer)
    form, script = organisation.form, organisation.script
    part = np.isin(form, _PART)
    whole_name = ~part[left] & ~part[right] & (known.family[left] == known.family[right])
    contact = _shares_a_value(organisation, left, right)
    people, customer = organisation.people, known.customer
    new_employer = people.employer[customer[left]] != people.employer_2[customer[left]]
    kinds = [
        ~contact & ~whole_name,
        ~contact & whole_name,
        known.family[left] != known.family[right],
        new_employer & (known.side[left] != known.side[right]),
        script[left] != script[right],
        part[left] | part[right],
        known.side[left] == known.side[right],
    ]
    return Pairs(left, right, np.select(kinds, range(len(kinds)), len(kinds)))


def false_kinds(organisation: Organisation, left: Ints, right: Ints) -> Ints:
    """What made each pair of two customers look like one."""
    known, people = organisation.known, organisation.people
    a, b = known.customer[left], known.customer[right]
    nobody = organisation.customer >= len(people.family)
    same_name = (known.family[left] == known.family[right]) & (people.given[a] == people.given[b])
    work = people.employer
    kinds = [
        nobody[left] | nobody[right],
        people.household[a] == people.household[b],
        same_name,
        (work[a] >= 0) & ((work[a] == work[b]) | (people.employer_2[a] == people.employer_2[b])),
    ]
    return np.select(kinds, range(len(kinds)), len(kinds))


def _shares_a_value(organisation: Organisation, left: Ints, right: Ints) -> Flags:
    """Whether both show one mailbox, number, birth date, company or house: anything that a person would go by, however
    it is spelled (damage is not looked at)."""
    known, place = organisation.known, organisation.known.place
    house = pd.DataFrame({name: getattr(place, name) for name in ("city", "town", "chome", "block", "house")})
    address = np.where(known.extent == 0, pd.factorize(pd.MultiIndex.from_frame(house))[0], -1)
    numbers, _ = pd.factorize(np.concatenate([known.phone, known.phone_2]))
    empty = np.concatenate([known.phone, known.phone_2]) == ""
    numbers = np.where(empty, -1, numbers)
    phones = numbers[: len(known.phone)], numbers[len(known.phone) :]
    mail = _codes(known.e_mail)
    found = known.born[left] & known.born[right]
    for code in (address, mail, known.employer):
        found = found | ((code[left] >= 0) & (code[left] == code[right]))
    for one in phones:
        for other in phones:
            found = found | ((one[left] >= 0) & (one[left] == other[right]))
    return found


def _codes(column: Texts) -> Ints:
    return np.where(column == "", -1, pd.factorize(column)[0])
