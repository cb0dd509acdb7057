"""Batches of HubSpot writes. HubSpot has no conditional write: `Write.unmodified_since` has no effect here.

A bad row refuses its whole batch with 400, 404 or 409; then halves are sent until single rows are named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm_pipeline.crm.gateway import Reply
from crm_pipeline.crm.hubspot.answers import existing_id, row_refusal
from crm_pipeline.crm.hubspot.records import observed, texts
from crm_pipeline.crm.hubspot.wire import Wire
from crm_pipeline.crm.protocol import Outcome, Write, WriteResult
from crm_pipeline.crm.writes import Sent, send_all

_BATCH = 100
_Name = Callable[[Write], str]


def update(wire: Wire, object_: str, writes: Sequence[Write]) -> list[WriteResult]:
    """Set properties by record id."""

    def send(batch: list[Write]) -> Sent:
        inputs = [{"id": write.record_id, "properties": texts(write.fields)} for write in batch]
        reply = wire.reply(wire.client.crm.objects.batch_api.update, object_, {"inputs": inputs})
        rows = {str(row["id"]): row for row in _rows(reply)}
        return _sent(reply, batch, rows, lambda write: write.record_id)

    return send_all(writes, _BATCH, send)


def create(wire: Wire, object_: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
    """Upsert by a unique property."""

    def send(batch: list[Write]) -> Sent:
        inputs = [
            {
                "idProperty": key_field,
                "id": write.key,
                "objectWriteTraceId": write.key,
                "properties": {**texts(write.fields), key_field: write.key},
            }
            for write in batch
        ]
        reply = wire.reply(wire.client.crm.objects.batch_api.upsert, object_, {"inputs": inputs})
        rows = {str((row.get("properties") or {}).get(key_field)): row for row in _rows(reply)}
        return _sent(reply, batch, rows, lambda write: write.key)

    return send_all(writes, _BATCH, send)


def archive(wire: Wire, object_: str, ids: Sequence[str]) -> list[WriteResult]:
    """Archive by record id; HubSpot passes over what is archived already."""

    def send(batch: list[Write]) -> Sent:
        inputs = [{"id": write.record_id} for write in batch]
        reply = wire.reply(wire.client.crm.objects.batch_api.archive, object_, {"inputs": inputs})
        return _sent(reply, batch, {}, lambda write: write.record_id)

    return send_all([Write(token=one, fields={}, record_id=one) for one in ids], _BATCH, send)


def _rows(reply: Reply) -> list[Mapping[str, Any]]:
    body = reply.json()
    return body.get("results") or [] if isinstance(body, Mapping) and reply.status < 300 else []


def _sent(reply: Reply, batch: list[Write], rows: Mapping[str, Mapping[str, Any]], name: _Name) -> Sent:
    """Results of one batch. In a 207, rows neither answered nor named in an error were not done."""
    body = reply.json()
    body = body if isinstance(body, Mapping) else {}
    if reply.status >= 300:
        if len(batch) > 1:
            return Sent(again=batch)
        return Sent([_refused(batch[0], body, reply.status)])
    if reply.status != 207:
        return Sent([_landed(write, rows.get(name(write), {}), reply.status) for write in batch])
    errors: dict[str, Mapping[str, Any]] = {one: error for error in body.get("errors") or () for one in _named(error)}
    sent = Sent()
    for write in batch:
        if name(write) in rows:
            sent.results.append(_landed(write, rows[name(write)], reply.status))
        elif name(write) in errors or len(batch) == 1:
            error = errors.get(name(write)) or next(iter(body.get("errors") or ()), {})
            sent.results.append(_refused(write, error, reply.status))
        else:
            sent.again.append(write)
    return sent


def _named(error: Mapping[str, Any]) -> list[str]:
    """The ids or trace ids in an error's context."""
    return [str(one) for values in (error.get("context") or {}).values() for one in values]


def _landed(write: Write, row: Mapping[str, Any], status: int) -> WriteResult:
    record_id = str(row.get("id") or write.record_id)
    return WriteResult(write.token, Outcome.LANDED, record_id, status, observed=observed(write.fields, row))


def _refused(write: Write, error: Mapping[str, Any], status: int) -> WriteResult:
    """A create refused with 409 names the record that holds the unique value."""
    code, message = row_refusal(error, write.fields.values())
    record_id = write.record_id or existing_id(error)
    return WriteResult(write.token, Outcome.REJECTED, record_id, status, code, message)
