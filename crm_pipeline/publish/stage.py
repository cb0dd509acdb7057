"""The publish stage: measures the reach of the run, builds the marts and the copy, and swaps the file in.

Belongs here: the order and the swap. Not here: what a mart says (marts/*.sql).
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from crm_pipeline.config import Settings
from crm_pipeline.errors import WarehouseError
from crm_pipeline.publish import agreement, comments, copying, now, previews, quality
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline.warehouse.modes import take_over

_HERE = Path(__file__).parent
#: In the order in which they are made; each reads the temporary tables of now.sql and dealings.sql, the warehouse, and
#: marts before it.
MARTS = (
    "mapping",
    "involved",
    "deals",
    "tickets",
    "activities",
    "customer_360",
    "company_360",
    "runs",
    "reach",
    "matches",
    "match_review",
    "writes",
    "conflicts",
    "merge_proposals",
    "audit",
    "sync_status",
    "reconciliation",
    "agreement",
    "drift",
    "compatibility",
    "data_quality",
    "duplicate_rate",
)
#: Made last, in the copy itself: they read what stands there when somebody asks.
VIEWS = ("timeline", "as_of")
#: What is kept of each run; publishing one again measures it again.
_MEASURED = ("reach", "field_change", "quality", "duplicates")


@dataclass(frozen=True)
class PublishResult:
    """What was published. `rows`: mart -> number of rows; `report`: the page about the run, told of in `explained`."""

    path: Path
    customers: int
    rows: dict[str, int]
    report: str = ""
    explained: str = ""


def run(warehouse: Warehouse, settings: Settings, run_id: int) -> PublishResult:
    """Measure the reach of this run, and replace `settings.published` by a new copy of the warehouse with the marts.

    Readers who have the old file open keep seeing it; new ones see the new file; nobody sees half of one.
    Raises WarehouseError when the file cannot be written.
    """
    target = settings.published
    building = target.with_name(f"{target.name}.building")
    with warehouse.connect() as connection:
        now.prepare(connection, settings)
        connection.execute(f"set variable zone = '{settings.time_zone}'")
        connection.execute(_sql("dealings"))
        previews.refresh(connection, settings)
        for table in _MEASURED:
            connection.execute(f"delete from publish.{table} where run_id = ?", [run_id])
        connection.execute(_sql("measure_reach"), {"run_id": run_id})
        agreement.refresh(connection, settings, run_id)
        quality.measure(connection, settings, run_id)
        connection.execute(_sql("measure_field_change"))
        # A transaction can write into one file only: what was measured is kept before the copy begins.
        connection.execute("commit")
        try:
            rows = _build(connection, settings, building)
            take_over(building, target)
            os.replace(building, target)
        except OSError as error:
            raise WarehouseError(f"{target} cannot be replaced: {error.strerror}") from None
        finally:
            with contextlib.suppress(OSError):  # where it could not be made it cannot be removed; the error says why
                building.unlink(missing_ok=True)
                building.with_name(f"{building.name}.wal").unlink(missing_ok=True)
            connection.execute("begin")
    return PublishResult(target, rows["customer_360"], rows)


def _build(connection: Connection, settings: Settings, path: Path) -> dict[str, int]:
    """Make the file at `path`. Returns the number of rows of each mart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    row = connection.execute("select current_database()").fetchone()
    assert row
    connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as published")
    try:
        connection.execute("begin")
        copying.copy(connection, row[0])
        for mart in MARTS:
            connection.execute(_sql(f"marts/{mart}"))
        comments.write(connection, settings)
        connection.execute("use published")
        for view in VIEWS:
            connection.execute(_sql(f"marts/{view}"))
        counts = {mart: connection.execute(f"select count(*) from published.{mart}").fetchone() for mart in MARTS}
        connection.execute("commit")
    except BaseException:
        with contextlib.suppress(duckdb.Error):  # of a full disk DuckDB has rolled back; that is what has to be told
            connection.execute("rollback")
        raise
    finally:
        connection.execute(f'use "{row[0]}"')
        connection.execute("detach published")
    return {mart: int(count[0]) for mart, count in counts.items() if count}


def _sql(name: str) -> str:
    return (_HERE / f"{name}.sql").read_text(encoding="utf-8")
