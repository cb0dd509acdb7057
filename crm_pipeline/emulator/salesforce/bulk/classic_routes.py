"""Endpoints of the Bulk API 1.0: /services/async/{version}/job and below.

Belongs here: the HTTP form. Not here: batches (classic.py), what answers look like (classic_text.py).

Sources: Bulk API guide; a session that has ended is answered with 400 InvalidSessionId, as clients test for. What is
told of a job is JSON when the request or the job is, what is told of its batches when the job is, all else XML; content
types come without a character set, as clients compare them.
Not supported, and refused: binary data, transformation specs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from crm_pipeline.emulator.salesforce.account_routes import NEWEST_VERSION, OLDEST_VERSION
from crm_pipeline.emulator.salesforce.bulk import chunking, classic, jobs
from crm_pipeline.emulator.salesforce.bulk import classic_text as text
from crm_pipeline.emulator.salesforce.bulk.classic import Batch, ClassicJob
from crm_pipeline.emulator.salesforce.bulk.csv_text import Format
from crm_pipeline.emulator.salesforce.call import Answer
from crm_pipeline.emulator.salesforce.login.xml_text import local_name, parse_xml
from crm_pipeline.emulator.salesforce.store import SalesforceStore

PATH = re.compile(
    r"/services/async/(?P<version>\d{1,3})\.0/job(?:/(?P<job>\w+)(?P<batches>/batch(?:/(?P<batch>\w+)"
    r"(?P<below>/request|/result(?:/(?P<result>\w+))?)?)?)?)?/?\Z"
)
_LARGEST_BATCH = 10_000_000
_JSON, _XML, _CSV = ({"content-type": form} for form in ("application/json", "application/xml", "text/csv"))
_CONTENT_TYPES = {"CSV": ("text/csv",), "JSON": ("application/json",), "XML": ("application/xml", "text/xml")}
_CONCURRENCY = {"0": "Parallel", "1": "Serial", "Parallel": "Parallel", "Serial": "Serial", "": "Parallel"}


class _RefusedError(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code)
        self.fields = {"exceptionCode": code, "exceptionMessage": message}
        self.status = status


class _Request:
    """One request, and whether its answer is JSON."""

    def __init__(self, store: SalesforceStore, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        match = PATH.match(path)
        assert match is not None
        self.store, self.method, self.headers, self.body = store, method, headers, body
        self.parts = match.groupdict()
        self.content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        accepted = headers.get("accept", "")
        self.as_json = "application/json" in (accepted, self.content_type)

    def answer(self, session: str) -> Answer:
        """The answer; a refusal too."""
        try:
            return self._answer(session)
        except _RefusedError as refused:
            content = text.described("error", refused.fields, as_json=self.as_json)
            return Answer(refused.status, content, _JSON if self.as_json else _XML)

    def _answer(self, session: str) -> Answer:
        now = self.store.clock.now()
        if not self.store.sessions.is_valid(session, now):
            raise _RefusedError("InvalidSessionId", "Invalid session id")
        if not OLDEST_VERSION <= int(self.parts["version"]) <= NEWEST_VERSION:
            raise _RefusedError("InvalidVersion", f"Unsupported API version: {self.parts['version']}.0")
        if not self.store.usage.count(now):
            raise _RefusedError("ExceededQuota", "TotalRequests Limit exceeded.", 403)
        level = "job" if self.parts["job"] else ""
        level = "batches" if self.parts["batches"] else level
        level = "batch" if self.parts["batch"] else level
        level = "result" if self.parts["below"] else level
        handlers: dict[tuple[str, str], Callable[[], Answer]] = {
            ("", "POST"): self._create,
            ("job", "GET"): lambda: self._about_job(self._job()),
            ("job", "POST"): self._change,
            ("batches", "POST"): self._add_batch,
            ("batches", "GET"): self._batches,
            ("batch", "GET"): lambda: self._about_batch(self._batch()),
            ("result", "GET"): self._result,
        }
        handler = handlers.get((level, self.method))
        if handler is None:
            raise _RefusedError("InvalidUrl", f"HTTP method {self.method} is not allowed here", 405)
        return handler()

    def _create(self) -> Answer:
        given, store = self._given(), self.store
        sobject = store.schema.find(given.get("object", ""))
        if given.get("operation") not in classic.OPERATIONS:
            raise _RefusedError("InvalidJob", "Unable to parse Job")
        if sobject is None:
            raise _RefusedError("InvalidJob", f"Unable to find object: {given.get('object')}")
        content_type = given.get("contentType") or "XML"
        if content_type not in _CONTENT_TYPES:
            message = f"Content type {content_type} is not supported, only {', '.join(_CONTENT_TYPES)} are"
            raise _RefusedError("InvalidJob", message)
        concurrency = _CONCURRENCY.get(given.get("concurrencyMode", ""))
        if concurrency is None:
            raise _RefusedError("InvalidJob", "Unable to parse Job")
        now = store.now_text()
        job = ClassicJob(
            id=store.bulk.new_id(),
            operation=given["operation"],
            object_=sobject.name,
            version=f"{self.parts['version']}.0",
            user_id=store.integration_user_id,
            created_at=store.clock.now(),
            created=now,
            modified=now,
            format=Format(),
            state=jobs.OPEN,
            content_type=content_type,
            concurrency=concurrency,
        )
        if job.operation == "upsert":
            job.external_id_field = self._external_id_field(sobject, given.get("externalIdFieldName", ""))
        if job.operation in classic.QUERIES:
            try:
                job.chunking = chunking.requested(self.headers.get(chunking.HEADER, ""), sobject)
            except ValueError as error:
                raise _RefusedError("InvalidJob", str(error)) from None
        store.bulk.add(job)
        return self._about_job(job, 201)

    def _change(self) -> Answer:
        job, state = self._job(), self._given().get("state")
        if state not in (classic.CLOSED, jobs.ABORTED):
            raise _RefusedError("InvalidJob", "Unable to parse Job")
        if job.state != jobs.OPEN and not (state == jobs.ABORTED and job.state == classic.CLOSED):
            verb = "Closing" if state == classic.CLOSED else "Aborting"
            raise _RefusedError("InvalidJobState", f"{verb} already {job.state} Job not allowed")
        job.move(state, self.store.now_text())
        return self._about_job(job)

    def _add_batch(self) -> Answer:
        job = self._job()
        if job.state != jobs.OPEN:
            raise _RefusedError("InvalidJobState", f"Unable to add batch to a job that is {job.state}")
        if job.operation not in classic.QUERIES and self.content_type not in _CONTENT_TYPES[job.content_type]:
            message = f"content-type of request must match the content-type of the job: {job.content_type}"
            raise _RefusedError("InvalidBatch", message)
        if len(self.body) > _LARGEST_BATCH:
            raise _RefusedError("ClientInputError", "The batch exceeds 10 MB")
        return self._about_batch(classic.add(self.store, job, self.body), 201)

    def _batches(self) -> Answer:
        job = self._job()
        listed = [batch.described(job.id) for batch in job.batches.values()]
        return _told(200, text.batch_list(listed, as_json=job.has_json), as_json=job.has_json)

    def _result(self) -> Answer:
        job, batch = self._job(), self._batch()
        form = {"CSV": _CSV, "JSON": _JSON, "XML": _XML}[job.content_type]
        if self.parts["below"] == "/request":
            return Answer(200, batch.content, form)
        if batch.state != classic.COMPLETED:
            raise _RefusedError("InvalidBatch", "Records not processed")
        if job.operation not in classic.QUERIES:
            if self.parts["result"]:
                raise _RefusedError("InvalidUrl", "Only queries have several results")
            return Answer(200, text.written_rows(batch.written, job.content_type), form)
        if not self.parts["result"]:
            return _told(200, text.result_list([batch.result_id], as_json=job.has_json), as_json=job.has_json)
        if self.parts["result"][:15] != batch.result_id[:15]:
            raise _RefusedError("InvalidBatch", f"Unable to find result: {self.parts['result']}")
        return Answer(200, text.query_result(batch, job.content_type), form)

    def _job(self) -> ClassicJob:
        job = self.store.bulk.find(self.parts["job"], self.store.clock.now())
        if not isinstance(job, ClassicJob):
            raise _RefusedError("InvalidJob", f"Unable to find job with id: {self.parts['job']}")
        return job

    def _batch(self) -> Batch:
        named = self.parts["batch"][:15]
        batch = next((one for one in self._job().batches.values() if one.id[:15] == named), None)
        if batch is None:
            raise _RefusedError("InvalidBatch", f"Unable to find batch with id: {self.parts['batch']}")
        return batch

    def _given(self) -> dict[str, str]:
        """The settings in the body, as texts."""
        try:
            if self.content_type == "application/json":
                given: Any = orjson.loads(self.body)
            else:
                given = {local_name(child): child.text or "" for child in parse_xml(self.body)}
        except ValueError:
            raise _RefusedError("InvalidJob", "Unable to parse Job") from None
        if not isinstance(given, dict):
            raise _RefusedError("InvalidJob", "Unable to parse Job")
        return {name: str(value).strip() for name, value in given.items() if value is not None}

    def _external_id_field(self, sobject: Any, name: str) -> str:
        if not name:
            message = f"External ID was blank for {sobject.name}. An External ID must be specified for upsert."
            raise _RefusedError("InvalidJob", message)
        found = sobject.find(name)
        if found is None or not (found.id_lookup or found.type == "id"):
            message = f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field for"
            raise _RefusedError("InvalidJob", f"{message} {sobject.name}")
        return str(found.name)

    def _about_job(self, job: ClassicJob, status: int = 200) -> Answer:
        as_json = self.as_json or (job.has_json and self.content_type == "")
        return _told(status, text.described("jobInfo", job.described(), as_json=as_json), as_json=as_json)

    def _about_batch(self, batch: Batch, status: int = 200) -> Answer:
        job = self._job()
        content = text.described("batchInfo", batch.described(job.id), as_json=job.has_json)
        return _told(status, content, as_json=job.has_json)


def _told(status: int, content: bytes, *, as_json: bool) -> Answer:
    return Answer(status, content, _JSON if as_json else _XML)


def answer(
    store: SalesforceStore, method: str, path: str, headers: Mapping[str, str], body: bytes, session: str
) -> Answer:
    """The answer of a path that PATH matches."""
    return _Request(store, method, path, headers, body).answer(session)
