"""Laws: a query finds what the same query, written in SQL, finds in DuckDB; groups are those of SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.salesforce import SalesforceStore, soql
from crm_pipeline.emulator.salesforce.soql.fields import Data

_NOW = datetime(2024, 3, 15, 3, tzinfo=UTC)
_TODAY = date(2024, 3, 15)
_TEXT = st.text("aAbB山%_'\\ ", min_size=1, max_size=4).filter(lambda text: text.strip() == text)
_NUMBER = st.sampled_from([-2.5, -1.0, 0.0, 1.0, 2.25])
_DATE = st.sampled_from(["1999-12-31", "2024-01-01", "2024-02-29", "2024-03-14", "2024-03-15", "2024-04-01"])
_TIME = st.sampled_from(
    ["2024-01-01T00:00:00Z", "2024-01-01T09:00:01+09:00", "2023-12-31T15:00:00-05:00", "2024-03-14T15:00:00Z"]
)
_CHOICE = st.sampled_from(["a", "b", "c", "a;b", "b;c", "a;b;c"])
_TEXTS = ("Title", "City", "Tags__c")
_COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "Title": _TEXT,
    "City": _TEXT,
    "Tags__c": _CHOICE,
    "Score__c": _NUMBER,
    "Birthdate__c": _DATE,
    "Seen__c": _TIME,
}
_ROWS = st.lists(st.fixed_dictionaries({name: st.none() | value for name, value in _COLUMNS.items()}), max_size=8)


@dataclass(frozen=True)
class Both:
    """The same thing in both languages."""

    soql: str
    sql: str


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _literal(name: str, value: Any) -> Both:
    if value is None:
        return Both("null", "NULL")
    if name in _TEXTS:
        return Both(_quoted(value), "lower('" + value.replace("'", "''") + "')")
    if name == "Score__c":
        return Both(str(value), str(value))
    return Both(value, f"{'DATE' if name == 'Birthdate__c' else 'TIMESTAMPTZ'} '{value}'")


def _column(name: str) -> str:
    return f"lower({name})" if name in _TEXTS else name


@st.composite
def _comparison(draw: st.DrawFn) -> Both:
    name = draw(st.sampled_from(list(_COLUMNS)))
    operators = ["=", "!="] if name == "Tags__c" else ["=", "!=", "<", "<=", ">", ">="]
    operator = draw(st.sampled_from(operators))
    nullable = st.none() if operator in ("=", "!=") else st.nothing()
    literal = _literal(name, draw(_COLUMNS[name] | nullable))
    same = {"=": "IS NOT DISTINCT FROM", "!=": "IS DISTINCT FROM"}
    sql = f"{_column(name)} {same.get(operator, operator)} {literal.sql}"
    return Both(f"{name} {operator} {literal.soql}", f"coalesce({sql}, false)")


@st.composite
def _membership(draw: st.DrawFn) -> Both:
    name, negated = draw(st.sampled_from(list(_COLUMNS))), draw(st.booleans())
    literals = [_literal(name, value) for value in draw(st.lists(st.none() | _COLUMNS[name], min_size=1, max_size=3))]
    any_of = " OR ".join(f"{_column(name)} IS NOT DISTINCT FROM {literal.sql}" for literal in literals)
    listed = ", ".join(literal.soql for literal in literals)
    return Both(f"{name} {'NOT ' * negated}IN ({listed})", f"{'NOT ' * negated}({any_of})")


@st.composite
def _inclusion(draw: st.DrawFn) -> Both:
    wanted, negated = draw(st.lists(_CHOICE, min_size=1, max_size=3)), draw(st.booleans())
    tags = "string_split(coalesce(Tags__c, ''), ';')"
    any_of = " OR ".join(f"list_has_all({tags}, string_split('{text}', ';'))" for text in wanted)
    listed = ", ".join(_quoted(text) for text in wanted)
    return Both(f"Tags__c {'EXCLUDES' if negated else 'INCLUDES'} ({listed})", f"{'NOT ' * negated}({any_of})")


@st.composite
def _like(draw: st.DrawFn) -> Both:
    parts = draw(st.lists(st.sampled_from(["a", "B", "山", "'", "%", "_", "\\%", "\\_"]), min_size=1, max_size=5))
    pattern = "".join(parts)
    in_soql = "'" + pattern.replace("'", "\\'") + "'"
    in_sql = "lower('" + pattern.replace("'", "''") + "')"
    return Both(f"Title LIKE {in_soql}", f"coalesce(lower(Title) LIKE {in_sql} ESCAPE '\\', false)")


_FUNCTIONS = {
    "CALENDAR_YEAR": "year",
    "CALENDAR_MONTH": "month",
    "CALENDAR_QUARTER": "quarter",
    "DAY_IN_MONTH": "day",
    "DAY_IN_YEAR": "dayofyear",
    "DAY_IN_WEEK": "1 + dayofweek",
}


@st.composite
def _date_function(draw: st.DrawFn) -> Both:
    name, number = draw(st.sampled_from(list(_FUNCTIONS))), draw(st.sampled_from([1, 2, 3, 6, 15, 60, 2024]))
    operator = draw(st.sampled_from(["=", "<", ">="]))
    sql = f"{_FUNCTIONS[name]}(Birthdate__c) {operator} {number}"
    return Both(f"{name}(Birthdate__c) {operator} {number}", f"coalesce({sql}, false)")


_RANGES = {
    "TODAY": ("DATE '2024-03-15'", 1, "DAY"),
    "THIS_MONTH": ("DATE '2024-03-01'", 1, "MONTH"),
    "LAST_QUARTER": ("DATE '2023-10-01'", 3, "MONTH"),
    "THIS_YEAR": ("DATE '2024-01-01'", 1, "YEAR"),
    "LAST_N_DAYS:15": ("DATE '2024-02-29'", 16, "DAY"),
    "NEXT_N_DAYS:30": ("DATE '2024-03-16'", 30, "DAY"),
}


@st.composite
def _range(draw: st.DrawFn) -> Both:
    """A relative date; days of a datetime are those of Tokyo."""
    name = draw(st.sampled_from(["Birthdate__c", "Seen__c"]))
    literal, operator = draw(st.sampled_from(list(_RANGES))), draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
    start, count, unit = _RANGES[literal]
    end = f"({start} + INTERVAL {count} {unit})"
    value = name if name == "Birthdate__c" else "timezone('Asia/Tokyo', Seen__c)"
    tests = {
        "=": f"{value} >= {start} AND {value} < {end}",
        "<": f"{value} < {start}",
        "<=": f"{value} < {end}",
        ">": f"{value} >= {end}",
        ">=": f"{value} >= {start}",
    }
    sql = f"NOT coalesce({tests['=']}, false)" if operator == "!=" else f"coalesce({tests[operator]}, false)"
    return Both(f"{name} {operator} {literal}", f"({sql})")


def _joined(parts: st.SearchStrategy[Both]) -> st.SearchStrategy[Both]:
    def join(operator: str, both: Sequence[Both]) -> Both:
        return Both(f"({f' {operator} '.join(b.soql for b in both)})", f"({f' {operator} '.join(b.sql for b in both)})")

    several = st.lists(parts, min_size=2, max_size=3)
    negated = parts.map(lambda b: Both(f"(NOT {b.soql})", f"(NOT {b.sql})"))
    return st.builds(join, st.sampled_from(["AND", "OR"]), several) | negated


_SIMPLE = st.one_of(_comparison(), _membership(), _inclusion(), _like(), _date_function(), _range())
_CONDITIONS = st.recursive(_SIMPLE, _joined, max_leaves=6)


@st.composite
def _order(draw: st.DrawFn) -> Both:
    """An order of rows that is never ambiguous; a multi-select picklist and a text sort alike."""
    columns = draw(
        st.lists(st.sampled_from(["Score__c", "Birthdate__c", "Seen__c", "Tags__c"]), max_size=2, unique=True)
    )
    by = [(name, draw(st.sampled_from(["", "DESC"])), draw(st.sampled_from(["FIRST", "LAST"]))) for name in columns]
    limit, offset = draw(st.none() | st.integers(0, 5)), draw(st.integers(0, 3))
    tail = f"{'' if limit is None else f' LIMIT {limit}'} OFFSET {offset}"
    in_soql = ", ".join([*(f"{name} {way} NULLS {nulls}" for name, way, nulls in by), "LastName"])
    in_sql = ", ".join([*(f"{_column(name)} {way or 'ASC'} NULLS {nulls}" for name, way, nulls in by), "n"])
    return Both(f"ORDER BY {in_soql}{tail}", f"ORDER BY {in_sql}{tail}")


_AGGREGATES = {
    "COUNT(Id)": "count(*)",
    "COUNT(Score__c)": "count(Score__c)",
    "COUNT_DISTINCT(City)": "count(DISTINCT lower(City))",
    "MIN(Birthdate__c)": "min(Birthdate__c)",
    "MAX(Score__c)": "max(Score__c)",
    "SUM(Score__c)": "sum(Score__c)",
    "AVG(Score__c)": "avg(Score__c)",
}
_KEYS = {
    "Title": "lower(Title)",
    "Birthdate__c": "Birthdate__c",
    "CALENDAR_MONTH(Birthdate__c)": "month(Birthdate__c)",
    "Owner.Email": "'admin@example.com'",
}


@st.composite
def _grouped(draw: st.DrawFn) -> tuple[list[str], list[str], Both]:
    """Keys and aggregates of a grouped query, and its HAVING."""
    keys = draw(st.lists(st.sampled_from(list(_KEYS)), max_size=2, unique=True))
    allowed = [aggregate for aggregate in _AGGREGATES if "Birthdate__c" not in keys or "Birthdate__c" not in aggregate]
    aggregates = draw(st.lists(st.sampled_from(allowed), min_size=1, max_size=3, unique=True))
    having = Both("", "")
    if keys and draw(st.booleans()):
        aggregate, number = draw(st.sampled_from(["COUNT(Id)", "SUM(Score__c)"])), draw(st.integers(-1, 3))
        having = Both(f" HAVING {aggregate} > {number}", f" HAVING {_AGGREGATES[aggregate]} > {number}")
    return keys, aggregates, having


def _store() -> SalesforceStore:
    clock = Clock()
    clock.set(_NOW)
    store = SalesforceStore(clock)
    store.define_field("Lead", {"name": "Score__c", "type": "double", "scale": 2})
    store.define_field("Lead", {"name": "Birthdate__c", "type": "date"})
    store.define_field("Lead", {"name": "Seen__c", "type": "datetime"})
    store.define_field("Lead", {"name": "Tags__c", "type": "multipicklist"})
    return store


_STORE = _store()
_DUCKDB = duckdb.connect()
_DUCKDB.execute("SET TimeZone = 'UTC'")
_DUCKDB.execute(
    "CREATE TABLE lead (n INTEGER, Title VARCHAR, City VARCHAR, Tags__c VARCHAR, "
    "Score__c DOUBLE, Birthdate__c DATE, Seen__c TIMESTAMPTZ)"
)


def _fill(rows: list[dict[str, Any]]) -> None:
    for lead_id in _STORE.ids("Lead"):
        _STORE.delete("Lead", lead_id)
    _STORE.empty_recycle_bin()
    _DUCKDB.execute("DELETE FROM lead")
    for number, row in enumerate(rows):
        _STORE.create("Lead", {"LastName": str(number), "Company": "C", **row})
        values = [number, *(row[name] for name in _COLUMNS)]
        _DUCKDB.execute(f"INSERT INTO lead VALUES ({', '.join('?' * len(values))})", values)


def _run(text: str) -> list[dict[str, Any]]:
    result = soql.run(
        Data(_STORE.schema, _STORE.rows),
        text,
        today=_TODAY,
        zone=_STORE.zone,
        version="62.0",
        include_deleted=False,
    )
    return [result.render(row) for row in result.rows]


@settings(max_examples=300, deadline=None)
@given(rows=_ROWS, condition=_CONDITIONS, order=_order())
def test_a_query_finds_what_sql_finds(rows: list[dict[str, Any]], condition: Both, order: Both) -> None:
    _fill(rows)
    expected = _DUCKDB.execute(f"SELECT n FROM lead WHERE {condition.sql} {order.sql}").fetchall()
    found = _run(f"SELECT LastName FROM Lead WHERE {condition.soql} {order.soql}")
    assert [int(row["LastName"]) for row in found] == [number for (number,) in expected]


@settings(max_examples=200, deadline=None)
@given(rows=_ROWS, condition=st.none() | _CONDITIONS, grouped=_grouped())
def test_groups_are_those_of_sql(
    rows: list[dict[str, Any]], condition: Both | None, grouped: tuple[list[str], list[str], Both]
) -> None:
    _fill(rows)
    keys, aggregates, having = grouped
    columns = [f"{item} c{number}" for number, item in enumerate([*keys, *aggregates])]
    by = f" GROUP BY {', '.join(keys)}" if keys else ""
    where = f" WHERE {condition.soql}" if condition else ""
    found = [tuple(row.values())[1:] for row in _run(f"SELECT {', '.join(columns)} FROM Lead{where}{by}{having.soql}")]
    in_sql = ", ".join([*(_KEYS[key] for key in keys), *(_AGGREGATES[aggregate] for aggregate in aggregates)])
    by = f" GROUP BY {', '.join(_KEYS[key] for key in keys)}" if keys else ""
    where = f" WHERE {condition.sql}" if condition else ""
    expected = _DUCKDB.execute(f"SELECT {in_sql} FROM lead{where}{by}{having.sql}").fetchall()
    assert sorted(map(_comparable, found), key=repr) == sorted(map(_comparable, expected), key=repr)


def _comparable(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(_plain(value) for value in row)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return round(float(value), 6)
    return value.lower() if isinstance(value, str) else value


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_count_of_ids_is_the_number_of_rows_that_the_same_condition_finds(data: st.DataObject) -> None:
    clock = Clock()
    clock.set(_NOW)
    store = SalesforceStore(clock)
    leads = [store.create("Lead", {"LastName": f"n{n}", "Company": "C"}) for n in range(8)]
    for gone in data.draw(st.sets(st.sampled_from(leads), max_size=3)):
        store.delete("Lead", gone)
    clause = st.tuples(st.sampled_from([">", ">=", "<", "<="]), st.sampled_from(leads), st.sampled_from([15, 18]))
    clauses = data.draw(st.lists(clause, min_size=1, max_size=3))
    where = " AND ".join(f"Id {operator} '{lead[:length]}'" for operator, lead, length in clauses)
    deleted = data.draw(st.booleans())

    def run(what: str) -> int:
        text = f"SELECT {what} FROM Lead WHERE {where}"
        found = Data(store.schema, store.rows)
        return soql.run(found, text, today=_TODAY, zone=store.zone, version="62.0", include_deleted=deleted).total

    assert run("COUNT()") == run("Id")
