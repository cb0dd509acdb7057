"""docs/tables.md: every table of the published copy, as its comments tell it.

Pure. Belongs here: reading the comments of a copy and writing them down. Not here: the comments themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from crm_pipeline.warehouse import Connection

_INTRODUCTION = """\
# Tables

What `data/crm_analytics.duckdb` holds. This page is made from the comments in the database (`make docs`), which DuckDB
shows too: `from duckdb_columns()`. ● marks columns that can hold something about a person.
How to ask them: [Query](query.md).
"""
_SCHEMAS = {
    "main": "Marts, by their bare names",
    "raw": "`raw`: what the CRMs said",
    "match": "`match`: who may be the same customer",
    "golden": "`golden`: one customer, once",
    "plan": "`plan`: what would be written, and why",
    "push": "`push`: what was sent, and what became of it",
    "publish": "`publish`: what the marts are made of",
    "state": "`state`: what is remembered from run to run",
}
_COMMENT = re.compile(r"(?P<text>.*?)(?: （(?P<ja>[^（）]*)）)?(?P<personal> \[personal\])?", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """A column, with the parts of its comment. `ja`: its Japanese label, empty if it has none."""

    name: str
    type: str
    text: str
    ja: str
    personal: bool


def page(connection: Connection) -> str:
    """The page, from a copy that is open."""
    return "\n".join([_INTRODUCTION, *_sections(connection)]) + "\n"


def _sections(connection: Connection) -> Iterator[str]:
    about = dict(
        connection.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables() where not internal union all "
            "select schema_name || '.' || view_name, comment from duckdb_views() where not internal"
        ).fetchall()
    )
    rows = connection.execute(
        "select schema_name, table_name, column_name, data_type, coalesce(comment, '') from duckdb_columns() "
        "where not internal order by schema_name, table_name, column_index"
    ).fetchall()
    tables = [
        (schema, table, tuple(_column(*row[2:]) for row in columns))
        for (schema, table), columns in groupby(rows, key=lambda row: (row[0], row[1]))
    ]
    macros = connection.execute(
        "select schema_name, function_name, parameters, comment from duckdb_functions() "
        "where function_type = 'table_macro' and not internal order by all"
    ).fetchall()
    for schema, title in _SCHEMAS.items():
        yield f"## {title}\n"
        alike: dict[tuple[Column, ...], list[str]] = {}
        for _, table, columns in (one for one in tables if one[0] == schema):
            alike.setdefault(columns, []).append(table)
        for columns, names in alike.items():
            yield from _table(schema, names, about[f"{schema}.{names[0]}"] or "", columns)
        for _, name, parameters, comment in (one for one in macros if one[0] == schema):
            yield f"### {_name(schema, name)}({', '.join(parameters)})\n"
            yield f"{_COMMENT.fullmatch(comment or '')['text']}\n"  # type: ignore[index]


def _table(schema: str, names: Sequence[str], about: str, columns: Sequence[Column]) -> Iterator[str]:
    yield f"### {', '.join(_name(schema, name) for name in names)}\n"
    yield f"{about}{' The others alike.' if len(names) > 1 else ''}\n"
    yield "| column | type | meaning | 日本語 | |\n| --- | --- | --- | --- | --- |"
    for one in columns:
        text, type_ = one.text.replace("|", "\\|"), one.type.replace("|", "\\|")
        yield f"| `{one.name}` | {type_} | {text} | {one.ja} | {'●' if one.personal else ''} |"
    yield ""


def _column(name: str, type_: str, comment: str) -> Column:
    found = _COMMENT.fullmatch(comment)
    assert found
    short = re.sub(r"^STRUCT\(.*\)(\[\])?$", r"STRUCT\1", type_.replace(" WITH TIME ZONE", "TZ"))
    return Column(name, short, found["text"], found["ja"] or "", bool(found["personal"]))


def _name(schema: str, name: str) -> str:
    return name if schema == "main" else f"{schema}.{name}"
