"""What happens around an upgrade: a copy first, for its owner only; room for it; killed in the middle; refused."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import namedtuple
from pathlib import Path

import duckdb
import pytest

from crm_pipeline.errors import WarehouseError
from crm_pipeline.warehouse import Warehouse, kept, migrations
from crm_pipeline_tests.warehouse.older import make

NEWEST_OLD = migrations.VERSION - 1
_Usage = namedtuple("_Usage", "total used free")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("old") / "crm.duckdb"
    make(path, NEWEST_OLD)
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert into state.counter values ('person', 7)")
    return path


@pytest.fixture
def path(old: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(old, tmp_path / "crm.duckdb"))


def version(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        return int(connection.execute("select max(version) from state.version").fetchall()[0][0])


def test_the_copy_has_version_and_time_in_its_name_is_for_its_owner_only_and_is_told(path: Path) -> None:
    told: list[str] = []
    with Warehouse(path, told=told.append).connect() as connection:
        assert connection.execute("from state.counter").fetchall() == [("person", 7)]
    (copy,) = kept.copies(path)
    assert re.fullmatch(rf"crm\.duckdb\.version-{NEWEST_OLD}\.\d{{8}}T\d{{6}}Z", copy.name)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert version(copy) == NEWEST_OLD
    upgraded = f"{path} is upgraded from tables version {NEWEST_OLD} to {migrations.VERSION}"
    assert told == [f"{upgraded}; as it was before, it is in {copy}"]
    with Warehouse(path, told=told.append).connect():
        pass
    assert len(told) == 1


def test_looking_at_an_older_database_upgrades_it_first(path: Path) -> None:
    with Warehouse(path).read() as connection:
        assert connection.execute("from state.counter").fetchall() == [("person", 7)]
        assert connection.execute("select max(version) from state.version").fetchall() == [(migrations.VERSION,)]


def test_two_copies_stay_and_those_of_earlier_programs(path: Path) -> None:
    later = time.time() + 86_400  # the clock has gone back since
    for number, name in enumerate(["version-4", "version-3.20260101T000000Z", "version-4.20260301T000000Z"]):
        made = path.with_name(f"crm.duckdb.{name}")
        made.touch()
        os.utime(made, (later + number, later + number))
    path.with_name("crm.duckdb.version-5.20260401T000000Z.part").touch()  # of one that was killed
    with Warehouse(path).connect():
        pass
    names = [copy.name for copy in kept.copies(path)]
    assert names[1:] == ["crm.duckdb.version-4", "crm.duckdb.version-4.20260301T000000Z"]
    assert len(names) == 1 + kept.KEPT  # the new one comes first: its time is the oldest
    assert not list(path.parent.glob("*.part"))


def test_without_room_for_the_copy_nothing_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(10_000_000, 9_000_000, 1_000_000))
    with (
        pytest.raises(WarehouseError, match=r"has 1 MB free.*needs \d+ MB.*nothing was changed"),
        Warehouse(path).connect(),
    ):
        pass
    assert path.read_bytes() == before
    assert kept.copies(path) == []


def test_killed_in_the_middle_the_old_state_stands_and_the_next_one_upgrades(path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from crm_pipeline.warehouse import Warehouse, migrations\n"
        "steps = migrations._since\n"
        "def since(found):\n"
        "    yield from steps(found)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "migrations._since = since\n"
        "with Warehouse(Path(sys.argv[1])).connect(): pass\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    assert version(path) == NEWEST_OLD
    with Warehouse(path).connect() as connection:
        assert connection.execute("from state.counter").fetchall() == [("person", 7)]
    assert version(path) == migrations.VERSION


def test_threads_that_open_an_old_database_at_once_upgrade_it_once(path: Path) -> None:
    errors: list[BaseException] = []

    def opened() -> None:
        try:
            with Warehouse(path).connect():
                pass
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=opened) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with Warehouse(path).read() as connection:
        assert connection.execute(
            "select count(*) from state.version where version = ?", [migrations.VERSION]
        ).fetchall() == [(1,)]


@pytest.mark.parametrize("reading", [False, True])
def test_a_newer_database_is_refused_with_the_next_step(path: Path, reading: bool) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert into state.version values (99)")
    before = path.read_bytes()
    opened = Warehouse(path).read() if reading else Warehouse(path).connect()
    with (
        pytest.raises(WarehouseError, match=r"tables version 99.*install the newer program, or put back the copy"),
        opened,
    ):
        pass
    assert path.read_bytes() == before


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table theirs as select 1 as a")
    with (
        pytest.raises(WarehouseError, match="database of something else; name another file"),
        Warehouse(path).connect(),
    ):
        pass
    with pytest.raises(WarehouseError, match="holds nothing of the pipeline yet"), Warehouse(path).read():
        pass
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall() == [
            ("main.theirs",)
        ]
