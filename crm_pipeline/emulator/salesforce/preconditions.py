"""Conditional requests: a record is answered or written only if it was, or was not, modified since.

Source: REST API guide, "Conditional Request Headers": If-Modified-Since (304), If-Unmodified-Since (412), both to the
second, of records and of describe; ETag, If-Match (412) and If-None-Match (304, of a write 412) of accounts only; not
for DELETE; an invalid header of a write is refused with 400, one of a read is passed over. Choices where the behaviour
is not documented: the texts of the refusals; If-Modified-Since of a write is passed over, as HTTP says.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime as http_format
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.values import parse_datetime

_HTTP_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d{2}:\d{2}:\d{2} GMT\Z"
)
_ETAGS = re.compile(r'\*|(?:W/)?"[^"]*"(?:\s*,\s*(?:W/)?"[^"]*")*')
_ETAG = re.compile(r'"([^"]*)"')


def check_write(headers: Mapping[str, str], row: Row, object_: str) -> None:
    """Raise ApiError: 412 when a condition of a write does not hold, 400 for a bad header."""
    since = headers.get("if-unmodified-since")
    if since is not None and _modified(row) > _date("If-Unmodified-Since", since):
        raise _failed("The record was modified after the time given")
    if object_ == "Account":
        if (tags := headers.get("if-match")) is not None and not _matches(_tags("If-Match", tags), row):
            raise _failed("The record is not the one given")
        if (tags := headers.get("if-none-match")) is not None and _matches(_tags("If-None-Match", tags), row):
            raise _failed("The record is the one given")


def conditional(headers: Mapping[str, str], row: Row, object_: str, answer: Answer) -> Answer:
    """The answer to a read of a record, or 304 when the client has it already. Raises ApiError (412)."""
    told = {"Last-Modified": http_format(_modified(row), usegmt=True)}
    if object_ == "Account":
        told["ETag"] = f'"{etag(row)}"'
        tags = headers.get("if-match")
        if tags is not None and _ETAGS.fullmatch(tags.strip()) and not _matches(tags, row):
            raise _failed("The record is not the one given")
        tags = headers.get("if-none-match")
        if tags is not None and _ETAGS.fullmatch(tags.strip()) and _matches(tags, row):
            return Answer(304, None, told)
    at = _http_date(headers.get("if-unmodified-since", ""))
    if at is not None and _modified(row) > at:
        raise _failed("The record was modified after the time given")
    if is_unmodified(headers, _modified(row)):
        return Answer(304, None, told)
    return Answer(answer.status, answer.body, {**answer.headers, **told})


def described(call: Call, body: Mapping[str, Any]) -> Answer:
    """The answer to describe, or 304 when it has been the same since If-Modified-Since.

    An organisation keeps no time of its last change of metadata: it counts from the first time that describe told it.
    """
    fingerprint = hashlib.sha1(orjson.dumps(body), usedforsecurity=False).hexdigest()
    known, since = call.store.described.get(call.path, ("", call.store.clock.now()))
    since = since if known == fingerprint else call.store.clock.now()
    call.store.described[call.path] = (fingerprint, since)
    told = {"Last-Modified": http_format(since, usegmt=True)}
    return Answer(304, None, told) if is_unmodified(call.headers, since) else Answer(200, body, told)


def is_unmodified(headers: Mapping[str, str], modified: datetime) -> bool:
    """Whether If-Modified-Since of a read is given and not before the modification; a bad date is passed over."""
    at = _http_date(headers.get("if-modified-since", ""))
    return at is not None and modified.replace(microsecond=0) <= at


def etag(row: Row) -> str:
    """A hash of what the record holds."""
    content = repr([(name, row[name]) for name in row]).encode()
    return b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()


def _modified(row: Row) -> datetime:
    modified = parse_datetime(row["LastModifiedDate"])
    assert modified is not None
    return modified


def _matches(tags: str, row: Row) -> bool:
    given = [tag.removesuffix("--gzip").removesuffix("-gzip") for tag in _ETAG.findall(tags)]
    return tags.strip() == "*" or etag(row) in given


def _tags(name: str, header: str) -> str:
    if not _ETAGS.fullmatch(header.strip()):
        raise ApiError("INVALID_HEADER", f"Invalid value for header {name}: {header}")
    return header


def _date(name: str, header: str) -> datetime:
    at = _http_date(header)
    if at is None:
        raise ApiError("INVALID_HEADER", f"Invalid value for header {name}: {header}")
    return at


def _http_date(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header) if _HTTP_DATE.match(header) else None
    except ValueError:
        return None


def _failed(message: str) -> ApiError:
    return ApiError("PRECONDITION_FAILED", message, status=412)
