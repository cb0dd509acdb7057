"""What other rules would write: copies of the stored data planned with the present rules and with others.

Belongs here: the copies (what planning reads), both plans, and what differs. Nothing is read from a CRM, and the
warehouse stays as it is: it is held while it is copied, no longer. Not here: words on a terminal (cli/simulate.py).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_pipeline.config import Settings
from crm_pipeline.model import System
from crm_pipeline.plan import stage
from crm_pipeline.plan.guards import Guard
from crm_pipeline.warehouse import Connection, Warehouse

#: What planning reads, by schema; of plan.* only which plans there were, what needs nothing, and what stands.
_SCHEMAS = ("raw", "match", "golden", "state", "push", "plan")
_ALL_BUT = ("raw.history", "raw.call", "raw.schema_change", "push.attempt", "state.version")
_OF_PLANS = ("plan.plan", "plan.settled", "plan.change", "plan.standing")


@dataclass(frozen=True)
class Other:
    """An operation that only one of the plans has (`added`, `removed`), or that both have otherwise (`changed`).

    `old`: what the CRM holds; `before` and `after`: what each plan would write there, None for nothing. `problem`: why
    the operation of the other rules would not be sent, of a removed one why the present one is not.
    """

    change: str
    system: System
    object: str
    target: str
    operation: str
    field: str
    old: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    problem: str | None


@dataclass(frozen=True)
class Simulated:
    """What other rules change. `operations`, `conflicts`: numbers with the present and with the other rules.

    `guards`: those that would trip; `left_out`: (field, why) of what fits no more; `unread`: mapped CRM fields that
    were never read, so that nothing can be planned for them.
    """

    differences: Sequence[Other]
    operations: tuple[int, int]
    conflicts: tuple[int, int]
    guards: Sequence[Guard]
    left_out: Sequence[tuple[str, str]]
    unread: Sequence[str]


def simulated(warehouse: Warehouse, settings: Settings, other: Settings) -> Simulated:
    """Plan copies of the stored data by `settings` and by `other`. Raises SafetyError before the first extract."""
    with _copies(warehouse) as (first, second):
        stage.run(first, settings, 0)
        stage.run(second, other, 0)
        with second.connect() as connection:
            connection.execute("attach ? as present (read_only)", [str(first.path)])
            return Simulated(
                differences=_differences(connection),
                operations=_counted(connection, "{0}plan.change where plan_id = {1} and problem is null"),
                conflicts=_counted(connection, "{0}plan.conflict where last_plan = {1}"),
                guards=_guards(connection),
                left_out=connection.execute(
                    f"select distinct field, problem from plan.compatibility where plan_id = {_newest()} "
                    "and problem <> '' order by all"
                ).fetchall(),
                unread=_unread(connection, other),
            )


@contextmanager
def _copies(warehouse: Warehouse) -> Iterator[tuple[Warehouse, Warehouse]]:
    """Two warehouses with what planning reads, beside the real one, until the block ends."""
    with tempfile.TemporaryDirectory(prefix=".simulate-", dir=_folder(warehouse)) as folder:
        first, second = Warehouse(Path(folder) / "present.duckdb"), Warehouse(Path(folder) / "other.duckdb")
        # waits for whoever holds it, and keeps others from changing it
        with warehouse.read(), first.connect() as connection:
            connection.execute("attach ? as source (read_only)", [str(warehouse.path)])
            for table in _tables(connection):
                connection.execute(f"delete from {table}")
                connection.execute(f"insert into {table} by name from source.{table}")
        shutil.copyfile(first.path, second.path)
        yield first, second


def _folder(warehouse: Warehouse) -> Path:
    warehouse.required()
    return warehouse.path.parent


def _tables(connection: Connection) -> list[str]:
    """The tables that both have: those of golden records by kind come with their stage, and planning reads none."""
    rows = connection.execute(
        "select schema_name || '.' || table_name as name from duckdb_tables() where list_contains(?, schema_name) "
        "group by name having count(*) = 2 order by all",
        [list(_SCHEMAS)],
    ).fetchall()
    tables = [name for (name,) in rows if name not in _ALL_BUT]
    return [name for name in tables if not name.startswith("plan.") or name in _OF_PLANS]


def _newest(database: str = "") -> str:
    return f"(select max(plan_id) from {database}plan.plan)"


def _differences(connection: Connection) -> list[Other]:
    """By CRM object and field, the removed first."""

    def plan(database: str) -> str:
        return (
            "(select *, coalesce(record_id, 'new ' || create_key) as target, coalesce(needs, '{}') as waits "
            f"from {database}plan.operation where plan_id = {_newest(database)})"
        )

    rows = connection.execute(
        f"""
        select case when n.target is null then 'removed' when o.target is null then 'added' else 'changed' end,
            system, object, target, coalesce(n.operation, o.operation), field, coalesce(n.old, o.old), o.new, n.new,
            if(n.target is null, o.problem, n.problem)
        from {plan("present.")} o full join {plan("")} n using (system, object, target, field)
        where n.target is null or o.target is null or (n.operation, n.new, n.waits, n.problem)
            is distinct from (o.operation, o.new, o.waits, o.problem)
        order by system, object, field, 1 desc, target
        """
    ).fetchall()
    return [
        Other(
            change, System(system), object_, target, operation, field, json.loads(old), _values(now), _values(then), why
        )
        for change, system, object_, target, operation, field, old, now, then, why in rows
    ]


def _values(text: str | None) -> Mapping[str, Any] | None:
    return None if text is None else dict(json.loads(text))


def _counted(connection: Connection, rows: str) -> tuple[int, int]:
    """How many rows there are with the present rules, and with the others."""

    def number(database: str) -> int:
        row = connection.execute(f"select count(*) from {rows.format(database, _newest(database))}").fetchone()
        assert row
        return int(row[0])

    return number("present."), number("")


def _guards(connection: Connection) -> list[Guard]:
    rows = connection.execute(
        "select system, object, guard, subject, number, total, allowed, tripped from plan.guard "
        f"where plan_id = {_newest()} and tripped order by all"
    ).fetchall()
    return [Guard(System(system), *rest) for system, *rest in rows]


def _unread(connection: Connection, other: Settings) -> list[str]:
    seen = set(connection.execute("select system, object, name from raw.field_seen").fetchall())
    return [
        f"{system.label} {object_}.{name}"
        for system, object_ in other.mapping.objects
        for name in other.mapping.own_fields(object_)
        if (system.value, object_, name) not in seen
    ]
