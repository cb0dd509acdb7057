"""The warehouse file in a DuckDB instance that is used again: making an instance costs four times what a file costs.

Belongs here: attaching the file, and that all is as after `duckdb.connect(file)` and `close()`. Not here: waiting for a
lock, transactions, what errors mean (`connection`).

An instance in use belongs to its users and to nobody else. It becomes idle again only after a use that ended well, let
go of its file and left nothing behind; in every other case it is closed, or forgotten and so closed by the garbage
collector, as a connection to a file would be.
"""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path

import duckdb

#: The file's name in the instance. Nothing in the file refers to it.
_NAME = "warehouse"

#: What a user may have changed for the whole instance.
_STATE = (
    "select current_setting('memory_limit'), current_setting('preserve_insertion_order'), current_setting('threads'), "
    "current_setting('disabled_optimizers'), (select count(*) from duckdb_databases())"
)


@dataclass(frozen=True)
class _Instance:
    """`state`: what `_STATE` says when nobody uses it."""

    connection: duckdb.DuckDBPyConnection
    state: object


class _File:
    """A file attached to an instance. `users`: connections that are open; `well`: whether all so far ended well."""

    def __init__(self, path: str, *, read_only: bool) -> None:
        """Raises duckdb.Error as `duckdb.connect` does."""
        self.path, self.read_only, self.users, self.well = path, read_only, 0, True
        self._instance = _taken()
        try:
            self._execute(f"set temp_directory = {_quoted(f'{path}.tmp')}")
            self._execute(f"attach {_quoted(path)} as {_NAME} (type duckdb{', read_only' * read_only})")
        except BaseException:
            self._instance.connection.close()
            raise

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A further connection: with temporary tables and a transaction of its own."""
        connection = self._instance.connection.cursor()
        connection.execute(f"use {_NAME}")
        return connection

    def close(self) -> None:
        """Let go of the file. What cannot be written into it now stays in its log, as when DuckDB closes.

        Raises KeyboardInterrupt for a Ctrl-C.
        """
        clean = False
        try:
            if self.well:
                self._execute(f"detach {_NAME}")
                clean = self._as_before()
        except (duckdb.InterruptException, RuntimeError) as error:
            raise KeyboardInterrupt from error
        except duckdb.Error:
            clean = False
        finally:
            if clean and not _idle:
                _idle.append(self._instance)
            else:
                self._instance.connection.close()

    def _as_before(self) -> bool:
        """Whether nothing of the use is left: its memory limit is put back, any other change is too many.

        Raises duckdb.Error after work on disk: those files go away with the instance, and their folder cannot change.
        """
        self._execute("set temp_directory = ''")
        if self._execute(_STATE).fetchone() == self._instance.state:
            return True
        self._execute("reset memory_limit")
        self._execute("reset preserve_insertion_order")
        return self._execute(_STATE).fetchone() == self._instance.state

    def _execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        return self._instance.connection.execute(sql)


class Opened:
    """One connection to a file, to be closed once. Raises duckdb.Error as `duckdb.connect` does."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        """Users of one file at the same time share it; only one way of opening it at a time, as DuckDB has it."""
        place = os.path.abspath(path)
        with _lock:
            file = _files.get(place)
            if file is None:
                file = _files[place] = _File(place, read_only=read_only)
            elif file.read_only != read_only:
                raise duckdb.ConnectionException("the file is open in another way in this process")
            self._file = file
            file.users += 1
            try:
                self.connection = file.connection()
            except BaseException:
                self._leave(well=False)
                raise

    def close(self, *, well: bool) -> None:
        """`well`: whether nothing went wrong; otherwise the instance is not used again."""
        with _lock:
            try:
                self.connection.close()
            finally:
                self._leave(well=well)

    def _leave(self, *, well: bool) -> None:
        file = self._file
        file.users -= 1
        file.well = file.well and well
        if not file.users:
            _files.pop(file.path, None)
            file.close()


#: Reentrant: the garbage collector may close a forgotten connection while another one is opened.
_lock = threading.RLock()
_idle: list[_Instance] = []
_files: weakref.WeakValueDictionary[str, _File] = weakref.WeakValueDictionary()


def _taken() -> _Instance:
    """The idle instance, or a new one: with times in UTC, and nothing kept of files that are read."""
    try:
        return _idle.pop()
    except IndexError:
        connection = duckdb.connect(":memory:")
    # as `connection.configured`, which says why, for every connection of the instance
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set disabled_optimizers = 'common_subplan'")
    connection.execute("set enable_external_file_cache = false")
    return _Instance(connection, connection.execute(_STATE).fetchone())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _close_idle() -> None:
    while _idle:
        _idle.pop().connection.close()


def _before_fork() -> None:
    """A child process has none of an instance's threads: it must not get one, and not a lock that nobody opens."""
    _lock.acquire()
    _close_idle()


atexit.register(_close_idle)
os.register_at_fork(before=_before_fork, after_in_parent=_lock.release, after_in_child=_lock.release)
