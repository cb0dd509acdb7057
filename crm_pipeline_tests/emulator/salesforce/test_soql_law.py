"""Law: a WHERE clause finds the rows that the same condition, written in SQL, finds in DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.salesforce import SalesforceStore, soql
from crm_pipeline.emulator.salesforce.soql.fields import Data

_TEXT = st.text("aAbB山%_'\\ ", min_size=1, max_size=4).filter(lambda text: text.strip() == text)
_NUMBER = st.sampled_from([-2.5, -1.0, 0.0, 1.0, 2.25])
_DATE = st.sampled_from(["1999-12-31", "2024-01-01", "2024-02-29"])
_TIME = st.sampled_from(["2024-01-01T00:00:00Z", "2024-01-01T09:00:01+09:00", "2023-12-31T15:00:00-05:00"])
_COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "Title": _TEXT,
    "City": _TEXT,
    "Score__c": _NUMBER,
    "Birthdate__c": _DATE,
    "Seen__c": _TIME,
}
_ROWS = st.lists(st.fixed_dictionaries({name: st.none() | value for name, value in _COLUMNS.items()}), max_size=8)


@dataclass(frozen=True)
class Both:
    """One condition in both languages."""

    soql: str
    sql: str


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _literal(name: str, value: Any) -> Both:
    if value is None:
        return Both("null", "NULL")
    if name in ("Title", "City"):
        return Both(_quoted(value), "lower('" + value.replace("'", "''") + "')")
    if name == "Score__c":
        return Both(str(value), str(value))
    return Both(value, f"{'DATE' if name == 'Birthdate__c' else 'TIMESTAMPTZ'} '{value}'")


def _column(name: str) -> str:
    return f"lower({name})" if name in ("Title", "City") else name


@st.composite
def _comparison(draw: st.DrawFn) -> Both:
    name = draw(st.sampled_from(list(_COLUMNS)))
    operator = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
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
def _like(draw: st.DrawFn) -> Both:
    parts = draw(st.lists(st.sampled_from(["a", "B", "山", "'", "%", "_", "\\%", "\\_"]), min_size=1, max_size=5))
    pattern = "".join(parts)
    in_soql = "'" + pattern.replace("'", "\\'") + "'"
    in_sql = "lower('" + pattern.replace("'", "''") + "')"
    return Both(f"Title LIKE {in_soql}", f"coalesce(lower(Title) LIKE {in_sql} ESCAPE '\\', false)")


def _joined(parts: st.SearchStrategy[Both]) -> st.SearchStrategy[Both]:
    def join(operator: str, both: Sequence[Both]) -> Both:
        return Both(f"({f' {operator} '.join(b.soql for b in both)})", f"({f' {operator} '.join(b.sql for b in both)})")

    several = st.lists(parts, min_size=2, max_size=3)
    negated = parts.map(lambda b: Both(f"(NOT {b.soql})", f"(NOT {b.sql})"))
    return st.builds(join, st.sampled_from(["AND", "OR"]), several) | negated


_CONDITIONS = st.recursive(_comparison() | _membership() | _like(), _joined, max_leaves=6)


def _store() -> SalesforceStore:
    store = SalesforceStore(Clock())
    store.define_field("Lead", {"name": "Score__c", "type": "double", "scale": 2})
    store.define_field("Lead", {"name": "Birthdate__c", "type": "date"})
    store.define_field("Lead", {"name": "Seen__c", "type": "datetime"})
    return store


_STORE = _store()
_DUCKDB = duckdb.connect()
_DUCKDB.execute("SET TimeZone = 'UTC'")
_DUCKDB.execute(
    "CREATE TABLE lead "
    "(n INTEGER, Title VARCHAR, City VARCHAR, Score__c DOUBLE, Birthdate__c DATE, Seen__c TIMESTAMPTZ)"
)


@settings(max_examples=300, deadline=None)
@given(rows=_ROWS, condition=_CONDITIONS)
def test_where_finds_what_sql_finds(rows: list[dict[str, Any]], condition: Both) -> None:
    for lead_id in _STORE.ids("Lead"):
        _STORE.delete("Lead", lead_id)
    _STORE.empty_recycle_bin()
    _DUCKDB.execute("DELETE FROM lead")
    for number, row in enumerate(rows):
        _STORE.create("Lead", {"LastName": str(number), "Company": "C", **row})
        _DUCKDB.execute("INSERT INTO lead VALUES (?, ?, ?, ?, ?, ?)", [number, *(row[name] for name in _COLUMNS)])
    expected = _DUCKDB.execute(f"SELECT n FROM lead WHERE {condition.sql} ORDER BY n").fetchall()
    result = soql.run(
        Data(_STORE.schema, _STORE.rows),
        f"SELECT LastName FROM Lead WHERE {condition.soql}",
        today=datetime.now(UTC).date(),
        zone=_STORE.zone,
        version="62.0",
        include_deleted=False,
    )
    assert [int(row["LastName"]) for row in result.rows] == [number for (number,) in expected]
