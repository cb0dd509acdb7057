"""Batches of Salesforce writes: 25 sub-requests a composite call, each with headers of its own.

Composite, not collections: only there each record keeps its precondition (facts/salesforce.md 3.6).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from crm_pipeline.crm.protocol import Outcome, Write, WriteResult
from crm_pipeline.crm.salesforce.answers import BUSY, outcome, row_refusal
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.crm.salesforce.wire import Wire
from crm_pipeline.crm.writes import Sent, send_all
from crm_pipeline.errors import CrmError

BATCH = 25  # sub-requests of a call
_ASSIGNED = ("Lead", "Case")  # assignment rules would move their owners
_Request = Callable[[Write], dict[str, Any]]


def update(wire: Wire, object_: str, writes: Sequence[Write]) -> list[WriteResult]:
    """Set fields by record id, where the record was not modified since `Write.unmodified_since`."""

    def request(write: Write) -> dict[str, Any]:
        headers = _headers(object_)
        if write.unmodified_since is not None:
            headers["If-Unmodified-Since"] = format_datetime(write.unmodified_since, usegmt=True)
        url = f"{wire.data_path}/sobjects/{object_}/{to_18(write.record_id)}"
        return {"method": "PATCH", "url": url, "httpHeaders": headers, "body": dict(write.fields)}

    return _send(wire, writes, request)


def create(wire: Wire, object_: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
    """Upsert by an external id."""

    def request(write: Write) -> dict[str, Any]:
        url = f"{wire.data_path}/sobjects/{object_}/{key_field}/{quote(write.key, safe='')}"
        body = {name: value for name, value in write.fields.items() if name != key_field}
        return {"method": "PATCH", "url": url, "httpHeaders": _headers(object_), "body": body}

    return _send(wire, writes, request)


def insert(wire: Wire, object_: str, writes: Sequence[Write]) -> list[WriteResult]:
    """New records without a key of ours: sent again they would be doubled, so a lost answer stays unknown."""

    def request(write: Write) -> dict[str, Any]:
        return {"method": "POST", "url": f"{wire.data_path}/sobjects/{object_}", "body": dict(write.fields)}

    return _send(wire, writes, request)


def delete(wire: Wire, object_: str, ids: Sequence[str]) -> list[WriteResult]:
    """Into the recycle bin."""

    def request(write: Write) -> dict[str, Any]:
        return {"method": "DELETE", "url": f"{wire.data_path}/sobjects/{object_}/{to_18(write.record_id)}"}

    return _send(wire, [Write(token=one, fields={}, record_id=one) for one in ids], request)


def _headers(object_: str) -> dict[str, str]:
    return {"Sforce-Auto-Assign": "FALSE"} if object_ in _ASSIGNED else {}


def _send(wire: Wire, writes: Sequence[Write], request: _Request) -> list[WriteResult]:
    """All writes; those that met a locked row once more, in calmer company."""

    def send(batch: list[Write]) -> Sent:
        requests = [{**request(write), "referenceId": f"w{place}"} for place, write in enumerate(batch)]
        answers = {one["referenceId"]: one for one in wire.composite(requests)}
        return Sent([_result(write, answers.get(f"w{place}", {})) for place, write in enumerate(batch)])

    results = send_all(writes, BATCH, send)
    locked = {one.token for one in results if one.outcome is Outcome.RETRY and one.code in BUSY}
    if not locked:
        return results
    time.sleep(wire.gateway.limits.backoff_seconds)
    try:
        again = send_all([write for write in writes if write.token in locked], BATCH, send)
    except CrmError:
        return results
    return [one for one in results if one.token not in locked] + again


def _result(write: Write, answer: Mapping[str, Any]) -> WriteResult:
    status = int(answer.get("httpStatusCode", 0))
    if not status:
        return WriteResult(write.token, Outcome.UNKNOWN, write.record_id, message="Salesforce did not answer for it")
    body = answer.get("body")
    record_id = str(body.get("id") or "") if isinstance(body, Mapping) else ""
    code, message = ("", "") if status < 300 else row_refusal(body, write.fields.values())
    return WriteResult(write.token, outcome(status, code), to_18(record_id or write.record_id), status, code, message)
