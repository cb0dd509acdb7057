"""What the Bulk API 1.0 answers, in XML, JSON and CSV.

Belongs here: the forms of jobs, batches, results and errors. Not here: which is asked for (classic_routes.py).

Source: Bulk API guide, examples of every answer; JSON results give dates and times as milliseconds (section 4 of the
facts), an empty CSV result is the sentence "Records not found for this query".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import orjson

from crm_pipeline.emulator.salesforce.bulk.classic import Batch
from crm_pipeline.emulator.salesforce.bulk.csv_text import Format, head_of, write
from crm_pipeline.emulator.salesforce.bulk.ingest_jobs import error_text
from crm_pipeline.emulator.salesforce.bulk.rows import Written

_NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"


def described(name: str, fields: Mapping[str, Any], *, as_json: bool) -> bytes:
    """A jobInfo, a batchInfo or an error."""
    if as_json:
        return orjson.dumps(fields)
    return _document(f'<{name} xmlns="{_NAMESPACE}">{_elements(fields)}</{name}>')


def batch_list(batches: Sequence[Mapping[str, Any]], *, as_json: bool) -> bytes:
    """A batchInfoList."""
    if as_json:
        return orjson.dumps({"batchInfo": batches})
    content = "".join(f"<batchInfo>{_elements(batch)}</batchInfo>" for batch in batches)
    return _document(f'<batchInfoList xmlns="{_NAMESPACE}">{content}</batchInfoList>')


def result_list(ids: Sequence[str], *, as_json: bool) -> bytes:
    """The ids of the results of a query."""
    if as_json:
        return orjson.dumps(ids)
    content = "".join(f"<result>{one}</result>" for one in ids)
    return _document(f'<result-list xmlns="{_NAMESPACE}">{content}</result-list>')


def written_rows(rows: Sequence[Written], *, as_json: bool) -> bytes:
    """What became of each row of a batch."""
    if as_json:
        return orjson.dumps([_written(row) for row in rows])
    lines = (
        (row.record_id, str(row.error is None).lower(), str(row.created).lower(), error_text(row.error))
        if row.error is not None
        else (row.record_id, "true", str(row.created).lower(), "")
        for row in rows
    )
    return write(head_of(("Id", "Success", "Created", "Error"), Format()), lines, Format())


def query_result(batch: Batch, *, as_json: bool) -> bytes:
    """The rows that the query of a batch found."""
    assert batch.result is not None
    assert batch.table is not None
    if as_json:
        return orjson.dumps([_record(batch, row) for row in batch.result.rows])
    if not batch.result.rows:
        return b"Records not found for this query"
    return batch.table.page(batch.result.rows, Format())


def _written(row: Written) -> dict[str, Any]:
    errors = [] if row.error is None else [{**row.error.record_error(), "extendedErrorDetails": None}]
    return {"success": row.error is None, "created": row.created, "id": row.record_id or None, "errors": errors}


def _record(batch: Batch, row: Any) -> dict[str, Any]:
    """A record of a JSON result: as the query resource answers it, but with times as numbers."""
    assert batch.result is not None
    assert batch.table is not None
    record: dict[str, Any] = dict(batch.result.render(row))
    for column in batch.table.columns:
        if column.field.type not in ("date", "datetime"):
            continue
        holder: Any = record
        for parent in column.parents:
            holder = holder and holder.get(parent.relationship or parent.name)
        if holder and isinstance(holder.get(column.field.name), str):
            holder[column.field.name] = _milliseconds(holder[column.field.name])
    return record


def _milliseconds(text: str) -> int:
    at = datetime.fromisoformat(text)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def _elements(fields: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{escape(_text(value))}</{name}>" for name, value in fields.items())


def _text(value: Any) -> str:
    text = str(value)
    return text.replace("+0000", "Z") if text.endswith(".000+0000") else text


def _document(content: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{content}'.encode()
