"""A world for each module, and in it for each test a warehouse that has read contacts and leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_pipeline_tests.extract.faults.world import OBJECTS, Night, World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    world = World(contacts=230, leads=35, batch_limit=10)
    with world.served():
        yield world


@pytest.fixture(scope="module")
def begun(world: World, tmp_path_factory: pytest.TempPathFactory) -> Night:
    night = Night(world, tmp_path_factory.mktemp("begun"))
    night.begin()
    return night


@pytest.fixture(scope="module")
def read_once(begun: Night, tmp_path_factory: pytest.TempPathFactory) -> Night:
    night = begun.copy(tmp_path_factory.mktemp("read"))
    for system, object_ in OBJECTS:
        night.read(system, object_)
    return night


@pytest.fixture
def night(world: World, read_once: Night, tmp_path: Path) -> Iterator[Night]:
    yield read_once.copy(tmp_path)
    world.calm()


@pytest.fixture
def unread(world: World, begun: Night, tmp_path: Path) -> Iterator[Night]:
    """A warehouse that has read the schema only: its first read is a full one."""
    yield begun.copy(tmp_path)
    world.calm()
