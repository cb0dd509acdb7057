"""The data of a batch of the Bulk API 1.0, in CSV, JSON or XML, as columns and rows.

Belongs here: from bytes to texts. Not here: what columns mean (columns.py), writing records (rows.py).

Sources: Bulk API guide, "Valid XML and JSON Records" (null, `xsi:nil`, the `type` of a polymorphic parent),
"Relationship Fields in Records". Choice where the platform is not documented: the texts about what is no JSON or XML.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

import orjson

from crm_pipeline.emulator.salesforce.bulk.csv_text import NULL, CsvError, Format, read
from crm_pipeline.emulator.salesforce.login.xml_text import local_name, parse_xml

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

Table = tuple[list[str], list[list[str]]]
"""Names of columns, and rows of texts: empty for no value, `#N/A` for null."""


def read_batch(content: bytes, content_type: str) -> Table:
    """The columns and rows of a batch of CSV, JSON or XML. Raises CsvError for what is none."""
    return {"CSV": _csv, "JSON": _json, "XML": _xml}[content_type](content)


def _csv(content: bytes) -> Table:
    """The lines may end in either way."""
    try:
        upload = read(content, Format())
    except CsvError:
        upload = read(content, Format(line_ending="CRLF"))
    return upload.columns, list(upload.rows())


def _json(content: bytes) -> Table:
    try:
        records = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise CsvError("InvalidBatch : Failed to parse input. Not a JSON array of records.") from None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise CsvError("InvalidBatch : Failed to parse input. Not a JSON array of records.")
    return _table(_of_json(record) for record in records)


def _of_json(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, dict):
            kind = value.get("type") or (value.get("attributes") or {}).get("type")
            parent = {key: text for key, text in value.items() if key != "type"}
            yield from ((f"{_path(kind, name)}.{key}", text) for key, text in _of_json(parent))
        else:
            yield name, _text(value)


def _xml(content: bytes) -> Table:
    try:
        root = parse_xml(content)
    except ValueError:
        raise CsvError("InvalidBatch : Failed to parse XML. The batch is not XML.") from None
    if local_name(root) != "sObjects" or any(local_name(record) != "sObject" for record in root):
        raise CsvError("InvalidBatch : Failed to parse XML. Expected sObjects with an sObject for each record.")
    return _table(_of_xml(record) for record in root)


def _of_xml(record: Element) -> Iterator[tuple[str, str]]:
    for child in record:
        name = local_name(child)
        parent = next((one for one in child if local_name(one) == "sObject"), None)
        if parent is not None:
            kind = next((one.text for one in parent if local_name(one) == "type"), None)
            fields = ((key, text) for key, text in _of_xml(parent) if key != "type")
            yield from ((f"{_path(kind, name)}.{key}", text) for key, text in fields)
        elif child.get(_NIL) in ("true", "1"):
            yield name, NULL
        else:
            yield name, child.text or ""


def _path(kind: str | None, relationship: str) -> str:
    return f"{kind}:{relationship}" if kind else relationship


def _table(records: Iterable[Iterator[tuple[str, str]]]) -> Table:
    flat = [dict(record) for record in records]
    names = list(dict.fromkeys(name for record in flat for name in record))
    return names, [[record.get(name, "") for name in names] for record in flat]


def _text(value: Any) -> str:
    """A JSON value as an upload has it."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        raise CsvError("InvalidBatch : Failed to parse input. A value is an array.")
    return str(value)
