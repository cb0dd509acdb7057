"""Many rows at once: DuckDB's executemany is a statement a row, so that rows go through one JSON file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from crm_pipeline.warehouse.connection import Connection

Row = dict[str, object]

#: Bytes that DuckDB expects of a row at least. It keeps several times the largest ready, so more is not asked for.
_LEAST = 1 << 22


def insert(connection: Connection, table: str, rows: Iterable[Row]) -> None:
    """Insert rows by column name into `schema.table`. All rows have the columns of the first."""
    rows = list(rows)
    if rows:
        _insert(connection, table, _types(connection, table), rows)


@contextmanager
def staged(connection: Connection, like: str, rows: Iterable[Row]) -> Iterator[None]:
    """A temporary table `staged` with the columns of `schema.table`, holding the rows while the block runs."""
    connection.execute(f"create or replace temp table staged as from {like} limit 0")
    rows = list(rows)
    if rows:
        _insert(connection, "staged", _types(connection, like), rows)
    yield
    connection.execute("drop table staged")


def _types(connection: Connection, table: str) -> dict[str, str]:
    """Column -> type, from an empty result: the catalogue functions cost 15 ms and more a call."""
    return {name: str(type_) for name, type_, *_ in connection.execute(f"from {table} limit 0").description or ()}


def _insert(connection: Connection, table: str, types: dict[str, str], rows: list[Row]) -> None:
    columns = ", ".join(f'"{name}"' for name in rows[0])
    shape = ", ".join(f"\"{name}\": '{types[name]}'" for name in rows[0])
    with tempfile.NamedTemporaryFile("w", prefix="crm-pipeline-", suffix=".ndjson", encoding="ascii") as file:
        largest, encode = _LEAST, json.JSONEncoder(default=str).encode
        for row in rows:
            line = encode(row)
            largest = max(largest, len(line) + 1)
            file.write(line + "\n")
        file.flush()
        connection.execute(
            f"insert into {table} ({columns}) select {columns} from read_json(?, columns = {{{shape}}}, "
            f"format = 'newline_delimited', maximum_object_size = {largest})",
            [file.name],
        )
