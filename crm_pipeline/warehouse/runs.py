"""The register of runs, and the lock that lets one run or apply at a time do its work."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TextIO

from crm_pipeline.errors import NotFoundError, RunAtWorkError, WarehouseError
from crm_pipeline.warehouse.connection import Connection, Warehouse

#: How often the run lock is tried for, and seconds between.
_TRIES, _PAUSE = 10, 0.02
#: How a run ended; stopped: by a person.
Outcome = Literal["done", "failed", "stopped"]


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


def require(connection: Connection, run_id: int) -> None:
    """Raises NotFoundError, naming the newest run, if there was none with this number."""
    (newest, found) = connection.execute(
        "select max(run_id), count(*) filter (run_id = ?) from state.run", [run_id]
    ).fetchone() or (None, 0)
    if not found:
        known = f"the newest one is {newest}" if newest else "none was made yet"
        raise NotFoundError(f'there is no run {run_id}; {known}: crm-pipeline sql "from state.run" lists them')


def end(connection: Connection, external_id: str, outcome: Outcome, failed: str | None = None) -> None:
    """Note how the run with this outside id ended, if it is registered, and the sentence with which it failed."""
    connection.execute(
        "update state.run set ended_at = now(), outcome = ?, failed = ? where external_id = ?",
        [outcome, failed, external_id],
    )


def at_work(warehouse: Warehouse) -> str:
    """Who holds the run lock, with the process; empty: nobody."""
    try:
        file = _lock(warehouse).open("r", encoding="utf-8")
    except OSError:
        return ""
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read().strip() or "another run"
    return ""


def _lock(warehouse: Warehouse) -> Path:
    return warehouse.path.with_suffix(".lock")


def _taken(file: TextIO) -> bool:
    """Whether we have the lock now. It is tried for a moment: somebody may only be looking (`at_work`), and whoever has
    just taken it has not written his name yet."""
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_PAUSE)
    return False


@contextmanager
def exclusive(warehouse: Warehouse, holder: str) -> Iterator[None]:
    """Hold the warehouse's run lock while the block runs. The system lets go of it when the process dies.

    Raises RunAtWorkError, naming the holder, when another process (or another run in this one) holds it.
    """
    path = _lock(warehouse)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise WarehouseError(f"{path} cannot be written: {error.strerror}; choose another place") from error
    with opened as file:
        if not _taken(file):
            file.seek(0)
            raise RunAtWorkError(
                f"{file.read().strip() or 'another run'} is at work on {warehouse.path}; "
                "wait for it to end, then start again"
            )
        file.truncate(0)
        file.write(f"{holder} (process {os.getpid()})")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
