"""A run with its end: one at a time, how it ended is written down, and whoever should know is told.

Belongs here: what the command line does around its steps. Not here: the same around a Dagster run
(orchestration/resources.py), what is told (tell.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from crm_pipeline.alerts import look
from crm_pipeline.alerts.tell import Say, tell
from crm_pipeline.config import Settings
from crm_pipeline.errors import CrmPipelineError, NotFoundError, WarehouseError
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.runs import Outcome, end, exclusive, run_id_for


@contextmanager
def watched(warehouse: Warehouse, settings: Settings, holder: str, external_id: str, say: Say) -> Iterator[None]:
    """Hold the run lock while the block runs as the run with this outside id; afterwards tell what became of it.

    Raises RunAtWorkError, and tells nobody, when somebody else is at work: nothing began. A person who stopped it, or
    named what does not exist, knows.
    """
    failed: str | None = None
    written = stopped = True
    try:
        with exclusive(warehouse, holder):
            try:
                yield
                stopped = False
            except (KeyboardInterrupt, NotFoundError):
                raise
            except CrmPipelineError as error:
                failed, stopped = str(error), False
                raise
            except BaseException as error:
                failed, stopped = f"unexpected: {type(error).__name__}", False  # its text may quote a value (law 45)
                raise
            finally:
                written = conclude(warehouse, settings, external_id, failed, stopped=stopped)
    finally:
        if not stopped:
            tell(warehouse, settings, say, look.failure(failed) if failed and not written else None)


def conclude(
    warehouse: Warehouse, settings: Settings, external_id: str, failed: str | None, *, stopped: bool = False
) -> bool:
    """Write down how the run with this outside id ended. Returns whether that could be kept.

    A run that failed before it was registered is registered now, unless there is no warehouse yet.
    """
    if not warehouse.path.exists():
        return False
    outcome: Outcome = "stopped" if stopped else "failed" if failed else "done"
    with suppress(WarehouseError), warehouse.connect() as connection:
        if failed:
            run_id_for(connection, external_id, settings.mapping.hash)
        end(connection, external_id, outcome, failed)
        return True
    return False


def standing(warehouse: Warehouse, external_id: str) -> Literal["unknown", "begun", "ended"]:
    """Where the run with this outside id stands: not registered, at work (or its process is gone), or at its end."""
    if not warehouse.path.exists():
        return "unknown"
    with warehouse.connect() as connection:
        row = connection.execute("select outcome from state.run where external_id = ?", [external_id]).fetchone()
    return "unknown" if row is None else "begun" if row[0] is None else "ended"
