"""What became of each step of a run, as rows of `state.step`: how long it took, what it called, how it ended.

Belongs here: the rows. Not here: the steps themselves (flow.py), and what a person reads of them (report/page/).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crm_pipeline.errors import CrmPipelineError, WarehouseError
from crm_pipeline.model import System
from crm_pipeline.warehouse.connection import Warehouse

if TYPE_CHECKING:
    from crm_pipeline.crm.protocol import Crm

#: run_id, stage, step, started_at, seconds, calls, failed.
_Row = tuple[int, str, str, datetime, float, str, str | None]

#: Opening the warehouse costs more than most steps of reading do: their rows wait, in this process, for one of these.
_WRITTEN_AT = ("plan", "push", "publish")
_pending: dict[Path, list[_Row]] = {}


@contextmanager
def recorded(warehouse: Warehouse, run_id: int, stage: str, step: str, crms: Mapping[System, Crm]) -> Iterator[None]:
    """Note how the block ends, when it raises as well. A step that is done again in its run replaces its row.

    A note that cannot be kept stops nothing: it is about work that is done, or whose own error says more.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    before = {system: crm.calls.usage.total for system, crm in crms.items()}
    failed: str | None = None
    noted = True
    try:
        yield
    except WarehouseError:
        noted = False  # the file that would keep the note is the one that failed
        raise
    except CrmPipelineError as error:
        failed = str(error)
        raise
    except BaseException as error:
        # the text of others may quote a value (law 45)
        by_person = isinstance(error, KeyboardInterrupt)
        failed = "stopped by a person" if by_person else f"unexpected: {type(error).__name__}"
        raise
    finally:
        if noted:
            seconds, calls = time.monotonic() - clock, json.dumps(_calls(crms, before))
            rows = _pending.setdefault(warehouse.path.absolute(), [])
            rows.append((run_id, stage, step, started, seconds, calls, failed))
            if failed is not None or stage in _WRITTEN_AT:
                with suppress(CrmPipelineError):
                    _write(warehouse, rows)


def _write(warehouse: Warehouse, rows: list[_Row]) -> None:
    with warehouse.connect() as connection:
        for row in rows:
            connection.execute("delete from state.step where run_id = ? and step = ?", [row[0], row[2]])
            connection.execute(
                "insert into state.step (run_id, stage, step, started_at, seconds, calls, failed) "
                "values (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
    rows.clear()


def _calls(crms: Mapping[System, Crm], before: Mapping[System, int]) -> dict[str, dict[str, int]]:
    """CRM -> calls of the step, of everybody today, and those that a day allows (0: the CRM has not said)."""
    usages = {system: crm.calls.usage for system, crm in crms.items()}
    return {
        system.value: {
            "made": usage.total - before[system],
            "today": usage.daily_used,
            "limit": usage.daily_limit,
        }
        for system, usage in usages.items()
    }
