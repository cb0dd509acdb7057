"""What a read brings, as lines of JSON, and which records cannot be kept.

Belongs here: one record, tombstone or field version as text, and the reasons why one is unusable. Not here: files
(spool.py), loading (load.py). The fields travel as text inside the line, so that they are stored byte for byte as they
were dumped here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from crm_pipeline.crm.protocol import FieldVersion, Tombstone
from crm_pipeline.extract.loading.changed_at import Same, entry, iso, since
from crm_pipeline.model import SourceRecord, System, Value

#: DuckDB's limit for one object of JSON, and half of what it buffers for each thread, of which there may be many. A
#: Salesforce record has at most 1.6 million characters of long text, which are 4.8 MB in Japanese.
LARGEST = 5 * 1024 * 1024

_SCALARS = frozenset({str, int, float, bool, type(None)})
#: Built once: json.dumps builds an encoder for each call that is not plain. Its text is what the warehouse holds since
#: its first version; another dialect of JSON (orjson's has no blanks) would make every record look changed.
_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False).encode


class UnusableRecordError(ValueError):
    """A record that the warehouse cannot hold; the text says why, without a value."""


def record_lines(record: SourceRecord, seq: int, same: Same) -> tuple[bytes, bytes]:
    """A record as two lines: what is compared, and what is stored when that differs.

    The first has the digest of the fields, so that a record that did not change costs no JSON. Raises
    UnusableRecordError for what is not text, no finite number, no single value, no time, or too large.
    """
    if not record.record_id:
        raise UnusableRecordError("it has no id")
    if not _SCALARS.issuperset(map(type, record.fields.values())):
        names = [name for name, value in record.fields.items() if type(value) not in _SCALARS]
        raise UnusableRecordError(f"the field {_readable(', '.join(names))} holds no single value")
    text = _dumped(record.fields)
    try:
        known = {
            name: entry(at)
            for name, versions in record.history.items()
            if name in record.fields and (at := since(name, record.fields[name], versions, same))
        }
        times = {"created_at": _time(record.created_at), "modified_at": _time(record.modified_at)}
    except (AttributeError, OverflowError, ValueError):
        raise UnusableRecordError("one of its times cannot be read") from None
    try:
        key = {
            "seq": seq,
            "record_id": record.record_id,
            **times,
            "modified_by": record.modified_by,
            "digest": digest(text),
            "timed": bool(known),
        }
        body = {"seq": seq, "fields": text, "known": _dumped(known)}
        lines = orjson.dumps(key) + b"\n", orjson.dumps(body) + b"\n"
    except (UnicodeEncodeError, TypeError):  # orjson refuses text that is not Unicode with a TypeError
        raise UnusableRecordError(_surrogate(record)) from None
    if len(lines[1]) > LARGEST:
        raise UnusableRecordError(f"it is larger than {LARGEST // 1024**2} MB")
    if record.system is System.HUBSPOT and not _is_number(record.record_id):
        raise UnusableRecordError("its id is not one of HubSpot's, which are whole numbers")
    return lines


def _time(at: datetime) -> str:
    """Raises ValueError for a time without a zone, which is how a client hands on one that it could not read."""
    if at.tzinfo is None:
        raise ValueError
    return iso(at)


def _is_number(record_id: str) -> bool:
    """Whether ids can be compared with it: ASCII digits that fit 64 bits."""
    return record_id.isascii() and record_id.isdecimal() and int(record_id) < 2**63


def digest(text: str) -> str:
    """DuckDB's md5_number of a text: MD5 is the same in every version of every program, DuckDB's own hash is not."""
    return str(int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest(), "little"))


def tombstone_line(tombstone: Tombstone) -> bytes:
    line = {
        "record_id": tombstone.record_id,
        "reason": tombstone.reason,
        "gone_at": iso(tombstone.at) if tombstone.at else None,
        "survivor_object": tombstone.survivor_object or None,
        "survivor_id": tombstone.survivor_id or None,
    }
    return orjson.dumps(line) + b"\n"


def tombstone_id(line: bytes) -> str:
    """Whose tombstone a line is."""
    return str(orjson.loads(line)["record_id"])


def version_line(version: FieldVersion) -> bytes:
    """Raises UnusableRecordError as `record_lines` does."""
    line = {
        "record_id": version.record_id,
        "field": version.field,
        "value": _dumped(version.version.value),
        "moment": iso(version.version.at),
    }
    try:
        return orjson.dumps(line) + b"\n"
    except TypeError:
        raise UnusableRecordError(f"an earlier value of the field {version.field} is not text") from None


def quarantine_line(record: SourceRecord, seq: int, reason: str) -> bytes:
    """`seq` tells it from other readings of the same record."""
    return (
        orjson.dumps({"seq": seq, "record_id": _readable(str(record.record_id)), "reason": _readable(reason)}) + b"\n"
    )


def _dumped(value: Mapping[str, Any] | Value) -> str:
    try:
        return _ENCODE(value)
    except ValueError:
        raise UnusableRecordError("a number in it is not finite; correct it in the CRM") from None


def _surrogate(record: SourceRecord) -> str:
    names = [name for name, value in record.fields.items() if isinstance(value, str) and not _is_unicode(value)]
    where = f"the field {', '.join(names)}" if names else "the id or a name"
    return f"{where} holds half of a surrogate pair, which is not text; correct it in the CRM"


def _is_unicode(text: str) -> bool:
    return text == _readable(text)


def _readable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
