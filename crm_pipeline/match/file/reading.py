"""A CSV or Parquet file as a DuckDB table of texts.

Belongs here: reading every row, with names for all columns. Not here: what the columns mean (mapping.py, guess.py).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import pandas as pd

from crm_pipeline.errors import ConfigError
from crm_pipeline.match.file import quick
from crm_pipeline.match.file.csv_rows import Damaged, Row, Rows
from crm_pipeline.match.file.text import text_of
from crm_pipeline.warehouse import Connection

_CHUNK = 50_000
#: What a file begins with that is no table of texts -> what it is.
_NOT_READ = {b"PK\x03\x04": "a spreadsheet or a zip file", b"\xd0\xcf\x11\xe0": "an old spreadsheet"}


@dataclass(frozen=True)
class File:
    """A file as a table: columns `number` (of the row, from 1) and c0, c1, ... of text, null where a cell is empty.

    `source`: its base name. `header`: the columns' names. `quarantined`: lines that are no row. `strangers`: lines that
    are in another encoding than the rest.
    """

    path: Path
    source: str
    table: str
    header: tuple[str, ...]
    rows: int
    quarantined: int = 0
    encoding: str | None = None
    strangers: int = 0

    def column(self, name: str) -> str:
        """`surname` -> c3. Raises ValueError for a name that is not in the header."""
        return f"c{self.header.index(name)}"


def read(connection: Connection, path: Path, table: str, quarantine: Path) -> File:
    """Read a file into `table`. Lines that are no row are appended to the CSV file `quarantine`.

    Raises ConfigError for a file that is missing, empty, or neither CSV nor Parquet.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder; name a CSV or Parquet file") from None
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist; name a CSV or Parquet file") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    if head == b"PAR1":
        return _parquet(connection, path, table)
    if head in _NOT_READ:
        raise ConfigError(f"{path} is {_NOT_READ[head]}; save the sheet as CSV UTF-8 and name that file")
    return _csv(connection, path, table, quarantine)


def _parquet(connection: Connection, path: Path, table: str) -> File:
    try:
        relation = connection.from_parquet(str(path))
        names = relation.columns
        cells = ", ".join(
            f"nullif(trim({_quoted(name)}::varchar, '{quick.SPACE}'), '') as c{place}"
            for place, name in enumerate(names)
        )
        connection.execute(
            f"create or replace temp table {table} as select file_row_number + 1 as number, {cells} "
            "from read_parquet(?, file_row_number = true)",
            [str(path)],
        )
    except duckdb.Error:
        raise ConfigError(f"{path} begins like a Parquet file and is damaged; export it again") from None
    return File(path, path.name, table, tuple(names), _count(connection, table))


def _csv(connection: Connection, path: Path, table: str, quarantine: Path) -> File:
    text = text_of(path)
    rows = Rows(text.lines())
    found = iter(rows)
    first = next(found, None)
    if not isinstance(first, tuple):
        why = "is empty" if first is None else "has a damaged header"
        raise ConfigError(f"{path} {why}; its first line must name the columns")
    header = named(first[1])
    if text.encoding == "utf-8" and quick.read(connection, path, table, rows.separator, header):
        return File(path, path.name, table, header, _count(connection, table), encoding=text.encoding)
    columns = ", ".join(f"c{place} varchar" for place in range(len(header)))
    connection.execute(f"create or replace temp table {table} (number bigint, {columns})")
    number = quarantined = 0
    while chunk := list(islice(found, _CHUNK)):
        damaged = [one for one in chunk if isinstance(one, Damaged)]
        whole = [one for one in chunk if isinstance(one, tuple)]
        numbers = [number + place for place, one in enumerate(chunk, start=1) if isinstance(one, tuple)]
        _insert(connection, table, numbers, whole, len(header))
        _quarantine(quarantine, path.name, damaged)
        number += len(chunk)
        quarantined += len(damaged)
    return File(path, path.name, table, header, number - quarantined, quarantined, text.encoding, text.strangers)


def _insert(connection: Connection, table: str, numbers: Sequence[int], rows: Sequence[Row], width: int) -> None:
    if not rows:
        return
    cells: dict[str, object] = {"number": numbers}
    for place, column in enumerate(zip(*(cells for _, cells in rows), strict=True)):
        cells[f"c{place}"] = pd.Series([cell.strip() or None for cell in column], dtype=object)
    connection.register("chunk", pd.DataFrame(cells))
    names = ", ".join(f"c{place}::varchar" for place in range(width))
    connection.execute(f"insert into {table} select number, {names} from chunk")
    connection.unregister("chunk")


def _quarantine(path: Path, source: str, damaged: Sequence[Damaged]) -> None:
    """Append lines that are no row."""
    if not damaged:
        return
    new = not path.exists()
    with path.open("a", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(("file", "line", "reason", "text"))
        writer.writerows((source, one.line, one.reason, one.text) for one in damaged)


def named(cells: Sequence[str]) -> tuple[str, ...]:
    """Names for all columns: a second `email` is `email (2)`, the third column without a name is `column 3`."""
    seen: Counter[str] = Counter()
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.split()) or f"column {place}"
        seen[name] += 1
        while seen[name] > 1 and f"{name} ({seen[name]})" in cells:
            seen[name] += 1
        names.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return tuple(names)


def sample(connection: Connection, file: File, column: str, size: int = 2_000) -> list[str]:
    """Some values of a column, from all over the file, the same at every call; at most the first 200 characters."""
    rows = connection.execute(
        f"select left({file.column(column)}, 200) from {file.table} where {file.column(column)} is not null "
        f"order by hash(number) limit {size}"
    )
    return [value for (value,) in rows.fetchall()]


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row
    return int(row[0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
