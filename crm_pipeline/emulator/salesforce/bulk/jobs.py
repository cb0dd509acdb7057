"""Bulk jobs of an organisation: what they are, their states, and the list of them.

Belongs here: jobs as data, finding and forgetting them, the daily allowance. Not here: what a job does (query_jobs.py,
ingest_jobs.py), HTTP.

Source: Bulk API 2.0 guide, "Get Information About a Query Job" and "... an Ingest Job" (properties), "Limits" (10,000
query jobs a day, results kept for 7 days).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from crm_pipeline.emulator.salesforce.bulk.csv_text import Format
from crm_pipeline.emulator.salesforce.bulk.worker import Steps, Worker
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.ids import canonical, make_id

KEPT = timedelta(days=7)
QUERY_JOBS_A_DAY, QUERY_MEGABYTES_A_DAY, BATCHES_A_DAY = 10_000, 976_562, 15_000

OPEN, UPLOAD_COMPLETE, IN_PROGRESS = "Open", "UploadComplete", "InProgress"
ABORTED, JOB_COMPLETE, FAILED = "Aborted", "JobComplete", "Failed"
ENDED = frozenset({ABORTED, JOB_COMPLETE, FAILED})


@dataclass
class Job:
    """What query and ingest jobs have in common; times in the form of the REST API."""

    id: str
    operation: str
    object_: str
    version: str
    user_id: str
    created_at: datetime
    created: str
    modified: str
    format: Format
    state: str
    error: str | None = None
    milliseconds: int = 0
    processed: int = 0

    @property
    def ended(self) -> bool:
        """Whether the job has reached a state that it does not leave."""
        return self.state in ENDED

    def move(self, state: str, now: str, error: str | None = None) -> None:
        """Enter a state; `error` says why a job failed."""
        self.state, self.modified, self.error = state, now, error

    def described(self) -> dict[str, Any]:
        """The properties that every answer about a job has."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object_,
            "createdById": self.user_id,
            "createdDate": self.created,
            "systemModstamp": self.modified,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
        }

    def described_format(self) -> dict[str, Any]:
        """How the CSV of the job is written."""
        return {"lineEnding": self.format.line_ending, "columnDelimiter": self.format.column_delimiter}


class BulkJobs:
    """The jobs of an organisation, the worker that runs them, and what the day still allows.

    `delay` is how long (real seconds) a job stands in UploadComplete before it is worked on.
    """

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.delay = 0.0
        self.allowance = Allowance()
        self._jobs: dict[str, Job] = {}
        self._count = 0

    def new_id(self, prefix: str = "750") -> str:
        """The id of a new job (750) or of a batch of one (751)."""
        self._count += 1
        return make_id(prefix, self._count)

    def add(self, job: Job) -> None:
        """Keep a job from now on."""
        self._jobs[job.id] = job

    def find(self, job_id: str, now: datetime) -> Job | None:
        """The job with an id of 15 or 18 characters, unless it was deleted or is older than a week."""
        job = self._jobs.get(canonical(job_id) or "")
        return None if job is None or now - job.created_at > KEPT else job

    def all(self, now: datetime) -> Iterator[Job]:
        """All jobs, the oldest first."""
        return (job for job in self._jobs.values() if now - job.created_at <= KEPT)

    def forget(self, job: Job) -> None:
        """Delete a job with its data and results."""
        del self._jobs[job.id]

    def start(self, job: Job, steps: Steps) -> None:
        """Let the worker take the steps of a job, after `delay`; it stops when the job has ended."""
        self.worker.submit(_guarded(job, steps), self.delay)


def _guarded(job: Job, steps: Steps) -> Steps:
    """A job must not stay InProgress for ever when the emulator itself is at fault."""
    try:
        yield from steps
    except Exception:
        job.move(FAILED, job.modified, "InternalServerError : An unexpected error occurred")
        raise


@dataclass
class Allowance:
    """What was used today (UTC) of the daily limits on bulk jobs."""

    query_jobs: int = 0
    query_bytes: int = 0
    batches: int = 0
    _day: date | None = field(default=None, repr=False)

    def today(self, now: datetime) -> Allowance:
        """The same allowance, full again when a day has begun."""
        if now.date() != self._day:
            self._day = now.date()
            self.query_jobs = self.query_bytes = self.batches = 0
        return self

    def take_query_job(self, now: datetime) -> None:
        """Count a query job. Raises ApiError (LIMIT_EXCEEDED) when the day's are used up."""
        if self.today(now).query_jobs >= QUERY_JOBS_A_DAY:
            message = f"Max bulk v2 query jobs ({QUERY_JOBS_A_DAY}) per 24 hrs has been reached"
            raise ApiError("LIMIT_EXCEEDED", message)
        self.query_jobs += 1
