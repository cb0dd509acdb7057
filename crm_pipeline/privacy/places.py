"""Where a person stands in the database: which rows of each table are theirs, and what becomes of them.

A table's columns tell which rows are somebody's, so that a table which is made later is covered from its first day.
Belongs here: the rows, and what stays of those that the accounts need (law 25). Not here: who is meant (person.py),
files (files.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from crm_pipeline.warehouse import Connection

#: Columns that name a record, and those that name a golden record.
_RECORD_KEYS = frozenset(
    {"record_key", "left_key", "right_key", "anchor_key", "gone_key", "companion_key", "source_key", "winner_key"}
    | {"loser_key", "hubspot_key", "salesforce_key"}
)
_GOLDEN_IDS = frozenset({"golden_id", "survivor_id", "customer_id"})

#: Tables of match.* that know records by number.
_NUMBERED = {"block_key": ("id",), "scored": ("l", "r"), "inside": ("l", "r")}

#: Rows that stay, because the accounts of a run are made of them, and what is taken out of them.
_EMPTIED: Mapping[str, str] = {
    "push.outbox": "old = '{}', new = '{}', observed = null, message = null, record_id = null, create_key = null, "
    "needs = null, request_id = op_id, read_modified_at = null, "
    "code = if(state in ('sent', 'unknown'), 'erased', code), "
    "state = if(state in ('sent', 'unknown'), 'superseded', state)",
    "push.audit": "old = '{}', new = '{}', record_id = null, create_key = null, reason = 'erased'",
    "plan.change": "old = '{}', new = '{}', record_id = null, create_key = null, source_key = null, "
    "source_value = null, needs = null, fingerprint = '', reason = 'erased', "
    "problem = if(problem is null, null, 'erased')",
    "plan.standing": "until_plan = coalesce(until_plan, (select max(plan_id) from plan.plan))",
    "raw.quarantine": "record_id = 'erased', released_run = coalesce(released_run, run_id)",
}
#: Rows that hold an id and no value: that a record is gone must stay known.
_KEPT = frozenset({"raw.tombstone", "state.suppressed", "state.erasure"})


@dataclass(frozen=True)
class Place:
    """Rows of one table. `where`: which are the person's; `emptied`: what is set in them; empty: they are deleted."""

    table: str
    where: str
    emptied: str = ""

    def count(self, connection: Connection) -> int:
        row = connection.execute(f"select count(*) from {self.table} where {self.where}").fetchone()
        assert row
        return int(row[0])

    def clear(self, connection: Connection) -> None:
        if self.emptied:
            connection.execute(f"update {self.table} set {self.emptied} where {self.where}")
        else:
            connection.execute(f"delete from {self.table} where {self.where}")


def places(connection: Connection) -> list[Place]:
    """Every table that may hold something of the person of `erased_golden` and `erased_record`, in an order in which
    each still finds its rows."""
    columns: dict[tuple[str, str], set[str]] = defaultdict(set)
    for schema, table, column in connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and not internal "
        "and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables() where not temporary)"
    ).fetchall():
        columns[schema, table].add(column)
    objects = dict(
        connection.execute(
            "select distinct system || '_' || lower(object), system || '/' || object from erased_record"
        ).fetchall()
    )
    found = [
        Place(f"{schema}.{table}", where, _EMPTIED.get(f"{schema}.{table}", ""))
        for (schema, table), held in sorted(columns.items())
        if f"{schema}.{table}" not in _KEPT and (where := _where(schema, table, held, objects))
    ]
    return sorted(found, key=lambda place: place.table in ("match.person", "push.outbox"))


def _where(schema: str, table: str, columns: set[str], objects: Mapping[str, str]) -> str:
    if schema == "match" and table in _NUMBERED:
        theirs = "select id from match.person where record_key in (select record_key from erased_record)"
        return f"kind = 'person' and ({' or '.join(f'{c} in ({theirs})' for c in _NUMBERED[table])})"
    if schema == "raw" and "record_id" in columns and "system" not in columns:
        own = objects.get(table)
        return f"record_id in (select record_id from erased_record where system || '/' || object = '{own}')" * bool(own)
    parts = [f"{column} in (select record_key from erased_record)" for column in sorted(_RECORD_KEYS & columns)]
    parts += [f"{column} in (select golden_id from erased_golden)" for column in sorted(_GOLDEN_IDS & columns)]
    if {"system", "object", "record_id"} <= columns:
        parts.append("(system, object, record_id) in (select (system, object, record_id) from erased_record)")
    for end in ("from", "to"):
        if {"system", f"{end}_object", f"{end}_id"} <= columns:
            parts.append(f"(system, {end}_object, {end}_id) in (select (system, object, record_id) from erased_record)")
    # what others are related to: one field for each of the related, named after it
    if schema in ("state", "plan") and columns & {"golden_id", "record_key"} and "op_id" not in columns:
        for column in sorted({"field", "name"} & columns):
            parts.append(f"split_part({column}, '/', 2) in (select golden_id from erased_golden)")
    if (schema, table) == ("push", "attempt"):
        return f"request_id in ({TOKENS})"
    return " or ".join(parts)


#: How requests name the person's records.
TOKENS = (
    "select request_id from push.outbox where golden_id in (select golden_id from erased_golden) "
    "or (system, object, record_id) in (select (system, object, record_id) from erased_record)"
)
