"""Is everything here that the CRM says it has, and is nothing here that it no longer shows (laws 29, 30).

Belongs here: the arithmetic, when ids are compared, and the sentences. Not here: how the numbers are counted (load.py),
how ids are compared (repair.py), and the rows that keep the result (ledger.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: Salesforce lists deletions for 15 days (facts/salesforce.md 3.4); a day for a run that takes long.
_REMEMBERED = timedelta(days=14)

#: HubSpot's search shows a new record "a few moments" later (facts/hubspot.md 4); one that is older and not counted is
#: looked for by its id, which does no harm when it is there.
INDEX_LAG = timedelta(minutes=1)

#: As many records can be looked for and read by id in a few calls, whatever share of the object they are.
_FEW = 1_000


class Method(StrEnum):
    """How an object was compared with the CRM, from the least to the most; UNREAD: it could not be read at all."""

    COUNT = "count"
    SPANS = "spans"
    ALL_IDS = "all_ids"
    FULL_READ = "full_read"
    UNREAD = "unread"


@dataclass(frozen=True)
class Past:
    """What earlier runs left: records that were `kept` without evidence, and when all ids were `compared` last."""

    kept: int = 0
    compared: datetime | None = None


@dataclass(frozen=True)
class Counts:
    """Numbers of records of one object after loading.

    `here`: live in the warehouse; `there`: what the CRM said when reading began, or after ids were compared; `before`:
    live here before, less the ones with a tombstone; `missing`: the read did not bring them, a comparison of ids found
    them, they were loaded; `surplus`: live here, not there, without evidence, kept; `kept_before`: the surplus that the
    last run accepted; `created_lately`, `gone_lately`: within INDEX_LAG before reading began or since, so that the
    CRM's count may not know them yet; `held_back`: in quarantine; `suppressed`: there, kept out because the
    person was erased.
    """

    here: int
    there: int
    before: int = 0
    missing: int = 0
    surplus: int = 0
    kept_before: int = 0
    created_lately: int = 0
    gone_lately: int = 0
    held_back: int = 0
    suppressed: int = 0
    method: Method = Method.COUNT

    @property
    def unexplained(self) -> int:
        """Records of the difference for which nothing accounts: more here than there, or, below zero, fewer."""
        difference = self.here - self.there - self.surplus
        if difference >= 0:
            return max(0, difference - self.created_lately)
        return min(0, difference + self.gone_lately + self.held_back + self.suppressed)

    def exceeds(self, percent: float) -> bool:
        """Whether more records vanished or never came than `percent` allows; one over does, none under.

        What vanished adds up from run to run, until somebody accepted it by a higher limit.
        """
        return self.dropped(percent) * 100 > percent * self.before or abs(self.unexplained) * 100 > percent * max(
            self.here, self.there
        )

    def dropped(self, percent: float) -> int:
        """Records kept without evidence, less those accepted by a limit that was higher than `percent`."""
        accepted = self.kept_before if self.kept_before * 100 > percent * self.before else 0
        return max(0, self.surplus - accepted)

    def hopeless(self, percent: float) -> bool:
        """Whether the difference is over the limit and too large to be looked for record by record."""
        return self.exceeds(percent) and max(self.dropped(percent), abs(self.unexplained)) > _FEW


def due(
    counts: Counts,
    past: Past,
    *,
    full: bool,
    previous: datetime | None,
    now: datetime,
    reconcile_days: int,
    forgot: bool = False,
) -> Method | None:
    """How the ids of an object are compared in this run; None: the counts agree, and all ids were compared lately.

    `full`: everything was read, so that all ids of the CRM are known without a further call; `previous`: where the last
    read ended, `now`: the CRM's clock; `forgot`: the CRM says that it no longer lists all deletions since then.
    """
    if full:
        if counts.unexplained:
            return Method.SPANS
        return Method.FULL_READ if counts.surplus else None
    long_ago = previous is not None and now - previous > _REMEMBERED
    stale = past.compared is None or now - past.compared >= timedelta(days=reconcile_days)
    if forgot or long_ago or stale:
        return Method.ALL_IDS
    return Method.SPANS if counts.unexplained else None


def explained(counts: Counts) -> str:
    """Why the numbers differ, or differed until ids were compared, in a sentence; empty if they never did."""
    reasons = []
    if counts.missing:
        reasons.append(
            f"{_records(counts.missing)} that the read had not brought {_were(counts.missing)} found by comparing ids "
            "and loaded"
        )
    if counts.surplus:
        reasons.append(
            f"{_records(counts.surplus)} here {_are(counts.surplus)} not there and {_have(counts.surplus)} no "
            "tombstone: kept as before, because a filter, a permission or an emptied recycle bin can hide a record"
        )
    rest = counts.here - counts.there - counts.surplus
    if rest > 0 and counts.created_lately:
        number = min(counts.created_lately, rest)
        reasons.append(
            f"{number} more here may be among the {counts.created_lately} created in the minute before "
            "counting or since"
        )
    if rest < 0 and counts.held_back:
        reasons.append(f"{counts.held_back} {_are(counts.held_back)} in quarantine")
    if rest < 0 and counts.suppressed:
        number = counts.suppressed
        reasons.append(f"{number} {_are(number)} kept out: the person was erased (crm-pipeline erase --list)")
    if rest < 0 and counts.gone_lately:
        reasons.append(
            f"{-rest} fewer here may be among the {counts.gone_lately} deleted or merged in the minute before counting "
            "or since"
        )
    if counts.unexplained:
        side = "more" if counts.unexplained > 0 else "fewer"
        reasons.append(f"{abs(counts.unexplained)} {side} here than the CRM counts, within the limit")
    return "; ".join(reasons)


def refusal(counts: Counts, subject: str, percent: float, *, full: bool) -> str:
    """The sentence of the SafetyError."""
    dropped = counts.dropped(percent)
    if dropped * 100 > percent * counts.before:
        what = f"{dropped} of {counts.before} known records are not there any more and have no tombstone"
        advice = (
            "Check what the integration's user may see; if the drop is right, raise the limit for one run, which "
            "accepts it"
        )
    elif counts.unexplained > 0:
        known = counts.here - counts.surplus
        what = f"the CRM counts {counts.there} records where {known} are known, without tombstones for the rest"
        advice = "Check what the integration's user may see; if the drop is right, raise the limit for one run"
    else:
        what = f"only {counts.here} of the {counts.there} records that the CRM counts arrived"
        advice = (
            "Run again; if it stays, check that the integration's user may read what the CRM counts"
            if full
            else "Run once with --full, which reads everything"
        )
    return (
        f"{subject}: {what}, which is more than extract.max_drop_percent ({percent:g} %) allows; nothing was loaded "
        f"and nothing will be planned. {advice}"
    )


def _records(number: int) -> str:
    return f"{number} record" if number == 1 else f"{number} records"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"
