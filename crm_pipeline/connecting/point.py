"""A point of the checklist: what was looked at, what was found, and what to do.

Belongs here: the value and its states. Not here: how a point is found (the modules beside), how it is shown (cli/).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from crm_pipeline.model import System
from crm_pipeline.plan.fit.verdict import NOTHING, Words

__all__ = ["NOTHING", "Point", "State", "Words"]


class State(StrEnum):
    """`unseen`: the API does not tell; a person looks."""

    OK = "ok"
    WARNING = "warning"
    FAILS = "fails"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class Point:
    """`system`: None for what is between the two. `key`: of scripts; `to_do`: empty where nothing is to be done."""

    system: System | None
    key: str
    topic: Words = field(repr=False)
    state: State
    found: Words
    to_do: Words = NOTHING
