"""`match FILE [FILE2]` from end to end: files in, a folder of results out.

Belongs here: the order of the steps, and their figures. Not here: the steps, and what a terminal shows (cli/match.py).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from crm_pipeline.config import Settings
from crm_pipeline.errors import ConfigError
from crm_pipeline.match import engine
from crm_pipeline.match.file import results, rows
from crm_pipeline.match.file.guess import Look, guess
from crm_pipeline.match.file.learning import learned, softened
from crm_pipeline.match.file.mapping import FileMapping, for_files, read_mapping
from crm_pipeline.match.file.places import place_columns
from crm_pipeline.match.file.reading import File, read, sample
from crm_pipeline.match.file.region import region_of
from crm_pipeline.match.firms import COMPANY
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.model.train import gather, model_of
from crm_pipeline.match.own_columns import own_columns
from crm_pipeline.match.people import PERSON
from crm_pipeline.match.vocabulary import Comparison
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection, Warehouse

#: What DuckDB may keep in memory; it works on disk beyond that. With 700 MB a million rows were too many.
_MEMORY = "2GB"


class Teller(Protocol):
    """Who is told how far it is."""

    def begin(self, label: str) -> None: ...

    def end(self, words: str) -> None: ...


@dataclass(frozen=True)
class Meant:
    """A file, what its columns mean, and which have no part (column -> why). `guessed`: nobody wrote it down."""

    file: File
    mapping: FileMapping
    left_out: dict[str, str]
    guessed: bool


class _Clock:
    """Seconds by step, and the teller's lines."""

    def __init__(self, teller: Teller) -> None:
        self.seconds: dict[str, float] = {}
        self._teller = teller

    @contextmanager
    def step(self, name: str, label: str) -> Iterator[list[str]]:
        """A step; the block puts the words about its end into the list."""
        self._teller.begin(label)
        begun = time.perf_counter()
        words: list[str] = []
        yield words
        self.seconds[name] = round(time.perf_counter() - begun, 3)
        self._teller.end(", ".join([*words, f"{self.seconds[name]:.1f} s"]))


#: Steps that a teller is told of.
STEPS = 5


def match_files(
    paths: Sequence[Path],
    mapping: Path | None,
    out: Path,
    settings: Settings,
    teller: Teller,
    meant: Callable[[Sequence[Meant]], None],
) -> dict[str, Any]:
    """Match the rows of one file, or of two, and write the results into the folder `out`. Returns the summary.

    `meant` is told what the columns mean before the work begins. Raises ConfigError for files, columns or a folder that
    cannot be used, WarehouseError for a full disk.
    """
    sources = [path.name for path in paths]
    if len(set(sources)) < len(sources):
        raise ConfigError(f"both files are called {sources[0]}; rename one, its name tells its rows apart")
    wanted = read_mapping(mapping) if mapping else None
    results.checked(out, paths)
    clock = _Clock(teller)
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="crm-pipeline-") as name:
        scratch = Path(name)
        warehouse = Warehouse(scratch / "files.duckdb")
        with warehouse.connect(memory=_MEMORY) as connection:
            connection.execute("set preserve_insertion_order = true")  # rows are told by their number
            with clock.step("read", "reading") as words:
                files = [
                    read(connection, path, f"file_{place}", scratch / results.QUARANTINED)
                    for place, path in enumerate(paths)
                ]
                words += [f"{sum(file.rows for file in files):,} rows"]
                understood = _meant(connection, files, wanted, mapping)
            meant(understood)
            summary = _matched(connection, understood, settings, clock, scratch)
        summary["seconds"] = {**clock.seconds, "total": round(time.perf_counter() - begun, 3)}
        summary["peak_memory_mb"] = peak_memory_mb()
        results.finish(scratch, out, summary)
    return summary


