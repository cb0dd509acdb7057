"""Where given texts stand: every column of every table of a database, and the bytes of files. For an auditor.

Belongs here: looking. Not here: which files there are (files.py), removing anything.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from crm_pipeline.warehouse.connection import Connection, configured

_BLOCK = 1 << 22


@dataclass(frozen=True)
class Hit:
    """Where one of the texts stands; which one is not told. `rows`: of a column; 0 for the bytes of a file."""

    place: str
    rows: int


@dataclass(frozen=True)
class Looked:
    """What was looked through, and where something stands."""

    tables: int
    columns: int
    files: int
    hits: tuple[Hit, ...]


def spellings(texts: Iterable[str]) -> list[str]:
    """A text as it may stand in JSON and HTML."""
    found = set()
    for text in texts:
        found |= {text, html.escape(text), json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    return sorted(one for one in found if one.strip())


def in_database(connection: Connection, texts: Iterable[str], name: str) -> Looked:
    """Every column of every table, whatever its type, without regard to upper and lower case."""
    asked = [one.lower() for one in spellings(texts)]
    columns: dict[str, list[str]] = {}
    for schema, table, column in connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() join duckdb_tables() "
        "using (database_name, schema_name, table_name) where database_name = current_database() and not temporary "
        "order by all"
    ).fetchall():
        columns.setdefault(f'"{schema}"."{table}"', []).append(column)
    hits: list[Hit] = []
    for table, held in columns.items():
        counts = ", ".join(
            f"count(*) filter (list_bool_or(list_transform($asked::varchar[], "
            f'lambda text: contains(lower("{column}"::varchar), text))))'
            for column in held
        )
        row = connection.execute(f"select {counts} from {table}", {"asked": asked}).fetchone() or ()
        place = table.replace('"', "")
        hits += [Hit(f"{name} {place}.{column}", n) for column, n in zip(held, row, strict=True) if n]
    return Looked(len(columns), sum(map(len, columns.values())), 0, tuple(hits))


def in_files(paths: Sequence[Path], texts: Iterable[str]) -> Looked:
    """The bytes of files: a DuckDB file's free blocks and log too."""
    asked = [one.encode("utf-8", "ignore") for one in spellings(texts)]
    hits = [Hit(str(path), 0) for path in paths if _has(path, asked)]
    return Looked(0, 0, len(paths), tuple(hits))


def _has(path: Path, asked: Sequence[bytes]) -> bool:
    overlap = max(map(len, asked), default=1)
    with path.open("rb") as file:
        kept = b""
        while block := file.read(_BLOCK):
            window = kept + block
            if any(one in window for one in asked):
                return True
            kept = window[-overlap:]
    return False


def everywhere(databases: Sequence[Path], files: Sequence[Path], texts: Sequence[str]) -> Looked:
    """All of these databases, opened read-only, and the bytes of all of these files."""
    looked = [in_files(files, texts)]
    for path in databases:
        with configured(duckdb.connect(str(path), read_only=True)) as connection:
            looked.append(in_database(connection, texts, path.name))
    return Looked(
        sum(one.tables for one in looked),
        sum(one.columns for one in looked),
        sum(one.files for one in looked),
        tuple(hit for one in looked for hit in one.hits),
    )
