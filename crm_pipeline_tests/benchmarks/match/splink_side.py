"""Splink in a process of its own: `python -m ...splink_side MODEL OUT FILE [FILE2]` writes clusters at each threshold
as OUT/clusters-N.parquet and its seconds by step as OUT/seconds.json. STARTED in the environment is the time of the
call.

Belongs here: training, predicting, clustering as documented for Splink 5. Not here: models (splink_models.py).
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from pathlib import Path

import duckdb
from splink import DuckDBAPI, Linker

from crm_pipeline_tests.benchmarks.match.splink_models import MODELS

#: Splink's threshold (the one of its examples), then those among which the best is picked by the labels.
THRESHOLD = 0.95
THRESHOLDS = (THRESHOLD, 0.5, 0.7, 0.8, 0.9, 0.98, 0.99, 0.995, 0.999, 0.9999)
#: Pairs to estimate u from: as many as ours.
PAIRS = 1_000_000


def main(name: str, folder: Path, files: list[Path]) -> None:
    """Run one model. Columns of the result: threshold, unique_id, cluster."""
    logging.disable(logging.WARNING)
    seconds = {"start": round(time.time() - float(os.environ["STARTED"]), 2)}
    started = time.perf_counter()

    def took(step: str) -> None:
        nonlocal started
        now = time.perf_counter()
        seconds[step], started = round(now - started, 2), now

    connection = duckdb.connect()
    api, model = DuckDBAPI(connection=connection), MODELS[name]()
    tables = [
        api.register(connection.read_parquet(str(file)), dataset_display_name=f"file_{place}")
        for place, file in enumerate(files)
    ]
    linker = Linker(tables if len(tables) > 1 else tables[0], model.settings, log_level=None)
    took("load")
    linker.training.estimate_probability_two_random_records_match(model.certain, recall=model.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=1)
    for rule in model.training:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=model.without_term_frequencies
        )
    took("train")
    predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    took("predict")
    for place, threshold in enumerate(THRESHOLDS):
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=threshold
        )
        if threshold == THRESHOLD:
            took("cluster")
        relation = found.as_duckdbpyrelation()
        relation.query(
            "found",
            f"select {threshold} as threshold, unique_id, cluster_id::varchar as cluster from found",
        ).write_parquet(str(folder / f"clusters-{place}.parquet"))
    predicted.as_duckdbpyrelation().query(
        "predicted", "select unique_id_l, unique_id_r, match_probability from predicted"
    ).write_parquet(str(folder / "pairs.parquet"))
    (folder / "seconds.json").write_text(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), [Path(argument) for argument in sys.argv[3:]])
