"""The If-Unmodified-Since header of an update: the record is written only if nobody changed it since."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.values import parse_datetime

_HTTP_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d{2}:\d{2}:\d{2} GMT\Z"
)


def check_unmodified(headers: Mapping[str, str], row: Row) -> None:
    """Raise ApiError: 412 when the record was modified after the header's time (to the second), 400 for a bad header.

    The status codes are documented ("Conditional Request Headers"); the platform's texts for them are not.
    """
    header = headers.get("if-unmodified-since")
    if header is None:
        return
    since = _http_date(header)
    modified = parse_datetime(row["LastModifiedDate"])
    assert modified is not None
    if modified > since:
        raise ApiError("PRECONDITION_FAILED", "The record was modified after the time given", status=412)


def _http_date(header: str) -> datetime:
    try:
        if _HTTP_DATE.match(header):
            return parsedate_to_datetime(header)
    except ValueError:
        pass
    raise ApiError("INVALID_HEADER", f"Invalid value for header If-Unmodified-Since: {header}")
