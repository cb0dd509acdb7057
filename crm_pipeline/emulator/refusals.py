"""Refuses single records where the rest of a batch goes through: a locked row, a bad row in a 207.

Belongs here: which record a CRM refuses on demand. Not here: the errors (named_faults.py), whole requests (faults.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from threading import Lock

from crm_pipeline.emulator.occasions import Occasions


@dataclass
class _Rule:
    error: Callable[[], Exception]
    object: str | None
    ids: frozenset[str] | None
    occasions: Occasions

    def is_due(self, object_: str, record_id: str | None) -> bool:
        is_meant = self.object in (None, object_) and (self.ids is None or record_id in self.ids)
        return is_meant and self.occasions.take()


class Refusals:
    """A store's `before_write`: raises the platform's error for the records that a rule names."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._added = 0
        self._rules: list[_Rule] = []
        self._lock = Lock()

    def add(
        self,
        error: Callable[[], Exception],
        *,
        object: str | None = None,
        ids: Collection[str] | None = None,
        times: int | None = 1,
        probability: float = 1.0,
    ) -> None:
        """Refuse the next `times` writes (None: all) of records of `object` (None: of any) with `error`.

        `ids` None means any record, created ones too; `probability` as in `Faults.add`.
        """
        with self._lock:
            occasions = Occasions(f"{self._seed}/{self._added}", times, probability)
            self._added += 1
            self._rules.append(_Rule(error, object, None if ids is None else frozenset(ids), occasions))

    def clear(self) -> None:
        """Refuse nothing any more."""
        with self._lock:
            self._rules.clear()

    def __call__(self, object_: str, record_id: str | None) -> None:
        """Called before a record is written; `record_id` None is a record about to be created."""
        if not self._rules:
            return
        with self._lock:
            due = [rule for rule in self._rules if rule.is_due(object_, record_id)]
        if due:
            raise due[0].error()
