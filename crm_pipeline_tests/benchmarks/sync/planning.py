"""Planning linked pairs: `python -m crm_pipeline_tests.benchmarks.sync.planning PAIRS FOLDER`.

First some pairs for the first time. Then all pairs, as the nights after it find them: a night without changes, and one
on which 1 % of the pairs were edited in HubSpot. Prints a line of each step as it is done. Each part has a process of
its own, so that its memory is only its own: `PAIRS FOLDER first|made|quiet|edited` runs one of them.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from crm_pipeline.config import load_settings
from crm_pipeline.golden import linked
from crm_pipeline.plan import stage
from crm_pipeline.publish import stage as publish
from crm_pipeline.push import stage as push
from crm_pipeline_tests.benchmarks.emulator_client import most_memory
from crm_pipeline_tests.benchmarks.sync.nights import remember, settle, write
from crm_pipeline_tests.benchmarks.sync.pairs import edit, fill
from crm_pipeline_tests.plan.world import World

#: Of so many pairs one is edited; of so many people one was written by us in an earlier run.
_EVERY, _WRITTEN = 100, 20
#: So many pairs are planned for the first time, and again with their bases.
_FIRST = 20_000


def main(pairs: int, folder: Path) -> None:
    """Fill warehouses in `folder` and plan them as several nights do."""
    for part in PARTS:
        subprocess.run([sys.executable, "-m", __spec__.name, str(pairs), str(folder), part], check=True)


def first_night(pairs: int, folder: Path) -> None:
    """Some pairs for the first time, and once more under another mapping."""
    first = min(pairs, _FIRST)
    world = _world(folder / "first")
    fill(world, first)
    _measured(f"{first:,} pairs: plan for the first time", lambda: stage.run(world.warehouse, world.settings, 1))
    _measured("its push, which writes down bases only", lambda: push.run(world.warehouse, {}, world.settings, 1))
    _measured("all of them again, as after a change of the mapping", lambda: _plan(world))


def made(pairs: int, folder: Path) -> None:
    """The warehouse of the nights that follow."""
    world = _world(folder / "nights")
    fill(world, pairs)
    remember(world, pairs)
    write(world, pairs, _WRITTEN)
    settle(world)
    _measured(f"{pairs:,} pairs: publish for the first time", lambda: _publish(world))


def quiet_night(pairs: int, folder: Path) -> None:
    """A night on which nothing happened."""
    _night(_world(folder / "nights"), f"{pairs:,} pairs, nothing changed")


def edited_night(pairs: int, folder: Path) -> None:
    """A night after which users edited some."""
    world = _world(folder / "nights")
    edited = edit(world.warehouse, world.settings, _EVERY)
    _night(world, f"{pairs:,} pairs, {edited:,} edited in HubSpot")


PARTS = {"first": first_night, "made": made, "quiet": quiet_night, "edited": edited_night}


def _world(folder: Path) -> World:
    settings = load_settings()
    return World(folder, settings.model_copy(update={"published": folder / "published.duckdb"}))


def _night(world: World, what: str) -> None:
    _measured(f"{what}: golden records of deals looked at", lambda: _linked(world))
    _measured(f"{what}: plan", lambda: _plan(world))
    _measured(f"{what}: publish", lambda: _publish(world))


def _publish(world: World) -> publish.PublishResult:
    return publish.run(world.warehouse, world.settings, world.run_id)


def _plan(world: World) -> stage.PlanResult:
    world.run_id += 1
    return stage.run(world.warehouse, world.settings, world.run_id)


def _linked(world: World) -> None:
    with world.warehouse.connect() as connection:
        for mapping in world.settings.mapping.linked:
            linked.unchanged(connection, world.settings, mapping)


def _measured(what: str, step: Callable[[], object]) -> None:
    started, cpu = time.perf_counter(), _cpu()
    result = step()
    operations = f"{result.operations:,}" if isinstance(result, stage.PlanResult) else ""
    print(
        f"| {what} | {time.perf_counter() - started:,.1f} | {_cpu() - cpu:,.1f} | {most_memory(os.getpid()):,} "
        f"| {operations} |",
        flush=True,
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    asked = int(sys.argv[1]), Path(sys.argv[2])
    PARTS[sys.argv[3]](*asked) if sys.argv[3:] else main(*asked)
