"""The rows of files as records of a scratch warehouse: what normalise and the engine take from a CRM otherwise.

Belongs here: from columns with roles to the relations `subject`, `held` and `extra`; dates in the file's own
format. Not here: keys (normalise/record.py), reading files (reading.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from crm_pipeline.match.file.mapping import Column, FileMapping, is_of_companies
from crm_pipeline.match.file.reading import File, sample
from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.people import PERSON
from crm_pipeline.model import Kind
from crm_pipeline.normalise import record, value
from crm_pipeline.warehouse import Connection

#: Longer cells are compared by their beginning.
_LONGEST = 1000
#: Roles of which each column is a value of its own; the columns of any other are one value together.
_EACH = ("e_mail", "phone")
#: The name that normalise knows a role by, where it is another one.
_HELD_AS = {"address": "street"}

_OURS = {comparison.name for comparison in (*PERSON, *COMPANY)}

_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})(?:\s.*)?")


def kind_of(mappings: Sequence[FileMapping]) -> Kind:
    """Companies where there is a company and nothing of a person."""
    roles = {role for mapping in mappings for role in mapping.roles}
    return Kind.COMPANY if is_of_companies(roles) else Kind.PERSON


def fill(connection: Connection, kind: Kind, files: Mapping[File, FileMapping], region: str) -> dict[str, float]:
    """Write normalise.<kind> for all rows, and the temporary table `extra` (record_key, column, value) of the columns
    that are compared by themselves. Returns of each of those its distinct values / rows that have one."""
    connection.execute(_TABLES)
    for file, mapping in files.items():
        _subjects(connection, kind, file, mapping)
        for role, columns in mapping.roles.items():
            _held(connection, file, role, columns)
        for name in mapping.compare:
            column = file.column(name)
            connection.execute(
                f"insert into extra select s.record_key, $name, left(f.{column}, {_LONGEST}) "
                f"from {file.table} f join subject s on s.source = $source and s.row = f.number "
                f"where f.{column} is not null",
                {"name": own_name(name), "source": file.source},
            )
    connection.execute("insert into held select n, 'full_name', 1, raw from spoken")  # of rows that have no name
    record.write(connection, region)
    _add_readings(connection, region)
    return distinctness(connection)


def forget(connection: Connection) -> None:
    """Drop the temporary tables that `fill` worked with, but for `extra`: a million rows have half a gigabyte there."""
    tables = connection.execute("select table_name from duckdb_tables() where temporary and table_name <> 'extra'")
    for (table,) in tables.fetchall():
        connection.execute(f'drop table temp."{table}"')


def own_name(column: str) -> str:
    """What the comparison of a column is called: never as one of ours, whose weights would be taken for its own."""
    return f"{column} (column)" if column in _OURS else column


def distinctness(connection: Connection) -> dict[str, float]:
    """Column of `extra` -> distinct values / rows that have one, in the file where that is less."""
    rows = connection.execute(
        "select name, min(part) from (select \"column\" as name, split_part(record_key, '/', 1) as source, "
        "count(distinct value) / count(*) as part from extra group by all) group by name"
    )
    return dict(rows.fetchall())


_TABLES = """
create or replace temp table subject (
    n integer, record_key varchar, system varchar, object varchar, record_id varchar, kind varchar,
    created_at timestamptz, company_record_key varchar, source varchar, row bigint
);
create or replace temp table gone (record_key varchar);
create or replace temp table held (n integer, role varchar, field integer, raw varchar);
create or replace temp table extra (record_key varchar, "column" varchar, value varchar);
create or replace temp table spoken (n integer, raw varchar);
"""


def _subjects(connection: Connection, kind: Kind, file: File, mapping: FileMapping) -> None:
    """A row takes part under its id. A row without one, and the second row with one, are told by their number."""
    wanted = file.column(mapping.id) if mapping.id is not None else "number::varchar"
    connection.execute(
        f"""
        insert into subject
        with named as (
            select number, {wanted} as id, row_number() over (partition by {wanted} order by number) as nth
            from {file.table}
        ), told as (
            select number, case
                when id is null then 'row ' || number
                when nth > 1 then id || ' (row ' || number || ')' else id end as id
            from named
        )
        select (select count(*) from subject) + row_number() over (order by number),
            $source || '/record/' || id, $source, 'record', id, $kind, '2000-01-01'::timestamptz, null, $source, number
        from told
        """,
        {"source": file.source, "kind": kind.value},
    )


def _held(connection: Connection, file: File, role: str, columns: Sequence[Column]) -> None:
    rows = f"from {file.table} f join subject s on s.source = $source and s.row = f.number"
    named = {"source": file.source}
    if role == "reading":
        connection.execute(
            f"insert into spoken select n, raw from (select s.n, {_whole(file, columns)} as raw {rows}) "
            "where raw is not null",
            named,
        )
        return
    for place, raw in enumerate(_values(connection, file, role, columns)):
        connection.execute(
            f"insert into held select n, $role, $place, raw from (select s.n, {raw} as raw {rows}) "
            "where raw is not null",
            {**named, "role": _HELD_AS.get(role, role), "place": place},
        )


def _values(connection: Connection, file: File, role: str, columns: Sequence[Column]) -> Iterator[str]:
    """SQL of each value of a role."""
    if role in _EACH:
        yield from (f"left(f.{file.column(column.name)}, {_LONGEST})" for column in columns)
    elif role == "birth_date" and len(columns) == 1:
        cell = f"f.{file.column(columns[0].name)}"
        format_ = columns[0].format or format_of(sample(connection, file, columns[0].name))
        yield f"coalesce({_parsed(cell, format_)}, {cell})" if format_ else cell
    elif role == "birth_date":  # year, month and day apart
        cells = ", ".join(f"f.{file.column(column.name)}" for column in columns)
        yield f"nullif(concat_ws('-', {cells}), '')"
    else:
        yield _whole(file, columns)


def _whole(file: File, columns: Sequence[Column]) -> str:
    """SQL of several columns as one value, with spaces between them."""
    cells = [f"left(f.{file.column(column.name)}, {_LONGEST})" for column in columns]
    if len(cells) == 1:
        return cells[0]
    return f"nullif(array_to_string([{', '.join(cells)}], ' '), '')"


def _parsed(cell: str, format_: str) -> str:
    literal = format_.replace("'", "''")
    return f"strftime(try_strptime({cell}, '{literal}'), '%Y-%m-%d')"


def format_of(values: Sequence[str]) -> str | None:
    """`%d/%m/%Y` or `%m/%d/%Y`, where most dates are written so; those that can be read in one way only tell which."""
    found = [match for value in values if (match := _YEAR_LAST.fullmatch(value))]
    if len(found) * 2 < len(values) or not found:
        return None
    first = sum(int(match[1]) > 12 >= int(match[3]) for match in found)
    second = sum(int(match[3]) > 12 >= int(match[1]) for match in found)
    mark = found[0][2]
    if first > 20 * second:
        return f"%d{mark}%m{mark}%Y"
    return f"%m{mark}%d{mark}%Y" if second > 20 * first else None


def _add_readings(connection: Connection, region: str) -> None:
    """What a person wrote into フリガナ joins the readings that the name can have."""
    apart = f"chr({value.SEPARATOR_CODE})"
    connection.execute(
        "create or replace temp table spoken_value as "
        f"select n, 'name' as kind, {apart} || {apart} || raw as raw from spoken"
    )
    value.fill(connection, "spoken_value", region)
    connection.execute(
        """
        update normalise.person p set readings = list_sort(list_distinct(list_concat(p.readings, said.readings)))
        from (
            select record_key, readings from spoken_value join subject using (n)
            join normalise.value v on v.kind = 'name' and v.raw = spoken_value.raw where len(readings) > 0
        ) said
        where said.record_key = p.record_key
        """
    )
