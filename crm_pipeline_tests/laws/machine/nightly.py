"""What all machines of nights have: a process that dies and is started again, and nights in which nothing happens.

Belongs here: the moment of a death, rest, and law 12. Not here: what a night is, what is checked in it (nights.py).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Generic, TypeVar

from crm_pipeline.model import System
from crm_pipeline.plan.kept.approval import approve, current_plan
from crm_pipeline.warehouse import Connection
from crm_pipeline_tests.laws.machine.crm import DictCrm
from crm_pipeline_tests.laws.machine.weather import Killed, Mortal, Weather

#: Nights after which everything is at rest, once users and faults have stopped (law 11), and one that must be quiet.
RESTING = 3
Crm = TypeVar("Crm", bound=DictCrm)


class Nightly(ABC, Generic[Crm]):
    """Nights over two CRMs and a database."""

    def __init__(self, weather: Weather, warehouse: Mortal, crms: Mapping[System, Crm]) -> None:
        assert warehouse.steps
        self.weather, self.warehouse, self.crms = weather, warehouse, crms
        self.steps = warehouse.steps
        self.night = 0
        for crm in crms.values():
            crm.before_call = self._before_call
            crm.after_call = self.steps.take

    def run(self) -> dict[int, list[str]]:
        """All nights. Returns what was violated, by the number of the history; -1: of none in particular."""
        with self.warehouse.open():
            return self._all()

    @abstractmethod
    def _all(self) -> dict[int, list[str]]:
        """The nights of all histories, rest, and the laws of the end."""

    @abstractmethod
    def _run(self, n: int | None) -> None:
        """What the process does in the `n`-th night; None: in one that nothing happens in."""

    @abstractmethod
    def _killed(self) -> None:
        """It died."""

    @abstractmethod
    def _before_call(self, what: str) -> None:
        """A call of the push is about to leave: a step, too."""

    @abstractmethod
    def _told(self, golden_id: str) -> list[str]:
        """Where violations of a golden record stand; "": those of none in particular."""

    def _night(self, n: int | None) -> None:
        self.steps.left = self.weather.crashes.get(n) if n is not None else None
        for crm in self.crms.values():
            crm.now += timedelta(hours=12)
        try:
            self._run(n)
        except Killed:
            self._killed()
            self._run(n)  # the restart
        self.steps.left = None

    def _approve(self) -> None:
        """Somebody lets the plan go that is held."""
        with self.warehouse.connect() as connection:
            current = current_plan(connection)
        if current and current.state == "held":
            approve(self.warehouse, current.hash, "tester")

    def _rest(self) -> None:
        """Users and faults have stopped."""
        for crm in self.crms.values():
            crm.trouble.clear()
            crm.in_between.clear()
        for rest in range(RESTING):
            before = self._requests()
            self._night(None)
            if rest == RESTING - 1 and self._requests() != before:
                with super(Mortal, self.warehouse).connect() as connection:
                    for golden_id, what in restless(connection):
                        self._told(golden_id).append(f"law 12: {what} after {RESTING - 1} quiet nights")

    def _requests(self) -> int:
        return sum(crm.requests for crm in self.crms.values())


def restless(connection: Connection) -> Iterator[tuple[str, str]]:
    """(golden id, what was written) of the last plan, after a night that sent writing requests."""
    rows = connection.execute(
        "select golden_id, operation, system, field, old, new, reason from plan.change where plan_id = "
        "(select max(plan_id) from plan.plan) and problem is null"
    ).fetchall()
    for golden_id, *what in rows:
        yield golden_id, f"writes {what}"
    if not rows:
        yield "", "writing requests that no plan asks for"
