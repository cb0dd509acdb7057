"""Building blocks for tests of the decision: states in a line each, and what follows from a decision."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crm_pipeline.canonical import Canonical
from crm_pipeline.model import System
from crm_pipeline.plan.decision.decide import Decision
from crm_pipeline.plan.decision.state import ChangeTime, FieldState

T0 = datetime(2026, 1, 1, tzinfo=UTC)
H, S = System.HUBSPOT, System.SALESFORCE


def state(
    side: System,
    value: str,
    base: str | None,
    *,
    at: int = 0,
    certain: bool = True,
    n: int = 0,
    primary: bool | None = None,
    read_only: bool = False,
    known: bool = True,
) -> FieldState:
    """A one-part state. `at`: seconds after T0; `n`: which record of its side, 0 being the oldest and the primary."""
    return FieldState(
        key=f"{side}/{n}",
        side=side,
        value=(value,),
        raw=(value,),
        base=None if base is None else (base,),
        changed=ChangeTime(T0 + timedelta(seconds=at), certain),
        created=T0 + timedelta(days=n),
        primary=n == 0 if primary is None else primary,
        read_only=read_only,
        known=known,
    )


#: (value, base) of one record: values blank/x/y, bases none/blank/x.
ONE = tuple(itertools.product(("", "x", "y"), (None, "", "x")))


def after(
    states: Sequence[FieldState], agreed: Canonical | None, decision: Decision
) -> tuple[list[FieldState], Canonical | None]:
    """The states that follow when every write lands and bases move (spec sync-rules.md, When bases move)."""
    if decision.agreed is None:
        return list(states), agreed
    written = {s.key for s in decision.writes}
    assert decision.source is not None or not written
    value = decision.source.value if decision.source else ("",)
    return [
        replace(s, value=value, raw=value, base=value) if s.key in written else replace(s, base=s.value) for s in states
    ], decision.agreed
