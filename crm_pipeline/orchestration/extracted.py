"""What an extract asset shows of its read, beside the numbers of its result: calls, completeness, drift.

Names of fields and objects, numbers and times; no value of a record (law 45).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

from crm_pipeline.flow import UNFINISHED, Step
from crm_pipeline.orchestration.grid import grid
from crm_pipeline.warehouse import Connection

#: Changed fields that the table of a schema shows; a first read has none.
_MOST_CHANGES = 100


def of_step(connection: Connection, step: Step, result: Any, run_id: int) -> dict[str, Any]:
    """Metadata of a step of the stage."""
    if step.name == UNFINISHED:
        return {}
    systems = sorted(system.value for system in step.calls)
    if step.name.endswith("_schema"):
        made = _calls(connection, run_id, systems, "schema")
        return made | {"calls foreseen": result.calls_foreseen} | _drift(connection, run_id, systems[0])
    if step.name == "associations":
        return _calls(connection, run_id, systems, "associations")
    calls = _calls(connection, run_id, systems, result.object)
    return calls | _completeness(connection, run_id, systems[0], result.object)


def _calls(connection: Connection, run_id: int, systems: Sequence[str], object_: str) -> dict[str, Any]:
    """Numbers, which the UI plots; what was foreseen beside what was made."""
    row = connection.execute(
        "select coalesce(sum(made), 0)::bigint, coalesce(sum(forecast), 0)::bigint, "
        "coalesce(sum(retries), 0)::bigint, round(coalesce(sum(waited_seconds), 0), 1) "
        "from raw.call where run_id = ? and object = ? and list_contains(?::varchar[], system)",
        [run_id, object_, list(systems)],
    ).fetchone()
    assert row
    return dict(zip(("calls", "calls foreseen", "calls repeated", "seconds waited"), row, strict=True))


def _completeness(connection: Connection, run_id: int, system: str, object_: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    of = [system, object_]
    row = connection.execute(
        "select surplus, sampled, sample_wrong, method, explained from raw.reconciliation "
        "where run_id = ? and system = ? and object = ?",
        [run_id, *of],
    ).fetchone()
    if row:
        surplus, sampled, wrong, method, explained = row
        found |= {"surplus": surplus, "sampled": sampled, "sample wrong": wrong}
        found |= {"compared by": method.replace("_", " ")}
        found |= {"explained": explained} if explained else {}
    mark = connection.execute("select read_until from raw.watermark where system = ? and object = ?", of).fetchone()
    return found | ({"read until": dg.MetadataValue.timestamp(mark[0])} if mark else {})


def _drift(connection: Connection, run_id: int, system: str) -> dict[str, Any]:
    """Fields that came, went or changed; objects that may not be seen."""
    found: dict[str, Any] = {}
    changes = connection.execute(
        "select object || '.' || name, change, left(before, 60), left(now, 60) from raw.schema_change "
        "where run_id = ? and system = ? order by object, name, change limit ?",
        [run_id, system, _MOST_CHANGES],
    ).fetchall()
    if changes:
        found["changed"] = grid(("field", "what", "before", "now"), changes)
    hidden = connection.execute(
        "select object, why from raw.hidden_object where system = ? order by object", [system]
    ).fetchall()
    if hidden:
        found["may not be seen"] = grid(("object", "why"), hidden)
    return found
