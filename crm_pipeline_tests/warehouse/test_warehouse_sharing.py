"""Several connections of one process at the same time: of one file, of several, in threads."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from crm_pipeline.errors import WarehouseError
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.warehouse.test_warehouse_connections import assert_free, made, one


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return made(tmp_path / "crm.duckdb")


def test_connections_of_one_file_at_the_same_time_share_it(warehouse: Warehouse) -> None:
    outer = warehouse.connect()
    first = outer.__enter__()
    with Warehouse(warehouse.path).connect() as second:
        first.execute("insert into state.counter values ('person', 1)")
        second.execute("create table theirs as select 1 as a")
        assert one(second, "select count(*) from state.counter") == 0
        outer.__exit__(None, None, None)
        with warehouse.connect() as third:
            assert one(third, "select count(*) from state.counter") == 1
        second.execute("commit")
        assert one(second, "select count(*) from theirs") == 1
        second.execute("begin")
    assert_free(warehouse.path)


def test_looking_while_writing_is_refused_in_one_process(warehouse: Warehouse) -> None:
    """As DuckDB has it: one way of opening a file at a time."""
    with pytest.raises(WarehouseError, match="ConnectionException"), warehouse.connect(), warehouse.read():
        pass
    assert_free(warehouse.path)
    with pytest.raises(WarehouseError, match="ConnectionException"), warehouse.read(), warehouse.connect():
        pass
    assert_free(warehouse.path)
    with warehouse.read() as first, warehouse.read() as second:
        assert one(first, "select 1") == one(second, "select 1")
    assert_free(warehouse.path)


def test_threads_work_at_the_same_time(tmp_path: Path) -> None:
    """A file each: every count is whole, every file free."""
    warehouses = [made(tmp_path / f"{number}.duckdb") for number in range(4)]
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                with warehouses[number].connect() as connection:
                    connection.execute("create temp table mine as select 1 as a")
                    connection.execute("insert into state.counter values (?, ?)", [f"{number}-{turn}", turn])
        except BaseException as error:  # shown below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    counts = 0
    for each in warehouses:
        assert_free(each.path)
        with each.read() as connection:
            counts += int(str(one(connection, "select count(*) from state.counter")))
    assert counts == 20
