"""Many histories at once, and the smallest one that still violates a law where one does.

Belongs here: seeds, counts, the shrunk counterexample as text. Not here: the nights (nights.py).
`python -m crm_pipeline_tests.laws.machine 100000 [seed]` runs that many histories and prints the count.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_pipeline_tests.laws.machine.history import History, drawn, shrunk
from crm_pipeline_tests.laws.machine.nights import Nights
from crm_pipeline_tests.laws.machine.weather import Weather

#: Histories that share a database: a night of them all costs far less than as many nights of one.
TOGETHER = 3_000


def histories(seed: int, count: int) -> dict[int, History]:
    """The histories of a seed, by number."""
    return {number: drawn(random.Random(f"{seed}/{number}")) for number in range(count)}


def violations(weather: Weather, worlds: Mapping[int, History]) -> dict[int, list[str]]:
    """What is violated when these histories run together, by number; -1: by none in particular."""
    with tempfile.TemporaryDirectory(prefix="crm-pipeline-laws-") as folder:
        nights = Nights(Path(folder), weather)
        for number, history in worlds.items():
            nights.add(number, history)
        return nights.run()


@dataclass(frozen=True)
class Machine:
    """A sort of histories. `weather`: what those of a seed share; `violations`: what some violate together."""

    weather: Callable[[random.Random], Weather]
    histories: Callable[[int, int], dict[int, History]]
    violations: Callable[[Weather, Mapping[int, History]], dict[int, list[str]]]


CUSTOMERS = Machine(Weather.drawn, histories, violations)


def counterexamples(seed: int, count: int, machine: Machine = CUSTOMERS, *, most: int = 3) -> list[str]:
    """Run the histories of a seed; of the first few that violate a law, the smallest form. Empty: all is well."""
    weather = machine.weather(random.Random(seed))
    worlds = machine.histories(seed, count)
    found = machine.violations(weather, worlds)
    told = [f"seed {seed}: {len(found)} of {count} histories violate a law, {weather}"] if found else []
    for number, broken in list(found.items())[:most]:
        told.append(f"history {number}: {broken[0]}")
        if number >= 0:
            told.append(_smallest(machine, weather, number, worlds[number], broken[0].split(":")[0]))
    return told


def _smallest(machine: Machine, weather: Weather, number: int, history: History, law: str) -> str:
    def broken(one: History) -> bool:
        alone = machine.violations(weather, {number: one})
        return any(text.startswith(f"{law}:") for text in alone.get(number, ()))

    def failing(some: Sequence[History]) -> History | None:
        # All in one night, then the likely ones alone: times and crashes differ among many.
        likely = machine.violations(weather, dict(enumerate(some)))
        return next((some[n] for n in sorted(likely) if n >= 0 and broken(some[n])), None)

    if not broken(history):
        return f"  only together with the others: {history}"
    return f"  {shrunk(history, failing)}"
