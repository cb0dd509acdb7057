"""One object of a world that several tests share: its records, its reads, and the newest row of its completeness."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from crm_pipeline.extract import stage
from crm_pipeline.model import System
from crm_pipeline_tests.extract.conftest import World

HOUR = 3600.0  # seconds
RUNS = count(1)
_NEW: Mapping[str, Mapping[str, str]] = {
    "contacts": {"lastname": "n"},
    "companies": {"name": "n"},
    "tickets": {"subject": "n"},
    "notes": {"hs_note_body": "n"},
    "calls": {"hs_call_title": "n"},
    "meetings": {"hs_meeting_title": "n"},
    "emails": {"hs_email_subject": "n"},
    "tasks": {"hs_task_subject": "n"},
    "Lead": {"LastName": "n", "Company": "-"},
    "Account": {"Name": "n"},
    "Contact": {"LastName": "n"},
    "Case": {"Subject": "n"},
    "Opportunity": {"Name": "n", "StageName": "Prospecting", "CloseDate": "2026-12-01"},
    "Task": {"Subject": "n", "Status": "Not Started", "Priority": "Normal"},
}


@dataclass(frozen=True)
class Object:
    """One object of the shared world."""

    world: World
    name: str

    @property
    def system(self) -> System:
        return System.SALESFORCE if self.name[0].isupper() else System.HUBSPOT

    @property
    def store(self) -> Any:
        return self.world.salesforce if self.system is System.SALESFORCE else self.world.hubspot

    @property
    def live(self) -> set[str]:
        return self.world.live(f"{self.system}_{self.name.lower()}")

    @property
    def row(self) -> dict[str, Any]:
        """The newest row of raw.reconciliation, by column."""
        columns = "here, there, missing, surplus, sampled, sample_wrong, method, explained"
        (row,) = self.world.rows(
            f"select {columns} from raw.reconciliation where object = ? order by run_id desc limit 1", self.name
        )
        return dict(zip(columns.split(", "), row, strict=True))

    def create(self, number: int) -> list[str]:
        """New records; what was created before is behind the overlap of the next read."""
        ids = [self.store.create(self.name, dict(_NEW[self.name])) for _ in range(number)]
        self.world.clock.advance(HOUR)
        return ids

    def read(self, *, full: bool = False, later: float = HOUR) -> stage.ObjectResult:
        """Read it in a run of its own, an hour after the last time unless told otherwise."""
        world = self.world
        world.clock.advance(later)
        crm = world.crms[self.system]
        return stage.extract_object(world.warehouse, crm, world.settings, next(RUNS), self.name, full=full)

    def calls(self, **how: Any) -> int:
        """How many requests a read takes."""
        before = len(self.world.log.requests)
        self.read(**how)
        return len(self.world.log.requests) - before

    def hide(self, record_id: str) -> Mapping[str, Any]:
        """Take a Salesforce record out of sight, as a sharing rule does: no query and no list of deletions names it."""
        rows = self.store.rows
        row: Mapping[str, Any] = rows.get(self.name, record_id)
        with rows.transaction():
            rows.remove(self.name, record_id)
        return row
