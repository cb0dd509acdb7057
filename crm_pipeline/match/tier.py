"""How sure a match is: auto, recommended, possible or none, and in words why it is not automatic.

Pure: outcomes and numbers in, a tier out. Belongs here: spec identity.md, Tiers. Not here: weights, words for evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.match.vocabulary import Comparison, Force, Group, Outcome
from crm_pipeline.model import Tier

#: A possible match needs at least this posterior: a list of a hundred equal candidates helps nobody.
WORTH_A_LOOK = 0.01
#: Of two competing candidates, one is the best if it has at least this share of the odds.
CLEARLY_BEST = 0.9

_BLOCKERS: Mapping[Outcome, str] = {
    ("given_name", "different"): "the given names differ",
    ("given_name", "reading_differs"): "the given names are read differently",
    ("family_name", "different"): "the family names differ",
    ("family_name", "reading_differs"): "the family names are read differently",
    ("family_name", "changed"): "the family name may have changed",
    ("birth_date", "different"): "the birth dates differ",
    ("company_name", "different"): "the names differ",
    ("legal_form", "different"): "the legal forms differ",
    ("legal_form", "position"): "the legal form stands before the name here and behind it there",
    ("domain", "different"): "the domains differ",
}

#: Differences that a slip explains. Without an identifier, so many independent facts have to agree besides the name
#: before nobody needs to look: one more than for a clean name, two more where two people might well be told apart by
#: that letter alone. Two brothers share a workplace and a telephone, but not a birth date as well.
_SLIPS: Mapping[Outcome, tuple[int, str]] = {
    ("family_name", "weak"): (2, "the family names differ a little"),
    ("family_name", "similar"): (2, "the family names differ a little"),
    ("family_name", "close"): (3, "the family names are only close"),
    ("given_name", "weak"): (2, "the given names differ a little"),
    ("given_name", "similar"): (2, "the given names differ a little"),
    ("given_name", "close"): (3, "the given names are only close"),
    ("birth_date", "digit"): (2, "the birth dates differ by one digit"),
    ("birth_date", "year"): (2, "the birth dates agree in the year only"),
}


#: The same for differences that are usual among the certain pairs of a file, where they are doubts, not contradictions
#: (file/doubts.py): so much has to agree that the difference can only be a mistake.
_MISTAKES: Mapping[Outcome, tuple[int, str]] = {
    ("family_name", "different"): (4, "the family names differ"),
    ("given_name", "different"): (4, "the given names differ"),
    ("birth_date", "different"): (3, "the birth dates differ"),
}


@dataclass(frozen=True)
class Standing:
    """What the kinds of evidence allow, whatever the numbers.

    `highest`: the best tier; `lowest`: what the only candidate gets, however low the posterior.
    """

    highest: Tier
    lowest: Tier
    why_not_auto: str | None


@dataclass(frozen=True)
class Numbers:
    """`posterior`: all candidates considered; `share`: of the odds of all that compete; `candidates`: their number."""

    posterior: float
    share: float
    candidates: int


@dataclass(frozen=True)
class Own:
    """What the columns of a file that have no role say: how many agree, and whether one of them identifies."""

    supports: int = 0
    identified: bool = False


def standing(outcomes: Iterable[Outcome], comparisons: Sequence[Comparison], own: Own | None = None) -> Standing:
    """What tiers a pair with these outcomes can have; `comparisons` has all that are named in them."""
    own = own or Own()
    found = frozenset(outcomes)
    known = _known(tuple(comparisons))
    force = {outcome: known[outcome][0] for outcome in found}
    forces = set(force.values())
    named = {comparison for (comparison, _), f in force.items() if f is Force.NAME}
    half = {comparison for (comparison, _), f in force.items() if f is Force.PARTIAL}
    mistakes = {outcome for outcome, f in force.items() if f is Force.DOUBT and outcome in _MISTAKES}
    slips = {outcome: _SLIPS.get(outcome) or _MISTAKES[outcome] for outcome in mistakes | (found & _SLIPS.keys())}
    slipped = {comparison for comparison, _ in slips}
    supporting = {known[outcome][1] for outcome, f in force.items() if f in (Force.SUPPORT, Force.IDENTIFIER)}
    supports = len(supporting) + own.supports
    full_name = {"family_name", "given_name"} <= named or "company_name" in named
    whole_name = full_name or {"family_name", "given_name"} <= named | slipped
    identified = Force.IDENTIFIER in forces or own.identified
    surname_only = not identified and not whole_name and not (named | half) - {"family_name"}

    why = next((words for outcome, words in _BLOCKERS.items() if outcome in found and outcome not in mistakes), None)
    if Force.CONTRADICTION in forces:
        # A person may still know better when an identifier says the contrary.
        return Standing(Tier.POSSIBLE if identified else Tier.NONE, Tier.NONE, why)
    if not (named or half or identified):
        return Standing(
            Tier.RECOMMENDED if own.supports > 1 else Tier.NONE, Tier.NONE, "nothing but circumstances agrees"
        )
    if surname_only:
        return Standing(Tier.POSSIBLE, Tier.NONE, "surname only: a given name is missing or cannot be compared")
    lowest = Tier.RECOMMENDED if full_name and supports and why is None else Tier.NONE
    if ("sample_name", "one") in found:
        return Standing(Tier.RECOMMENDED, lowest, "the name is a placeholder, used in samples and tests")
    if why is not None:
        return Standing(Tier.RECOMMENDED, lowest, why)
    if not identified and not whole_name:
        return Standing(Tier.RECOMMENDED, lowest, "the full name does not agree and there is no identifier")
    if not supports and not identified:
        return Standing(Tier.RECOMMENDED, lowest, "only the name agrees; nothing else supports it")
    slip = max(slips.values(), default=(0, ""))
    # Families share a mailbox and a telephone: only a number of the person makes up for another name.
    sure = own.identified if mistakes else identified
    if supports < slip[0] and not sure:
        return Standing(Tier.RECOMMENDED, lowest, f"{slip[1]} and too little else agrees")
    return Standing(Tier.AUTO, lowest, None)


def tier(allowed: Standing, numbers: Numbers, settings: MatchSettings) -> tuple[Tier, str | None]:
    """The tier, and for a review tier the reason why the pair is not linked automatically."""
    best = numbers.share >= CLEARLY_BEST
    if numbers.posterior >= settings.auto:
        found = Tier.AUTO
    elif numbers.posterior >= settings.recommended or (allowed.lowest is Tier.RECOMMENDED and best):
        found = Tier.RECOMMENDED
    elif numbers.posterior >= WORTH_A_LOOK:
        found = Tier.POSSIBLE
    else:
        found = Tier.NONE
    found = lower(found, allowed.highest)
    if found is Tier.AUTO:
        return found, None
    if allowed.why_not_auto:
        return found, allowed.why_not_auto
    if not best:
        return found, f"{numbers.candidates} candidates compete"
    return found, f"posterior {numbers.posterior:.3f} is below {settings.auto:g}"


def lower(first: Tier, second: Tier) -> Tier:
    """The less sure of two tiers."""
    order = (Tier.NONE, Tier.POSSIBLE, Tier.RECOMMENDED, Tier.AUTO)
    return min(first, second, key=order.index)


def contradictory(comparisons: Iterable[Comparison]) -> frozenset[Outcome]:
    """The outcomes that keep two records out of one automatic cluster."""
    return frozenset(
        outcome for outcome, (force, _) in _known(tuple(comparisons)).items() if force is Force.CONTRADICTION
    )


def speaks_against(force: Force) -> bool:
    return force in (Force.DOUBT, Force.CONTRADICTION)


def identifying(comparisons: Iterable[Comparison]) -> frozenset[Outcome]:
    """The outcomes that bring a rejected pair back to the review."""
    return frozenset(
        outcome
        for outcome, (force, group) in _known(tuple(comparisons)).items()
        if force is Force.IDENTIFIER or (group == Group.BIRTH and force is Force.SUPPORT)
    )


@cache
def _known(comparisons: tuple[Comparison, ...]) -> Mapping[Outcome, tuple[Force, str]]:
    """Outcome -> what it can do, and the fact that it belongs to."""
    return {
        (comparison.name, level.name): (level.force, comparison.group_of(level.name))
        for comparison in comparisons
        for level in comparison.levels
    }
