"""Files of lines of JSON as a source of SQL.

Belongs here: how DuckDB is told to read them. Not here: what they hold.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from crm_pipeline.extract.reading.lines import LARGEST

KEY = {
    "seq": "BIGINT",
    "record_id": "VARCHAR",
    "created_at": "TIMESTAMPTZ",
    "modified_at": "TIMESTAMPTZ",
    "modified_by": "VARCHAR",
    "digest": "UHUGEINT",
    "timed": "BOOLEAN",
}
BODY = {"seq": "BIGINT", "fields": "VARCHAR", "known": "VARCHAR"}
GONE = {
    "record_id": "VARCHAR",
    "reason": "VARCHAR",
    "gone_at": "TIMESTAMPTZ",
    "survivor_object": "VARCHAR",
    "survivor_id": "VARCHAR",
}
VERSION = {"record_id": "VARCHAR", "field": "VARCHAR", "value": "VARCHAR", "moment": "TIMESTAMPTZ"}
HELD = {"seq": "BIGINT", "record_id": "VARCHAR", "reason": "VARCHAR"}


def rows(paths: Sequence[str], columns: Mapping[str, str]) -> str:
    """A table expression over the files that exist; without rows if none does."""
    present = [path for path in paths if os.path.exists(path)]
    if not present:
        empty = ", ".join(f"null::{type_} as {name}" for name, type_ in columns.items())
        return f"(select {empty} limit 0)"
    files = ", ".join("'" + path.replace("'", "''") + "'" for path in present)
    shape = ", ".join(f"{name}: '{type_}'" for name, type_ in columns.items())
    return f"read_json([{files}], format = 'newline_delimited', columns = {{{shape}}}, maximum_object_size = {LARGEST})"
