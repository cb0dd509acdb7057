"""A world for each module, and in it for each test a warehouse that knows the schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_pipeline_tests.extract.faults.world import Night, World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    world = World(contacts=30, leads=30)
    with world.served():
        yield world


@pytest.fixture(scope="module")
def begun(world: World, tmp_path_factory: pytest.TempPathFactory) -> Night:
    night = Night(world, tmp_path_factory.mktemp("begun"))
    night.begin()
    return night


@pytest.fixture
def night(world: World, begun: Night, tmp_path: Path) -> Iterator[Night]:
    yield begun.copy(tmp_path)
    world.calm()
