"""What one short connection promises: the file is free and whole in between, nothing of it is left for the next."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb
import pytest

from crm_pipeline.errors import WarehouseError
from crm_pipeline.warehouse import Connection, Warehouse

FILL = "create table filled as select range as a, repeat('x', 50) || range as b from range(50000)"


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return made(tmp_path / "crm.duckdb")


def made(path: Path) -> Warehouse:
    warehouse = Warehouse(path, wait_seconds=0.3)
    with warehouse.connect():
        pass
    return warehouse


def one(connection: Connection, sql: str) -> object:
    row = connection.execute(sql).fetchone()
    assert row
    return row[0]


def execute(opened: AbstractContextManager[Connection], *statements: str) -> None:
    with opened as connection:
        for statement in statements:
            connection.execute(statement).fetchall()


def held_here(path: Path) -> list[str]:
    """The open files of this process at `path` (with its log and temporary files)."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{number}"))
        except FileNotFoundError:
            continue
    return [name for name in found if name.startswith(str(path))]


def assert_free(path: Path) -> None:
    """Nobody holds the file, it stands alone, and another process can open it for writing."""
    gc.collect()
    assert held_here(path) == []
    assert sorted(name for name in os.listdir(path.parent) if name.startswith(path.name)) == [path.name]
    code = f"import duckdb; duckdb.connect({str(path)!r}).close()"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_the_file_is_free_and_whole_after_every_connection(warehouse: Warehouse) -> None:
    assert_free(warehouse.path)
    with warehouse.connect() as connection:
        connection.execute(FILL)
        assert held_here(warehouse.path)
    assert_free(warehouse.path)
    with warehouse.read() as connection:
        assert one(connection, "select count(*) from filled") == 50000
    assert_free(warehouse.path)


def test_the_file_is_the_one_that_duckdb_would_write(warehouse: Warehouse, tmp_path: Path) -> None:
    """Names in it tell nothing of how it was opened: it can be renamed, copied and opened by anything."""
    plain = tmp_path / "plain.duckdb"
    shutil.copyfile(warehouse.path, plain)
    with warehouse.connect() as connection:
        connection.execute(FILL)
        connection.execute("create view seen as select * from filled")
        connection.execute("create macro few(n) as table select * from filled where a < n")
    with duckdb.connect(str(plain)) as connection:
        for statement in (FILL, "create view seen as select * from filled"):
            connection.execute(statement)
        connection.execute("create macro few(n) as table select * from filled where a < n")
    described = []
    for path in (warehouse.path, plain):
        with duckdb.connect(str(path), read_only=True) as connection:
            assert one(connection, "select count(*) from few(5)") == 5
            assert one(connection, "select count(*) from seen") == 50000
            assert one(connection, "select count(*) from raw.record") == 0
            queries = (
                "select tags from duckdb_databases() where not internal",
                "select schema_name, view_name, sql from duckdb_views() where not internal order by all",
                "select schema_name, function_name, macro_definition from duckdb_functions() where not internal",
                "select sql from duckdb_tables() order by all",
                "select sql from duckdb_indexes() order by all",
            )
            described.append([connection.execute(query).fetchall() for query in queries])
    assert described[0] == described[1]
    assert warehouse.path.stat().st_size == plain.stat().st_size


