"""Laws 18 and 19: the order of records in a push, how many travel together, and threads change nothing.

CI has half of the histories, the first two nights of each, and those in which all comes to rest.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crm_pipeline_tests.laws.machine.history import History, drawn
from crm_pipeline_tests.laws.machine.nights import Nights
from crm_pipeline_tests.laws.machine.weather import Weather
from crm_pipeline_tests.laws.sizes import ALL


def end(folder: Path, worlds: Mapping[int, History], **how: int) -> dict[int, list[str]]:
    folder.mkdir()
    nights = Nights(folder, Weather(), **how)
    for number, history in worlds.items():
        nights.add(number, history)
    assert nights.run() == {}
    return nights.state()


@pytest.fixture(scope="module")
def worlds() -> dict[int, History]:
    histories = {n: drawn(random.Random(f"order/{n}"), troubled=False) for n in range(20 if ALL else 10)}
    return {n: replace(one, nights=one.nights[: None if ALL else 2]) for n, one in histories.items()}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory, worlds: dict[int, History]) -> dict[int, list[str]]:
    return end(tmp_path_factory.mktemp("usual") / "state", worlds)


def test_law_18_and_19_neither_the_order_of_records_nor_the_number_of_threads_matters(
    tmp_path: Path, worlds: dict[int, History], usual: dict[int, list[str]]
) -> None:
    assert end(tmp_path / "state", worlds, shuffled=1, threads=1) == usual


def test_law_18_a_record_fares_alone_as_it_does_in_a_batch(
    tmp_path: Path, worlds: dict[int, History], usual: dict[int, list[str]]
) -> None:
    assert end(tmp_path / "state", {0: worlds[0]}) == {0: usual[0]}
