"""One value a side: which of a side's records speaks for it (spec sync-rules.md, One value a side)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_pipeline.canonical import Canonical, is_blank
from crm_pipeline.plan.decision.state import Change, FieldState


@dataclass(frozen=True)
class SideValue:
    """The value of a side and the record it was taken from; `others` are values of the side that were SET and lost."""

    record: FieldState
    others: tuple[FieldState, ...] = ()

    @property
    def value(self) -> Canonical:
        return self.record.value

    @property
    def blank(self) -> bool:
        return self.record.blank

    @property
    def change(self) -> Change:
        return self.record.change


def side_value(states: Sequence[FieldState], agreed: Canonical | None) -> SideValue | None:
    """The value of one side, or None when it has no records. The steps are numbered as in the specification."""
    if not states:
        return None
    ordered = sorted(states, key=lambda s: s.order)
    first = ordered[0]

    changed = [s for s in ordered if s.change is Change.SET]
    if changed:  # 1
        # max() keeps the first of equals: the order decides between equal times
        latest = max(changed, key=lambda s: s.changed.at)
        return SideValue(latest, tuple(s for s in changed if s.value != latest.value))

    cleared = [s for s in ordered if s.change is Change.CLEARED]
    if first.primary and first.change is Change.CLEARED:  # 2
        return SideValue(first)
    if cleared and all(s.blank for s in ordered):
        return SideValue(cleared[0])

    if agreed is not None and not is_blank(agreed):  # 3
        for state in ordered:
            if state.change is Change.SAME and state.value == agreed:
                return SideValue(state)

    for state in ordered:  # 4
        if state.change is Change.NEW and not state.blank:
            return SideValue(state)

    if agreed is not None and is_blank(agreed):  # 5
        for state in ordered:
            if state.base is not None and state.blank:
                return SideValue(state)

    return SideValue(next((s for s in ordered if not s.blank), first))  # 6
