"""The published file is whole or the old one, and holds a copy of the warehouse."""

import duckdb
import pytest

from crm_pipeline.errors import WarehouseError
from crm_pipeline.publish import stage
from crm_pipeline.warehouse import Warehouse


def test_a_reader_keeps_the_old_file_and_a_new_one_sees_the_new(warehouse, settings):
    stage.run(warehouse, settings, 1)
    old = duckdb.connect(str(settings.published), read_only=True)
    with warehouse.connect() as connection:
        connection.execute("delete from golden.link where golden_id = 'person-4'")
    stage.run(warehouse, settings, 2)
    assert old.execute("select count(*) from customer_360").fetchone() == (4,)
    old.close()
    with duckdb.connect(str(settings.published), read_only=True) as new:
        assert new.execute("select count(*) from customer_360").fetchone() == (3,)


def test_the_copy_has_the_tables_and_views_of_the_warehouse(as_read):
    with duckdb.connect(str(as_read.published), read_only=True) as published:
        assert published.execute("select count(*) from raw.record").fetchone() == (7,)
        assert published.execute("select count(*) from match.review").fetchone() == (1,)


def test_no_other_file_is_left(warehouse, settings):
    stage.run(warehouse, settings, 1)
    names = {path.name for path in settings.published.parent.iterdir()}
    assert names == {"settings.yaml", "crm.duckdb", "published.duckdb"}


def test_the_leftover_of_a_killed_publish_is_no_obstacle(warehouse, settings):
    settings.published.with_name("published.duckdb.building").write_text("half a file")
    assert stage.run(warehouse, settings, 1).customers == 4


def test_a_publish_that_fails_leaves_the_old_copy_and_the_warehouse_usable(warehouse, settings):
    stage.run(warehouse, settings, 1)
    with warehouse.connect() as connection:
        connection.execute("drop view match.review")
    with pytest.raises(WarehouseError):
        stage.run(warehouse, settings, 2)
    with duckdb.connect(str(settings.published), read_only=True) as old:
        assert old.execute("select max(run_id) from reach").fetchone() == (1,)
    assert not settings.published.with_name("published.duckdb.building").exists()
    with warehouse.connect() as connection:
        assert connection.execute("select count(*) from golden.link").fetchone() == (7,)


def test_an_empty_warehouse_publishes_empty_marts(tmp_path, settings):
    result = stage.run(Warehouse(tmp_path / "new.duckdb"), settings, 1)
    filled = {mart for mart, rows in result.rows.items() if rows}
    assert filled == {"reach", "mapping"}, "numbers of zero, and what the settings say"
