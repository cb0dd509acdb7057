"""Laws 3-5, 11-17, 20-23, 30-32, 35, 50 and 51 over random histories of customers, over HTTP with both emulators.

Users merge, convert, delete and restore records and say who is whose; calls of the extract and of the push fail.

Eight customers share a night. CRM_PIPELINE_ALL_FAULTS runs forty seeds instead of one, and all nights of a history
instead of its first three.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from crm_pipeline_tests.laws.machine.cloud_nights import violations
from crm_pipeline_tests.laws.machine.history import BINNED, History, drawn

ALL = bool(os.environ.get("CRM_PIPELINE_ALL_FAULTS"))
SEEDS = range(40 if ALL else 1)
TOGETHER = 8
NIGHTS = None if ALL else 3


def bounded(history: History) -> History:
    return replace(history, nights=history.nights[:NIGHTS])


def customers(seed: int) -> dict[int, History]:
    """The histories of a seed, by number."""
    rngs = {n: random.Random(f"cloud/{seed}/{n}") for n in range(TOGETHER)}
    return {n: bounded(drawn(rng, troubled=False, wild=BINNED)) for n, rng in rngs.items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_law_11_to_17_and_20_to_23_and_30_to_32_and_35_and_50_and_51_over_http(tmp_path: Path, seed: int) -> None:
    worlds = customers(seed)
    found = violations(tmp_path, seed, worlds)
    assert not found, f"seed {seed}: {found}\n" + "\n".join(f"{n}: {worlds[n]}" for n in found if n >= 0)
