"""Endpoints of ingest jobs: jobs/ingest and below.

Belongs here: the HTTP form. Not here: what happens to rows (ingest_jobs.py, rows.py).

Source: Bulk API 2.0 guide, "Ingest Jobs" (create, also with the CSV in one multipart request; upload; close or abort;
results). Choices where the platform is not documented: an upload above 150 MB answers 413; results of a job that has
not ended are refused with INVALIDJOBSTATE.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from crm_pipeline.emulator.salesforce.bulk import ingest_jobs, jobs
from crm_pipeline.emulator.salesforce.bulk.ingest_jobs import OPERATIONS, IngestJob
from crm_pipeline.emulator.salesforce.bulk.jobs import Job
from crm_pipeline.emulator.salesforce.bulk.requests import (
    CSV,
    abort,
    csv_format,
    invalid_job,
    invalid_state,
    job_of,
    listed,
    requested_state,
    settings,
)
from crm_pipeline.emulator.salesforce.bulk.requests import delete as delete_job
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError, parser_error
from crm_pipeline.emulator.salesforce.schema import SObject

_LARGEST_UPLOAD = 150 * 1024 * 1024
_BOUNDARY = re.compile(r'boundary="?([^";,]+)', re.IGNORECASE)
_PART_NAME = re.compile(rb'\bname="?([^";\r\n]+)', re.IGNORECASE)


def create(call: Call) -> Answer:
    """POST /jobs/ingest: JSON, or multipart with the parts `job` (JSON) and `content` (CSV)"""
    content_type = call.headers.get("content-type", "")
    if not content_type.lower().startswith("multipart/form-data"):
        job = _new_job(call, call.body)
        call.store.bulk.add(job)
        return Answer(200, {**job.described(), "contentUrl": job.content_url, **job.described_format()})
    settings_text, content = _parts(content_type, call.raw)
    try:
        body = orjson.loads(settings_text)
    except orjson.JSONDecodeError as error:
        raise parser_error(f"Unexpected character or end of input: {error}") from None
    job = _new_job(call, body)
    job.data = content
    call.store.bulk.add(job)
    _close(call, job)
    return Answer(200, {**job.described(), **job.described_format()})


def show(call: Call) -> Answer:
    """GET /jobs/ingest/{job}"""
    return Answer(200, job_of(call, IngestJob).described_fully())


def show_all(call: Call) -> Answer:
    """GET /jobs/ingest"""
    return listed(call, "jobs/ingest", _listed)


def upload(call: Call) -> Answer:
    """PUT /jobs/ingest/{job}/batches: the whole CSV of the job, once"""
    job = job_of(call, IngestJob)
    if call.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        message = f"Content-Type header specified in HTTP request is not supported: {call.headers.get('content-type')}"
        raise ApiError("UNSUPPORTED_MEDIA_TYPE", message, status=415)
    if job.state != jobs.OPEN:
        raise invalid_state(f"InvalidJobState : Job is not Open, its state is {job.state}")
    if job.data is not None:
        raise ApiError(
            "CLIENTINPUTERROR",
            f"Found multiple contents for job: <{job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then "
            "create a new Job and make sure you only do 'PUT' once on a given Job.",
        )
    if len(call.raw) > _LARGEST_UPLOAD:
        raise ApiError("REQUEST_ENTITY_TOO_LARGE", "The data of a job must not exceed 150 MB", status=413)
    job.data = call.raw
    job.modified = call.store.now_text()
    return Answer(201)


def change(call: Call) -> Answer:
    """PATCH /jobs/ingest/{job}: close the job, so that it is worked on, or abort it"""
    job, state = job_of(call, IngestJob), requested_state(call)
    if state == jobs.ABORTED:
        abort(call, job)
    elif state != jobs.UPLOAD_COMPLETE:
        raise invalid_job("Unable to parse Job")
    elif job.state != jobs.OPEN:
        word = "aborted" if job.state == jobs.ABORTED else "closed"
        raise invalid_state(f"Closing already {word} Job not allowed")
    else:
        _close(call, job)
    return Answer(200, job.described())


def delete(call: Call) -> Answer:
    """DELETE /jobs/ingest/{job}"""
    return delete_job(call, job_of(call, IngestJob))


def successful(call: Call) -> Answer:
    """GET /jobs/ingest/{job}/successfulResults"""
    return Answer(200, _ended(call).successful(), {"content-type": CSV})


def failed(call: Call) -> Answer:
    """GET /jobs/ingest/{job}/failedResults"""
    return Answer(200, _ended(call).failures(), {"content-type": CSV})


def unprocessed(call: Call) -> Answer:
    """GET /jobs/ingest/{job}/unprocessedrecords"""
    return Answer(200, _ended(call).unprocessed(), {"content-type": CSV})


def _listed(job: Job) -> dict[str, Any] | None:
    if not isinstance(job, IngestJob):
        return None
    described = {**job.described(), "jobType": "V2Ingest", **job.described_format()}
    return described | ({"contentUrl": job.content_url} if job.state == jobs.OPEN else {})


def _ended(call: Call) -> IngestJob:
    job = job_of(call, IngestJob)
    if not job.ended:
        raise invalid_state(f"InvalidJobState : Results are not available, the state of the job is {job.state}")
    return job


def _close(call: Call, job: IngestJob) -> None:
    job.move(jobs.UPLOAD_COMPLETE, call.store.now_text())
    call.store.bulk.start(job, ingest_jobs.steps(call.store, job))


def _new_job(call: Call, body: Any) -> IngestJob:
    given, store = settings(body), call.store
    operation = given.get("operation")
    if operation not in OPERATIONS or given.get("query"):
        raise invalid_job("Unable to parse Job")
    sobject = store.schema.find(given.get("object") or "")
    if sobject is None:
        raise invalid_job(f"Unable to find object: {given.get('object')}")
    key = _external_id_field(sobject, operation, given.get("externalIdFieldName"))
    now = store.now_text()
    return IngestJob(
        id=store.bulk.new_id(),
        operation=operation,
        object_=sobject.name,
        version=call.version,
        user_id=call.user_id,
        created_at=store.clock.now(),
        created=now,
        modified=now,
        format=csv_format(given),
        state=jobs.OPEN,
        external_id_field=key,
        assignment_rule_id=given.get("assignmentRuleId"),
    )


def _external_id_field(sobject: SObject, operation: str, name: str | None) -> str | None:
    if operation != "upsert":
        return None
    if not name:
        raise invalid_job(f"External ID was blank for {sobject.name}. An External ID must be specified for upsert.")
    field = sobject.find(name)
    if field is None or not (field.id_lookup or field.type == "id"):
        raise invalid_job(
            f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field for "
            f"{sobject.name}"
        )
    return field.name


def _parts(content_type: str, raw: bytes) -> tuple[bytes, bytes]:
    """The parts `job` and `content` of a multipart body."""
    boundary = _BOUNDARY.search(content_type)
    parts: dict[str, bytes] = {}
    if boundary is not None:
        for part in (b"\r\n" + raw).split(b"\r\n--" + boundary.group(1).encode())[1:]:
            head, _, content = part.partition(b"\r\n\r\n")
            name = _PART_NAME.search(head)
            if name is not None:
                parts[name.group(1).decode("utf-8", "replace")] = content
    if "job" not in parts or "content" not in parts:
        raise parser_error("A multipart request must have the parts job and content")
    return parts["job"], parts["content"]
