"""What every table and column of the published copy means, as COMMENTs that analysts see in DuckDB.

Belongs here: putting the comments of the pipeline's own tables (*.yaml) into the copy, and reading all of them back.
Not here: the comments of marts, which stand beside their queries (marts/*.sql).

A comment is one text. （…） at its end is the Japanese label; [personal] marks what can hold something about a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from crm_pipeline.config import Settings
from crm_pipeline.config.field import FieldType
from crm_pipeline.model import MATCHED
from crm_pipeline.warehouse import Connection

_HERE = Path(__file__).parent
#: Schemas that have a file of comments.
_SCHEMAS = ("raw", "normalise", "match", "golden", "plan", "push", "publish", "state")
#: Written in C where there is one: ten times as fast, and the code location of Dagster reads it at every start.
_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def write(connection: Connection, settings: Settings) -> None:
    """Comment every table and view of the copy, which is attached as `published`, but the marts."""
    known = connection.execute(
        "select schema_name, table_name, list(column_name order by column_index), any_value(table_name) in "
        "(select view_name from duckdb_views() where database_name = 'published') "
        "from duckdb_columns() where database_name = 'published' and schema_name <> 'main' group by all"
    ).fetchall()
    statements: list[str] = []
    for schema, table, columns, view in known:
        about, texts = described(settings, schema, table)
        name = f'published.{schema}."{table}"'
        if about:
            statements.append(f"comment on {'view' if view else 'table'} {name} is {_quoted(about)}")
        statements += (
            f'comment on column {name}."{column}" is {_quoted(texts[column])}' for column in columns if column in texts
        )
    for schema, file in _texts()[1].items():
        for macro, about in file.get("macros", {}).items():
            statements.append(f"comment on macro table published.{schema}.{macro} is {_quoted(about)}")
    connection.execute(";".join(statements))


def described(settings: Settings, schema: str, table: str) -> tuple[str, Mapping[str, str]]:
    """What a table of the pipeline holds, and what its columns do; also of columns that it does not have."""
    common, files = _texts()
    file = files.get(schema, {})
    own = file.get("tables", {}).get(table, {})
    columns = {**common, **own.get("columns", {})}
    about = own.get("comment", "")
    if schema == "raw" and (table == "record" or not own):
        system, _, object_ = table.partition("_")
        pattern = file["object"]
        columns = {**common, **pattern["columns"], **own.get("columns", {})}
        about = about or pattern["comment"].format(object=_object(settings, object_), system=system)
    elif schema == "golden" and not own:
        pattern = file["entity"]
        columns = {**common, **pattern["columns"], **dict(_values(settings, table))}
        about = pattern["comment"].format(kind=table)
    return about, columns


def _object(settings: Settings, table: str) -> str:
    names = (one for mapping in settings.mapping.kinds for _, one in mapping.objects)
    return next((one for one in names if one.lower() == table), table)


def _values(settings: Settings, kind: str) -> Iterator[tuple[str, str]]:
    """The columns that a kind has from the mapping."""
    for mapping in settings.mapping.kinds:
        if mapping.kind == kind:
            for field in mapping.valued:
                for part in field.parts:
                    of = "" if part.name == field.name else f", {part.name.replace('_', ' ')}"
                    personal = " [personal]" if mapping.kind in MATCHED or field.type is FieldType.USER else ""
                    yield (
                        part.name,
                        f"{field.label.en}{of}, as the deciding record spells it. （{field.label.ja}）{personal}",
                    )


@cache
def _texts() -> tuple[Mapping[str, str], Mapping[str, Any]]:
    """Of columns that mean the same everywhere; and schema -> its file."""
    read = {name: _parsed((_HERE / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("common", *_SCHEMAS)}
    return read["common"]["columns"], read


def _parsed(text: str) -> Any:
    return yaml.load(text, Loader=_SAFE)  # noqa: S506 - safe, either of the two


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
