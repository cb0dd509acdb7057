"""The database file: whole after a failure, patient with a lock, plain about what is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crm_pipeline.errors import WarehouseError, WarehouseLockedError
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert, staged
from crm_pipeline.warehouse.runs import exclusive, run_id_for


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "crm.duckdb", wait_seconds=0.3)


def held_by_another_process(path: Path, read_only: bool = False) -> subprocess.Popen[str]:
    opened = f"duckdb.connect({str(path)!r}, read_only={read_only})"
    code = f"import duckdb, sys; c = {opened}; print('held', flush=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_step_that_fails_leaves_nothing(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        connection.execute("insert into state.counter values ('person', 1)")

    def failing_step() -> None:
        with warehouse.connect() as connection:
            connection.execute("update state.counter set last = 2")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing_step()
    with warehouse.read() as connection:
        assert connection.execute("select last from state.counter").fetchall() == [(1,)]


def test_a_locked_file_names_the_process_that_holds_it(warehouse: Warehouse) -> None:
    with warehouse.connect():
        pass
    other = held_by_another_process(warehouse.path)
    try:
        with pytest.raises(WarehouseLockedError, match=f"process with id {other.pid}"), warehouse.connect():
            pass
    finally:
        other.communicate("")
    with warehouse.connect() as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "crm.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError, match="not a database of this version"), Warehouse(path).connect():
        pass


def test_a_newer_database_is_refused(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        connection.execute("insert into state.version values (99)")
    with pytest.raises(WarehouseError, match="newer crm-pipeline"), warehouse.connect():
        pass


def test_no_file_yet_says_what_to_do(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match="run the pipeline once"), warehouse.read():
        pass


def test_one_run_at_a_time_and_the_holder_has_a_name(warehouse: Warehouse) -> None:
    with (
        exclusive(warehouse, "nightly run 7"),
        pytest.raises(WarehouseLockedError, match="nightly run 7"),
        exclusive(warehouse, "push by hand"),
    ):
        pass
    with exclusive(warehouse, "push by hand"):
        pass


def test_a_run_keeps_its_number(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        first = run_id_for(connection, "dagster-a", "m")
        second = run_id_for(connection, "dagster-b", "m")
        assert (first, second) == (1, 2)
        assert run_id_for(connection, "dagster-a", "m") == first


def test_bulk_rows_arrive_byte_for_byte(warehouse: Warehouse) -> None:
    text = '髙﨑 ｶﾅ 😀 が が \u2028 \x00 "quoted" \\ 全角'
    rows = [{"golden_id": "person-1", "record_key": "k", "field": "f", "value": [text, None, True, 1.5], "run_id": 1}]
    with warehouse.connect() as connection:
        insert(connection, "state.base", rows)
        ((value,),) = connection.execute("select value from state.base").fetchall()
        import json

        assert json.loads(value) == [text, None, True, 1.5]


def test_staged_rows_are_there_for_one_block(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        with staged(connection, "state.counter", [{"kind": "person", "last": 3}]):
            assert connection.execute("from staged").fetchall() == [("person", 3)]
        with staged(connection, "state.counter", []):
            assert connection.execute("from staged").fetchall() == []


def test_both_sides_of_a_union_over_the_same_joins_come_back(warehouse: Warehouse) -> None:
    """DuckDB 2.0.0 with its common_subplan optimizer returns the first side twice: a record in review got a create."""
    with warehouse.connect() as connection:
        connection.execute("create table link as select * from (values ('a', 'g1', 'h'), ('b', 'g2', 's')) t(k, g, s)")
        connection.execute("create table pair as select 'a' as l, 'b' as r")
        joined = "from pair p join link l on l.k = p.l join link r on r.k = p.r"
        rows = connection.execute(f"select l.g, r.s {joined} union all select r.g, l.s {joined}").fetchall()
        assert sorted(rows) == [("g1", "s"), ("g2", "h")]
