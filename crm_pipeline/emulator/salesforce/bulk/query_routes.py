"""Endpoints of query jobs: jobs/query and below.

Belongs here: the HTTP form, pages and locators. Not here: running queries (query_jobs.py).

Source: Bulk API 2.0 guide, "Query Jobs": results with Sforce-Locator (`null` on the last page) and
Sforce-NumberOfRecords, 409 when the API version is not that of the job, resultPages in fives. Choices where the
platform is not documented: 50,000 rows in a page unless maxRecords says otherwise; results of a job that is not
complete are refused with INVALIDJOBSTATE.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from crm_pipeline.emulator.salesforce.bulk import jobs, query_jobs
from crm_pipeline.emulator.salesforce.bulk.classic import ClassicJob
from crm_pipeline.emulator.salesforce.bulk.jobs import Job
from crm_pipeline.emulator.salesforce.bulk.query_jobs import OPERATIONS, QueryJob
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
from crm_pipeline.emulator.salesforce.errors import ApiError

ROWS_IN_A_PAGE = 50_000
_PAGES_LISTED = 5


def create(call: Call) -> Answer:
    """POST /jobs/query"""
    given, store = settings(call.body), call.store
    operation, text = given.get("operation"), given.get("query")
    if operation not in OPERATIONS:
        raise invalid_job("Unable to parse Job")
    if not text or not text.strip():
        raise invalid_job("Query is required for a query job")
    format_ = csv_format(given)
    sobject = query_jobs.checked(store, text, version=call.version, user_id=call.user_id)
    store.bulk.allowance.take_query_job(store.clock.now())
    now = store.now_text()
    job = QueryJob(
        id=store.bulk.new_id(),
        operation=operation,
        object_=sobject.name,
        version=call.version,
        user_id=call.user_id,
        created_at=store.clock.now(),
        created=now,
        modified=now,
        format=format_,
        state=jobs.UPLOAD_COMPLETE,
        query=text,
    )
    store.bulk.add(job)
    store.bulk.start(job, query_jobs.steps(store, job))
    return Answer(200, {**job.described(), **job.described_format()})


def show(call: Call) -> Answer:
    """GET /jobs/query/{job}"""
    return Answer(200, job_of(call, QueryJob).described_fully())


def show_all(call: Call) -> Answer:
    """GET /jobs/query"""
    return listed(call, "jobs/query", _listed)


def change(call: Call) -> Answer:
    """PATCH /jobs/query/{job}: abort the job"""
    job = job_of(call, QueryJob)
    if requested_state(call) != jobs.ABORTED:
        raise invalid_job("Unable to parse Job")
    abort(call, job)
    return Answer(200, job.described())


def delete(call: Call) -> Answer:
    """DELETE /jobs/query/{job}"""
    return delete_job(call, job_of(call, QueryJob))


def results(call: Call) -> Answer:
    """GET /jobs/query/{job}/results?maxRecords=&locator="""
    job = _complete(call)
    assert job.table is not None
    start, size = _start(call, job), _size(call)
    rows = job.rows[start : start + size]
    content = job.table.page(rows, job.format)
    call.store.bulk.allowance.today(call.store.clock.now()).query_bytes += len(content)
    following = start + size
    locator = _locator(following) if following < len(job.rows) else "null"
    headers = {"content-type": CSV, "Sforce-Locator": locator, "Sforce-NumberOfRecords": str(len(rows))}
    return Answer(200, content, headers)


def result_pages(call: Call) -> Answer:
    """GET /jobs/query/{job}/resultPages: where up to five pages are to be had at the same time"""
    job = _complete(call)
    first = _start(call, job)
    starts = range(first, max(len(job.rows), 1), ROWS_IN_A_PAGE)
    path = f"{call.root}/jobs/query/{job.id}"
    pages = [{"resultUrl": f"{path}/results?locator={_locator(start)}"} for start in starts[:_PAGES_LISTED]]
    is_last = len(starts) <= _PAGES_LISTED
    following = None if is_last else f"{path}/resultPages?locator={_locator(starts[_PAGES_LISTED])}"
    return Answer(200, {"resultPages": pages, "nextRecordsUrl": following, "done": is_last})


def _listed(job: Job) -> dict[str, Any] | None:
    if isinstance(job, ClassicJob):
        return {**job.described(), "jobType": "Classic"}
    if not isinstance(job, QueryJob):
        return None
    return {**job.described(), "jobType": "V2Query", **job.described_format()}


def _complete(call: Call) -> QueryJob:
    job = job_of(call, QueryJob)
    if job.version != call.version:
        message = f"The job was created with API version {job.version}, not {call.version}"
        raise ApiError("INVALIDVERSION", message, status=409)
    if job.state != jobs.JOB_COMPLETE:
        raise invalid_state(f"InvalidJobState : Results are not available, the state of the job is {job.state}")
    return job


def _locator(start: int) -> str:
    return base64.urlsafe_b64encode(str(start).encode()).decode().rstrip("=")


def _start(call: Call, job: QueryJob) -> int:
    locator = call.query.get("locator")
    if not locator:
        return 0
    try:
        start = int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except (ValueError, binascii.Error):
        start = -1
    if not 0 <= start < max(len(job.rows), 1) or _locator(start) != locator:
        raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return start


def _size(call: Call) -> int:
    text = call.query.get("maxRecords")
    if text is None:
        return ROWS_IN_A_PAGE
    if not text.isdecimal() or int(text) == 0:
        raise ApiError("API_ERROR", f"maxRecords must be a whole number above 0: {text}")
    return int(text)
