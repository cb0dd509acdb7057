"""Weights and prior odds from pairs: expectation and maximisation, drawn to the start values while data are few.

How sure a pair is follows from the weights (the same function that scores every night: one fact counts once), the
weights follow from how pairs of one customer and of strangers come out. Belongs here: that arithmetic. Not here: which
pairs (sample.py), how common values are (terms.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.match.model.file import versioned
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.model.sample import Sample
from crm_pipeline.match.scores.scoring import weigh
from crm_pipeline.match.vocabulary import Comparison, Force, Group, Level, Outcome

#: Below so many records nothing is estimated, and no weights while fewer pairs than this are likely one customer.
ENOUGH_RECORDS, ENOUGH_MATCHES = 200, 50
#: How much the start values count, in pairs that came out as they say: a level's share, and the prior odds.
_START = 1.0
#: Pairs at a level from which on the data outweigh its start weight.
_START_WEIGHT = 5.0
#: Records of one customer in one source, on an average, at most.
_MOST_DUPLICATES = 5.0
#: Beyond this a pair is certain.
_CERTAIN = 9.0
#: Steps at most, and the change of a weight that is none.
_STEPS, _STILL = 50, 0.002

#: Levels of which blocking brings every pair: how many strangers share one is counted, not guessed from random pairs,
#: of which none does.
_WHOLE = frozenset({("e_mail", "equal"), ("phone", "mobile"), ("phone", "fixed"), ("phone", "not_valid")})

_Floats = NDArray[np.float64]


def estimate(start: Model, comparisons: Sequence[Comparison], sample: Sample) -> Model:
    """The model with the weights and prior odds that the sample speaks for; few data leave it as it is.

    `start` has the terms and shared values of the organisation already.
    """
    if sum(start.records.values()) < ENOUGH_RECORDS:
        return start
    model = start
    for _ in range(_STEPS):
        sure = _posteriors(model, sample)
        better = replace(model, weights=_weights(start, comparisons, sample, sure), prior=_prior(start, sample, sure))
        moved = max(abs(better.weights[outcome] - model.weights[outcome]) for outcome in model.weights)
        model = better
        if moved < _STILL:
            break
    return versioned(
        replace(  # without a sign of zero, and rounded: a change too small to matter makes no line in a diff
            model,
            weights={outcome: round(weight, 2) + 0.0 for outcome, weight in model.weights.items()},
            prior={sides: float(f"{odds:.2e}") for sides, odds in model.prior.items()},
        )
    )


def _posteriors(model: Model, sample: Sample) -> _Floats:
    """How likely each pattern is one customer, without its rivals.

    0 where strangers are likelier: thousands of colleagues with one family name, each a little likely, would together
    outnumber the customers, and teach that colleagues are customers.
    """
    prior = np.array([model.prior[sides] for sides in sample.sides])
    odds = prior[sample.side] * 10 ** np.minimum(weigh(sample.compared, model).weight, _CERTAIN)
    return np.asarray(np.where(odds >= 1, odds / (1 + odds), 0), dtype=np.float64)


def _weights(start: Model, comparisons: Sequence[Comparison], sample: Sample, sure: _Floats) -> Mapping[Outcome, float]:
    matches, strangers = sample.blocked * sure, sample.random * (1 - sure)
    if matches.sum() < ENOUGH_MATCHES:
        return start.weights
    weights = dict(start.weights)
    others = sample.blocked * (1 - sure)
    nameless = _nameless(sample)
    each = sample.possible.sum() / max(sample.random.sum(), 1.0)  # pairs that a random one stands for
    for column, comparison in enumerate(comparisons):
        codes, size = sample.compared.levels[:, column], len(comparison.levels) + 1
        one = np.bincount(codes, matches, size)[1:]
        two = np.bincount(codes, strangers, size)[1:]
        near = np.bincount(codes, others, size)[1:]
        for place, level in enumerate(comparison.levels):
            outcome = comparison.name, level.name
            begun = start.weights[outcome]
            moved = _moved(one[place], one.sum() * level.share)
            seen = one[place] + two[place]
            if outcome in _WHOLE:
                moved -= _moved(near[place], two.sum() * each * level.share / 10**begun)
            elif not level.term:  # else strangers agree as often as the value is common: that is its rarity
                moved -= _moved(two[place], two.sum() * level.share / 10**begun)
            # A level that does not come up at all says nothing: no readings, no initials in this data.
            weight = float(begun + moved * seen / (seen + _START_WEIGHT))
            if nameless and level.force is Force.IDENTIFIER:
                weight = max(weight, begun)
            weights[outcome] = _guarded(level, weight)
    return weights


def _nameless(sample: Sample) -> bool:
    """Whether no pair has names to compare, a list of mailboxes and telephones: nothing tells then that two who share
    one are strangers, and its weight would sink with every pair of which it is all that is known."""
    names = [place for place, one in enumerate(sample.compared.comparisons) if one.group == Group.NAME]
    return not (sample.compared.levels[:, names] > 0).any()


def _moved(seen: float, expected: float) -> float:
    """log10 of how much more frequent a level is than its start share says."""
    return float(np.log10((seen + _START) / (expected + _START)))


def _guarded(level: Level, weight: float) -> float:
    """No agreement speaks against, no difference speaks for, whatever an odd organisation makes of it.

    A contradiction keeps half of its start weight: families and twins look like one customer with another given name.
    """
    if level.force in (Force.NAME, Force.SUPPORT, Force.IDENTIFIER) and not level.term:
        weight = max(weight, 0.0)
    elif level.force is Force.DOUBT:
        weight = min(weight, 0.0)
    elif level.force is Force.CONTRADICTION:
        weight = min(weight, level.weight / 2)
    return weight if level.cap is None else min(weight, level.cap)


def _prior(start: Model, sample: Sample, sure: _Floats) -> Mapping[tuple[str, str], float]:
    found = np.bincount(sample.side, sample.blocked * sure, len(sample.sides))
    prior = dict(start.prior)
    for (one, other), matches, possible in zip(sample.sides, found, sample.possible, strict=True):
        begun = start.prior[one, other]
        odds = begun * (matches + _START) / (begun * possible + _START)
        most = _MOST_DUPLICATES / max(start.records[one], start.records[other])
        prior[one, other] = prior[other, one] = min(float(odds), most)
    return prior
