"""A database of version 1 opens, keeps every row, and has the same tables as a new one (law 48)."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from crm_pipeline.crm.protocol import Page
from crm_pipeline.extract.loading.load import Interval, Loaded, Loader
from crm_pipeline.extract.reading.spool import Question, Spool
from crm_pipeline.model import SourceRecord, System
from crm_pipeline.warehouse import Warehouse, migrations
from crm_pipeline.warehouse.kept import copies
from crm_pipeline_tests.warehouse.older import make

_AT = datetime(2026, 11, 1, tzinfo=UTC)
_TEXT = '{"city": "髙崎", "email": null, "n": 1.5, "t": true}'  # as version 1 dumped it
_CHANGED = '{"city":{"at":"2026-11-01T00:00:00.000000+00:00","after":null,"certain":false}}'

#: The first digits of the SHA-256 of each migration that people have: a version that is out never changes, what is new
#: goes into the next one.
RELEASED = {2: "d3a5ad692445", 3: "c5026dcde687", 4: "8c6144f46879", 5: "3318153249f5", 6: "0b0a2da8bd0b"}


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    path = tmp_path / "crm.duckdb"
    make(path, 1)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in ("hubspot_companies", "hubspot_contacts", "salesforce_lead"):
            connection.execute(
                f"insert into raw.{table} values ('1', $at, $at, 'u', $text, $changed, null, 3), "
                "('2', $at, $at, 'u', '{}', '{}', 'deleted', 4)",
                {"at": _AT, "text": _TEXT, "changed": _CHANGED},
            )
        connection.execute("insert into raw.history values ('hubspot', 'contacts', '1', '{}', ?, 1, 3)", [_AT])
        connection.execute("insert into raw.association values ('hubspot', 'contacts', '1', 'companies', '1', true)")
        connection.execute("insert into raw.reconciliation values (3, 'hubspot', 'contacts', 1, 2, 'x')")
        connection.execute("insert into raw.quarantine values (3, 'hubspot', 'contacts', '9', 'r')")
        connection.execute("insert into state.counter values ('person', 7)")
    return Warehouse(path)


def _rows(path: Path) -> dict[str, list[tuple]]:
    """Every table's rows without the columns that version 1 did not have."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        return {
            f"{schema}.{table}": rows
            for schema, table in tables
            if (schema, table) != ("state", "version")
            and (
                rows := connection.execute(
                    f"select {_COLUMNS.get(table, '*') if schema == 'raw' else '*'} from {schema}.{table}"
                ).fetchall()
            )
        }


_COLUMNS = {
    **dict.fromkeys(("hubspot_companies", "hubspot_contacts", "salesforce_lead"), "#1, #2, #3, #4, #5, #6, #7, #8"),
    "history": "#1, #2, #3, #4, #5, #6, #7",
    "association": "#1, #2, #3, #4, #5, #6",
    "reconciliation": "run_id, system, object, here, there, explained",
    "quarantine": "#1, #2, #3, #4, #5",
}


def _catalogue(path: Path) -> list[list[tuple]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return [
            connection.execute(sql).fetchall()
            for sql in (
                "select schema_name, table_name, column_index, column_name, data_type, is_nullable, column_default "
                "from duckdb_columns() where not internal order by all",
                "select schema_name, view_name, sql from duckdb_views() where not internal order by all",
                "select schema_name, function_name, macro_definition from duckdb_functions() where not internal",
            )
        ]


def test_law_48_a_version_1_database_has_the_tables_of_a_new_one_and_its_rows(warehouse: Warehouse) -> None:
    before = _rows(warehouse.path)
    assert len(before) == 8
    with warehouse.connect():
        pass
    new = Warehouse(warehouse.path.with_name("new.duckdb"))
    with new.connect():
        pass
    assert _catalogue(warehouse.path) == _catalogue(new.path)
    assert _rows(warehouse.path) == before
    (kept,) = copies(warehouse.path)
    assert _rows(kept) == before
    with warehouse.read() as connection:
        assert connection.execute("select max(version) from state.version").fetchone() == (migrations.VERSION,)
        assert connection.execute("select run_id, record_id, released_run from raw.quarantine").fetchall() == [
            (3, "9", None)
        ]


def test_law_48_the_next_read_of_unchanged_records_changes_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    def same(_name: str, left: object, right: object) -> bool:
        return left == right

    fields = {"t": True, "n": 1.5, "email": None, "city": "髙崎"}
    record = SourceRecord(System.HUBSPOT, "contacts", "1", _AT, _AT, "u", fields)
    with warehouse.connect() as connection:
        before = connection.execute("from raw.record order by 1").fetchall()
    with Spool(tmp_path / "spool", Question("", "", None), _AT, same) as spool:
        spool.add_page(Page([record]))
        with warehouse.connect() as connection:
            loader = Loader(connection, System.HUBSPOT, "contacts", 5)
            loader.stage(spool)
            assert loader.load(spool, Interval(_AT, _AT), same) == Loaded()
            assert connection.execute("from raw.record order by 1").fetchall() == before
            assert connection.execute("select count(*) from raw.history").fetchone() == (1,)


@pytest.mark.parametrize("version", RELEASED)
def test_a_released_migration_stays_as_it_is(version: int) -> None:
    file = Path(migrations.__file__).parent / "tables" / "migrations" / f"{version}.sql"
    assert hashlib.sha256(file.read_bytes()).hexdigest().startswith(RELEASED[version])


def test_a_migration_that_fails_leaves_the_older_tables(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _rows(warehouse.path)
    monkeypatch.setattr(migrations, "VERSION", migrations.VERSION + 1)  # the others are done when it is missed
    with pytest.raises(FileNotFoundError), warehouse.connect():
        pass
    assert _rows(warehouse.path) == before
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        assert connection.execute("select max(version) from state.version").fetchone() == (1,)
