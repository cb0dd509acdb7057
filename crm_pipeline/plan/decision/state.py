"""The state of one field on one record, and what changed it: the input of the decision (spec sync-rules.md, Words)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crm_pipeline.canonical import Canonical, is_blank
from crm_pipeline.model import System, Value


class Change(StrEnum):
    """What happened to a record's field since the last completed decision."""

    NEW = "NEW"  # no base
    SAME = "SAME"  # equals the base
    SET = "SET"  # differs, not blank
    CLEARED = "CLEARED"  # the base was not blank, the value is


@dataclass(frozen=True)
class ChangeTime:
    """When a value came about: `at`, surely so if `certain` (the CRM's own history), else at some time up to `at`."""

    at: datetime
    certain: bool


@dataclass(frozen=True)
class FieldState:
    """One mapped field on one linked, live record.

    `value` and `base` are canonical parts; `raw` is what the CRM gave. `known` is False when the field was absent from
    the payload. `read_only`: a path over a relation, a source but never a target. `created` and `key` order records.
    """

    key: str
    side: System
    value: Canonical
    raw: tuple[Value, ...]
    base: Canonical | None
    changed: ChangeTime
    created: datetime
    primary: bool = False
    known: bool = True
    read_only: bool = False

    @property
    def blank(self) -> bool:
        return is_blank(self.value)

    @property
    def change(self) -> Change:
        if self.base is None:
            return Change.NEW
        if self.value == self.base:
            return Change.SAME
        return Change.CLEARED if self.blank else Change.SET

    @property
    def order(self) -> tuple[bool, datetime, str]:
        """Primary first, then oldest created, then smallest id."""
        return (not self.primary, self.created, self.key)
