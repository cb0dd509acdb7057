"""The same histories over HTTP: both emulators, the real clients and the whole night, reading and matching included.

Belongs here: the users' side of an emulator behind the interface of crm.py, faults of calls, what our writes were (seen
by comparing the records before and after a night). Who belongs together is said by decisions, as people do it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crm_pipeline.emulator.faults import Action, Call, CutAfter, CutBefore, Status
from crm_pipeline.errors import CrmPipelineError
from crm_pipeline.model import System, Value, record_key
from crm_pipeline_tests.laws.machine.crm import DictCrm, Kept
from crm_pipeline_tests.laws.machine.ground import CONTACT, CONTACTS, FIELD_OF, LEAD, H, S, crm_name, settings
from crm_pipeline_tests.laws.machine.history import History
from crm_pipeline_tests.laws.machine.model import Model
from crm_pipeline_tests.laws.machine.world import World
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

WRITES = {H: r"/batch/(update|upsert)$", S: r"/composite/?$"}
RESTING = 3
#: Steps that need a match to be told apart are left to nights.py.
LEFT_OUT = ("leave", "rejoin", "convert")


@dataclass
class CloudCrm(DictCrm):
    """Users of an emulated CRM. The records that it keeps are what the users see: `refresh` looks again."""

    cloud: Cloud | None = field(default=None, repr=False)

    @property
    def _store(self):  # type: ignore[no-untyped-def]
        assert self.cloud
        return self.cloud.hubspot if self.system is H else self.cloud.salesforce

    def add(self, object_: str, fields: Mapping[str, Value], by: str = "user") -> Kept:
        given = {n: v for n, v in fields.items() if v is not None and "." not in n}
        record_id = str(self._store.create(object_, given))
        record = Kept(object_, record_id, self.now, self.now, by, {}, {})
        self.kept[object_, record_id] = record
        self.refresh(record)
        return record

    def save(self, record: Kept, fields: Mapping[str, Value], by: str = "user") -> None:
        self._advance()
        blank = "" if self.system is H else None
        self._store.update(record.object, record.record_id, {n: blank if v is None else v for n, v in fields.items()})
        self.refresh(record)

    def delete(self, record: Kept, reason: str = "deleted", survivor: Kept | None = None) -> None:
        self._advance()
        (self._store.archive if self.system is H else self._store.delete)(record.object, record.record_id)
        record.retired = reason

    def merge(self, winner: Kept, loser: Kept) -> Kept:
        self._advance()
        if self.system is H:
            new = Kept(winner.object, "", self.now, self.now, "user", {}, {})
            new.record_id = self._store.merge(winner.object, winner.record_id, loser.record_id)
            self.kept[new.object, new.record_id] = new
            winner.retired = "merged"
        else:
            new = winner
            self._store.merge(winner.record_id, loser.record_id)
        loser.retired = "merged"
        self.refresh(new)
        return new

    def refresh(self, record: Kept) -> None:
        shown = self._store.read(record.object, record.record_id)
        names = {crm_name(self.system, part) for part in FIELD_OF}
        record.fields = {name: shown.get(name) or None for name in names}

    def _advance(self) -> None:
        """World counts the time of users on `now`; the emulator's clock follows."""
        assert self.cloud
        clock = self.cloud.clocks[self.system]
        clock.advance(max(0.0, (self.now - self.last_seen).total_seconds()))
        self.last_seen = self.now

    def __post_init__(self) -> None:
        self.last_seen = self.now


def violations(folder: Path, seed: int, worlds: Mapping[int, History]) -> dict[int, list[str]]:
    """What is violated when these histories run together over HTTP, by number; -1: by none in particular."""
    with cloud(folder, settings()) as here:
        return CloudNights(here, seed, worlds).run()


