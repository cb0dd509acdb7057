"""Laws 3-5, 11-17, 20, 21, 30, 31, 50 and 51 over random histories of customers, over HTTP with both emulators.

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
from crm_pipeline_tests.laws.machine.history import History, drawn

ALL = bool(os.environ.get("CRM_PIPELINE_ALL_FAULTS"))
SEEDS = range(40 if ALL else 1)
TOGETHER = 8
NIGHTS = None if ALL else 3


def bounded(history: History) -> History:
    return replace(history, nights=history.nights[:NIGHTS])


@pytest.mark.parametrize("seed", SEEDS)
def test_law_11_to_17_and_20_and_21_and_30_and_31_and_50_and_51_over_http(tmp_path: Path, seed: int) -> None:
    worlds = {n: bounded(drawn(random.Random(f"cloud/{seed}/{n}"), troubled=False)) for n in range(TOGETHER)}
    found = violations(tmp_path, seed, worlds)
    assert not found, f"seed {seed}: {found}\n" + "\n".join(f"{n}: {worlds[n]}" for n in found if n >= 0)
