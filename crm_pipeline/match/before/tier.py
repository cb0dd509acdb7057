"""How sure a match is: auto, recommended, possible or none, and in words why it is not automatic.

Pure: outcomes and numbers in, a tier out. Belongs here: spec identity.md, Tiers. Not here: weights, words for evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.match.before.weights import Force, Group, Weight
from crm_pipeline.model import Tier

#: (comparison, outcome) of a pair's evidence.
Outcome = tuple[str, str]

#: A possible match needs at least this posterior: a list of a hundred equal candidates helps nobody.
WORTH_A_LOOK = 0.01
#: Of two competing candidates, one is the best if it has at least this share of the odds.
_CLEARLY_BEST = 0.9

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


def standing(outcomes: frozenset[Outcome], weights: Mapping[Outcome, Weight], *, placeholder: bool) -> Standing:
    """What tiers a pair with these outcomes can have.

    `placeholder`: one of the names is a sample name, such as 山田太郎, and the settings do not trust those.
    """
    force = {outcome: weights[outcome].force for outcome in outcomes}
    forces = set(force.values())
    named = {comparison for (comparison, _), f in force.items() if f is Force.NAME}
    half = {comparison for (comparison, _), f in force.items() if f is Force.PARTIAL}
    full_name = {"family_name", "given_name"} <= named or "company_name" in named
    identified = Force.IDENTIFIER in forces
    supported = Force.SUPPORT in forces or identified
    surname_only = not identified and not full_name and not (named | half) - {"family_name"}

    why = next((words for outcome, words in _BLOCKERS.items() if outcome in outcomes), None)
    if Force.CONTRADICTION in forces:
        # A person may still know better when an identifier says the contrary.
        return Standing(Tier.POSSIBLE if identified else Tier.NONE, Tier.NONE, why)
    if not (named or half or identified):
        return Standing(Tier.NONE, Tier.NONE, "nothing but circumstances agrees")
    if surname_only:
        return Standing(Tier.POSSIBLE, Tier.NONE, "surname only: a given name is missing or cannot be compared")
    lowest = Tier.RECOMMENDED if full_name and supported and why is None else Tier.NONE
    if placeholder:
        return Standing(Tier.RECOMMENDED, lowest, "the name is a placeholder, used in samples and tests")
    if why is not None:
        return Standing(Tier.RECOMMENDED, lowest, why)
    if not identified and not full_name:
        return Standing(Tier.RECOMMENDED, lowest, "the full name does not agree and there is no identifier")
    if not supported:
        return Standing(Tier.RECOMMENDED, lowest, "only the name agrees; nothing else supports it")
    return Standing(Tier.AUTO, lowest, None)


def tier(allowed: Standing, numbers: Numbers, settings: MatchSettings) -> tuple[Tier, str | None]:
    """The tier, and for a review tier the reason why the pair is not linked automatically."""
    best = numbers.share >= _CLEARLY_BEST
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


def contradictory(weights: Mapping[Outcome, Weight]) -> frozenset[Outcome]:
    """The outcomes that keep two records out of one automatic cluster."""
    return frozenset(outcome for outcome, weight in weights.items() if weight.force is Force.CONTRADICTION)


def speaks_against(force: Force) -> bool:
    return force in (Force.DOUBT, Force.CONTRADICTION)


def identifying(weights: Mapping[Outcome, Weight]) -> frozenset[Outcome]:
    """The outcomes that bring a rejected pair back to the review."""
    return frozenset(
        outcome
        for outcome, weight in weights.items()
        if weight.force is Force.IDENTIFIER or (weight.group is Group.BIRTH and weight.base >= 0)
    )
