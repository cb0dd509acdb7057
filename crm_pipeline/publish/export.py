"""Marts as files for other programs: one a mart, complete or not there at all, and nobody else's to read.

Belongs here: writing them. Not here: what a mart says (marts/*.sql), who asks (cli/export.py).
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import duckdb

from crm_pipeline.errors import ConfigError, NotFoundError
from crm_pipeline.publish.stage import MARTS
from crm_pipeline.warehouse import Connection

Format = Literal["parquet", "csv"]
#: What can be written: the marts, and the view among them.
EXPORTABLE = (*MARTS, "timeline")
#: Types that CSV has no form for.
_NESTED = ("list", "array", "struct", "map", "union")
#: By which Excel knows UTF-8.
_MARK = "\ufeff".encode()


def export(
    connection: Connection, folder: Path, format_: Format, marts: Sequence[str] = ()
) -> Iterator[tuple[Path, int]]:
    """Write each mart (all of them, if none is named) from the open copy into a file; yields the file and its rows.

    Raises NotFoundError for a mart that there is none of, before anything is written, and ConfigError when a file
    cannot be written.
    """
    unknown = [mart for mart in marts if mart not in EXPORTABLE]
    if unknown:
        raise NotFoundError(f"there is no mart {', '.join(unknown)}; the marts are: {', '.join(sorted(EXPORTABLE))}")
    for mart in marts or EXPORTABLE:
        path = folder / f"{mart}.{format_}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _building(path) as building:
                rows = _write(connection, mart, building, format_)
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror}; name another folder") from error
        except duckdb.IOException as error:
            reason = str(error).splitlines()[0].rpartition(": ")[2]
            raise ConfigError(f"{path} cannot be written: {reason}; name another folder") from error
        yield path, rows


@contextlib.contextmanager
def _building(path: Path) -> Iterator[Path]:
    """A file beside `path`, for its owner only, which takes its place when the block is through."""
    building = path.with_name(f".{path.name}.building")
    building.unlink(missing_ok=True)
    os.close(os.open(building, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield building
        os.replace(building, path)
    finally:
        building.unlink(missing_ok=True)


def _write(connection: Connection, mart: str, path: Path, format_: Format) -> int:
    """Returns the number of rows."""
    options = "format parquet, compression zstd" if format_ == "parquet" else "format csv, header"
    columns = connection.execute(f"from {mart} limit 0").description or ()
    selected = f"select {plain((name, type_) for name, type_, *_ in columns) if format_ == 'csv' else '*'} from {mart}"
    (rows,) = connection.execute(
        f"copy ({selected}) to '{str(path).replace(chr(39), chr(39) * 2)}' ({options}, use_tmp_file false)"
    ).fetchone() or (0,)
    if format_ == "csv":
        _mark(path)
    return int(rows)


def plain(columns: Iterable[tuple[str, duckdb.sqltypes.DuckDBPyType]]) -> str:
    """What to select for CSV: lists and maps as JSON, which any program can read. `columns`: names, which
    may be there twice, and types."""
    parts = (
        (f"#{place}", type_.id in _NESTED, name.replace('"', '""')) for place, (name, type_) in enumerate(columns, 1)
    )
    return ", ".join(f'{f"to_json({part})::varchar" if nested else part} as "{name}"' for part, nested, name in parts)


def _mark(path: Path) -> None:
    """Put the mark before what DuckDB wrote."""
    with _building(path) as marked, path.open("rb") as written, marked.open("wb") as file:
        file.write(_MARK)
        shutil.copyfileobj(written, file)
