"""Many rows at once: DuckDB's executemany is a statement a row, so that rows go through one JSON file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from crm_pipeline.warehouse.connection import Connection

Row = dict[str, object]


def insert(connection: Connection, table: str, rows: Iterable[Row]) -> None:
    """Insert rows by column name into `schema.table`. All rows have the columns of the first."""
    rows = list(rows)
    if not rows:
        return
    columns = ", ".join(rows[0])
    types = dict(
        connection.execute(
            "select column_name, data_type from duckdb_columns() where schema_name || '.' || table_name = ?", [table]
        ).fetchall()
    )
    shape = ", ".join(f"{name}: '{types[name]}'" for name in rows[0])
    with tempfile.TemporaryDirectory(prefix="crm-pipeline-") as folder:
        path = Path(folder) / "rows.ndjson"
        with path.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=True, default=str) + "\n")
        connection.execute(
            f"insert into {table} ({columns}) select {columns} from read_json(?, columns = {{{shape}}}, "
            "format = 'newline_delimited', maximum_object_size = 268435456)",
            [str(path)],
        )
