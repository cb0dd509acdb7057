"""What the routes of query and ingest jobs have in common: reading a job's settings, finding jobs, listing them.

Belongs here: checks on what a client sends. Not here: what is answered about one kind of job.

Sources: Bulk API 2.0 guide, "Create a Job", "Get Information About All Jobs" (1,000 in a page), "Abort a Query Job"
(INVALIDJOBSTATE) and "Delete a Query Job" (API_ERROR); other refusals carry the codes of the Bulk API in upper case
(INVALIDJOB, INVALIDENTITY) as users report them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from crm_pipeline.emulator.salesforce.bulk import jobs
from crm_pipeline.emulator.salesforce.bulk.csv_text import DELIMITERS, LINE_ENDS, Format
from crm_pipeline.emulator.salesforce.bulk.jobs import Job
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError, not_found, parser_error

CSV = "text/csv; charset=UTF-8"
"""The documents say text/csv; the character set is what the bytes are in, and clients that look for it find it."""

J = TypeVar("J", bound=Job)
_JOBS_IN_A_PAGE = 1000
_KNOWN = frozenset(
    "operation object query contentType columnDelimiter lineEnding externalIdFieldName assignmentRuleId "  # noqa: SIM905
    "concurrencyMode jobType".split()
)


def invalid_job(message: str) -> ApiError:
    """A job that cannot be created."""
    return ApiError("INVALIDJOB", f"InvalidJob : {message}")


def invalid_state(message: str) -> ApiError:
    """The job's state does not allow what is asked."""
    return ApiError("INVALIDJOBSTATE", message)


def settings(body: Any) -> Mapping[str, Any]:
    """The settings of a new job. Raises ApiError for what is no job."""
    if not isinstance(body, Mapping):
        raise parser_error("The HTTP entity body is required, but this request has no entity body.")
    unknown = next((name for name in body if name not in _KNOWN), None)
    if unknown is not None:
        raise parser_error(f'Unrecognized field "{unknown}" (Class JobInfo), not marked as ignorable')
    wrong = next((name for name, value in body.items() if value is not None and not isinstance(value, str)), None)
    if wrong is not None:
        raise parser_error(f'Cannot deserialize value of field "{wrong}" (Class JobInfo)')
    if (body.get("contentType") or "CSV") != "CSV":
        raise invalid_job(f"Content type {body['contentType']} is not supported for this job, only CSV is")
    return body


def csv_format(body: Mapping[str, Any]) -> Format:
    """The CSV settings of a new job."""
    format_ = Format(body.get("columnDelimiter") or "COMMA", body.get("lineEnding") or "LF")
    if format_.column_delimiter not in DELIMITERS or format_.line_ending not in LINE_ENDS:
        raise invalid_job("Unable to parse Job")
    return format_


def job_of(call: Call, kind: type[J]) -> J:
    """The job that the path names. Raises ApiError (NOT_FOUND)."""
    job = call.store.bulk.find(call.params["job"], call.store.clock.now())
    if not isinstance(job, kind):
        raise not_found()
    return job


def requested_state(call: Call) -> str:
    """The state that a PATCH asks for, and nothing else."""
    body = call.json_object()
    if set(body) != {"state"} or not isinstance(body["state"], str):
        raise invalid_job("Unable to parse Job")
    return body["state"]


def abort(call: Call, job: Job) -> None:
    """Stop a job that has not ended."""
    if job.state == jobs.ABORTED:
        raise invalid_state("Aborting already Aborted Job not allowed")
    if job.ended:
        raise invalid_state("Aborting already Completed Job not allowed")
    job.move(jobs.ABORTED, call.store.now_text())


def delete(call: Call, job: Job) -> Answer:
    """Forget a job that has ended, or stop and forget one that waits."""
    if not job.ended and job.state != jobs.UPLOAD_COMPLETE:
        message = "Error encountered when deleting the job because the job is not terminated"
        raise ApiError("API_ERROR", message)
    if not job.ended:
        job.move(jobs.ABORTED, call.store.now_text())
    call.store.bulk.forget(job)
    return Answer(204)


def listed(call: Call, path: str, described: Callable[[Job], dict[str, Any] | None]) -> Answer:
    """A page of the jobs for which `described` is not None."""
    wanted_type = call.query.get("jobType")
    every = [about for job in call.store.bulk.all(call.store.clock.now()) if (about := described(job)) is not None]
    if wanted_type:
        every = [about for about in every if about["jobType"] == wanted_type]
    if call.flag(call.query, "isPkChunkingEnabled"):
        every = []
    locator = call.query.get("queryLocator", "0")
    if not locator.isdecimal():
        raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
    start, end = int(locator), int(locator) + _JOBS_IN_A_PAGE
    is_last = end >= len(every)
    following = None if is_last else f"{call.root}/{path}?queryLocator={end}"
    return Answer(200, {"done": is_last, "nextRecordsUrl": following, "records": every[start:end]})