def _meant(connection: Connection, files: Sequence[File], wanted: FileMapping | None, path: Path | None) -> list[Meant]:
    if wanted is not None and path is not None:
        found = for_files(wanted, path, {file.source: file.header for file in files})
        return [
            Meant(
                file,
                found[file.source],
                {name: "" for name in file.header if name not in found[file.source].used},
                False,
            )
            for file in files
        ]
    meant = []
    for file in files:

        def look(name: str, file: File = file) -> Look:
            column = file.column(name)
            row = connection.execute(f"select count({column}), count(distinct {column}) from {file.table}").fetchone()
            return Look(sample(connection, file, name), *(row or (0, 0)))

        guessed = guess(file.header, file.rows, look)
        filled = any(look(name).filled for name in file.header if name != guessed.mapping.id)
        if filled and not guessed.mapping.roles and not guessed.mapping.compare:
            raise ConfigError(
                f"{file.path}: no column says by its header what it is ({', '.join(file.header[:30])}); "
                "write a mapping and name it with --columns"
            )
        meant.append(Meant(file, guessed.mapping, dict(guessed.left_out), True))
    return meant


def _matched(
    connection: Connection, meant: Sequence[Meant], settings: Settings, clock: _Clock, scratch: Path
) -> dict[str, Any]:
    kind = rows.kind_of([one.mapping for one in meant])
    with clock.step("normalise", "normalising"):
        region = _region(connection, meant, settings)
        distinct = rows.fill(connection, kind, {one.file: one.mapping for one in meant}, region)
        for one in meant:
            connection.execute(f"drop table {one.file.table}")
        rows.forget(connection)
        # Rows have their records now, and no order to keep.
        connection.execute("set preserve_insertion_order = false")
    methods = {rows.own_name(name): method for one in meant for name, method in one.mapping.compare.items()}
    comparisons = (
        *(PERSON if kind is Kind.PERSON else COMPANY),
        *own_columns(methods, distinct),
        *place_columns(connection, kind),
    )
    model = _engaged(connection, kind, comparisons, settings, clock)
    with clock.step("write", "writing") as words:
        counts = results.write(connection, kind, scratch)
        words += [f"{counts['clusters']:,} clusters"]
    return {
        "kind": kind.value,
        **counts,
        "quarantined": sum(one.file.quarantined for one in meant),
        "files": [_file_summary(one) for one in meant],
        "phone_region": region,
        "model": model.version,
    }


def _engaged(
    connection: Connection, kind: Kind, comparisons: Sequence[Comparison], settings: Settings, clock: _Clock
) -> Model:
    """Learn from the rows, and match them: they are loaded once for both."""
    with clock.step("train", "learning what weighs how much") as words:
        material = gather(connection, kind, comparisons, settings)
        model = model_of(connection, material, comparisons)
        taught = learned(connection, kind, comparisons, model, material.subjects)
        if softened(comparisons, taught):
            model = model_of(connection, material, taught)
        words += [f"model {model.version}"]
    with clock.step("match", "matching"):
        engine.run(connection, kind, settings, model, taught, material.subjects)
    return model


def _region(connection: Connection, meant: Sequence[Meant], settings: Settings) -> str:
    numbers = [
        number
        for one in meant
        for column in one.mapping.roles.get("phone", ())
        for number in sample(connection, one.file, column.name, 200)
        if not number.startswith("+")
    ]
    return region_of(numbers, settings.phone_region)


def _file_summary(one: Meant) -> dict[str, Any]:
    file = one.file
    return {
        "source": file.source,
        "rows": file.rows,
        "quarantined": file.quarantined,
        "encoding": file.encoding,
        "lines_in_another_encoding": file.strangers,
        "guessed": one.guessed,
        "columns": one.mapping.as_dict(),
        "not_used": sorted(one.left_out),
    }


def peak_memory_mb() -> int | None:
    """The most memory that this process, or a process that worked for it, has had; None where nobody can tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(most / (1 << 20 if sys.platform == "darwin" else 1 << 10))
