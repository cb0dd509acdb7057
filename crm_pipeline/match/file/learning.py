"""What differences and half agreements mean in a file: birth dates that are often mistyped do not tell people apart.

Belongs here: comparisons whose levels can do what the data show that they do. Not here: what follows (file_tier.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.comparison import compare
from crm_pipeline.match.model import terms
from crm_pipeline.match.model.estimate import ENOUGH_RECORDS
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.records.subjects import Subjects
from crm_pipeline.match.scores.scoring import parts, weigh
from crm_pipeline.match.vocabulary import Compared, Comparison, Force, Group, Level
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Differences in this share of the pairs that are certainly one customer are mistakes that people make. Of given names
#: it takes more unless they are known to be slips: up to one person in thirty is a twin.
_USUAL, _USUAL_GIVEN_NAME = 0.03, 0.05
_GIVEN_NAME = "given_name"
#: So many certain pairs have to be there, and this is certain: log10 of the odds, the comparison itself left out.
_ENOUGH, _CERTAIN = 30, 3.0
#: A half agreement of at least this weight is a fact like others.
_TELLING = 0.7
#: What a household does not share: the given name, the birth date, a number of the person.
_PERSONAL = (("given_name", Force.NAME), ("birth_date", Force.SUPPORT), (None, Force.IDENTIFIER))
#: What is told by two differences together: so many are expected by chance at least, and at most so many times more
#: are there. Of somebody else in the same house, or a twin, the given name and the birth date or number differ at once.
_EXPECTED, _BY_CHANCE = 3.0, 2.0
#: The same mailbox name elsewhere mostly is the person's name, which is compared already.
_ECHO = ("e_mail", "local")
#: Pairs that are looked at, at most.
_MOST = 300_000


def learned(
    connection: Connection, kind: Kind, comparisons: Sequence[Comparison], model: Model, subjects: Subjects
) -> tuple[Comparison, ...]:
    """The comparisons with what their levels can do in this data. Needs the temporary table `pair` of training;
    `subjects`: all records.

    A contradiction that is usual among certain pairs is a doubt. A pair is certain here without the comparison in
    question, and with nothing else that contradicts. As a household shares its mailbox, something that it does not
    share has to agree as well: the given name, or, where a name is in question, the birth date or a number of the
    person. Of companies nothing is taught but that they are of a file; few data leave everything as it is.
    """
    if sum(model.records.values()) < ENOUGH_RECORDS:
        return tuple(comparisons)
    if kind is not Kind.PERSON:
        return tuple(replace(comparison, learned=True) for comparison in comparisons)
    rows = connection.execute(f"select l, r from pair order by hash(l, r) limit {_MOST}").fetchnumpy()
    left, right = (np.searchsorted(subjects.ids, rows[side]).astype(np.int32) for side in ("l", "r"))
    compared = compare(subjects, comparisons, left, right, terms.rarities(subjects, model.terms))
    odds = weigh(compared, model).weight + np.log10(max(model.prior.values(), default=1e-9))
    own = parts(compared, model.weights)
    against = _against(compared)
    named, born, identified = (_agrees(compared, *what) for what in _PERSONAL)
    personal = named | identified, born | identified
    slips = _slips(compared, odds, own)
    found = []
    for place, comparison in enumerate(comparisons):
        codes = compared.levels[:, place]
        others = np.delete(against, place, axis=1).any(axis=1)
        certain = (odds - np.minimum(own[:, place], 0) >= _CERTAIN) & ~others & (codes > 0)
        certain &= personal[comparison.name != "birth_date"]
        found.append(_learned(comparison, codes[certain], model, slips and comparison.name == _GIVEN_NAME))
    return tuple(found)


def softened(before: Sequence[Comparison], after: Sequence[Comparison]) -> bool:
    """Whether a contradiction became a doubt: then it may weigh less as well, and the model has to be made again."""
    return any(
        one.force is Force.CONTRADICTION and other.force is not Force.CONTRADICTION
        for left, right in zip(before, after, strict=True)
        for one, other in zip(left.levels, right.levels, strict=True)
    )


def _learned(comparison: Comparison, codes: NDArray[np.uint8], model: Model, slips: bool) -> Comparison:
    """The comparison, given the outcomes of certain pairs."""
    shares = np.bincount(codes, minlength=len(comparison.levels) + 1) / max(len(codes), 1)
    usual = _USUAL_GIVEN_NAME if comparison.name == _GIVEN_NAME and not slips else _USUAL
    enough = len(codes) >= _ENOUGH
    # The fact is counted as the address already.
    part_of_address = comparison.method is not None and comparison.group == Group.WORKPLACE

    def level(code: int, level: Level) -> Level:
        if level.force is Force.CONTRADICTION and enough and shares[code] >= usual:
            return replace(level, force=Force.DOUBT)
        telling = model.weights.get((comparison.name, level.name), level.weight) >= _TELLING
        if level.force is Force.NEUTRAL and telling and not part_of_address and (comparison.name, level.name) != _ECHO:
            return replace(level, force=Force.PARTIAL if comparison.group == Group.NAME else Force.SUPPORT)
        return level

    levels = tuple(level(code, one) for code, one in enumerate(comparison.levels, start=1))
    return replace(comparison, levels=levels, learned=True, slips=slips)


def _slips(compared: Compared, odds: NDArray[np.float64], own: NDArray[np.float32]) -> bool:
    """Whether other given names come together with other birth dates and numbers by chance only, among pairs that are
    certain without both: then nobody else is mixed in."""
    place = {comparison.name: number for number, comparison in enumerate(compared.comparisons)}
    given = place[_GIVEN_NAME]
    told = False
    for other in (place["birth_date"], *(place[one.name] for one in compared.comparisons if _identifies(one))):
        both = (compared.levels[:, given] > 0) & (compared.levels[:, other] > 0)
        both &= odds - own[:, given] - own[:, other] >= _CERTAIN
        one, two = (
            compared.levels[both, number] == compared.comparisons[number].code("different") for number in (given, other)
        )
        expected = one.mean() * two.mean() * len(one) if len(one) else 0.0
        if expected >= _EXPECTED:
            told = True
            if (one & two).sum() > _BY_CHANCE * expected:
                return False
    return told


def _identifies(comparison: Comparison) -> bool:
    """A column of the file's own that has a number of the customer."""
    return comparison.method is not None and any(level.force is Force.IDENTIFIER for level in comparison.levels)


def _against(compared: Compared) -> NDArray[np.bool_]:
    """Which comparisons contradict, one column each."""
    return np.column_stack(
        [
            _has(comparison, Force.CONTRADICTION)[compared.levels[:, place]]
            for place, comparison in enumerate(compared.comparisons)
        ]
    )


def _agrees(compared: Compared, name: str | None, force: Force) -> NDArray[np.bool_]:
    """Pairs for which the comparison of this name (None: any column of the file's own) has an outcome of this force."""
    found = np.zeros(len(compared.levels), dtype=np.bool_)
    for place, comparison in enumerate(compared.comparisons):
        if comparison.name == name or (name is None and comparison.method is not None):
            found |= _has(comparison, force)[compared.levels[:, place]]
    return found


def _has(comparison: Comparison, force: Force) -> NDArray[np.bool_]:
    """By code, whether the level has this force."""
    return np.array([False, *(level.force is force for level in comparison.levels)])
