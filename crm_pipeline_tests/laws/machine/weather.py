"""What all histories of a run share: clocks, a setting, and when the process dies.

Belongs here: crashes between any two steps, at the warehouse and at calls. Not here: faults of single writes (crm.py).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline.warehouse.instance import Opened


class Killed(BaseException):
    """The process dies here."""


@dataclass(frozen=True)
class Weather:
    """What all histories of a run share. `crashes`: night -> the how manieth step of it kills the process. `jobs`: many
    writes to Salesforce go by bulk jobs."""

    skew: int = 0
    edit_vs_clear: str = "edit_wins"
    tracked: bool = True
    crashes: Mapping[int, int] = field(default_factory=dict)
    jobs: bool = False

    @classmethod
    def drawn(cls, rng: random.Random, nights: int = 5) -> Weather:
        return cls(
            skew=rng.choice((0, 0, 0, -7200, 7200, 30)),
            edit_vs_clear=rng.choice(("edit_wins", "edit_wins", "latest", "clear_wins")),
            tracked=rng.random() < 0.5,
            crashes={n: rng.randint(1, 90) for n in range(nights) if rng.random() < 0.4},
            jobs=rng.random() < 0.5,
        )


@dataclass(frozen=True)
class Mortal(Warehouse):
    """A warehouse that dies before it opens or after it commits, when `steps` says so. `threads`: of DuckDB."""

    steps: Steps | None = None
    threads: int = 0

    @contextmanager
    def connect(self, *, memory: str = "") -> Iterator[Connection]:
        assert self.steps
        self.steps.take()
        with super().connect() as connection:
            if self.threads:
                connection.execute(f"set threads = {self.threads}")
            yield connection
        self.steps.take()

    @contextmanager
    def open(self) -> Iterator[None]:
        """The file stays open while the block runs: opening and closing it takes longer than most steps. The process
        dies between two transactions, so that nothing depends on it."""
        opened = Opened(self.path, read_only=False)
        try:
            yield
        finally:
            opened.close(well=False)


class Steps:
    """Counts what a process does: it dies at the step that was chosen."""

    def __init__(self) -> None:
        self.left: int | None = None

    def take(self, _: str = "") -> None:
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                self.left = None
                raise Killed
