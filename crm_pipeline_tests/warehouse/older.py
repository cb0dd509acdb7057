"""Databases as older programs left them: their tables, with what a night of now wrote in the columns that they had.

Belongs here: the way back from a version to an older one. `version_1/` has the tables that were others in version 1,
the rest of tables/ was as it is; what came after is in the migrations, which never change once they are released.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from crm_pipeline.warehouse import migrations

FIRST = Path(__file__).parent / "version_1"
NOW = Path(migrations.__file__).parent / "tables"


def make(path: Path, version: int) -> None:
    """An empty database of an older version; the views, which hold nothing, are left out."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name in migrations.FILES[:-1]:
            file = FIRST / f"{name}.sql"
            connection.execute((file if file.exists() else NOW / file.name).read_text(encoding="utf-8"))
        for later in range(2, version + 1):
            connection.execute((NOW / "migrations" / f"{later}.sql").read_text(encoding="utf-8"))
            for schema in migrations._MADE_ANEW.get(later, ()):
                connection.execute((NOW / f"{schema}.sql").read_text(encoding="utf-8"))
        connection.execute("insert into state.version values (?)", [version])


def turned_back(now: Path, path: Path, version: int) -> int:
    """Make `path` a database of an older version with the rows of `now`. Returns how many rows it has."""
    make(path, version)
    rows = 0
    # what a later version makes anew was of another form, and is not read
    unlike = {schema for later, schemas in migrations._MADE_ANEW.items() if version < later for schema in schemas}
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"attach '{now}' as now (read_only)")
        columns: dict[str, list[tuple[str, str]]] = {}
        for database, table, column in connection.execute(
            "select database_name, schema_name || '.' || table_name, column_name from duckdb_columns() "
            "where not internal and table_name in (select table_name from duckdb_tables()) order by column_index"
        ).fetchall():
            columns.setdefault(table, []).append((database, column))
        for table, found in columns.items():
            new = {column for database, column in found if database == "now"}
            both = [column for database, column in found if database != "now" and column in new]
            if both and table != "state.version" and table.split(".")[0] not in unlike:
                names = ", ".join(f'"{column}"' for column in both)
                (number,) = connection.execute(
                    f"insert into {table} ({names}) select {names} from now.{table}"
                ).fetchone() or (0,)
                rows += number
    return rows
