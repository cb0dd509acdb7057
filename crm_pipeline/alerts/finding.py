"""Something that holds and that a person should know of.

Belongs here: the kinds, and what is known of each. Not here: how it is found (look.py), and its words (words.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """In the order in which they are told: what stops everything comes first."""

    RUN_FAILED = "run_failed"
    LATE = "late"
    INCOMPLETE = "incomplete"
    PLAN_WAITS = "plan_waits"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    UNEXPLAINED = "unexplained"
    BUDGET = "budget"
    DUPLICATES = "duplicates"


#: Kinds that are about one moment: that it has passed is no news.
MOMENTS = frozenset({Kind.DUPLICATES})


@dataclass(frozen=True)
class Finding:
    """`subject`: which one of its kind (a CRM's object, an error code, a field). It is told once more when its `cause`
    is another one, or its `number` has become much larger. `facts`: what words.py makes sentences of; names of fields
    and objects, codes, numbers and times, never a value of a record (law 45)."""

    kind: Kind
    subject: str = ""
    cause: str = ""
    number: int = 0
    run_id: int | None = None
    plan_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What somebody was told of and not yet of its end."""

    kind: Kind
    subject: str
    cause: str
    number: int
    told_at: datetime
