"""Bulk API 2.0 ingest jobs: updates by id and upserts by an external id, up to 10,000 records a job.

Belongs here: the life of a job, its CSV and its results. Not here: query jobs (`bulk`), when a job is used.

Sources: Bulk API 2.0 guide, "Ingest Jobs" (one upload a job; worked on only after it was closed; successful, failed and
unprocessed results), "Valid CSV Record Rows" (an empty cell leaves the field, `#N/A` clears it, so that a text `#N/A`
cannot be said); facts/salesforce.md 3.6 (a job outlives its client).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from crm_pipeline.crm.protocol import Outcome, Write, WriteResult
from crm_pipeline.crm.retry import LostAnswerError
from crm_pipeline.crm.salesforce.answers import expected, outcome, row_refusal
from crm_pipeline.crm.salesforce.bulk import DONE, ended
from crm_pipeline.crm.salesforce.csv_rows import damaged
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.crm.salesforce.wire import Wire
from crm_pipeline.errors import PermanentError
from crm_pipeline.model import Value

_NULL = "#N/A"
_UNPROCESSED = "unprocessed"
_BLANK = ("", None)


class BulkWriting:
    """Ingest jobs of one organisation: `jobs.Jobs`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def takes(self, write: Write) -> bool:
        return _NULL not in write.fields.values()

    def open(self, object_: str, key_field: str = "") -> str:
        asked = {
            "object": object_,
            "operation": "upsert" if key_field else "update",
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
            **({"externalIdFieldName": key_field} if key_field else {}),
        }
        try:
            reply = self._wire.ask("POST", "jobs/ingest", json=asked)
        except LostAnswerError:
            reply = self._wire.ask("POST", "jobs/ingest", json=asked)  # an empty job more hurts nobody
        return str(expected(reply, "id")["id"])

    def send(self, job_id: str, object_: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        path = f"jobs/ingest/{job_id}"
        try:
            self._wire.ask(
                "PUT", f"{path}/batches", data=_upload(key_field, writes), headers={"Content-Type": "text/csv"}
            )
        except (LostAnswerError, PermanentError) as error:
            self.abort(job_id)  # it was not closed, so nothing of it is done
            return [WriteResult(w.token, Outcome.RETRY, w.record_id, error.status, _UNPROCESSED) for w in writes]
        try:
            self._close(path)
        except LostAnswerError:
            if self._state(path) == "Open":
                self._close(path)
        return self._results(path, ended(self._wire, path, f"a bulk write of {object_}"), key_field, writes)

    def receipt(self, job_id: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        path = f"jobs/ingest/{job_id}"
        try:
            state = self._state(path)
        except PermanentError:  # results are kept for 7 days: then nobody can tell
            return [WriteResult(w.token, Outcome.UNKNOWN, w.record_id) for w in writes]
        if state == "Open":
            return [WriteResult(w.token, Outcome.RETRY, w.record_id, code=_UNPROCESSED) for w in writes]
        return self._results(path, ended(self._wire, path, "a bulk write of an earlier run"), key_field, writes)

    def abort(self, job_id: str) -> None:
        with suppress(PermanentError):
            self._wire.ask("PATCH", f"jobs/ingest/{job_id}", json={"state": "Aborted"})

    def _state(self, path: str) -> str:
        return str(expected(self._wire.ask("GET", path), "state")["state"])

    def _close(self, path: str) -> None:
        self._wire.ask("PATCH", path, json={"state": "UploadComplete"})

    def _results(self, path: str, state: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        """One result a write: from the rows done, the rows refused, the rows not come to; else nobody knows."""
        waiting = {_name(key_field, w.key if key_field else w.record_id): w for w in writes}
        results: list[WriteResult] = []
        for which, judge in _RESULTS.items():
            if which == "unprocessedrecords" and state == DONE:
                continue  # a job that was done has none
            for row in self._rows(f"{path}/{which}"):
                write = waiting.pop(_name(key_field, row.get(key_field or "Id", "")), None)
                if write is not None:
                    results.append(judge(write, row))
        return results + [WriteResult(w.token, Outcome.UNKNOWN, w.record_id) for w in waiting.values()]

    def _rows(self, path: str) -> Iterator[Mapping[str, str]]:
        body = self._wire.ask("GET", path, csv=True, headers={"Accept": "text/csv"}).body
        try:
            lines = csv.reader(io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline=""), strict=True)
            head = next(lines, [])
            for cells in lines:
                if len(cells) != len(head):
                    raise damaged()
                yield dict(zip(head, cells, strict=True))
        except (csv.Error, ValueError):
            raise damaged() from None  # their texts hold values


def _name(key_field: str, text: str) -> str:
    return text.strip() if key_field else to_18(text.strip())


def _upload(key_field: str, writes: Sequence[Write]) -> bytes:
    """The CSV of a job: a column for each field of any write, empty where a write leaves it."""
    names = sorted({name for w in writes for name in w.fields} - {key_field})
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([key_field or "Id", *names])
    for w in writes:
        own = w.key if key_field else to_18(w.record_id)
        rows.writerow([own, *(_cell(w.fields[name]) if name in w.fields else "" for name in names)])
    return text.getvalue().encode()


def _cell(value: Value) -> str:
    if value in _BLANK:
        return _NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _landed(write: Write, row: Mapping[str, str]) -> WriteResult:
    return WriteResult(write.token, Outcome.LANDED, to_18(row["sf__Id"] or write.record_id), 200)


def _refused(write: Write, row: Mapping[str, str]) -> WriteResult:
    """`CODE:message:field, field --`"""
    code, _, rest = row["sf__Error"].partition(":")
    message, _, fields = rest.rpartition(":")
    named = [one for one in fields.removesuffix("--").replace(" ", "").split(",") if one]
    body = [{"errorCode": code, "message": message, "fields": named}]
    code, text = row_refusal(body, write.fields.values())
    return WriteResult(write.token, outcome(400, code), write.record_id, 400, code, text)


def _not_come_to(write: Write, row: Mapping[str, str]) -> WriteResult:
    return WriteResult(write.token, Outcome.RETRY, write.record_id, code=_UNPROCESSED)


_RESULTS = {"successfulResults": _landed, "failedResults": _refused, "unprocessedrecords": _not_come_to}
