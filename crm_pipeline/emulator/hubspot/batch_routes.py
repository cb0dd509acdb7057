"""Endpoints for up to 100 records: read, create, update, upsert, archive.

One refused row refuses the whole call and nothing is written; only ids that do not exist, and creates in which every
input has its own objectWriteTraceId, are answered one by one with 207.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.call import Answer, Call, text_id
from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid, objects_not_found
from crm_pipeline.emulator.hubspot.object_routes import MOST_WITH_HISTORY, associate, checked_associations, find
from crm_pipeline.emulator.hubspot.records import Record
from crm_pipeline.emulator.hubspot.store import Draft


def answer(call: Call, status: int, results: list[dict[str, Any]], errors: list[dict[str, Any]]) -> Answer:
    """A batch answer; with errors its status is 207."""
    now = call.store.now()
    body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        return 207, {**body, "numErrors": len(errors), "errors": errors}
    return status, body


def _not_found(call: Call, ids: list[str]) -> list[dict[str, Any]]:
    return [objects_not_found(call.kind.singular, ids).entry()] if ids else []


def _distinct_ids(inputs: list[Mapping[str, Any]]) -> list[str]:
    ids = [text_id(one.get("id")) for one in inputs]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique", ids=twice)
    return ids


def _with_trace(shown: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    if trace_id := given.get("objectWriteTraceId"):
        shown["objectWriteTraceId"] = trace_id
    return shown


def batch_read(call: Call) -> Answer:
    """POST batch/read; a record named twice (two e-mail addresses, two merged ids) is answered once."""
    body, history = call.json_object(), call.body_names("propertiesWithHistory")
    ids = _distinct_ids(call.inputs(MOST_WITH_HISTORY if history else 100))
    archived, found, missing = call.flag("archived"), dict[str, Record](), list[str]()
    for one in ids:
        record = find(call, one, body.get("idProperty"), archived=archived)
        if record is None:
            missing.append(one)
        else:
            found[record.id] = record
    show = call.shower(call.body_names("properties"), history)
    return answer(call, 200, [show(record) for record in found.values()], _not_found(call, missing))


def batch_create(call: Call) -> Answer:
    """POST batch/create"""
    inputs = call.inputs()
    trace_ids = [one.get("objectWriteTraceId") for one in inputs]
    if all(trace_ids):
        if len(set(trace_ids)) < len(inputs):
            raise invalid("objectWriteTraceId must be unique within the batch")
        return _create_one_by_one(call, inputs)
    drafts = [call.store.draft(call.kind.name, None, one.get("properties")) for one in inputs]
    call.store.check_drafts(call.kind.name, drafts)
    links = [checked_associations(call, one.get("associations") or []) for one in inputs]
    results = []
    for one, draft, to in zip(inputs, drafts, links, strict=True):
        record = _write(call, draft)
        associate(call, record, to)
        results.append(_with_trace(call.show(record, [*call.kind.defaults, *draft.values]), one))
    return answer(call, 201, results, [])


def _create_one_by_one(call: Call, inputs: list[Mapping[str, Any]]) -> Answer:
    results, errors = [], []
    for one in inputs:
        try:
            draft = call.store.draft(call.kind.name, None, one.get("properties"))
            links = checked_associations(call, one.get("associations") or [])
        except HubSpotError as error:
            errors.append(error.entry({"objectWriteTraceId": [one["objectWriteTraceId"]]}))
            continue
        record = _write(call, draft)
        associate(call, record, links)
        results.append(_with_trace(call.show(record, [*call.kind.defaults, *draft.values]), one))
    return answer(call, 201, results, errors)


def batch_update(call: Call) -> Answer:
    """POST batch/update"""
    inputs = call.inputs()
    ids = _distinct_ids(inputs)
    drafts: list[Draft] = []
    written, missing = [], []
    for one, record_id in zip(inputs, ids, strict=True):
        record = find(call, record_id, one.get("idProperty"))
        draft = call.store.draft(call.kind.name, record, one.get("properties"))
        if record is None:
            missing.append(record_id)
        else:
            drafts.append(draft)
            written.append(one)
    call.store.check_drafts(call.kind.name, drafts)
    results = [
        _with_trace(call.show(_write(call, draft), list(draft.values)), one)
        for draft, one in zip(drafts, written, strict=True)
    ]
    return answer(call, 200, results, _not_found(call, missing))


def batch_upsert(call: Call) -> Answer:
    """POST batch/upsert: changes the record that the unique property names, or creates it."""
    inputs = call.inputs()
    ids = _distinct_ids(inputs)
    drafts, written, missing = [], [], []
    for one, value in zip(inputs, ids, strict=True):
        id_property = one.get("idProperty")
        record = find(call, value, id_property)
        properties = one.get("properties") or {}
        if record is None and id_property in (None, "", "hs_object_id"):
            missing.append(value)
            continue
        if record is None and isinstance(properties, Mapping):
            properties = {id_property: value, **properties}
        drafts.append(call.store.draft(call.kind.name, record, properties))
        written.append(one)
    call.store.check_drafts(call.kind.name, drafts)
    results = []
    for draft, one in zip(drafts, written, strict=True):
        shown = call.show(_write(call, draft), [*call.kind.defaults, *draft.values])
        results.append(_with_trace({**shown, "new": draft.record is None}, one))
    return answer(call, 200, results, _not_found(call, missing))


def batch_archive(call: Call) -> Answer:
    """POST batch/archive; ids that do not exist are passed over."""
    for record_id in _distinct_ids(call.inputs()):
        record = find(call, record_id, None)
        if record is not None:
            call.store.archive(call.kind.name, record.id)
    return 204, None


def _write(call: Call, draft: Draft) -> Record:
    return call.store.write(call.kind.name, draft, call.store.source("INTEGRATION"))
