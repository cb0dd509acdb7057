"""What the Bulk API 1.0 answers, in XML, JSON and CSV.

Belongs here: the forms of jobs, batches, results and errors. Not here: which is asked for (classic_routes.py).

Source: Bulk API guide, examples of every answer; JSON results give dates and times as milliseconds (section 4 of the
facts), an empty CSV result is the sentence "Records not found for this query", a query in XML that includes the Id
answers it twice ("XML Responses for Queries that Include ID"). Choice where the platform is not documented: a record of
an XML result that was not asked for its Id has it as nil, as in the SOAP API.
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
_INSTANCE = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


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


def written_rows(rows: Sequence[Written], content_type: str) -> bytes:
    """What became of each row of a batch, in CSV, JSON or XML."""
    if content_type == "JSON":
        return orjson.dumps([_written(row) for row in rows])
    if content_type == "XML":
        content = "".join(f"<result>{_written_in_xml(row)}</result>" for row in rows)
        return _document(f'<results xmlns="{_NAMESPACE}">{content}</results>')
    lines = (
        (row.record_id, str(row.error is None).lower(), str(row.created).lower(), error_text(row.error))
        if row.error is not None
        else (row.record_id, "true", str(row.created).lower(), "")
        for row in rows
    )
    return write(head_of(("Id", "Success", "Created", "Error"), Format()), lines, Format())


def query_result(batch: Batch, content_type: str) -> bytes:
    """The rows that the query of a batch found, in CSV, JSON or XML."""
    assert batch.result is not None
    assert batch.table is not None
    if content_type == "JSON":
        return orjson.dumps([_record(batch, row) for row in batch.result.rows])
    if content_type == "XML":
        records = "".join(_nested("records", batch.result.render(row)) for row in batch.result.rows)
        return _document(f'<queryResult xmlns="{_NAMESPACE}" {_INSTANCE}>{records}</queryResult>')
    if not batch.result.rows:
        return b"Records not found for this query"
    return batch.table.page(batch.result.rows, Format())


def _written(row: Written) -> dict[str, Any]:
    errors = [] if row.error is None else [{**row.error.record_error(), "extendedErrorDetails": None}]
    return {"success": row.error is None, "created": row.created, "id": row.record_id or None, "errors": errors}


def _written_in_xml(row: Written) -> str:
    success = str(row.error is None).lower()
    outcome = f"<success>{success}</success><created>{str(row.created).lower()}</created>"
    if row.error is None:
        return f"<id>{row.record_id}</id>{outcome}"
    error = row.error.record_error()
    fields = "".join(f"<fields>{escape(name)}</fields>" for name in error["fields"])
    code = f"<statusCode>{error['statusCode']}</statusCode>"
    return f"<errors>{fields}<message>{escape(error['message'])}</message>{code}</errors>{outcome}"


def _nested(name: str, record: Mapping[str, Any]) -> str:
    """A record in XML: its type, its Id, then what was asked for, the Id once more."""
    kind = f"<type>{record['attributes']['type']}</type>{_field('Id', record.get('Id'))}"
    fields = "".join(_field(key, value) for key, value in record.items() if key != "attributes")
    return f'<{name} xsi:type="sObject">{kind}{fields}</{name}>'


def _field(name: str, value: Any) -> str:
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(value, Mapping):
        return _nested(name, value)
    text = str(value).lower() if isinstance(value, bool) else _text(value)
    return f"<{name}>{escape(text)}</{name}>"


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
