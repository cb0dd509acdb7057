"""Planning linked pairs in a process of its own: `python -m crm_pipeline_tests.benchmarks.sync.planning PAIRS FOLDER`.

First everything for the first time, then a night without changes, then one on which 1 % of the pairs were edited in
HubSpot. Prints a line of each as it is done.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

from crm_pipeline.plan import stage
from crm_pipeline.push import stage as push
from crm_pipeline_tests.benchmarks.emulator_client import most_memory
from crm_pipeline_tests.benchmarks.sync.pairs import edit, fill
from crm_pipeline_tests.plan.world import World

#: Of so many pairs one is edited.
_EVERY = 100


def main(pairs: int, folder: Path) -> None:
    """Fill a warehouse in `folder` and plan it as several nights do."""
    world = World(folder)
    fill(world, pairs)
    _measured(world, f"{pairs:,} pairs, all for the first time")
    push.run(world.warehouse, {}, world.settings, world.run_id)
    _measured(world, "again, bases known")
    _measured(world, "nothing changed")
    edited = edit(world.warehouse, world.settings, _EVERY)
    _measured(world, f"{edited:,} edited in HubSpot")


def _measured(world: World, what: str) -> None:
    started, cpu = time.perf_counter(), _cpu()
    result = stage.run(world.warehouse, world.settings, world.run_id)
    print(
        f"| {what} | {time.perf_counter() - started:,.1f} | {_cpu() - cpu:,.1f} | {most_memory(os.getpid()):,} "
        f"| {result.operations:,} |",
        flush=True,
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
