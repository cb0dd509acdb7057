"""Survivorship as the specification words it, one field of one golden record: what golden/survivorship.py is checked
against (identity.md, Golden records)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_pipeline.canonical import Canonical, is_blank

#: Raw values of a field's parts as text, in mapping order; None is blank.
Parts = tuple[str | None, ...]


@dataclass(frozen=True)
class Candidate:
    """What one live record says about a field. `changed_at`: the latest change of a part."""

    record_key: str
    parts: Parts
    canonical: Canonical
    changed_at: datetime
    is_primary: bool
    created_at: datetime


@dataclass(frozen=True)
class Survivor:
    """The winning record's value, the step that made it win, and the other values."""

    record_key: str
    parts: Parts
    rule: str
    losing: tuple[Candidate, ...]


def survive(candidates: Sequence[Candidate], agreed: Canonical | None = None) -> Survivor | None:
    """The golden value of a field; None when every record leaves it blank.

    `agreed`: what the last completed decision of the sync rules decided; it counts while a record still holds it.
    """
    filled = [candidate for candidate in candidates if not is_blank(candidate.canonical)]
    if not filled:
        return None
    decided = [c for c in filled if agreed is not None and c.canonical == agreed]
    winner = min(decided or filled, key=_order)
    losing = tuple(sorted((c for c in filled if c.canonical != winner.canonical), key=_order))
    rule = "decided" if decided else _rule(winner, losing)
    return Survivor(winner.record_key, winner.parts, rule, losing)


def _completeness(candidate: Candidate) -> int:
    return sum(1 for part in candidate.canonical if part)


def _order(candidate: Candidate) -> tuple[float, float, bool, datetime, str]:
    """Sorts the best candidate first."""
    latest = -candidate.changed_at.timestamp()
    return -_completeness(candidate), latest, not candidate.is_primary, candidate.created_at, candidate.record_key


def _rule(winner: Candidate, losing: Sequence[Candidate]) -> str:
    """The step that decided against the strongest other value."""
    if not losing or _completeness(winner) > _completeness(losing[0]):
        return "most_complete"
    return "latest" if winner.changed_at > losing[0].changed_at else "primary"
