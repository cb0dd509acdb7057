"""`make bench PART=proof`: what the warehouse has against what both CRMs have, record by record, after a read during
which users edited, created, deleted, merged and converted records all the time, and a second one when they had gone.

Belongs here: the two reads and the comparison: ids, every value of what is read, the fate of what is gone. Not here:
the users (users.py), the plain reading of a CRM (truth.py). The warehouse must not differ in anything.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import orjson

from crm_pipeline.demo.endpoint import SEARCH_LAG_SECONDS, Options
from crm_pipeline.emulator.organisation.synthetic import Synthetic
from crm_pipeline.model import System
from crm_pipeline_tests.benchmarks import crm_state, emulated
from crm_pipeline_tests.benchmarks.figures import machine
from crm_pipeline_tests.benchmarks.truth import Truth
from crm_pipeline_tests.benchmarks.users import Users, working

#: Seconds between two things that users of one CRM do.
_PAUSE = 0.02
#: What is shown of raw.reconciliation.
_ROW = "run_id, system, object, here, there, missing, surplus, sampled, sample_wrong, method, explained"
#: Records of each difference that are named.
_MOST_NAMED = 5


@dataclass(frozen=True)
class Compared:
    """One object: live records there and here, and the ids that differ: `missing` here, `surplus` here, `other` values,
    `fate`: gone there, and here without the right reason."""

    system: System
    object: str
    there: int
    here: int
    gone: int
    missing: frozenset[str]
    surplus: frozenset[str]
    other: frozenset[str]
    fate: frozenset[str]

    @property
    def differences(self) -> int:
        return len(self.missing | self.surplus | self.other | self.fate)


def main(records: int) -> int:
    """Print the proof for an organisation of so many records in each CRM. Gives the number of differences."""
    print(f"{records:,} records in each CRM; {machine()}", flush=True)
    options = Options(rate_limits=False, lags=1.0)  # the reader keeps to the limits by itself, the comparison need not
    with tempfile.TemporaryDirectory() as name, emulated.serving(Synthetic(records), options) as world:
        ids = {system: _lists(crm.ask(crm_state.live_ids)) for system, crm in world.crms.items()}
        with working(world.environment, ids, pause=_PAUSE) as users:
            _extract(Path(name), world.environment, "first read, while users work")
        time.sleep(SEARCH_LAG_SECONDS + 1)
        _extract(Path(name), world.environment, "second read, after they went")
        path = Path(name) / "data" / "crm.duckdb"
        return report(path, compare(path, world.environment, users), users)


def compare(warehouse: Path, environment: Mapping[str, str], users: Mapping[System, Users]) -> list[Compared]:
    """Every object that was read, compared with the CRM as it is now."""
    found: list[Compared] = []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        read = connection.execute("select system, object from raw.watermark order by all").fetchall()
        for system in System:
            truth = Truth(system, environment)
            objects = [object_ for at, object_ in read if at == system.value and object_ in crm_state.EDITED]
            found += [_compared(connection, truth, users[system], object_) for object_ in objects]
    return found


def report(warehouse: Path, found: Sequence[Compared], users: Mapping[System, Users]) -> int:
    """Print the counts, what users did, and raw.reconciliation of both reads. Gives the number of differences."""
    for system, one in users.items():
        print(f"users of {system.label}: " + ", ".join(f"{what} {count:,}" for what, count in one.done.items()))
    differences = 0
    print("| CRM | object | there | here | gone | missing | surplus | other values | other fate |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for row in found:
        differences += row.differences
        sets = (len(ids) for ids in (row.missing, row.surplus, row.other, row.fate))
        numbers = (row.there, row.here, row.gone, *sets)
        print(f"| {row.system.label} | {row.object} | " + " | ".join(f"{number:,}" for number in numbers) + " |")
    for row in found:
        for what in ("missing", "surplus", "other", "fate"):
            for record_id in sorted(getattr(row, what))[:_MOST_NAMED]:
                print(f"{what}: {row.system.label} {row.object} {record_id}")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        kept = connection.execute(f"select {_ROW} from raw.reconciliation order by run_id, system, object")
        print("\n| " + _ROW.replace(", ", " | ") + " |\n" + "| --- " * len(kept.description) + "|")
        for line in kept.fetchall():
            print("| " + " | ".join("" if value is None else str(value) for value in line) + " |")
    print(f"{differences} differences")
    return differences


def _compared(connection: duckdb.DuckDBPyConnection, truth: Truth, users: Users, name: str) -> Compared:
    table = f"raw.{users.system.value}_{name.lower()}"
    rows = connection.execute(f"select distinct unnest(json_keys(fields)) from {table} where retired is null")
    fields = sorted(field for (field,) in rows.fetchall())
    here = {
        record_id: _digest(orjson.loads(values))
        for record_id, values in _all(connection, f"select record_id, fields from {table} where retired is null")
    }
    there = {record_id: _digest(values) for record_id, values in truth.records(name, fields)}
    fates = dict(_all(connection, f"select record_id, retired from {table}"))
    known = {i: reasons for (object_, i), reasons in users.gone.items() if object_ == name and i in fates}
    return Compared(
        users.system,
        name,
        len(there),
        len(here),
        sum(reason is not None for reason in fates.values()),
        frozenset(there.keys() - here.keys()),
        frozenset(here.keys() - there.keys()),
        frozenset(i for i in there.keys() & here.keys() if there[i] != here[i]),
        frozenset(i for i, reasons in known.items() if i not in there and fates[i] not in reasons),
    )


def _all(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterable[tuple[Any, ...]]:
    rows = connection.execute(sql)
    while part := rows.fetchmany(10_000):
        yield from part


def _digest(values: Mapping[str, Any]) -> bytes:
    """Equal for equal values; blank is blank however it is written, and 5.0 is 5."""
    plain = sorted((name, _plain(value)) for name, value in values.items() if value not in (None, ""))
    return md5(orjson.dumps(plain), usedforsecurity=False).digest()


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _lists(ids: Mapping[str, set[str]]) -> dict[str, list[str]]:
    return {name: sorted(known) for name, known in ids.items()}


def _extract(folder: Path, environment: Mapping[str, str], what: str) -> None:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "crm_pipeline_tests.benchmarks.extract_ours"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    measured = json.loads(done.stdout)
    rows = sum(int(step.get("read", 0)) for step in measured["steps"])
    seconds, peak = time.perf_counter() - started, measured["peak"] - measured["base"]
    print(f"{what}: {rows:,} rows in {seconds:,.1f} s, {peak} MiB above the base process", flush=True)
