"""Dagster's history in tests: in its files as always, without making anew what SQLAlchemy keeps, and without the disk.

Belongs here: a saving of CPU and of waiting that leaves what is recorded as it is. Not here: other savings
(prepared.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage
from dagster._core.storage.schedules.sqlite import sqlite_schedule_storage
from sqlalchemy import Engine, create_engine, event

_STORAGES = (sqlite_event_log, sqlite_run_storage, sqlite_schedule_storage)


@contextmanager
def engines_kept() -> Iterator[None]:
    """While the block runs, a file of the history has one engine; Dagster makes one for every event.

    An engine knows the statements that it compiled, which costs more than to write the event. Connections are opened
    and closed as before.
    """
    engines: dict[str, Engine] = {}

    def kept(url: str, **options: Any) -> Engine:
        if url not in engines:
            engines[url] = create_engine(url, **options)
            event.listen(engines[url], "connect", _do_not_wait)
        return engines[url]

    with ExitStack() as patches:
        for storage in _STORAGES:
            patches.enter_context(mock.patch.object(storage, "create_engine", kept))
        yield


def _do_not_wait(connection: Any, _: object) -> None:
    """No test takes the power away."""
    connection.execute("pragma synchronous = off")
