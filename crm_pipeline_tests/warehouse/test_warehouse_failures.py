"""The file when a step ends in another way than well: nothing is kept, nobody holds it, the next one works."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from crm_pipeline.errors import WarehouseError, WarehouseLockedError
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline_tests.warehouse.test_warehouse import held_by_another_process
from crm_pipeline_tests.warehouse.test_warehouse_connections import FILL, assert_free, execute, made, one

LONG = "select sum(hash(a)) from range(5000000) t(a)"


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return made(tmp_path / "crm.duckdb")


def assert_works(warehouse: Warehouse) -> None:
    assert_free(warehouse.path)
    with warehouse.connect() as connection:
        assert one(connection, "select count(*) from state.counter") == 0
        connection.execute("insert into state.counter values ('person', 1)")
    with warehouse.read() as connection:
        assert one(connection, "select count(*) from state.counter") == 1
    assert_free(warehouse.path)


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError])
def test_whatever_ends_a_step(warehouse: Warehouse, error: type[BaseException]) -> None:
    def step(opened: AbstractContextManager[Connection], statement: str) -> None:
        with opened as connection:
            connection.execute(statement)
            raise error

    with pytest.raises(error):
        step(warehouse.connect(), "insert into state.counter values ('person', 1)")
    with pytest.raises(error):
        step(warehouse.read(), "from state.counter")
    assert_works(warehouse)


def test_a_wrong_query(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match="CatalogException"):
        execute(warehouse.connect(), "insert into state.counter values ('person', 1)", "from nowhere")
    assert_works(warehouse)


def test_a_step_that_nobody_ends(warehouse: Warehouse) -> None:
    opened = warehouse.connect()
    opened.__enter__().execute("insert into state.counter values ('person', 1)")
    del opened
    assert_works(warehouse)


def test_a_commit_that_fails(warehouse: Warehouse) -> None:
    """Two connections that changed the same row: the second one's step failed, the first one's is kept."""
    with warehouse.connect() as connection:
        connection.execute("insert into state.counter values ('person', 0)")

    def second() -> None:
        with warehouse.connect() as connection:
            connection.execute("update state.counter set last = last + 2")

    with warehouse.connect() as first:
        first.execute("update state.counter set last = last + 1")
        with pytest.raises(WarehouseError, match="TransactionException"):
            second()
    assert_free(warehouse.path)
    with warehouse.read() as connection:
        assert one(connection, "select last from state.counter") == 1


@pytest.mark.parametrize("reading", [False, True])
def test_ctrl_c_in_a_query(warehouse: Warehouse, reading: bool) -> None:
    threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
    begun = time.monotonic()
    opened = warehouse.read() if reading else warehouse.connect()
    with pytest.raises((KeyboardInterrupt, RuntimeError)):
        execute(opened, *[LONG] * 1000)
    assert time.monotonic() - begun < 20
    assert_works(warehouse)


def test_ctrl_c_at_any_moment(warehouse: Warehouse) -> None:
    """Opening, working, closing: wherever it meets, the file is free afterwards."""
    met = 0
    for turn in range(20):
        try:
            threading.Timer(0.01 + 0.002 * turn, os.kill, [os.getpid(), signal.SIGINT]).start()
            until = time.monotonic() + 5
            while time.monotonic() < until:
                with warehouse.connect() as connection:
                    connection.execute("create or replace temp table mine as select 1 as a")
        except (KeyboardInterrupt, RuntimeError):
            met += 1
    assert met == 20
    assert_works(warehouse)


def test_too_little_memory(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match="memory"):
        execute(
            warehouse.connect(memory="10MB"),
            "insert into state.counter values ('person', 1)",
            "select list(hash(range)) from range(3000000)",
        )
    assert_works(warehouse)


def test_a_damaged_file_and_its_copy(warehouse: Warehouse) -> None:
    """What a damaged file did to DuckDB does not stay when the file is put back."""
    with warehouse.connect() as connection:
        connection.execute(FILL)
    good = warehouse.path.read_bytes()
    warehouse.path.write_bytes(good[:20000] + os.urandom(len(good) - 20000))
    for opened in (warehouse.connect(), warehouse.read(), warehouse.connect()):
        with pytest.raises(WarehouseError), opened as connection:
            connection.execute("select sum(hash(b)) from filled").fetchall()
    warehouse.path.write_bytes(good)
    with warehouse.read() as connection:
        assert one(connection, "select count(*) from filled") == 50000
    assert_works(warehouse)


def test_waiting_for_another_process_ends_when_it_lets_go(warehouse: Warehouse) -> None:
    other = held_by_another_process(warehouse.path)
    try:
        for opened in (warehouse.read(), warehouse.connect()):
            with pytest.raises(WarehouseLockedError, match=f"process with id {other.pid}"), opened:
                pass
        threading.Timer(0.3, other.communicate, [""]).start()
        with Warehouse(warehouse.path, wait_seconds=10).connect() as connection:
            assert one(connection, "select count(*) from state.counter") == 0
    finally:
        other.wait()
    assert_works(warehouse)


def test_a_reader_keeps_writers_out_and_lets_readers_in(warehouse: Warehouse) -> None:
    other = held_by_another_process(warehouse.path, read_only=True)
    try:
        with warehouse.read() as connection:
            assert one(connection, "select count(*) from state.counter") == 0
        with pytest.raises(WarehouseLockedError, match=f"process with id {other.pid}"), warehouse.connect():
            pass
    finally:
        other.communicate("")
    assert_works(warehouse)


def test_a_forked_process_opens_the_file_itself(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        connection.execute("create temp table mine as select hash(range) as a from range(100000)")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with warehouse.connect() as connection:
                connection.execute("create table theirs as select hash(range) as a from range(300000)")
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    with warehouse.read() as connection:
        assert one(connection, "select count(*) from theirs") == 300000
    assert_works(warehouse)
