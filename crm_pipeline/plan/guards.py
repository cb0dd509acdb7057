"""Blast radius: how much a plan may change before a person has to look (spec sync-rules.md, Plan, guards, approval).

Exact by cross-multiplication: one over trips, one under does not. A guard that cannot be evaluated trips.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from crm_pipeline.config.settings import GuardSettings
from crm_pipeline.model import Act, System
from crm_pipeline.plan.operation import Operation

Side = tuple[System, str]


@dataclass(frozen=True)
class Guard:
    """One limit and how the plan stands to it. `total` None: unknown."""

    system: System
    object: str
    guard: str
    subject: str
    number: int
    total: int | None
    allowed: str
    tripped: bool


def exceeds(number: int, total: int | None, percent: float, at_least: int = 0) -> bool:
    """Whether `number` is more than `percent` of `total` and than `at_least`. An unknown total trips."""
    if number == 0:
        return False
    if total is None:
        return True
    return number > at_least and number * 100 > Fraction(str(percent)) * total


def guards(
    operations: Sequence[Operation],
    linked: Mapping[Side, int | None],
    relinked: Mapping[Side, int],
    settings: GuardSettings,
    *,
    first_run: bool,
) -> list[Guard]:
    """All guards of a plan. `linked`: live linked records; `relinked`: those that changed their golden record."""
    sending = [o for o in operations if o.problem is None]
    found: list[Guard] = []

    def judge(side: Side, guard: str, subject: str, number: int, percent: float, at_least: int = 0) -> None:
        allowed = f"{percent:g} %" + (f", at least {at_least}" if at_least else "")
        total = linked.get(side)
        found.append(Guard(*side, guard, subject, number, total, allowed, exceeds(number, total, percent, at_least)))

    for side in sorted(linked):
        mine = [o for o in sending if (o.system, o.object) == side]
        changing = (Act.UPDATE, Act.CLEAR, Act.ASSOCIATE)
        updated = {o.record_id for o in mine if o.operation in changing and o.record_id is not None}
        judge(side, "updates", "", len(updated), settings.updates_percent)
        cleared = Counter(o.field.partition("/")[0] for o in mine if o.operation is Act.CLEAR)
        for field, number in sorted(cleared.items()):
            judge(side, "clears", field, number, settings.clears_percent, settings.clears_at_least)
        creates = sum(o.operation is Act.CREATE for o in mine)
        judge(side, "creates", "", creates, settings.creates_percent, settings.creates_at_least)
        archives = sum(o.operation is Act.ARCHIVE for o in mine)
        found.append(
            Guard(*side, "archives", "", archives, linked[side], str(settings.archives), archives > settings.archives)
        )
        restores = sum(o.operation is Act.UNLINK_RESTORE for o in mine)
        found.append(
            Guard(*side, "restores", "", restores, linked[side], str(settings.restores), restores > settings.restores)
        )
        judge(side, "relinked", "", relinked.get(side, 0), settings.relinked_percent)
        if mine:
            found.append(Guard(*side, "first_run", "", len(mine), linked[side], "approved once", first_run))
    return found
