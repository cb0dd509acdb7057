"""Law 48: what an older program left is upgraded whole, and where nothing changed nothing is planned."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_pipeline.warehouse import migrations
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud
from crm_pipeline_tests.warehouse.older import turned_back

#: The oldest walks through all migrations, the newest is what people have; `make laws` tries all of them.
OLDER = range(1, migrations.VERSION) if "CRM_PIPELINE_ALL_STATES" in os.environ else (1, migrations.VERSION - 1)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cloud, Path]]:
    """Two CRMs with nothing left to do, and a copy of the database at that moment."""
    folder = tmp_path_factory.mktemp("settled")
    with cloud(folder) as crms:
        crms.pair(
            {"lastname": "山田", "city": "長野市"}, {"LastName": "山田", "FirstName": "太郎", "Email": "yamada@aaa.jp"}
        )
        crms.pair({"lastname": "松本", "phone": "000-111-2222"}, {"LastName": "松本", "FirstName": "次郎"})
        crms.hubspot.create("contacts", {"lastname": "森", "email": "mori@aaa.example"})
        assert crms.run().states
        crms.run()
        kept = folder / "kept.duckdb"
        shutil.copyfile(crms.settings.warehouse, kept)
        yield crms, kept


@pytest.mark.parametrize("version", OLDER)
def test_law_48_an_older_database_plans_nothing_where_nothing_changed(
    settled: tuple[Cloud, Path], version: int
) -> None:
    crms, kept = settled
    path = crms.settings.warehouse
    older = path.with_name("older.duckdb")
    older.unlink(missing_ok=True)
    assert turned_back(kept, older, version) > 50
    os.replace(older, path)
    crms.clear_logs()
    plan = crms.preview()
    assert crms.execute("select count(*) from plan.change where plan_id = ?", [plan.plan_id]) == [(0,)]
    assert crms.push().states == {}
    assert crms.writes() == []
    assert crms.execute("select max(version) from state.version") == [(migrations.VERSION,)]
