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
    ("birth_date", "digit"): "the birth dates differ by one digit",
    ("birth_date", "year"): "the birth dates agree in the year only",
    ("company_name", "different"): "the names differ",
    ("legal_form", "different"): "the legal forms differ",
    ("legal_form", "position"): "the legal form stands before the name here and behind it there",
    ("domain", "different"): "the domains differ",
    ("corporate_number", "different"): "the corporate numbers differ",
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
}
#: Another birth date all the same, if not one that keeps clusters apart: a person sees whether it is a slip.
_NEARLY_BORN = frozenset[Outcome]({("birth_date", "digit"), ("birth_date", "year")})
_NAMES = frozenset({"family_name", "given_name"})


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
    """What the columns of a file that have no role say: how many agree, whether one of them identifies, whether an
    identifying one is another."""

    supports: int = 0
    identified: bool = False
    differs: bool = False


def standing(outcomes: Iterable[Outcome], comparisons: Sequence[Comparison], own: Own | None = None) -> Standing:
    """What tiers a pair with these outcomes can have; `comparisons` has all that are named in them."""
    found = _Found.of(frozenset(outcomes), outcomes_known(tuple(comparisons)), own or Own())
    why = found.blocker()
    if Force.CONTRADICTION in found.force.values():
        # A person may still know better when an identifier says the contrary.
        return Standing(Tier.POSSIBLE if found.identified else Tier.NONE, Tier.NONE, why)
    if not (found.named or found.identified):
        circumstances = Tier.RECOMMENDED if found.own.supports > 1 else Tier.NONE
        return Standing(circumstances, Tier.NONE, "nothing but circumstances agrees")
    if not found.identified and not found.whole_name and found.named <= {"family_name"}:
        return Standing(Tier.POSSIBLE, Tier.NONE, "surname only: a given name is missing or cannot be compared")
    lowest = Tier.RECOMMENDED if found.full_name and found.supports and why is None else Tier.NONE
    why = why or found.lack()
    return Standing(Tier.RECOMMENDED if why else Tier.AUTO, lowest, why)


@dataclass(frozen=True)
class _Found:
    """The outcomes of a pair, sorted by what they can do.

    `named`: comparisons of names that agree, wholly, in part or but for a slip; `supports`: independent facts besides
    the name.
    """

    outcomes: frozenset[Outcome]
    force: Mapping[Outcome, Force]
    named: frozenset[str]
    supports: int
    full_name: bool
    whole_name: bool
    identified: bool
    own: Own

    @classmethod
    def of(cls, outcomes: frozenset[Outcome], known: Mapping[Outcome, tuple[Force, str]], own: Own) -> _Found:
        force = {outcome: known[outcome][0] for outcome in outcomes}
        named = {comparison for (comparison, _), f in force.items() if f is Force.NAME}
        slipped = {comparison for comparison, _ in outcomes & _SLIPS.keys()} & _NAMES
        half = {comparison for (comparison, _), f in force.items() if f is Force.PARTIAL}
        facts = {
            known[o][1] for o, f in force.items() if f in (Force.SUPPORT, Force.IDENTIFIER) and not _echo(o, force)
        }
        full_name = named >= _NAMES or "company_name" in named
        return cls(
            outcomes=outcomes,
            force=force,
            named=frozenset(named | half | slipped),
            supports=len(facts) + own.supports,
            full_name=full_name,
            whole_name=full_name or named | slipped >= _NAMES,
            identified=Force.IDENTIFIER in force.values() or own.identified,
            own=own,
        )

    def blocker(self) -> str | None:
        """What forbids a link without a person, however much agrees."""
        for outcome, words in _BLOCKERS.items():
            if outcome in self.force and (speaks_against(self.force[outcome]) or outcome in _NEARLY_BORN):
                return words
        return None

    def lack(self) -> str | None:
        """What is missing for a link without a person."""
        if ("sample_name", "one") in self.outcomes:
            return "the name is a placeholder, used in samples and tests"
        if not self.identified and not self.whole_name:
            return "the full name does not agree and there is no identifier"
        if not self.supports and not self.identified:
            return "only the name agrees; nothing else supports it"
        for outcome in sorted(self.outcomes & _SLIPS.keys()):
            need, words = _SLIPS[outcome]
            if self.supports < need and not self.identified:
                return f"{words} and too little else agrees"
        return None


def _echo(outcome: Outcome, found: Iterable[Outcome]) -> bool:
    """The domain of an address that agrees itself is no fact besides."""
    return outcome == ("domain", "equal") and any(o in found for o in (("e_mail", "equal"), ("e_mail", "similar")))


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
        outcome for outcome, (force, _) in outcomes_known(tuple(comparisons)).items() if force is Force.CONTRADICTION
    )


def speaks_against(force: Force) -> bool:
    return force in (Force.DOUBT, Force.CONTRADICTION)


def identifying(comparisons: Iterable[Comparison]) -> frozenset[Outcome]:
    """The outcomes that bring a rejected pair back to the review."""
    return frozenset(
        outcome
        for outcome, (force, group) in outcomes_known(tuple(comparisons)).items()
        if force is Force.IDENTIFIER or (group == Group.BIRTH and force is Force.SUPPORT)
    )


@cache
def outcomes_known(comparisons: tuple[Comparison, ...]) -> Mapping[Outcome, tuple[Force, str]]:
    """Outcome -> what it can do, and the fact that it belongs to."""
    return {
        (comparison.name, level.name): (level.force, comparison.group_of(level.name))
        for comparison in comparisons
        for level in comparison.levels
    }
