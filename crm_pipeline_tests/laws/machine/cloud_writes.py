"""What our writes made of the records of two emulated CRMs, request by request, and whether each was announced.

Belongs here: seeing a write of ours before the next thing happens, telling the models of it, and laws 16 and 23 of it.
Not here: what the values should be (model.py), users (cloud_crm.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from crm_pipeline.emulator.faults import Call
from crm_pipeline.model import System, Value
from crm_pipeline_tests.laws.machine.cloud_crm import CloudCrm
from crm_pipeline_tests.laws.machine.ground import FIELD_OF, PART_OF, H, S, k
from crm_pipeline_tests.laws.machine.world import World
from crm_pipeline_tests.pipeline.cloud import Cloud

#: Calls that may write records.
WRITES = {H: r"/batch/(update|upsert)$", S: r"/(composite/?|batches)$"}


class Landed(NamedTuple):
    """A field that a write of ours changed."""

    world: World
    key: str
    name: str
    before: Value
    after: Value
    in_window: bool


class Watched:
    """Sees what changed in the records of `worlds` since they were looked at last. Whoever acts for a user says
    `look` first, so that all other changes are ours."""

    def __init__(self, here: Cloud, crms: dict[System, CloudCrm], worlds: Sequence[World]) -> None:
        self.here = here
        self.crms = crms
        self.worlds = worlds
        self.landed: list[Landed] = []
        self.restoring: set[str] = set()

    def begin(self) -> None:
        """Look before each of our writes from now on."""
        for system, path in WRITES.items():
            self.here.faults[system].add(path=path, action=Call(self.look), times=None)

    def planned(self) -> None:
        """A plan was made. What it gives back to a record (`unlink_restore`) follows no rule of its field: the models
        are not told of it."""
        rows = self.here.execute(
            "select system || '/' || object || '/' || record_id from plan.change where operation = 'unlink_restore' "
            "and plan_id = (select max(plan_id) from plan.plan)"
        )
        self.restoring = {str(key) for (key,) in rows}

    def look(self) -> None:
        """Tell the models of what is different."""
        for world in self.worlds:
            found = [(s, r, self.crms[s].shown(r)) for s, r in world.live()]
            for system, record, shown in found:
                written = {name: value for name, value in shown.items() if value != record.fields[name]}
                if not written:
                    continue
                key = world.key(system, record)
                for name, value in written.items():
                    window = FIELD_OF[PART_OF[system, name]] in world.model.window
                    self.landed.append(Landed(world, key, name, record.fields[name], value, window))
                if key not in self.restoring:
                    world.model.wrote(system, record, key, written, world.together(key))
            for _, record, shown in found:
                record.fields = shown

    def ended(self) -> None:
        """The push has ended, or is dead: all that landed was announced, with the value that it replaced."""
        self.look()
        announced: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for key, old, new in self.here.execute(
            "select system || '/' || object || '/' || record_id, old, new from push.audit where operation <> 'create'"
        ):
            before = json.loads(str(old))
            for name, value in json.loads(str(new)).items():
                announced.setdefault((str(key), name), []).append((k(before.get(name)), k(value)))
        for one in self.landed:
            _check(one, announced.get((one.key, one.name), ()))
        self.landed.clear()


def _check(one: Landed, announced: Iterable[tuple[str, str]]) -> None:
    before = [old for old, new in announced if new == k(one.after)]
    told = one.world.model.violations
    if not before:
        told.append(f"law 16: {one.key}.{one.name} is written without an audit row: {one.after!r}")
    elif k(one.before) not in before and not one.in_window:
        told.append(f"law 23: {one.key}.{one.name} is written over {one.before!r}, not {before}")
