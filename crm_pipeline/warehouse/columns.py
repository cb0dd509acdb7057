"""Columns of tables: as they are in a database, and as the files in tables/ declare them.

Belongs here: reading them. Not here: comparing and showing them (orchestration/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from crm_pipeline.warehouse.connection import Connection
from crm_pipeline.warehouse.migrations import migrate


@dataclass(frozen=True)
class Column:
    """A column of a table or view; `type` as DuckDB writes it, `comment` empty where there is none."""

    name: str
    type: str
    nullable: bool
    comment: str


#: Table as `schema.name`, of a mart as `name` -> its columns, in their order.
Columns = Mapping[str, tuple[Column, ...]]


def columns(connection: Connection) -> Columns:
    """Of every table and view of the database."""
    found: dict[str, tuple[Column, ...]] = {}
    for schema, table, *column in connection.execute(
        "select schema_name, table_name, column_name, data_type, is_nullable, coalesce(comment, '') "
        "from duckdb_columns() where not internal and database_name = current_database() "
        "order by schema_name, table_name, column_index"
    ).fetchall():
        key = table if schema == "main" else f"{schema}.{table}"
        found[key] = (*found.get(key, ()), Column(*column))
    return found


@cache
def declared() -> Columns:
    """What a new database of this version would have; a tenth of a second, once a process."""
    with duckdb.connect() as connection:
        migrate(connection, Path())
        return columns(connection)
