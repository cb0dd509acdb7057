"""Checks against the run before: a field that is suddenly worth less, a CRM with suddenly more duplicates.

Belongs here: what gets worse from one run to the next. Not here: checks of one run alone (checks.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from crm_pipeline.model import System
from crm_pipeline.orchestration.grid import grid
from crm_pipeline.warehouse import Connection

#: Percent by which a number, or points by which a share, may change from run to run; and the records below which that
#: says nothing.
_PERCENT = 5
_FEWEST = 20

_VALUES = f"""
select n.system, n.kind, n.field, b.valid, n.valid
from publish.quality n join publish.quality b using (system, kind, field)
where n.run_id = ? and b.run_id = ? and b.valid >= {_FEWEST} and 100 * (b.valid - n.valid) >= {_PERCENT} * b.valid
order by b.valid - n.valid desc, 1, 2, 3 limit 10
"""
_DUPLICATES = f"""
select n.system, n.kind, 100.0 * (b.records - b.customers) / b.records as before,
    100.0 * (n.records - n.customers) / n.records as now
from publish.duplicates n join publish.duplicates b using (system, kind)
where n.run_id = ? and b.run_id = ? and n.records >= {_FEWEST} and b.records >= {_FEWEST}
    and now - before >= {_PERCENT}
order by 1, 2
"""


def values_kept(connection: Connection) -> dg.AssetCheckResult:
    """No field holds usable values in noticeably fewer records (5 percent) than after the run before.

    Numbers, not shares: records that we create lack what the other CRM does not know, and nothing is lost by them.
    """
    runs = _last_two(connection, "publish.quality")
    rows = connection.execute(_VALUES, runs).fetchall() if len(runs) == 2 else []
    worse = [(System(system).label, f"{kind} {field}", f"{b:,}", f"{n:,}") for system, kind, field, b, n in rows]
    return _result(worse, ("CRM", "field", "before", "now"), runs, "usable values in fewer records")


def duplicates_kept(connection: Connection) -> dg.AssetCheckResult:
    """In neither CRM are noticeably more records (5 points) duplicates than after the run before."""
    runs = _last_two(connection, "publish.duplicates")
    rows = connection.execute(_DUPLICATES, runs).fetchall() if len(runs) == 2 else []
    worse = [(System(system).label, kind, *_shares(*shares)) for system, kind, *shares in rows]
    return _result(worse, ("CRM", "kind", "before", "now"), runs, "more duplicates")


def _last_two(connection: Connection, table: str) -> list[int]:
    """The newest run and the one before it, of those that were measured."""
    rows = connection.execute(f"select distinct run_id from {table} order by run_id desc limit 2").fetchall()
    return [run_id for (run_id,) in rows]


def _shares(before: float, now: float) -> tuple[str, str]:
    return f"{before:.1f} %", f"{now:.1f} %"


def _result(
    worse: Sequence[tuple[str, ...]], columns: tuple[str, ...], runs: list[int], what: str
) -> dg.AssetCheckResult:
    if len(runs) < 2:
        sentence = "nothing to compare with yet"
    elif worse:
        named = ", ".join(f"{crm} {of} ({before} → {now})" for crm, of, before, now in worse[:3])
        more = f", and {len(worse) - 3} more" if len(worse) > 3 else ""
        sentence = f"{what} than after run {runs[1]}: {named}{more}"
    else:
        sentence = f"as after run {runs[1]}, or better"
    table = {"which": grid(columns, worse)} if worse else {}
    return dg.AssetCheckResult(
        passed=not worse,
        severity=dg.AssetCheckSeverity.WARN,
        description=sentence,
        metadata={"worse": len(worse), **table},
    )
