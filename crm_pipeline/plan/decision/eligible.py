"""Which records are written with a decided value, and which are left alone (spec sync-rules.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crm_pipeline.canonical import Canonical, is_blank
from crm_pipeline.plan.decision.state import Change, FieldState

Records = tuple[FieldState, ...]


def filled_records(
    states: Sequence[FieldState],
    source: FieldState,
    agreed: Canonical | None,
    writable: Callable[[FieldState], bool],
) -> tuple[Records, Records]:
    """Records that get a value, and records of the winning side that hold another one and keep it.

    On the losing side every record the rule may write; on the winning side only one that is blank or still holds what
    was agreed before: a CRM's own duplicates are not overwritten by each other.
    """
    writes, left = [], []
    for state in states:
        if state.value == source.value:
            continue
        if (
            state.side is not source.side
            or state.blank
            or (agreed is not None and not is_blank(agreed) and state.value == agreed)
        ):
            if writable(state):
                writes.append(state)
        else:
            left.append(state)
    return tuple(writes), tuple(left)


def cleared_records(
    states: Sequence[FieldState],
    source: FieldState,
    writable: Callable[[FieldState], bool],
    *,
    also_set: bool,
) -> tuple[Records, Records]:
    """Records whose value is cleared, and records that hold a value and keep it.

    Cleared is only a record that has a base, is SAME and still holds the value that was cleared; where the clear was
    told to win over an edit (always_*, edit_vs_clear) also one that is SET.
    """
    writes, left = [], []
    for state in states:
        if state.blank:
            continue
        holds = state.change is Change.SAME and state.base == source.base
        if (holds or (also_set and state.change is Change.SET and state.side is not source.side)) and writable(state):
            writes.append(state)
        elif writable(state):
            left.append(state)
    return tuple(writes), tuple(left)
