"""The golden stage's set-based functions, asked by value: tables in, tables out, without a warehouse."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import duckdb

from crm_pipeline.canonical import Canonical
from crm_pipeline.golden import entity, survivorship
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.connection import configured
from crm_pipeline_tests.golden.reference import Assigned, Known, Record
from crm_pipeline_tests.golden.reference_values import Candidate, Survivor

_TABLES = """
create or replace temp table source (record_key varchar, created_at timestamptz, retired varchar, survivor varchar);
create or replace temp table clustered (record_key varchar, cluster varchar);
create or replace temp table known_anchor (golden_id varchar, anchor_key varchar);
create or replace temp table known_link (record_key varchar, golden_id varchar);
create or replace temp table candidate (golden_id varchar, record_key varchar, parts varchar[], canonical varchar[],
    changed_at timestamptz, is_primary boolean, created_at timestamptz, agreed varchar[]);
"""


@cache
def _connection() -> Connection:
    return configured(duckdb.connect(config={"threads": 1}))


def assign(kind: Kind, records: Iterable[Record], clusters: Mapping[str, str], known: Known) -> Assigned:
    """golden/entity.py on these records."""
    connection = _connection()
    connection.execute(_TABLES)
    _fill("source", [tuple(record) for record in records])
    _fill("clustered", list(clusters.items()))
    _fill("known_anchor", list(known.anchors.items()))
    _fill("known_link", list(known.links.items()))
    last = entity.assign(connection, kind, known.last)
    return Assigned(
        dict(connection.execute("select record_key, golden_id from assigned_link").fetchall()),
        dict(connection.execute("select golden_id, anchor_key from assigned_anchor").fetchall()),
        dict(connection.execute("select golden_id, survivor_id from redirected").fetchall()),
        last,
    )


def survive(candidates: Sequence[Candidate], agreed: Canonical | None = None) -> tuple[object, ...] | None:
    """golden/survivorship.py on one golden record: (record key, parts, rule, losing values of each part) or None."""
    connection = _connection()
    connection.execute(_TABLES)
    decided = None if agreed is None else list(agreed)
    _fill(
        "candidate",
        [
            (
                "person-1",
                c.record_key,
                list(c.parts),
                list(c.canonical),
                c.changed_at,
                c.is_primary,
                c.created_at,
                decided,
            )
            for c in candidates
            if any(c.canonical)
        ],
    )
    survivorship.start(connection)
    survivorship.survive(connection, "name", 2)
    row = connection.execute("select record_key, parts, rule, losing from survived").fetchone()
    return None if row is None else (row[0], tuple(row[1]), row[2], [_losers(text) for text in row[3]])


def _losers(text: str) -> list[tuple[str, str | None]]:
    return [(loser["record_key"], loser["value"]) for loser in json.loads(text)]


def _fill(table: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        marks = ", ".join(f"({', '.join('?' * len(rows[0]))})" for _ in rows)
        _connection().execute(f"insert into {table} values {marks}", [value for row in rows for value in row])


def told(survivor: Survivor | None) -> tuple[object, ...] | None:
    """What the reference says, as `survive` says it."""
    if survivor is None:
        return None
    losing = [[(loser.record_key, loser.parts[place]) for loser in survivor.losing] for place in range(2)]
    return survivor.record_key, survivor.parts, survivor.rule, losing
