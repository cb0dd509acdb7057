"""Both tools on one data set. Belongs here: running each as its users do, and what it said as labels. Not here: scores
(scoring.py), tables (bench.py)."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from crm_pipeline_tests.benchmarks.match.data_sets import DataSet
from crm_pipeline_tests.benchmarks.match.generator.names import Ints
from crm_pipeline_tests.benchmarks.match.process import Run, run

OURS, SPLINK = "crm-pipeline", "Splink"
#: Splink's clusters at the threshold of its documentation are the first file.
_FIXED = 0


@dataclass(frozen=True)
class Outcome:
    """`labels`: a cluster for each key of the data set; `automatic`: the pairs of the automatic tier as rows, or None.
    `steps`: seconds by step as the tool itself counts."""

    tool: str
    labels: Ints
    automatic: tuple[Ints, Ints] | None
    steps: Mapping[str, float]
    run: Run


def splink_is_here() -> bool:
    """Whether the extra `bench` is installed."""
    return find_spec("splink") is not None


def ours(data: DataSet, folder: Path) -> Outcome:
    """`crm-pipeline match` with its defaults. Raises FailedError."""
    out = folder / "ours"
    program = [sys.executable, "-c", "from crm_pipeline.cli import main; main()", "match"]
    measured = run([*program, *map(str, data.ours), "--columns", str(data.mapping), "--out", str(out)])
    summary = json.loads((out / "summary.json").read_text())
    with duckdb.connect() as connection:
        labels = _labels(data, connection, f"select {_key('')}, cluster::varchar from '{out / 'clusters.parquet'}'")
        ends = f"{_key('_a')} as a, {_key('_b')} as b"
        pairs = connection.execute(f"select {ends} from '{out / 'pairs.parquet'}' where tier = 'auto'").fetchnumpy()
    place = pd.Index(data.keys)
    automatic = (place.get_indexer(pairs["a"]), place.get_indexer(pairs["b"]))
    assert all((rows >= 0).all() for rows in automatic), "a pair of records that the data do not have"
    return Outcome(OURS, labels, automatic, _seconds(summary), measured)


def splink(data: DataSet, folder: Path) -> list[Outcome]:
    """Splink at the threshold of its documentation, then at each other one: the caller picks the best by the labels.

    Raises FailedError.
    """
    out = folder / "splink"
    out.mkdir(parents=True, exist_ok=True)
    module = "crm_pipeline_tests.benchmarks.match.splink_side"
    command = [sys.executable, "-m", module, data.model, str(out), *map(str, data.splink)]
    measured = run(command, {"STARTED": str(time.time())})
    steps = json.loads((out / "seconds.json").read_text())
    found = []
    with duckdb.connect() as connection:
        for file in sorted(out.glob("clusters-*.parquet")):
            threshold = connection.execute(f"select any_value(threshold)::double from '{file}'").fetchone()
            labels = _labels(data, connection, f"select unique_id, cluster from '{file}'")
            counted = Run(sum(steps.values()), measured.peak)
            found.append(Outcome(f"{SPLINK} {threshold[0] if threshold else ''}", labels, None, steps, counted))
    return found


def _key(end: str) -> str:
    """SQL of "source/id"; a source is the file's name, with or without its ending."""
    return f"regexp_replace(source{end}, '[.]parquet$', '') || '/' || id{end}"


def _labels(data: DataSet, connection: duckdb.DuckDBPyConnection, query: str) -> Ints:
    """A number of the cluster for each key; records that the tool left out (few may be) are alone."""
    found = dict(connection.execute(query).fetchall())
    assert sum(key in found for key in data.keys) > 0.9 * len(data.keys), "clusters of other records"
    return pd.factorize(np.array([found.get(key, f"alone {key}") for key in data.keys], dtype=object))[0]


def _seconds(summary: Mapping[str, object]) -> Mapping[str, float]:
    """Seconds by step of summary.json."""
    steps = summary.get("seconds")
    return {str(name): float(value) for name, value in steps.items()} if isinstance(steps, Mapping) else {}
