"""A push that is killed (SIGKILL) over the same customers, and users who are at work before it is started again.

Belongs here: the customers that such a push writes, what users do to exactly the records that it was writing, and what
the restart must say of each lost operation (spec, Push). Not here: the night itself (cloud_nights.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_pipeline.model import System, Value, record_key
from crm_pipeline_tests.laws.killing import killed_push, undisturbed_calls
from crm_pipeline_tests.laws.machine.cloud_nights import CloudNights
from crm_pipeline_tests.laws.machine.crm import Kept
from crm_pipeline_tests.laws.machine.ground import H, S, k, settings
from crm_pipeline_tests.laws.machine.history import History, Step
from crm_pipeline_tests.laws.machine.world import NAMES, World
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

#: What users do to a record that was being written, and whether its customer has a record a side all the time.
PLAIN = {"edit": True, "clear": True, "edit another field": True, "edit the source": True, "nothing": True}
KINDS = PLAIN | {"delete": False, "merge": False, "convert": False, "delete the source": False}


@dataclass(frozen=True)
class Lost:
    """An operation of which the dead process knows only that it was to be sent."""

    op_id: str
    system: System
    object: str
    record_id: str
    create_key: str
    new: Mapping[str, Value]


@dataclass(frozen=True)
class Customer:
    """Which of its records the push writes (`side`), and what a user does to it after the kill."""

    side: System
    kind: str
    created: bool = False

    @property
    def history(self) -> History:
        hubspot = salesforce = 1
        if self.kind == "merge":
            hubspot, salesforce = (2, 1) if self.side is H else (1, 2)
        if self.created:
            hubspot, salesforce = (0, 1) if self.side is H else (1, 0)
        return History((hubspot, salesforce, 0), (Step("edit", 0, NAMES.index("two"), 1),), (), plain=KINDS[self.kind])


def customers() -> dict[int, Customer]:
    """One of each kind a side; those of whom the push makes the record, too."""
    updated = [Customer(side, kind) for kind in KINDS for side in System if kind != "convert" or side is S]
    made = [Customer(side, kind, created=True) for kind in KINDS for side in System if kind in ("edit", "delete")]
    return dict(enumerate([*updated, *made, Customer(S, "convert", created=True), Customer(H, "merge", created=True)]))


def calls(folder: Path) -> dict[System, list[bool]]:
    """Of each CRM, for each call of the push that nobody kills, whether it writes."""
    with cloud(folder, settings()) as here:
        Killed(here).until_push()
        return undisturbed_calls(here)


def violations(folder: Path, system: System, call: int, *, after: bool, path: str = "") -> dict[str, list[str]]:
    """What is violated when the push is killed at a call (of those to `path`) and users are at work before the restart,
    by customer."""
    with cloud(folder, settings()) as here:
        return Killed(here).run(system, call, after=after, path=path)


class Killed:
    """One push, killed at one of its calls."""

    def __init__(self, here: Cloud) -> None:
        self.here = here
        self.customers = customers()
        known = {n: one.history for n, one in self.customers.items() if not one.created}
        self.nights = CloudNights(here, 0, known)
        self.touched: set[str] = set()

    def until_push(self) -> None:
        """A night for those who are known on both sides, edits and new customers, and a plan that waits to be sent."""
        self.nights.night()
        for world in self.nights.worlds:
            self._act(world, self.customers[world.number].side.other, "edit")
        for number, one in self.customers.items():
            if one.created:
                self.nights.add(number, one.history)
        self.nights.watched.begin()
        self.nights.preview()

    def run(self, system: System, call: int, *, after: bool, path: str = "") -> dict[str, list[str]]:
        """Violations by customer."""
        self.until_push()
        killed_push(self.here, system, call, after=after, path=path)
        self.nights.killed()
        lost = self._lost()
        landed = {op.op_id for op in lost if self._holds(op)}
        self.touched.clear()
        for world in self.nights.worlds:
            self._users(world, self.customers[world.number])
        expected = {op.op_id: self._expected(op, landed=op.op_id in landed) for op in lost}
        self.nights.night()
        found = self.nights.rest()
        told = {str(self.customers[n]) if n in self.customers else "": broken for n, broken in found.items()}
        return told | self._wrongly_resolved(expected)

    # -- users

    def _users(self, world: World, one: Customer) -> None:
        """What the users do to the record that was being written, or to what it was written from."""
        match one.kind:
            case "edit another field":
                self._act(world, one.side, "edit", "pair")
            case "edit the source":
                self._act(world, one.side.other, "edit")
            case "delete the source":
                self._act(world, one.side.other, "delete")
            case "merge" if one.created:
                self._act(world, one.side, "create")
                self._act(world, one.side, "merge")
            case "nothing":
                pass
            case _:
                self._act(world, one.side, one.kind)

    def _act(self, world: World, side: System, what: str, name: str = "two") -> None:
        """A step on the record of a side, if there is one by now."""
        self.nights.watched.look()
        places = [n for n, (s, _) in enumerate(world.live()) if s is side]
        if places:
            self.touched.add(world.keys()[places[0]])
            world.act(Step(what, places[0], NAMES.index(name), 1))

    # -- what became of what was lost

    def _lost(self) -> list[Lost]:
        rows = self.here.execute(
            "select op_id, system, object, coalesce(record_id, ''), coalesce(create_key, ''), new from push.outbox "
            "where state = 'sent' order by all"
        )
        return [Lost(str(i), System(str(s)), str(o), str(r), str(k), json.loads(str(n))) for i, s, o, r, k, n in rows]

    def _record(self, op: Lost) -> Kept | None:
        known = {(s, r.object, r.record_id): r for w in self.nights.worlds for s, r in w.records}
        return known.get((op.system, op.object, op.record_id))

    def _holds(self, op: Lost) -> bool:
        record = self._record(op)
        if record is None:
            return op.create_key in {key for *_, key in self.nights.with_key()}
        return all(k(record.fields.get(name)) == k(value) for name, value in op.new.items() if name in record.fields)

    def _expected(self, op: Lost, *, landed: bool) -> str:
        """Its end state as spec sync-rules.md says, section Push; empty: the record is gone, or another one."""
        record = self._record(op)
        if op.create_key:
            return "landed" if self._holds(op) else "" if landed else "superseded"
        if record is None or record.retired:
            return ""
        if self._holds(op):
            return "landed"
        if op.system is H:  # its history is a receipt
            return "landed" if landed else "superseded"
        return "unknown" if record_key(op.system, op.object, op.record_id) in self.touched else "superseded"

    def _wrongly_resolved(self, expected: Mapping[str, str]) -> dict[str, list[str]]:
        rows = self.here.execute("select op_id, state, code, record_id, field from push.outbox")
        wrong = [
            f"spec Push: {row} should be {expected[str(row[0])]}"
            for row in rows
            if expected.get(str(row[0])) and expected[str(row[0])] != row[1]
        ]
        return {"resolved": wrong} if wrong else {}
