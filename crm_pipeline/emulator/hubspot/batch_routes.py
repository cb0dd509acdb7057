"""Endpoints for up to 100 records: read, create, update, upsert, archive.

One refused row refuses the whole call and nothing is written; only ids that do not exist, creates in which every input
has its own objectWriteTraceId (HubSpot documentation, "error handling"), and rows refused at the last moment
(`Portal.before_write`) are answered one by one with 207. Source of the wording: bodies that public repositories quote.
Choices where HubSpot's behaviour is not documented: an e-mail address identifies contacts in batch/update too; an
upsert without idProperty is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.call import Answer, Call, text_id
from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid, invalid_json, objects_not_found
from crm_pipeline.emulator.hubspot.object_routes import (
    MOST_WITH_HISTORY,
    associate,
    checked_associations,
    find,
    properties_of,
)
from crm_pipeline.emulator.hubspot.records import Record
from crm_pipeline.emulator.hubspot.schema import required_fields
from crm_pipeline.emulator.hubspot.store import Draft

Row = tuple[Mapping[str, Any], Draft]  # an input and its checked write


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
    inputs, kind = call.inputs(), call.kind.name
    trace_ids = [one.get("objectWriteTraceId") for one in inputs]
    if not all(isinstance(one, str | None) for one in trace_ids):
        raise invalid_json("objectWriteTraceId must be text")
    if all(trace_ids):
        if len(set(trace_ids)) < len(inputs):
            raise invalid("objectWriteTraceId must be unique within the batch")
        return _create_one_by_one(call, inputs)
    drafts = [call.store.draft(kind, None, properties_of(one)) for one in inputs]
    call.store.check_drafts(kind, drafts)
    links = [checked_associations(call, one.get("associations") or []) for one in inputs]
    for _ in inputs:
        call.store.admit(kind, None)
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
            draft = call.store.draft(call.kind.name, None, properties_of(one))
            links = checked_associations(call, one.get("associations") or [])
            call.store.admit(call.kind.name, None)
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
    rows: list[Row] = []
    missing = []
    for one, record_id in zip(inputs, ids, strict=True):
        record = _find_to_write(call, record_id, one.get("idProperty"))
        draft = call.store.draft(call.kind.name, record, properties_of(one, update=True)) if record else None
        if draft is None:
            missing.append(record_id)
        else:
            rows.append((one, draft))
    written, errors = _written(call, rows)
    results = [_with_trace(call.show(record, list(draft.values)), one) for one, draft, record in written]
    return answer(call, 200, results, _not_found(call, missing) + errors)


def batch_upsert(call: Call) -> Answer:
    """POST batch/upsert: changes the record that the unique property names, or creates it."""
    inputs = call.inputs()
    if any(not one.get("idProperty") for one in inputs):
        raise required_fields(["idProperty"])
    rows: list[Row] = []
    for one, value in zip(inputs, _distinct_ids(inputs), strict=True):
        record = _find_to_write(call, value, one["idProperty"])
        properties = one.get("properties") or {}
        if record is None and isinstance(properties, Mapping):
            properties = {one["idProperty"]: value, **properties}
        rows.append((one, call.store.draft(call.kind.name, record, properties)))
    written, errors = _written(call, rows)
    results = []
    for one, draft, record in written:
        shown = call.show(record, [*call.kind.defaults, *draft.values])
        results.append(_with_trace({**shown, "new": draft.record is None}, one))
    return answer(call, 200, results, errors)


def batch_archive(call: Call) -> Answer:
    """POST batch/archive; ids that do not exist are passed over."""
    errors = []
    for record_id in _distinct_ids(call.inputs()):
        record = find(call, record_id, None)
        if record is None:
            continue
        try:
            call.store.admit(call.kind.name, record.id)
        except HubSpotError as error:
            errors.append(error.entry({"ids": [record_id]}))
            continue
        call.store.archive(call.kind.name, record.id)
    return answer(call, 207, [], errors) if errors else (204, None)


def _find_to_write(call: Call, record_id: str, id_property: Any) -> Record | None:
    """The record that a row names. Raises HubSpotError 400 for a property that is not unique."""
    kind = call.kind
    if not isinstance(id_property, str | None):
        raise invalid_json("idProperty must be text")
    if id_property and id_property not in call.store.table(kind.name).unique:
        portal = call.store.portal_id
        message = f"Unable to perform update/upsert by non-unique {kind.type_id} property {id_property}"
        raise invalid(f"{message} in portal ID {portal}")
    return find(call, record_id, id_property)


def _written(call: Call, rows: list[Row]) -> tuple[list[tuple[Mapping[str, Any], Draft, Record]], list[dict[str, Any]]]:
    """Write checked rows: those written with their records, and the errors of those refused at the last moment."""
    call.store.check_drafts(call.kind.name, [draft for _, draft in rows])
    written, errors = [], []
    for one, draft in rows:
        try:
            call.store.admit(call.kind.name, draft.record.id if draft.record is not None else None)
        except HubSpotError as error:
            trace_id = one.get("objectWriteTraceId")
            trace = {"objectWriteTraceId": [str(trace_id)]} if trace_id else {}
            errors.append(error.entry({"ids": [text_id(one.get("id"))], **trace}))
        else:
            written.append((one, draft, _write(call, draft)))
    return written, errors


def _write(call: Call, draft: Draft) -> Record:
    return call.store.write(call.kind.name, draft, call.store.source("INTEGRATION"))
