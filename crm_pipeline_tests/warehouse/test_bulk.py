"""Rows given at once: a step that may use little memory can insert them, and a row of any length."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert


@pytest.mark.parametrize("length", [1, 20_000_000])
def test_a_row_asks_for_memory_by_its_length(tmp_path: Path, length: int) -> None:
    with Warehouse(tmp_path / "crm.duckdb").connect(memory="500MB") as connection:
        insert(connection, "state.outside", [{"record_key": "x" * length, "since_run": 1}])
        assert connection.execute("select len(record_key) from state.outside").fetchall() == [(length,)]
