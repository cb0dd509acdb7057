"""Tables and their version: a new file gets all tables, an older one is brought up, a newer one is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from crm_pipeline.errors import WarehouseError
from crm_pipeline.warehouse.kept import keep, require_space

_TABLES = Path(__file__).parent / "tables"

#: Files of tables/, in the order of the flow: the newest version. tables/migrations/N.sql brings version N - 1 there.
FILES = ("state", "raw", "normalise", "match", "golden", "plan", "push", "publish", "views")
VERSION = 7
#: Schemas that a migration dropped, as all that they hold follows from the records: their files make them anew.
_MADE_ANEW = {3: ("normalise", "match")}
#: Of the threads of this process; other processes are kept out by DuckDB's lock.
_one_at_a_time = threading.Lock()


def migrate(connection: duckdb.DuckDBPyConnection, path: Path, told: Callable[[str], None] | None = None) -> None:
    """Bring the database to this program's version; an older one is kept beside it (kept.py), and `told` is told so.

    Raises WarehouseError if it is from a newer one, or something else's. All or nothing: a failure leaves the older
    tables.
    """
    found = version_of(connection)
    if found == VERSION:
        return
    require_known(found, path)
    with _one_at_a_time:
        found = version_of(connection)  # another thread may have done it meanwhile
        if found == VERSION:
            return
        if found:
            require_space(path, found)
            connection.execute("checkpoint")
            copy = keep(path, found)
            if told:
                told(f"{path} is upgraded from tables version {found} to {VERSION}; as it was before, it is in {copy}")
        elif connection.execute("select 1 from duckdb_tables() where database_name = current_database()").fetchone():
            raise WarehouseError(f"{path} is a database of something else; name another file under `warehouse`")
        connection.execute("begin")
        for name in _since(found) if found else FILES:
            connection.execute((_TABLES / f"{name}.sql").read_text(encoding="utf-8"))
        connection.execute("insert into state.version values (?)", [VERSION])
        connection.execute("commit")


def require_known(found: int, path: Path) -> None:
    """Raises WarehouseError if a database of this version was written by a newer program."""
    if found > VERSION:
        raise WarehouseError(
            f"{path} was written by a newer crm-pipeline (tables version {found}, this program knows {VERSION}); "
            "install the newer program, or put back the copy that it kept beside the database before its upgrade"
        )


def _since(found: int) -> Iterator[str]:
    """The files that bring a database of an older version here; views hold nothing and always come last."""
    for version in range(found + 1, VERSION + 1):
        yield f"migrations/{version}"
        yield from _MADE_ANEW.get(version, ())
    yield "views"


def version_of(connection: duckdb.DuckDBPyConnection) -> int:
    """The newest version written; 0 for a new file. Every connection asks, so DuckDB has nothing to plan."""
    try:
        rows = connection.execute("select version from state.version").fetchall()
    except duckdb.CatalogException:
        return 0
    return max((int(version) for (version,) in rows), default=0)
