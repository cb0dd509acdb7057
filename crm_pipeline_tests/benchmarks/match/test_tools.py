"""Running and measuring a tool, and reading the clusters it wrote."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest

from crm_pipeline_tests.benchmarks.match import tools
from crm_pipeline_tests.benchmarks.match.data_sets import DataSet
from crm_pipeline_tests.benchmarks.match.process import FailedError, run


def test_the_memory_of_a_tool_is_its_own_and_not_the_benchmarks() -> None:
    held = np.ones(40_000_000)  # 305 MiB in this process
    measured = run([sys.executable, "-S", "-c", "bytearray(60_000_000)"])
    assert len(held)
    assert 57 < measured.peak < 200
    assert measured.seconds > 0


def test_a_tool_that_fails_says_why() -> None:
    with pytest.raises(FailedError, match=r"^no such file$"):
        run([sys.executable, "-S", "-c", "import sys; print('reading'); sys.exit('no such file')"])


def test_clusters_are_numbers_by_record_and_one_that_was_left_out_is_alone(tmp_path: Path) -> None:
    keys = [f"people/{n}" for n in range(20)]
    data = DataSet("x", (), tmp_path, (), "crm", keys, np.arange(20))
    with duckdb.connect() as connection:
        connection.execute(
            "create table found as select 'people.parquet' as source, n::varchar as id, n // 2 as cluster "
            "from range(19) t(n)"
        )
        labels = tools._labels(data, connection, f"select {tools._key('')}, cluster::varchar from found")
        assert [int(label) for label in labels] == [n // 2 for n in range(18)] + [9, 10]
        with pytest.raises(AssertionError, match="other records"):
            tools._labels(data, connection, "select id, cluster::varchar from found")