@pytest.mark.parametrize("reading", [True, False])
def test_what_a_killed_process_committed_is_there(tmp_path: Path, reading: bool) -> None:
    """The log of a process that never closed the file: tables, views and macros of a new file, then rows."""
    path = tmp_path / "crm.duckdb"
    code = (
        "import os, sys; from pathlib import Path; from crm_pipeline.warehouse import Warehouse\n"
        "w = Warehouse(Path(sys.argv[1]))\n"
        "with w.connect() as c:\n"
        "    c.execute(\"insert into state.counter values ('person', 7)\")\n"
        "    c.execute('alter table state.counter add column more integer default 3')\n"
        "    c.execute('commit')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)]).returncode == -signal.SIGKILL
    assert path.with_name("crm.duckdb.wal").stat().st_size > 0
    warehouse = Warehouse(path)
    with warehouse.read() if reading else warehouse.connect() as connection:
        assert connection.execute("from state.counter").fetchall() == [("person", 7, 3)]
        assert one(connection, "select count(*) from raw.record") == 0
    with warehouse.connect() as connection:
        connection.execute("update state.counter set last = 8")
    assert_free(path)
    with warehouse.read() as connection:
        assert connection.execute("from state.counter").fetchall() == [("person", 8, 3)]


def settings(connection: Connection) -> dict[str, str]:
    return dict(connection.execute("select name, value from duckdb_settings()").fetchall())


@pytest.mark.parametrize("failing", [False, True])
def test_settings_of_one_connection_are_not_those_of_the_next(warehouse: Warehouse, failing: bool) -> None:
    with warehouse.connect() as connection:
        usual = settings(connection)
    assert usual["TimeZone"] == "UTC"
    assert usual["disabled_optimizers"] == "common_subplan"
    assert usual["preserve_insertion_order"] == "true"

    def step() -> None:
        with warehouse.connect(memory="300MB") as connection:
            assert one(connection, "select current_setting('memory_limit')") == "286.1 MiB"
            assert one(connection, "select current_setting('preserve_insertion_order')") is False
            connection.execute("set TimeZone = 'Asia/Tokyo'")
            connection.execute("set threads = 1")
            connection.execute("set preserve_insertion_order = true")
            if failing:
                raise ZeroDivisionError

    if failing:
        with pytest.raises(ZeroDivisionError):
            step()
    else:
        step()
    for opened in (warehouse.connect(), warehouse.read(), warehouse.connect(memory="300MB"), warehouse.connect()):
        with opened as connection:
            now = settings(connection)
    assert now == usual


def test_temporary_things_are_gone_with_their_connection(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        connection.execute("create temp table mine as select 1 as a")
        connection.execute("create temp macro twice(x) as x * 2")
        connection.execute("create temp view looked as select 1 as a")
        connection.execute("set variable v = 42")
        connection.execute("prepare asked as select 1")
    for opened in (warehouse.connect(), warehouse.read()):
        for gone in ("from mine", "select twice(2)", "from looked", "execute asked"):
            with pytest.raises(WarehouseError), opened if gone == "from mine" else warehouse.read() as connection:
                connection.execute(gone)
    with warehouse.read() as connection:
        assert one(connection, "select getvariable('v')") is None
        assert connection.execute("select table_name from duckdb_tables() where temporary").fetchall() == []


def test_memory_does_not_pile_up(warehouse: Warehouse) -> None:
    used = []
    for _ in range(6):
        with warehouse.connect() as connection:
            used.append(one(connection, "select sum(memory_usage_bytes) from duckdb_memory()"))
            connection.execute("create temp table mine as select range as a, hash(range) as b from range(300000)")
            connection.execute("create or replace table kept as from mine limit 1000")
    assert max(int(str(now)) for now in used[2:]) <= int(str(used[1])) + 1_000_000


def test_a_connection_is_closed_at_the_end(warehouse: Warehouse) -> None:
    for opened in (warehouse.connect(), warehouse.read()):
        with opened as connection:
            pass
        with pytest.raises(duckdb.ConnectionException):
            connection.execute("select 1")


def test_work_on_disk_is_done_beside_the_file(warehouse: Warehouse, tmp_path: Path) -> None:
    second = made(tmp_path / "second" / "crm.duckdb")
    here = sorted(os.listdir("."))
    for each in (warehouse, second, warehouse):
        with each.connect(memory="40MB") as connection:
            assert one(connection, "select current_setting('temp_directory')") == f"{each.path}.tmp"
            connection.execute("create temp table big as select range a, repeat('y', 60) || range b from range(800000)")
            assert os.listdir(f"{each.path}.tmp")
        assert_free(each.path)
    with second.read() as connection:
        assert one(connection, "select current_setting('temp_directory')") == f"{second.path}.tmp"
    assert sorted(os.listdir(".")) == here


def test_only_this_file_is_seen(warehouse: Warehouse, tmp_path: Path) -> None:
    other = made(tmp_path / "other.duckdb")
    with warehouse.connect() as connection:
        connection.execute("attach ? as before (read_only)", [str(other.path)])  # and not detached
        assert one(connection, "select count(*) from before.state.version") == 1
    assert_free(other.path)
    assert_free(warehouse.path)
    for opened in (warehouse.connect(), warehouse.read(), other.connect()):
        with opened as connection:
            for relation in ("duckdb_tables()", "duckdb_columns()", "duckdb_views()"):
                seen = f"select distinct database_name = current_database() from {relation} where not internal"
                assert connection.execute(seen).fetchall() == [(True,)]


def test_a_file_that_another_file_took_the_place_of_is_read_anew(warehouse: Warehouse, tmp_path: Path) -> None:
    other = made(tmp_path / "other.duckdb")
    with other.connect() as connection:
        connection.execute("insert into state.counter values ('company', 9)")
    with warehouse.connect() as connection:
        connection.execute("insert into state.counter values ('person', 1)")
    os.replace(other.path, warehouse.path)
    with warehouse.read() as connection:
        assert connection.execute("from state.counter").fetchall() == [("company", 9)]


def test_lines_of_the_same_size_and_time_are_read_anew(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = tmp_path / "lines.ndjson"
    for value in (1, 2):
        lines.write_text(json.dumps({"a": value}) + "\n")
        os.utime(lines, (1_000_000_000, 1_000_000_000))
        with warehouse.connect() as connection:
            assert connection.execute("from read_json(?)", [str(lines)]).fetchall() == [(value,)]


@pytest.mark.parametrize("name", ["memory.duckdb", "temp.duckdb", "main.duckdb", "顧客 'a' \"b\".c.duckdb", "crm"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    warehouse = made(tmp_path / name)
    with warehouse.connect() as connection:
        connection.execute("insert into state.counter values ('person', 1)")
    with warehouse.read() as connection:
        assert one(connection, "select last from state.counter") == 1
    assert_free(warehouse.path)


def test_a_relative_path_follows_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        with Warehouse(Path("crm.duckdb")).connect() as connection:
            connection.execute("insert into state.counter values ('person', 1)")
        assert_free(tmp_path / folder / "crm.duckdb")


def test_one_transaction_writes_into_one_file(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="TransactionException"):
        execute(
            warehouse.connect(),
            "insert into state.counter values ('person', 1)",
            f"attach '{tmp_path / 'second.duckdb'}' as second",
            "create table second.t as select 1 as a",
        )
    assert_free(warehouse.path)
    with warehouse.read() as connection:
        assert one(connection, "select count(*) from state.counter") == 0
