"""Writes by bulk jobs: what a CRM offers that has them, so that thousands of records cost a dozen calls.

Belongs here: the protocol. Not here: a CRM's jobs (`salesforce/bulk_writing`), when a job is used (push/batches.py).

A job has no preconditions: between the re-read of its records and the write remains the time that the job takes. Its
results are a receipt: whoever knows a job's id can find out what became of each record, also after a crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from crm_pipeline.crm.protocol import Write, WriteResult

#: Records of one job: what the CRM works on as one batch, so that a job takes moments.
PART = 10_000


class Jobs(Protocol):
    """Bulk jobs of one CRM. `key_field`: the unique field of a create; empty for updates."""

    def takes(self, write: Write) -> bool:
        """Whether a job can say this write."""

    def open(self, object_: str, key_field: str = "") -> str:
        """The id of a new job, which holds nothing yet. Write it down before `send`."""

    def send(self, job_id: str, object_: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        """Give the job its records, let it run, and wait for what becomes of them.

        RETRY: surely not done. UNKNOWN: the results do not tell. Raises CrmError while the job is under way, or may be.
        """

    def receipt(self, job_id: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        """What became of the records of a job whose sender was interrupted; only reads.

        A job that was never started is none (RETRY); one at work is waited for. Raises CrmError if it does not end.
        """

    def abort(self, job_id: str) -> None:
        """See to it that a job that was never started never will be. No error for a job that has ended or is gone."""