class CloudNights:
    """Worlds that share two emulators and a pipeline."""

    def __init__(self, here: Cloud, seed: int, worlds: Mapping[int, History]) -> None:
        self.here = here
        self.rng = random.Random(seed)
        self.crms = {system: CloudCrm(system, cloud=here) for system in System}
        here.clocks[H].advance(self.rng.choice((0, 0, -7200, 7200)))
        _define_fields(here)
        self.worlds: list[World] = []
        self.decided: set[tuple[str, str]] = set()
        self.problems: list[str] = []
        for number, history in worlds.items():
            world = World(number, history, self.crms, Model(history.plain, "edit_wins"))
            world.begin()
            self.worlds.append(world)

    def run(self) -> dict[int, list[str]]:
        for n in range(max(len(w.history.nights) for w in self.worlds)):
            for world in self.worlds:
                for step in world.history.nights[n].day if n < len(world.history.nights) else ():
                    if step.what not in LEFT_OUT:
                        world.act(step)
            self._night(self.rng.choice((None, None, *self._faults())))
        for rest in range(RESTING):
            self.here.clear_logs()
            self._night(None)
            if rest == RESTING - 1 and self.here.writes():
                self.problems.append(f"law 12: {len(self.here.writes())} writing requests after {rest} quiet nights")
        for world in self.worlds:
            world.model.check_end(world.live())
        found = {w.number: w.model.violations for w in self.worlds if w.model.violations}
        return found | ({-1: self.problems} if self.problems else {})

    def _faults(self) -> list[tuple[System, str, Action]]:
        """A call that fails, in one of the ways of extract's and push's calls, or users at work during the push."""
        system = self.rng.choice(list(System))
        bad: list[Action] = [Status(503, b""), CutBefore(), CutAfter(), Call(self._edit_during_push)]
        return [(system, WRITES[system], self.rng.choice(bad)), (system, "", self.rng.choice(bad[:3]))]

    def _edit_during_push(self) -> None:
        for world in self.worlds[::3]:
            step = world.history.first[0]
            name = list(dict.fromkeys(FIELD_OF.values()))[step.field % 7]
            world.model.excused.setdefault(name, "edited during the push")
            world.model.window.add(name)
            world.act(step)

    def _night(self, fault: tuple[System, str, Action] | None) -> None:
        self._decide()
        for world in self.worlds:
            world.model.planned(world.keys(), world.live())
        if fault:
            system, path, action = fault
            self.here.faults[system].add(path=path, action=action, after=self.rng.randrange(3))
        try:
            self.here.run()
        except CrmPipelineError:
            for faults in self.here.faults.values():
                faults.clear()
            for world in self.worlds:
                world.model.killed()
            self.here.run()
        for faults in self.here.faults.values():
            faults.clear()
        self._look()
        for world in self.worlds:
            world.model.ended(world.keys())

    def _decide(self) -> None:
        """People say which records are one customer."""
        for world in self.worlds:
            keys = sorted(world.keys())
            for pair in [(keys[0], other) for other in keys[1:]]:
                if pair not in self.decided:
                    self.decided.add(pair)
                    self.here.execute(
                        "insert into state.decision values (?, ?, 'match', 'tester', now(), '', '', '1')", list(pair)
                    )

    def _look(self) -> None:
        """What the night made of the records, told to the models as our writes."""
        self._excuse()
        for world in self.worlds:
            live = world.live()
            world.known |= set(world.keys())
            before = [dict(record.fields) for _, record in live]
            for system, record in live:
                self.crms[system].refresh(record)
            after = [record.fields for _, record in live]
            for (_, record), fields in zip(live, before, strict=True):
                record.fields = fields
            for (system, record), fields in zip(live, after, strict=True):
                written = {name: value for name, value in fields.items() if value != record.fields[name]}
                if written:
                    world.model.wrote(system, record, world.key(system, record), written, live)
            for (_, record), fields in zip(live, after, strict=True):
                record.fields = fields
        self._find_created()

    def _find_created(self) -> None:
        known = {record_key(s, r.object, r.record_id) for w in self.worlds for s, r in w.records}
        of = dict(self.here.execute("select record_key, golden_id from golden.link"))
        for key, golden_id in self.here.execute("select record_key, golden_id from state.link"):
            if key in known:
                continue
            world = next(w for w in self.worlds if any(of.get(w.key(s, r)) == golden_id for s, r in w.records))
            name, object_, record_id = str(key).split("/")
            system = System(name)
            record = Kept(object_, record_id, self.crms[system].now, self.crms[system].now, "us", {}, {})
            gone = [world.key(s, r) for s, r in world.records if s is system and r.retired == "deleted"]
            deleted = any(one in world.known for one in gone)
            world.model.created(system, str(key), str(key), world.live(), deleted)
            self.crms[system].refresh(record)
            world.enter(system, record, 0)

    def _excuse(self) -> None:
        """Fields whose write was lost under a user's edit, or refused."""
        rows = self.here.execute(
            "select l.record_key, o.field from push.outbox o join golden.link l using (golden_id) "
            "where o.code = 'moved_on' or o.state in ('rejected', 'quarantined', 'invalid')"
        )
        for world in self.worlds:
            keys = {world.key(s, r) for s, r in world.records}
            world.model.excused |= {str(name): "lost or refused" for key, name in rows if key in keys}


def _define_fields(here: Cloud) -> None:
    for part in FIELD_OF:
        name = crm_name(H, part)
        here.hubspot.define_property(CONTACTS, {"name": name, "label": name, "type": "string", "fieldType": "text"})
        for object_ in (LEAD, CONTACT):
            here.salesforce.define_field(object_, {"name": crm_name(S, part), "type": "string", "length": 255})
