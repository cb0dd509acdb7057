"""The ids of the records that would be live after loading, in a small DuckDB file outside the warehouse.

Belongs here: counting, listing and halving spans of ids in the CRM's order, and comparing all of them with the CRM's.
Not here: calling a CRM (repair.py), and which ids would be live (load.py). Memory is bounded whatever their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

import duckdb

from crm_pipeline.crm.protocol import Span
from crm_pipeline.errors import WarehouseError
from crm_pipeline.model import System
from crm_pipeline.warehouse.connection import Connection, configured

_MEMORY = "200MB"
_BATCH = 20_000  # ids that are handed over at a time


def write(connection: Connection, select: str, path: Path) -> None:
    """Keep the ids of a query with one column in a file, for `LocalIds`; the connection may be in a transaction."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"copy (select record_id from ({select}) as live(record_id)) to '{_quoted(path)}' (format parquet)"
    )


class LocalIds:
    """Ids of one object, from a file of `write`; used in a `with` block, which takes its own files away.

    Order of ids: HubSpot's are numbers, Salesforce's text of 18 characters, compared by case (as crm/spans.py). An id
    that is none (it is in quarantine) is left out.
    Raises WarehouseError when the disk cannot hold them.
    """

    def __init__(self, path: Path, system: System) -> None:
        self._path = path
        self._own = path.with_suffix(".compare")
        self._type = "ubigint" if system is System.HUBSPOT else "varchar"
        self._key = f"try_cast(record_id as {self._type})"

    def __enter__(self) -> LocalIds:
        self._remove()
        self._connection = configured(duckdb.connect(str(self._own)))
        self._execute(f"set memory_limit = '{_MEMORY}'")
        self._execute("set threads = 1")
        self._keep(f"select distinct record_id from read_parquet('{_quoted(self._path)}')")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()
        self._remove()
        if isinstance(error, duckdb.Error):
            raise WarehouseError(
                f"the ids in {self._path} could not be compared ({type(error).__name__}); see that its disk has space "
                "left, then run again"
            ) from error

    def count(self, span: Span | None = None) -> int:
        """How many ids a span holds."""
        low, high = self._places(span or Span())
        return high - low

    def ids(self, span: Span | None = None) -> Iterator[list[str]]:
        """The ids of a span, ascending, some at a time."""
        low, high = self._places(span or Span())
        cursor = self._connection.cursor()
        cursor.execute("select record_id from here where place > ? and place <= ? order by place", [low, high])
        while rows := cursor.fetchmany(_BATCH):
            yield [record_id for (record_id,) in rows]

    def middle(self, span: Span) -> str:
        """The id that has half of the span's ids up to it. Raises ValueError for a span without ids."""
        low, high = self._places(span)
        row = self._execute("select record_id from here where place = ?", (low + high + 1) // 2).fetchone()
        if row is None or low == high:
            raise ValueError("a span without ids has no middle")
        return str(row[0])

    def drop(self, ids: Sequence[str]) -> None:
        """Leave out ids from now on."""
        if ids:
            self._keep("select record_id from here where record_id not in (select unnest(?::varchar[]))", list(ids))

    def compare(self, pages: Iterable[Sequence[str]]) -> tuple[list[str], list[str]]:
        """With all ids of the CRM, in any order: (those that are not here, those that are only here), ascending."""
        self._execute("create or replace table there (record_id varchar)")
        waiting: list[str] = []
        for page in pages:
            waiting += page
            if len(waiting) >= _BATCH:
                self._note(waiting)
                waiting = []
        self._note(waiting)
        return self._only("there", "here"), self._only("here", "there")

    def _keep(self, select: str, *values: object) -> None:
        self._execute(
            "create or replace table here as select row_number() over (order by key) as place, key, record_id "
            f"from (select record_id, {self._key} as key from ({select})) where key is not null order by key",
            *values,
        )

    def _note(self, ids: Sequence[str]) -> None:
        self._execute("insert into there select unnest(?::varchar[])", list(ids))

    def _only(self, one: str, other: str) -> list[str]:
        rows = self._execute(
            f"select distinct record_id, {self._key} as key from {one} anti join {other} using (record_id) order by key"
        ).fetchall()
        return [record_id for record_id, _ in rows]

    def _places(self, span: Span) -> tuple[int, int]:
        """The numbers of the last ids before a span and in it."""
        low = self._rank(span.after) if span.after else 0
        high = self._rank(span.to)
        return low, max(low, high)

    def _rank(self, bound: str | None) -> int:
        row = self._execute(f"select count(*) from here where ? is null or key <= ?::{self._type}", bound, bound)
        (number,) = row.fetchone() or (0,)
        return int(number)

    def _execute(self, sql: str, *values: object) -> Connection:
        return self._connection.execute(sql, list(values))

    def _remove(self) -> None:
        for path in (self._own, self._own.with_name(self._own.name + ".wal")):
            path.unlink(missing_ok=True)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
