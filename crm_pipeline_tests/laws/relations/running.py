"""Many histories of families at once: what laws/machine/running.py needs to know of them.

`python -m crm_pipeline_tests.laws.relations 10000 [seed]` runs that many histories and prints the count.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping
from pathlib import Path

from crm_pipeline_tests.laws.machine.history import History
from crm_pipeline_tests.laws.machine.running import Machine
from crm_pipeline_tests.laws.machine.weather import Weather
from crm_pipeline_tests.laws.relations.ground import Climate
from crm_pipeline_tests.laws.relations.history import drawn
from crm_pipeline_tests.laws.relations.nights import Nights

#: Histories that share a database.
TOGETHER = 500


def histories(seed: int, count: int) -> dict[int, History]:
    """The histories of a seed, by number."""
    return {number: drawn(random.Random(f"family/{seed}/{number}")) for number in range(count)}


def violations(climate: Weather, families: Mapping[int, History]) -> dict[int, list[str]]:
    """What is violated when these histories run together, by number; -1: by none in particular."""
    assert isinstance(climate, Climate)
    with tempfile.TemporaryDirectory(prefix="crm-pipeline-laws-") as folder:
        nights = Nights(Path(folder), climate)
        for number, history in families.items():
            nights.add(number, history)
        return nights.run()


FAMILIES = Machine(Climate.drawn, histories, violations)
