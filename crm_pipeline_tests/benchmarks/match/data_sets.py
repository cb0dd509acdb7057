"""Labelled data for both tools. Belongs here: making or reading a data set, the files each tool gets, the mapping for
ours, the truth. Not here: running (tools.py).

FEBRL 3, FEBRL 4 and fake_1000 are read from a folder that the user names (docs/benchmarks.md says where they come
from).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from crm_pipeline_tests.benchmarks.match.generator.names import Ints
from crm_pipeline_tests.benchmarks.match.generator.organisation import FILES, Organisation, organisation
from crm_pipeline_tests.benchmarks.match.normalised import normalised

_FEBRL = """id: rec_id
columns:
  family_name: surname
  given_name: given_name
  birth_date: {column: date_of_birth, format: "%Y%m%d"}
  postal_code: postcode
  compare:
    soc_sec_id: exact
    street_number: exact
    suburb: text
"""
_FAKE = """id: unique_id
columns:
  family_name: surname
  given_name: first_name
  birth_date: dob
  city: city
  e_mail: email
"""


@dataclass(frozen=True)
class DataSet:
    """`ours`: files and mapping for our command. `splink`: files and model for Splink. `truth`: a number for each key
    of `keys` ("source/id"), the same for one entity. `made`: the organisation it is, of synthetic ones."""

    name: str
    ours: tuple[Path, ...]
    mapping: Path
    splink: tuple[Path, ...]
    model: str
    keys: list[str]
    truth: Ints
    made: Organisation | None = None


def synthetic(folder: Path, records: int, seed: int) -> DataSet:
    """An organisation of so many records; its files are made in the folder."""
    home = folder / f"organisation-{records}-{seed}"
    made = organisation(records, seed)
    files = made.write(home)
    sources = [FILES[side] for side in made.side.tolist()]
    clean = home / "normalised.parquet"
    table = normalised(made.rows, sources)
    _write(table, clean)
    keys = table["unique_id"].tolist()
    return DataSet(
        f"organisation {records:,}, seed {seed}",
        tuple(files),
        home / "columns.yaml",
        (clean,),
        "crm",
        keys,
        made.customer,
        made,
    )


def labelled(source: Path, folder: Path) -> Iterator[DataSet]:
    """The public data sets that are in `source`; trimmed copies are made in the folder."""
    for name, files, identity, cluster, mapping, model in (
        ("FEBRL 3", ("dataset3",), "rec_id", "regexp_extract(rec_id, 'rec-[0-9]+')", _FEBRL, "febrl3"),
        ("FEBRL 4", ("dataset4a", "dataset4b"), "rec_id", "regexp_extract(rec_id, 'rec-[0-9]+')", _FEBRL, "febrl4"),
        ("fake_1000", ("fake_1000",), "unique_id", "cluster", _FAKE, "fake_1000"),
    ):
        if all((source / f"{file}.csv").exists() for file in files):
            yield _labelled(name, source, files, folder / name.replace(" ", ""), identity, cluster, mapping, model)


def _labelled(
    name: str, source: Path, files: tuple[str, ...], home: Path, identity: str, cluster: str, mapping: str, model: str
) -> DataSet:
    home.mkdir(parents=True, exist_ok=True)
    paths, for_splink, keys, truth = [], [], [], []
    with duckdb.connect() as connection:
        for file in files:
            read = f"read_csv('{source / file}.csv', all_varchar = true, header = true)"
            columns = [row[0] for row in connection.execute(f"describe select * from {read}").fetchall()]
            trimmed = ", ".join(f"nullif(trim(\"{one}\"), '') as {one.strip()}" for one in columns)
            connection.execute(f"create or replace temp table trimmed as select {trimmed} from {read}")
            left_out = "exclude (cluster)" if cluster == "cluster" else ""
            paths.append(home / f"{file}.parquet")
            connection.execute(f"copy (select * {left_out} from trimmed) to '{paths[-1]}' (format parquet)")
            rows = connection.execute(f"select {identity}, {cluster} from trimmed").fetchall()
            keys += [f"{file}/{row[0]}" for row in rows]
            truth += [row[1] for row in rows]
            for_splink.append(home / f"splink-{file}.parquet")
            rest = f"* {left_out}".replace("exclude (cluster)", f"exclude (cluster, {identity})")
            rest = rest if left_out else f"* exclude ({identity})"
            key = f"'{file}/' || {identity} as unique_id"
            connection.execute(f"copy (select {key}, {rest} from trimmed) to '{for_splink[-1]}' (format parquet)")
    (home / "columns.yaml").write_text(mapping)
    codes = pd.factorize(np.array(truth, dtype=object))[0]
    return DataSet(name, tuple(paths), home / "columns.yaml", tuple(for_splink), model, keys, codes)


def _write(table: pd.DataFrame, path: Path) -> None:
    with duckdb.connect() as connection:
        connection.register("written", table)
        connection.execute(f"copy (select * from written) to '{path}' (format parquet)")
