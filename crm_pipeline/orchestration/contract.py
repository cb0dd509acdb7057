"""What a table promises: its columns as the files in warehouse/tables declare them, and what is unique in it.

Belongs here: the columns in the UI, and the check `contract` of every asset, which runs in the asset's own step. Not
here: what a table is for (tables.py). DuckDB itself keeps `not null`; uniqueness it does not: an index over millions of
rows would cost every night more than this look does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from crm_pipeline.config import Settings
from crm_pipeline.orchestration.tables import Table
from crm_pipeline.publish.comments import described
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline.warehouse.columns import Column, Columns, columns, declared

NAME = "contract"
#: How a comment says that a column can hold something about a person (publish/comments).
_PERSONAL = "[personal]"
#: Stages whose tables the copy for analysts leaves out.
_NOT_PUBLISHED = ("normalise",)


@dataclass(frozen=True)
class Kept:
    """What was found of a table. `columns`: metadata, empty where the definition shows them already."""

    columns: Mapping[str, Any]
    check: dg.AssetCheckResult


def spec(table: Table) -> dg.AssetCheckSpec:
    """The check of a table; it stops nothing."""
    promised = "Columns and types are those of this version"
    unique = f"; {', '.join(table.unique)} is different in every row" if table.unique else ""
    return dg.AssetCheckSpec(NAME, asset=table.key, description=f"{promised}{unique}.")


def metadata(table: Table, settings: Settings) -> Mapping[str, Any]:
    """What is known of a table before it is written: its name in SQL, how to look at it, its columns if declared."""
    found: dict[str, Any] = {"dagster/table_name": table.relation}
    if table.stage not in _NOT_PUBLISHED:
        found["to look"] = f'crm-pipeline sql "from {table.relation}"'
    if table.relation in declared():
        found["dagster/column_schema"] = _schema(declared()[table.relation], table, settings)
    return found


def results(connection: Connection, settings: Settings, tables: Sequence[Table]) -> dict[Table, Kept]:
    """Of tables that were just written, on a connection to the warehouse; marts are looked up in the copy."""
    if any(table.is_mart for table in tables):
        with Warehouse(settings.published).read() as published:
            return _results(published, settings, tables)
    return _results(connection, settings, tables)


def _results(connection: Connection, settings: Settings, tables: Sequence[Table]) -> dict[Table, Kept]:
    found = columns(connection)
    return {table: Kept(_found_columns(found, table, settings), _check(connection, found, table)) for table in tables}


def _found_columns(found: Columns, table: Table, settings: Settings) -> Mapping[str, Any]:
    if table.relation in declared() or table.relation not in found:
        return {}
    return {"dagster/column_schema": _schema(found[table.relation], table, settings)}


def _schema(of: Sequence[Column], table: Table, settings: Settings) -> dg.TableSchema:
    schema, _, name = table.relation.rpartition(".")
    texts = described(settings, schema, name)[1] if schema else {}

    def shown(column: Column) -> dg.TableColumn:
        text = column.comment or texts.get(column.name, "")
        return dg.TableColumn(
            column.name,
            column.type,
            text.removesuffix(_PERSONAL).rstrip() or None,
            dg.TableColumnConstraints(nullable=column.nullable, unique=table.unique == (column.name,)),
            tags={"personal": ""} if text.endswith(_PERSONAL) else {},
        )

    return dg.TableSchema([shown(column) for column in of])


def _check(connection: Connection, found: Columns, table: Table) -> dg.AssetCheckResult:
    broken = list(_other_columns(found.get(table.relation, ()), declared().get(table.relation, ()), table))
    twice = 0
    if table.unique and not broken:
        twice = _twice(connection, table)
        broken += [f"{twice:,} rows too many for {', '.join(table.unique)}"] * bool(twice)
    return dg.AssetCheckResult(
        asset_key=table.key,
        check_name=NAME,
        passed=not broken,
        description="; ".join(broken) or f"{table.relation} is as promised",
        metadata={"rows too many": twice, "columns": len(found.get(table.relation, ()))},
    )


def _other_columns(found: Sequence[Column], promised: Sequence[Column], table: Table) -> Iterator[str]:
    """What is missing, surplus or of another type, by name; a table that is made from the mapping promises its key."""
    there = {column.name: _kind(column) for column in found}
    if not there:
        yield f"{table.relation} is not there"
        return
    if not promised:
        yield from (f"the column {name} is missing" for name in table.unique if name not in there)
        return
    for column in promised:
        if column.name not in there:
            yield f"the column {column.name} is missing"
        elif there[column.name] != _kind(column):
            yield f"the column {column.name} is {there[column.name]}, not {_kind(column)}"
    surplus = there.keys() - {column.name for column in promised}
    yield from (f"the column {name} is not one of this version" for name in sorted(surplus))


def _kind(column: Column) -> str:
    return column.type if column.nullable else f"{column.type} not null"


def _twice(connection: Connection, table: Table) -> int:
    """Rows beyond the first of their key."""
    key = ", ".join(table.unique)
    of = f"({key})" if len(table.unique) > 1 else key
    row = connection.execute(f"select count(*) - count(distinct {of}) from {table.rows or table.relation}").fetchone()
    assert row
    return int(row[0])
