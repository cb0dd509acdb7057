"""Is everything here that the CRM says it has, and is nothing here that it no longer shows (laws 29, 30).

Belongs here: the arithmetic and the sentences. Not here: how the numbers are counted (load.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """Numbers of records of one object after loading.

    `here`: live in the warehouse; `there`: what the CRM said when reading began; `before`: live here before, less the
    ones with a tombstone; `missing`: of those, not seen in a full read; `created_lately`, `gone_lately`: within the
    overlap before reading began or since, so that the CRM's count may not know them yet; `held_back`: in quarantine.
    """

    here: int
    there: int
    before: int = 0
    missing: int = 0
    created_lately: int = 0
    gone_lately: int = 0
    held_back: int = 0

    @property
    def unexplained(self) -> int:
        """Records of the difference for which nothing accounts."""
        if self.here >= self.there:
            return max(0, self.here - self.there - self.created_lately)
        return max(0, self.there - self.here - self.gone_lately - self.held_back)

    def exceeds(self, percent: float) -> bool:
        """Whether more records vanished or never came than `percent` allows; one over does, none under."""
        return self.missing * 100 > percent * self.before or self.unexplained * 100 > percent * max(
            self.here, self.there
        )


def explained(counts: Counts) -> str:
    """Why the numbers differ, in a sentence; empty if they do not."""
    reasons = []
    if counts.missing:
        reasons.append(
            f"{counts.missing} known records were not in the full read and have no tombstone: kept as they were, "
            "because a filter, a permission or an emptied recycle bin can hide a record"
        )
    if counts.here > counts.there and counts.created_lately:
        reasons.append(f"{min(counts.created_lately, counts.here - counts.there)} were created while counting")
    if counts.here < counts.there:
        if counts.held_back:
            reasons.append(f"{counts.held_back} are in quarantine")
        if counts.gone_lately:
            reasons.append(f"{counts.gone_lately} were deleted or merged while counting")
    if counts.unexplained and not counts.missing:
        more = "more here than the CRM counts" if counts.here > counts.there else "fewer here than the CRM counts"
        reasons.append(f"{counts.unexplained} {more}, within the limit")
    return "; ".join(reasons)


def refusal(counts: Counts, subject: str, percent: float) -> str:
    """The sentence of the SafetyError."""
    if counts.missing * 100 > percent * counts.before:
        what = f"{counts.missing} of {counts.before} known records were not there any more and have no tombstone"
    elif counts.here > counts.there:
        what = f"the CRM counts {counts.there} records where {counts.here} are known, without tombstones for the rest"
    else:
        what = f"only {counts.here} of the {counts.there} records that the CRM counts arrived"
    return (
        f"{subject}: {what}, which is more than extract.max_drop_percent ({percent:g} %) allows; nothing was loaded "
        "and nothing will be planned. Check what the integration's user may see; if the drop is right, raise the "
        "limit for one run"
    )
