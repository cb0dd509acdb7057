"""Tables and their version: a new file gets all tables, an older one is brought up, a newer one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from crm_pipeline.errors import WarehouseError

_TABLES = Path(__file__).parent / "tables"

#: Files of tables/, in the order of the flow: the newest version. tables/migrations/N.sql brings version N - 1 there.
FILES = ("state", "raw", "normalise", "match", "golden", "plan", "push", "publish", "views")
VERSION = 6
#: Schemas that a migration dropped, as all that they hold follows from the records: their files make them anew.
_MADE_ANEW = {3: ("normalise", "match")}


def migrate(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Bring the database to this program's version; an older one is kept beside it as `<name>.version-N`.

    Raises WarehouseError if it is from a newer one. All or nothing: a failure leaves the older tables.
    """
    found = _version(connection)
    if found == VERSION:
        return
    if found > VERSION:
        raise WarehouseError(
            f"{path} was written by a newer crm-pipeline (tables version {found}, this program knows {VERSION}); "
            "install the newer program"
        )
    if found:
        _keep_copy(connection, path.with_name(f"{path.name}.version-{found}"))
    connection.execute("begin")
    for name in _since(found) if found else FILES:
        connection.execute((_TABLES / f"{name}.sql").read_text(encoding="utf-8"))
    connection.execute("insert into state.version values (?)", [VERSION])
    connection.execute("commit")


def _since(found: int) -> Iterator[str]:
    """The files that bring a database of an older version here; views hold nothing and always come last."""
    for version in range(found + 1, VERSION + 1):
        yield f"migrations/{version}"
        yield from _MADE_ANEW.get(version, ())
    yield "views"


def _keep_copy(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """A copy of the whole database as it was, for going back to the older program; it stays until somebody removes it.

    DuckDB makes it: a file that is opened and closed beside DuckDB's would let go of the lock that keeps others out.
    """
    (name,) = connection.execute("select current_database()").fetchone() or ("",)
    path.unlink(missing_ok=True)
    connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as kept")
    connection.execute(f'copy from database "{name}" to kept')
    connection.execute("detach kept")


def _version(connection: duckdb.DuckDBPyConnection) -> int:
    """The newest version written; 0 for a new file. One query: every connection asks."""
    try:
        row = connection.execute("select max(version) from state.version").fetchone()
    except duckdb.CatalogException:
        return 0
    return int(row[0]) if row and row[0] is not None else 0
