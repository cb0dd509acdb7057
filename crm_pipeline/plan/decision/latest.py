"""Which of two changes came later, as far as anybody can tell (spec sync-rules.md, Changed at)."""

from __future__ import annotations

from datetime import timedelta

from crm_pipeline.plan.decision.side import SideValue
from crm_pipeline.plan.decision.state import Change


def later(left: SideValue, right: SideValue, skew: timedelta) -> SideValue | None:
    """The side that surely changed later, or None for a tie.

    The last-modified time of a NEW value without history is only an upper bound of its change: a history-backed time
    beyond it is surely later; nothing else can be told. Times closer than the clock skew are a tie.
    """
    left_bound, right_bound = _only_bound(left), _only_bound(right)
    if left_bound and right_bound:
        return None
    if left_bound or right_bound:
        bound, other = (left, right) if left_bound else (right, left)
        surely = other.record.changed.certain and other.record.changed.at - bound.record.changed.at > skew
        return other if surely else None
    distance = left.record.changed.at - right.record.changed.at
    if abs(distance) <= skew:
        return None
    return left if distance > timedelta(0) else right


def certain(left: SideValue, right: SideValue) -> bool:
    """Whether both times come from a CRM's own history."""
    return left.record.changed.certain and right.record.changed.certain


def _only_bound(side: SideValue) -> bool:
    return side.change is Change.NEW and not side.record.changed.certain
