"""What kinds of evidence allow in a file whose own data taught what a difference means (file/learning.py).

The numbers are those of tier.py: posterior and margin. The kinds are counted: an identifier; a full name and one more
fact; or, since nothing is written into a CRM, as many facts of other kinds. Pure. Belongs here: those rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crm_pipeline.match.tiers.tier import Own, Standing, outcomes_known
from crm_pipeline.match.vocabulary import Comparison, Force, Group, Outcome
from crm_pipeline.model import Tier

#: Facts that have to agree. A full name is two; a birth date is two, since few share it; an identifier is enough.
_ENOUGH = 3
_PARTS = ("family_name", "given_name")


def standing_in_file(
    outcomes: Iterable[Outcome], comparisons: Sequence[Comparison], own: Own | None = None
) -> Standing:
    """What tiers a pair with these outcomes can have; `comparisons` has all that are named in them."""
    own = own or Own()
    found = frozenset(outcomes)
    known = outcomes_known(tuple(comparisons))
    force = {outcome: known[outcome][0] for outcome in found}
    parts = {comparison for (comparison, _), f in force.items() if f in (Force.NAME, Force.PARTIAL)}
    supporting = {known[outcome][1] for outcome, f in force.items() if f in (Force.SUPPORT, Force.IDENTIFIER)}
    identified = Force.IDENTIFIER in force.values() or own.identified
    personal = own.identified or ("birth_date", "equal") in found
    facts = len(parts) + len(supporting) + own.supports + (Group.BIRTH in supporting) + 2 * identified
    differing = [part for part in _PARTS if found & {(part, "different"), (part, "reading_differs")}]
    slips = any(comparison.slips for comparison in comparisons)

    if Force.CONTRADICTION in force.values():
        words = "they contradict each other in what is hardly ever wrong in this file"
        return Standing(Tier.POSSIBLE if identified else Tier.NONE, Tier.NONE, words)
    if not identified and not personal and parts == {"family_name"} and not (slips and own.supports):
        return Standing(Tier.POSSIBLE, Tier.NONE, "surname only: a given name is missing or cannot be compared")
    lowest = Tier.RECOMMENDED if set(_PARTS) <= parts and supporting and not differing else Tier.NONE
    if ("sample_name", "one") in found and not identified:
        return Standing(Tier.RECOMMENDED, lowest, "the name is a placeholder, used in samples and tests")
    if differing and not personal and not slips:
        # A household shares its mailbox, its telephone and its address.
        return Standing(Tier.RECOMMENDED, Tier.NONE, f"the {differing[0].replace('_', ' ')}s differ")
    if ("birth_date", "different") in found and not own.identified and "given_name" not in parts and not slips:
        return Standing(Tier.RECOMMENDED, Tier.NONE, "the birth dates differ, and no given name agrees")
    if own.differs and "given_name" in differing and not slips:
        return Standing(Tier.RECOMMENDED, Tier.NONE, "the given names and a number of their own differ, as of twins")
    if facts < _ENOUGH + bool(differing and not slips):
        return Standing(Tier.RECOMMENDED, lowest, "too little agrees")
    return Standing(Tier.AUTO, lowest, None)
