"""Bulk API 1.0: jobs of batches, each with its own data or query.

Belongs here: batches as data, and how the worker takes them. Not here: what is read from them (classic_data.py), what
is answered about them (classic_text.py), HTTP (classic_routes.py).

Sources: Bulk API guide, "Job Lifecycle", "Batch Lifecycle", "Batch Size and Limits" (10,000 rows), "Get Batch Results";
stateMessage texts as users report them. Choice where the platform is not documented: the text
about too many rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.salesforce import soql
from crm_pipeline.emulator.salesforce.bulk import chunking, jobs, query_jobs
from crm_pipeline.emulator.salesforce.bulk.classic_data import read_batch
from crm_pipeline.emulator.salesforce.bulk.columns import columns_of
from crm_pipeline.emulator.salesforce.bulk.csv_text import CsvError
from crm_pipeline.emulator.salesforce.bulk.jobs import Job
from crm_pipeline.emulator.salesforce.bulk.query_jobs import Table
from crm_pipeline.emulator.salesforce.bulk.rows import CHUNK, RowWriter, Written
from crm_pipeline.emulator.salesforce.bulk.worker import Steps
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.store import SalesforceStore

QUERIES = ("query", "queryAll")
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete", *QUERIES)
CLOSED = "Closed"
QUEUED, IN_PROGRESS, COMPLETED, FAILED, NOT_PROCESSED = "Queued", "InProgress", "Completed", "Failed", "Not Processed"
_MOST_ROWS = 10_000


@dataclass
class Batch:
    """One batch; `written` is what became of its rows, `result` and `table` what its query found."""

    id: str
    result_id: str
    content: bytes
    created: str
    modified: str
    state: str = QUEUED
    message: str | None = None
    processed: int = 0
    failed: int = 0
    milliseconds: int = 0
    written: list[Written] = field(default_factory=list)
    result: soql.Result | None = None
    table: Table | None = None
    is_chunk: bool = False

    def move(self, state: str, now: str, message: str | None = None) -> None:
        """Enter a state; `message` says why the batch failed."""
        self.state, self.modified, self.message = state, now, message

    def described(self, job_id: str) -> dict[str, Any]:
        """The batchInfo."""
        described = {
            "id": self.id,
            "jobId": job_id,
            "state": self.state.replace(" ", ""),
            "stateMessage": self.message,
            "createdDate": self.created,
            "systemModstamp": self.modified,
            "numberRecordsProcessed": self.processed,
            "numberRecordsFailed": self.failed,
            "totalProcessingTime": self.milliseconds,
            "apiActiveProcessingTime": self.milliseconds,
            "apexProcessingTime": 0,
        }
        return {name: value for name, value in described.items() if value is not None}


@dataclass
class ClassicJob(Job):
    """A job of the Bulk API 1.0; `content_type` is that of its batches: CSV, JSON or XML."""

    content_type: str = "CSV"
    concurrency: str = "Parallel"
    external_id_field: str | None = None
    chunking: chunking.Chunking | None = None
    batches: dict[str, Batch] = field(default_factory=dict)

    @property
    def has_json(self) -> bool:
        """Whether its batches are JSON."""
        return self.content_type == "JSON"

    def described(self) -> dict[str, Any]:
        """The jobInfo."""
        states = [batch.state for batch in self.batches.values()]
        described = super().described() | {
            "concurrencyMode": self.concurrency,
            "contentType": self.content_type,
            "externalIdFieldName": self.external_id_field,
            "numberBatchesQueued": states.count(QUEUED),
            "numberBatchesInProgress": states.count(IN_PROGRESS),
            "numberBatchesCompleted": states.count(COMPLETED),
            "numberBatchesFailed": states.count(FAILED),
            "numberBatchesTotal": len(states),
            "numberRecordsProcessed": sum(batch.processed for batch in self.batches.values()),
            "numberRetries": 0,
            "numberRecordsFailed": sum(batch.failed for batch in self.batches.values()),
            "totalProcessingTime": sum(batch.milliseconds for batch in self.batches.values()),
            "apiActiveProcessingTime": sum(batch.milliseconds for batch in self.batches.values()),
            "apexProcessingTime": 0,
        }
        return {name: value for name, value in described.items() if value is not None}


def steps(store: SalesforceStore, job: ClassicJob, batch: Batch) -> Steps:
    """Work on a batch; every step takes a few rows."""
    if job.state == jobs.ABORTED:
        batch.move(NOT_PROCESSED, store.now_text())
        return
    batch.move(IN_PROGRESS, store.now_text())
    yield None
    started = time.monotonic()
    try:
        if _chunked(store, job, batch):
            return
        for _ in _query(store, job, batch) if job.operation in QUERIES else _rows(store, job, batch):
            batch.milliseconds = int((time.monotonic() - started) * 1000)
            yield None
    except CsvError as error:
        twice = "InvalidBatch : InvalidBatch : "
        message = str(error)
        batch.move(FAILED, store.now_text(), message.removeprefix("InvalidBatch : ") if twice in message else message)
        return
    batch.move(COMPLETED, store.now_text())


def add(store: SalesforceStore, job: ClassicJob, content: bytes) -> Batch:
    """A new batch of a job, to be worked on."""
    now = store.now_text()
    batch = Batch(store.bulk.new_id("751"), store.bulk.new_id("752"), content, now, now)
    job.batches[batch.id] = batch
    store.bulk.allowance.today(store.clock.now()).batches += 1
    store.bulk.start(job, steps(store, job, batch))
    return batch


def _chunked(store: SalesforceStore, job: ClassicJob, batch: Batch) -> bool:
    """Whether the query was divided into batches of their own, so that this one is not processed."""
    if job.chunking is None or batch.is_chunk:
        return False
    text = batch.content.decode("utf-8", "replace")
    result, _ = query_jobs.run(store, job, f"SELECT Id FROM {job.object_} ORDER BY Id", include_deleted=True)
    try:
        if not chunking.is_chunkable(text):
            return False
    except SoqlError:
        return False
    queries = chunking.chunks(text, [row["Id"] for row in result.rows], job.chunking)
    for query in queries:
        add(store, job, query.encode()).is_chunk = True
    if queries:
        batch.move(NOT_PROCESSED, store.now_text())
    return bool(queries)


def _query(store: SalesforceStore, job: ClassicJob, batch: Batch) -> Iterator[None]:
    text = batch.content.decode("utf-8", "replace")
    result, table = query_jobs.run(store, job, text, include_deleted=job.operation == "queryAll")
    if table.sobject.name != job.object_:
        raise CsvError(
            "InvalidBatch : Failed to process query: INVALID_TYPE_FOR_OPERATION: The root entity of the requested "
            f"query ({table.sobject.name}) does not match the entity of the requested Bulk API Job ({job.object_})."
        )
    batch.result, batch.table, batch.processed = result, table, len(result.rows)
    yield


def _rows(store: SalesforceStore, job: ClassicJob, batch: Batch) -> Iterator[None]:
    names, rows = read_batch(batch.content, job.content_type)
    if len(rows) > _MOST_ROWS:
        raise CsvError(f"InvalidBatch : Records in a batch must not exceed {_MOST_ROWS}")
    sobject = store.schema.objects[job.object_]
    key = sobject.find(job.external_id_field) if job.external_id_field else None
    columns = columns_of(store.schema, sobject, names)
    writer = RowWriter(store, sobject, job.operation, job.user_id, columns, key)
    for start in range(0, len(rows), CHUNK):
        written = writer.write(rows[start : start + CHUNK])
        batch.written += written
        batch.processed += len(written)
        batch.failed += sum(one.error is not None for one in written)
        yield
