"""Ingest jobs: what they are told, and how the worker takes their rows.

Belongs here: from an upload to results. Not here: single rows (rows.py), HTTP (ingest_routes.py).

Sources: Bulk API 2.0 guide, "Get Information About a Job", "Get Job Successful Record Results" (`sf__Id`,
`sf__Created`) and "... Failed ..." (`sf__Error`: `CODE:message:fields --`). Choice: a job closed without data fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.salesforce.bulk import jobs
from crm_pipeline.emulator.salesforce.bulk.columns import columns_of
from crm_pipeline.emulator.salesforce.bulk.csv_text import CsvError, Upload, read, write
from crm_pipeline.emulator.salesforce.bulk.jobs import Job
from crm_pipeline.emulator.salesforce.bulk.rows import CHUNK, RowWriter, Written
from crm_pipeline.emulator.salesforce.bulk.worker import Steps
from crm_pipeline.emulator.salesforce.errors import ApiError

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.store import SalesforceStore

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
ROWS_A_BATCH = 10_000


@dataclass
class IngestJob(Job):
    """A job that writes the rows of one CSV file; `written` tells what became of the rows taken so far."""

    external_id_field: str | None = None
    assignment_rule_id: str | None = None
    data: bytes | None = None
    upload: Upload | None = None
    written: list[Written] = field(default_factory=list)
    failed: int = 0

    @property
    def content_url(self) -> str:
        """Where the CSV is to be put."""
        return f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"

    def described(self) -> dict[str, Any]:
        """The properties that every answer about a job has."""
        described = super().described()
        if self.external_id_field is not None:
            described["externalIdFieldName"] = self.external_id_field
        if self.assignment_rule_id is not None:
            described["assignmentRuleId"] = self.assignment_rule_id
        return described

    def described_fully(self) -> dict[str, Any]:
        """The properties of GET jobs/ingest/{id}."""
        described = {**self.described(), "jobType": "V2Ingest"}
        if self.state == jobs.OPEN:
            described["contentUrl"] = self.content_url
        described |= {
            **self.described_format(),
            "numberRecordsProcessed": self.processed,
            "numberRecordsFailed": self.failed,
            "retries": 0,
            "totalProcessingTime": self.milliseconds,
            "apiActiveProcessingTime": self.milliseconds,
            "apexProcessingTime": 0,
            "isPkChunkingSupported": False,
        }
        if self.error is not None:
            described["errorMessage"] = self.error
        return described

    def successful(self) -> bytes:
        """The rows that were written, below the head line of the upload."""
        return self._results(("sf__Id", "sf__Created"), lambda one: one.error is None, _success)

    def failures(self) -> bytes:
        """The rows that were refused."""
        return self._results(("sf__Id", "sf__Error"), lambda one: one.error is not None, _failure)

    def unprocessed(self) -> bytes:
        """The rows that were not taken, because the job failed or was aborted."""
        upload = self.upload or self._readable()
        if upload is None:
            return b""
        return write(upload.head, islice(upload.rows(), len(self.written), None), self.format)

    def _results(
        self,
        names: tuple[str, str],
        is_meant: Callable[[Written], bool],
        cells: Callable[[Written], tuple[str, str]],
    ) -> bytes:
        own = self.format.delimiter.join(f'"{name}"' for name in names)
        upload = self.upload or self._readable()
        if upload is None:
            return (own + self.format.line_end).encode()
        taken = zip(self.written, upload.rows(), strict=False)
        rows = ((*cells(one), *row) for one, row in taken if is_meant(one))
        return write(own + self.format.delimiter + upload.head, rows, self.format)

    def _readable(self) -> Upload | None:
        try:
            return read(self.data, self.format) if self.data is not None else None
        except CsvError:
            return None


def _success(one: Written) -> tuple[str, str]:
    return one.record_id, "true" if one.created else "false"


def _failure(one: Written) -> tuple[str, str]:
    assert one.error is not None
    return one.record_id, error_text(one.error)


def error_text(error: ApiError) -> str:
    """The form of an error in a CSV."""
    fields = ", ".join(error.fields or ())
    return f"{error.code}:{error.message}:{fields + ' ' if fields else ''}--"


def steps(store: SalesforceStore, job: IngestJob) -> Steps:
    """Work on a job; every step takes a few rows."""
    if job.ended:
        return
    job.move(jobs.IN_PROGRESS, store.now_text())
    started = time.monotonic()
    unreadable: list[CsvError] = []
    yield partial(_read, job, unreadable)
    if job.ended:
        return
    try:
        if unreadable:
            raise unreadable[0]
        writer = _begin(store, job)
    except CsvError as error:
        job.move(jobs.FAILED, store.now_text(), str(error))
        return
    assert job.upload is not None
    yield None
    rows = job.upload.rows()
    while (chunk := list(islice(rows, CHUNK))) and not job.ended:
        written = writer.write(chunk)
        job.written += written
        job.processed += len(written)
        job.failed += sum(one.error is not None for one in written)
        job.milliseconds = int((time.monotonic() - started) * 1000)
        job.modified = store.now_text()
        yield None
    if not job.ended:
        job.move(jobs.JOB_COMPLETE, store.now_text())


def _read(job: IngestJob, unreadable: list[CsvError]) -> None:
    """Read the upload, which nobody else does anything with: a large one takes seconds."""
    try:
        if not job.data:
            raise CsvError("ClientInputError : No data was uploaded for the job")
        job.upload = read(job.data, job.format)
        job.data = b""
    except CsvError as error:
        unreadable.append(error)


def _begin(store: SalesforceStore, job: IngestJob) -> RowWriter:
    assert job.upload is not None
    sobject = store.schema.objects[job.object_]
    batches = -(-job.upload.count // ROWS_A_BATCH)
    store.bulk.allowance.today(store.clock.now()).batches += batches
    key = sobject.find(job.external_id_field) if job.operation == "upsert" and job.external_id_field else None
    columns = columns_of(store.schema, sobject, job.upload.columns)
    return RowWriter(store, sobject, job.operation, job.user_id, columns, key)
