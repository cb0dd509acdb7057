"""Who is really who: which record of which CRM is about which person or company, as a file to measure a matcher by.

Belongs here: the truth as a streamed CSV table, and as Parquet for both CRMs. Not here: who is who.
Columns: system, object, id (the record id that the CRM gave), entity (person-… or company-…; the same in both CRMs).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from crm_pipeline.emulator.organisation.synthetic.draws import Ints
from crm_pipeline.emulator.organisation.synthetic.rows import Rows
from crm_pipeline.emulator.organisation.synthetic.sizes import District
from crm_pipeline.emulator.organisation.synthetic.texts import Texts
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import System

COLUMNS = ("system", "object", "id", "entity")
_COMPANIES = ("companies", "Account")


class TruthFile:
    """A CSV file being written while a CRM is loaded; without a path, nothing is."""

    def __init__(self, path: Path | None, system: System) -> None:
        self._path, self._system = path, system
        self._file: TextIO | None = None

    def __enter__(self) -> TruthFile:
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def add(self, district: District, rows: Rows, ids: Texts) -> None:
        """Write the rows of an object that is about people or companies; others are passed over."""
        if self._file is None or rows.entities is None:
            return
        entities = entity_names(district, rows.object, rows.entities)
        csv.writer(self._file).writerows(
            (self._system.value, rows.object, record_id, entity)
            for record_id, entity in zip(ids.tolist(), entities, strict=True)
        )


def entity_names(district: District, object_: str, entities: Ints) -> list[str]:
    """Names of the entities, unique in the organisation; the same person has the same in both CRMs."""
    if object_ in _COMPANIES:
        return [f"company-{number:07}" for number in (entities + district.firms_before + 1).tolist()]
    return [f"person-{number:07}" for number in (entities + district.people_before + 1).tolist()]


def write_truth(parts: Sequence[Path], path: Path) -> None:
    """Put the truth files of the CRMs into one, CSV or (by its name) Parquet.

    Raises ConfigError for another ending.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise ConfigError(f"{path}: the truth is written as .csv or .parquet")
    import duckdb  # not above: a process that only serves a CRM has no use for it

    options = "(FORMAT parquet)" if path.suffix == ".parquet" else "(FORMAT csv, HEADER)"
    with duckdb.connect() as connection:
        files = ", ".join(_quoted(part) for part in parts)
        source = f"read_csv([{files}], header = true, all_varchar = true)"
        connection.execute(f"COPY (SELECT * FROM {source}) TO {_quoted(path)} {options}")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
