"""`make bench PART=extract`: everything read from both CRMs, then what changed of it; ours and two connectors.

The CRMs are emulated, each in a process of its own, with the platforms' limits, search lag and job times, and with 0.1
seconds more for each answer; by https, as the connectors want it. Then 1 % of all records is changed (crm_state.edit)
and read incrementally. After each read what arrived is compared with the CRM, id by id, and the changes value by value.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from crm_pipeline.demo.endpoint import SEARCH_LAG_SECONDS, Options
from crm_pipeline.emulator.organisation.synthetic import Synthetic
from crm_pipeline.model import System
from crm_pipeline_tests.benchmarks import connectors, crm_state, emulated
from crm_pipeline_tests.benchmarks.connectors import CONNECTORS, Connector, Delivered
from crm_pipeline_tests.benchmarks.crm_state import EDITED, Changes, Usage
from crm_pipeline_tests.benchmarks.figures import Figures, machine, table

#: Where connectors are installed, beside the other data of the project.
_INSTALLED = Path(__file__).parents[2] / "data" / "bench"
_CHANGED = 0.01
#: Seconds that a connector gets for a read of a small and of a large organisation; then it is stopped.
_PATIENCE = (60.0, 120.0)


def main(records: int, *, with_connectors: bool) -> list[Figures]:
    """Print the table for an organisation of so many records in each CRM."""
    print(f"{records:,} records in each CRM; {machine()}", flush=True)
    options = Options(rate_limits=True, lags=1.0, latency=emulated.LATENCY)
    with (
        tempfile.TemporaryDirectory() as name,
        emulated.serving(Synthetic(records), options, https_in=Path(name) / "certificates") as world,
    ):
        benchmark = _Benchmark(world, Path(name), patience=_PATIENCE[records >= 10_000])
        programs = list(benchmark.programs()) if with_connectors else []
        for what in ("all", "1 % changed"):
            benchmark.ours(what)
            for connector, program in programs:
                benchmark.connector(connector, program, what)
            if what == "all":
                benchmark.edit()
        print("\n" + table(benchmark.figures))
        return benchmark.figures


@dataclass
class _Benchmark:
    world: emulated.World
    folder: Path
    patience: float
    figures: list[Figures] = field(default_factory=list)
    delivered: dict[System, Delivered] = field(default_factory=dict)
    changes: Mapping[System, Changes] = field(default_factory=dict)
    edited_at: datetime | None = None
    _hubspot_read_at: float = 0.0

    def ours(self, what: str) -> None:
        """Our extraction in a process of its own, as `flow` has it."""
        self._forget_calls()
        program = [sys.executable, "-m", "crm_pipeline_tests.benchmarks.extract_ours"]
        done = subprocess.run(
            [*program, *(["--full"] if what == "all" else [])],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **self.world.environment},
            stdout=subprocess.PIPE,
            check=True,
        )
        measured = json.loads(done.stdout)
        memory = measured["base"], measured["peak"]
        for step in measured["steps"]:
            print(f"  {step['name']:<36} {_length(step):>8.1f} s {step['peak'] - memory[0]:>5,} MiB", flush=True)
        seconds = {system: _seconds(measured["steps"], system.value) for system in System}
        total = sum(_length(step) for step in measured["steps"])
        rows = {system: _rows(measured["steps"], system.value) for system in System}
        usages, works = {}, [(step["started"], step["ended"]) for step in measured["steps"]]
        for system, crm in self.world.crms.items():
            usages[system] = crm.ask(crm_state.usage, works)
            wrong = self._wrong_here(system)
            self._add(
                Figures(system.label, "ours", what, rows[system], seconds[system], usages[system], *memory, wrong)
            )
        both = Usage(sum(u.calls for u in usages.values()), sum(u.refused for u in usages.values()), None)
        self._add(Figures("both", "ours", what, sum(rows.values()), total, both, *memory, "", "with relations"))

    def programs(self) -> Iterator[tuple[Connector, Path]]:
        """The connectors that can be had here."""
        for connector in CONNECTORS.values():
            assert self.world.authority
            try:
                yield connector, connectors.command(connector, _INSTALLED, self.world.authority)
            except connectors.NotThereError as error:
                print(f"without {connector.name}: {error}", flush=True)

    def connector(self, connector: Connector, program: Path, what: str) -> None:
        """A connector reads the objects that we read."""
        self._forget_calls()
        system, state = connector.system, None
        objects = [name for name in self._objects(system) if name in connector.streams]
        before = self.delivered.get(system)
        if before is not None:
            assert self.edited_at
            state = connectors.state_at(connector, objects, self.edited_at) if before.stopped else before.state
        started = time.time()
        found = connectors.read(
            connector, program, self.folder, self.world.environment, objects, state, patience=self.patience
        )
        self.delivered[system] = found
        crm = self.world.crms[system]
        usage = crm.ask(crm_state.usage, [(started, time.time())])
        live = crm.ask(crm_state.live_ids)
        notes = [f"stopped after {self.patience:.0f} s"] if found.stopped else []
        wrong = ""
        if not found.stopped and before is None:
            wrong = _told({"rows lost": sum(len(live[name] - found.ids[name]) for name in objects)})
        elif before is not None:
            wrong = _told(_missed(self.changes[system], found, objects))
            notes += ["state made by hand"] if before.stopped else []
        notes += sorted(set(found.errors))
        self._add(
            Figures(
                system.label,
                connector.name,
                what,
                found.rows,
                found.seconds,
                usage,
                found.base,
                found.peak,
                wrong,
                "; ".join(notes),
            )
        )

    def edit(self) -> None:
        """A day's edits, and the seconds until searches find them."""
        self.edited_at = datetime.now(UTC)
        time.sleep(1)  # Salesforce's times have whole seconds
        self.changes = {system: crm.ask(crm_state.edit, _CHANGED, 4) for system, crm in self.world.crms.items()}
        time.sleep(SEARCH_LAG_SECONDS + 1)

    def _forget_calls(self) -> None:
        if self._hubspot_read_at:  # nobody begins with what another one used up of HubSpot's ten seconds
            time.sleep(max(0.0, self._hubspot_read_at + 10 - time.time()))
        for crm in self.world.crms.values():
            crm.ask(crm_state.forget_calls)

    def _add(self, row: Figures) -> None:
        if row.crm != System.SALESFORCE.label:
            self._hubspot_read_at = time.time()
        self.figures.append(row)
        print(" ".join(row.cells()), flush=True)

    def _objects(self, system: System) -> list[str]:
        """The objects of a CRM that we read."""
        with duckdb.connect(str(self.folder / "data" / "crm.duckdb"), read_only=True) as warehouse:
            found = warehouse.execute("select object from raw.watermark where system = ?", [system.value]).fetchall()
        return [name for (name,) in found if name in EDITED]

    def _wrong_here(self, system: System) -> str:
        """What the warehouse has otherwise than the CRM."""
        objects, live = self._objects(system), self.world.crms[system].ask(crm_state.live_ids)
        wrong = dict.fromkeys(("rows lost", "rows too many", "changes missed", "gone missed"), 0)
        digest = sha256()
        with duckdb.connect(str(self.folder / "data" / "crm.duckdb"), read_only=True) as warehouse:
            for name in objects:
                table_ = f"raw.{system}_{name.lower()}"
                found = warehouse.execute(f"select record_id from {table_} where retired is null").fetchall()
                here = {record_id for (record_id,) in found}
                digest.update("\n".join(sorted(here)).encode())
                wrong["rows lost"] += len(live[name] - here)
                wrong["rows too many"] += len(here - live[name])
                if system in self.changes:
                    changes = self.changes[system]
                    wrong["gone missed"] += len(changes.gone[name] & here)
                    values = dict(
                        warehouse.execute(
                            f"select record_id, fields ->> ? from {table_} where record_id in (select unnest(?))",
                            [EDITED[name], list(changes.values[name])],
                        ).fetchall()
                    )
                    wrong["changes missed"] += sum(
                        not _same(name, value, values.get(i)) for i, value in changes.values[name].items()
                    )
        return f"{_told(wrong)} ({len(objects)} objects, ids {digest.hexdigest()[:8]})"


def _same(name: str, there: str, here: str | None) -> bool:
    """Whether a value is the one that was entered; readers write the time of a note each in their own way."""
    return here is not None and (there[:16] == here[:16] if name == "notes" else there == here)


def _missed(changes: Changes, found: Delivered, objects: list[str]) -> dict[str, int]:
    edits = sum(
        not _same(name, value, found.values[name].get(i))
        for name in objects
        for i, value in changes.values[name].items()
    )
    created = sum(len(changes.created[name] - found.ids[name]) for name in objects)
    gone = sum(len(changes.gone[name] - found.gone[name]) for name in objects)
    return {"changes missed": edits + created, "gone missed": gone}


def _told(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {what}" for what, number in numbers.items() if number) or "complete"


def _length(step: Mapping[str, Any]) -> float:
    return float(step["ended"] - step["started"])


def _seconds(steps: list[Any], system: str) -> float:
    return sum(_length(step) for step in steps if step["name"].startswith(system))


def _rows(steps: list[Any], system: str) -> int:
    return sum(int(step.get("read", 0)) for step in steps if step["name"].startswith(system))
