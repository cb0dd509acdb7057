"""One short connection a step: opened late, closed always, waiting for a lock with a deadline and naming the holder."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from crm_pipeline.errors import WarehouseError, WarehouseLockedError
from crm_pipeline.warehouse.instance import Opened
from crm_pipeline.warehouse.migrations import VERSION, migrate, require_known, version_of
from crm_pipeline.warehouse.modes import keep_private

Connection = duckdb.DuckDBPyConnection

#: Seconds that a person waits without being told what for.
_PATIENCE = 3.0

#: What DuckDB says of a file that another process holds, and of one that is not whole.
_LOCKED = re.compile(r"set lock on file|conflicting lock", re.IGNORECASE)
_DAMAGED = re.compile(r"corrupt|checksum|could not read enough bytes|failed to load metadata|deserializ", re.IGNORECASE)
_PUT_BACK = "put back a copy (your backup, or one named *.version-N.TIME beside it)"


def configured(connection: Connection) -> Connection:
    """Every connection of ours: times in UTC, and without the optimizer that makes DuckDB 2.0.0 answer wrongly.

    `common_subplan` takes two sides of a UNION that join the same tables but pick other columns for the same; the first
    side then comes twice (crm_pipeline_tests/warehouse/test_warehouse.py shows it).
    """
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set disabled_optimizers = 'common_subplan'")
    return connection


@dataclass(frozen=True)
class Warehouse:
    """A DuckDB file. `wait_seconds`: how long to wait for another process to let go of it; `waits` is told its path,
    once, when that takes more than a few seconds; `told` gets a sentence when the file is upgraded."""

    path: Path
    wait_seconds: float = 60.0
    waits: Callable[[Path], None] | None = field(default=None, compare=False, repr=False)
    told: Callable[[str], None] | None = field(default=None, compare=False, repr=False)

    @contextmanager
    def connect(self, *, memory: str = "") -> Iterator[Connection]:
        """A connection in one transaction: committed at the end, rolled back when the block raises.

        `memory`: what DuckDB may use at most, as it spells sizes (300MB); it works on disk beyond that.

        Raises WarehouseLockedError when another process keeps the file, WarehouseError when it cannot be used
        (damaged, from a newer version, disk full).
        """
        with self._opened() as connection:
            migrate(connection, self.path, self.told)
            if memory:
                connection.execute(f"set memory_limit = '{memory}'")
                connection.execute("set preserve_insertion_order = false")  # keeps whole parts in memory otherwise
            connection.execute("begin")
            yield connection
            connection.execute("commit")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only connection, for looking. Raises as `connect`, and WarehouseError when there is no file yet.

        The file of an older version is upgraded first: what looks at it knows the tables of now only.
        """
        self.required()
        with self._opened(read_only=True) as connection:
            if not self._is_older(connection):
                yield connection
                return
        with self.connect():
            pass
        with self._opened(read_only=True) as connection:
            yield connection

    def required(self) -> None:
        """Raises WarehouseError when there is no file yet: whoever decides something is in the wrong folder then."""
        if not self.path.exists():
            raise WarehouseError(f"{self.path.absolute()} does not exist yet; run the pipeline once first")

    def _is_older(self, connection: Connection) -> bool:
        """Raises WarehouseError for a file from a newer version, or one that has no tables of ours."""
        found = version_of(connection)
        require_known(found, self.path)
        if not found:
            raise WarehouseError(f"{self.path} holds nothing of the pipeline yet; run the pipeline once first")
        return found < VERSION

    @contextmanager
    def _opened(self, *, read_only: bool = False) -> Iterator[Connection]:
        """A connection until the block ends, and what DuckDB raises there in a sentence."""
        opened = self._open(read_only=read_only)
        well = False
        try:
            yield opened.connection
            well = True
        except duckdb.Error as error:
            raise self._translated(error) from error
        except RuntimeError as error:
            # how DuckDB hands on a Ctrl-C that meets a query
            if "interrupted" in str(error).lower():
                raise KeyboardInterrupt from error
            raise
        finally:
            opened.close(well=well)

    def _open(self, *, read_only: bool) -> Opened:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WarehouseError(
                f"{self.path.parent} cannot be made: {error.strerror}; choose another place"
            ) from error
        started = time.monotonic()
        deadline = started + self.wait_seconds
        tell, pause = self.waits, 0.05
        while True:
            try:
                opened = Opened(self.path, read_only=read_only)
                if not read_only:
                    keep_private(self.path)
                return opened
            except duckdb.IOException as error:
                if not _LOCKED.search(str(error)) or time.monotonic() + pause > deadline:
                    raise self._translated(error) from error
                if tell and time.monotonic() - started > _PATIENCE:
                    tell(self.path)
                    tell = None
                time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
                pause = min(pause * 2, 2.0)
            except duckdb.Error as error:
                raise self._translated(error) from error

    def _translated(self, error: duckdb.Error) -> WarehouseError:
        text = str(error)
        if isinstance(error, duckdb.InterruptException):
            raise KeyboardInterrupt from error
        if isinstance(error, duckdb.OutOfMemoryException):
            return WarehouseError(
                f"the memory for working on {self.path} is not enough: nothing of this step was kept, the state before "
                "it is whole; close other programs, or read fewer fields (extract: all_fields: false), and run again"
            )
        for obstacle in ("Read-only file system", "Permission denied", "Is a directory"):
            if obstacle.lower() in text.lower():
                return WarehouseError(f"{self.path} cannot be written: {obstacle.lower()}; choose another place")
        if _LOCKED.search(text):
            holder = re.search(r"PID (\d+)", text)
            who = f"the process with id {holder[1]}" if holder else "another process"
            return WarehouseLockedError(
                f"{self.path} is held by {who} (waited {self.wait_seconds:g} s); close it there, "
                "or query the published copy instead"
            )
        if "no space left" in text.lower() or ("disk" in text.lower() and "full" in text.lower()):
            # also of DuckDB's files beside it, and of the copy that is published
            named = re.search(r"\"(/[^\"]+)\"", text)
            full = named[1] if named else self.path
            return WarehouseError(
                f"the disk with {full} is full; free some space and run again: nothing of this step was kept, "
                "the state before it is whole"
            )
        if "not a valid duckdb database file" in text.lower() or "different version" in text:
            return WarehouseError(
                f"{self.path} is not a database of this version of DuckDB; {_PUT_BACK}, or move it away to begin anew"
            )
        if _DAMAGED.search(text):
            return WarehouseError(
                f"{self.path} is damaged; {_PUT_BACK}: what people decided and what was written is in no other place"
            )
        return WarehouseError(f"{self.path}: {error.__class__.__name__}: {_first_line(text)}")


def _first_line(text: str) -> str:
    """The kind of failure, without the values that DuckDB quotes in it."""
    return re.sub(r"'[^']*'|\"[^\"]*\"", "…", text.splitlines()[0])[:200] if text else ""
