"""Every state of a field on the records of two sides, for the decision and for its reference alike.

Belongs here: enumeration and translation. Not here: what is expected of them.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache

from crm_pipeline.canonical import Canonical
from crm_pipeline.model import Rule, System
from crm_pipeline.plan.decision.decide import Decision, Policy
from crm_pipeline.plan.decision.state import ChangeTime, FieldState
from crm_pipeline_tests.laws.decision.reference import Record, Rules, Verdict
from crm_pipeline_tests.plan.states import T0

VALUES = ("", "x", "y")
#: (value, base) of one record: values blank/x/y, bases none/blank/x.
ONE = tuple(itertools.product((0, 1, 2), (None, 0, 1)))
AGREED = (None, 0, 1)
#: Seconds of a record's change and whether they are sure: apart on the same side, and a tie, earlier or later across.
TIMES = tuple((at, certain) for at in (0, 1, 10, 20) for certain in (True, False))

State = tuple[tuple[Record, ...], int | None]


def sides(most: int) -> list[tuple[tuple[int, int | None], ...]]:
    """Every (value, base) of a side of 1 to `most` records."""
    return [c for count in range(1, most + 1) for c in itertools.product(ONE, repeat=count)]


def states(most: int, seed: int = 0) -> Iterator[State]:
    """Every state of both sides with up to `most` records, with every agreed value; each with times drawn by `seed`."""
    rng = random.Random(seed)
    for hubspot, salesforce in itertools.product(sides(most), repeat=2):
        drawn = [rng.choice(TIMES) for _ in range(len(hubspot) + len(salesforce))]
        records = _side("hubspot", hubspot, drawn) + _side("salesforce", salesforce, drawn[len(hubspot) :])
        for agreed in AGREED:
            yield records, agreed


def timed_states() -> Iterator[State]:
    """Every state of one record a side, with every pair of times."""
    for hubspot, salesforce in itertools.product(sides(1), repeat=2):
        for one, two in itertools.product(TIMES, repeat=2):
            for agreed in AGREED:
                yield _side("hubspot", hubspot, [one]) + _side("salesforce", salesforce, [two]), agreed


def _side(side: str, values: Sequence[tuple[int, int | None]], times: Sequence[tuple[int, bool]]) -> tuple[Record, ...]:
    return tuple(
        Record(f"{side}/{n}", side, value, base, at, certain, n == 0)
        for n, ((value, base), (at, certain)) in enumerate(zip(values, times, strict=False))
    )


@cache
def _field_state(record: Record) -> FieldState:
    value = (VALUES[record.value],)
    return FieldState(
        key=record.name,
        side=System(record.side),
        value=value,
        raw=value,
        base=canonical(record.base),
        changed=ChangeTime(T0 + timedelta(seconds=record.at), record.certain),
        created=T0 + timedelta(days=int(record.name[-1])),
        primary=record.primary,
        read_only=not record.writable,
    )


def field_states(records: Sequence[Record]) -> list[FieldState]:
    """The same records as the decision takes them."""
    return [_field_state(record) for record in records]


def canonical(value: int | None) -> Canonical | None:
    return None if value is None else (VALUES[value],)


def policy(rules: Rules) -> Policy:
    """The same rules as the decision takes them."""
    ratchet = rules.rule == Rule.RATCHET
    return Policy(
        rule=Rule(rules.rule),
        edit_vs_clear=rules.edit_vs_clear,  # type: ignore[arg-type]
        tie_breaker=System(rules.tie_breaker),
        skew=timedelta(seconds=rules.skew),
        tight=frozenset({(VALUES[rules.tight],)}) if ratchet else frozenset(),
        primary_only=rules.primary_only,
    )


def told(decision: Decision) -> Verdict:
    """A decision in the reference's words."""
    source = decision.source
    return Verdict(
        agreed=None if decision.agreed is None else VALUES.index(decision.agreed[0]),
        written=frozenset(s.key for s in decision.writes),
        value=VALUES.index(source.value[0]) if source and decision.writes else None,
        conflicts=frozenset(_conflict(c.kind, c) for c in decision.conflicts),
    )


def _conflict(kind: str, conflict: object) -> tuple[str, str]:
    if kind in ("within_side", "not_cleared"):
        one = getattr(conflict, "hubspot", None) or getattr(conflict, "salesforce", None)
        return kind, one.key if one else ""
    return kind, str(getattr(conflict, "winner", None) or "nobody")


def after(records: Sequence[Record], agreed: int | None, verdict: Verdict) -> State:
    """The state that follows when every write lands and bases move (spec sync-rules.md, When bases move)."""
    if verdict.agreed is None:
        return tuple(records), agreed
    moved = tuple(
        r._replace(value=verdict.value, base=verdict.value)
        if r.name in verdict.written and verdict.value is not None
        else r._replace(base=r.value)
        for r in records
    )
    return moved, verdict.agreed
