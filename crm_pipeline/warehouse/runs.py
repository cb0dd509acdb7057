"""The register of runs, and the lock that lets one run or apply at a time do its work."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from crm_pipeline.errors import WarehouseError, WarehouseLockedError
from crm_pipeline.warehouse.connection import Connection, Warehouse


def run_id_for(connection: Connection, external_id: str, mapping_hash: str) -> int:
    """The number of the run with this outside id (Dagster's, or the command line's own), registered at first use."""
    row = connection.execute("select run_id from state.run where external_id = ?", [external_id]).fetchone()
    if row:
        return int(row[0])
    row = connection.execute(
        "insert into state.run (run_id, external_id, mapping_hash, started_at) "
        "select coalesce(max(run_id), 0) + 1, ?, ?, now() from state.run returning run_id",
        [external_id, mapping_hash],
    ).fetchone()
    assert row
    return int(row[0])


@contextmanager
def exclusive(warehouse: Warehouse, holder: str) -> Iterator[None]:
    """Hold the warehouse's run lock while the block runs. The system lets go of it when the process dies.

    Raises WarehouseLockedError, naming the holder, when another process (or another run in this one) holds it.
    """
    path = warehouse.path.with_suffix(".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise WarehouseError(f"{path} cannot be written: {error.strerror}; choose another place") from error
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise WarehouseLockedError(
                f"{file.read().strip() or 'another run'} is at work on {warehouse.path}; "
                "wait for it to end, then start again"
            ) from None
        file.truncate(0)
        file.write(f"{holder} (process {os.getpid()})")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
