"""What records were before their latest writes, for a search endpoint that sees writes late."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from crm_pipeline.emulator.hubspot.records import Record


@dataclass
class Past:
    """Records of one object type as they were before each write, oldest write first."""

    _writes: deque[tuple[datetime, int, Record | None]] = field(default_factory=deque)

    def note(self, at: datetime, number: int, record: Record | None) -> None:
        """Keep a copy of a record that is about to be written at `at`; None: it does not exist yet."""
        self._writes.append((at, number, record))

    def at(self, time: datetime) -> dict[int, Record | None]:
        """The records written after `time`, by number, as they were then; what lies before is forgotten."""
        while self._writes and self._writes[0][0] <= time:
            self._writes.popleft()
        return {number: record for _, number, record in reversed(self._writes)}
