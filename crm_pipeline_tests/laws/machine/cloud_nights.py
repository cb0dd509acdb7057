"""The same histories over HTTP: both emulators, the real clients and the whole night, reading and matching included.

Belongs here: the order of a night, faults of calls, people's words on who is whose, and what became of links (laws 12,
30, 32, 35). Not here: users (cloud_crm.py), what our writes were (cloud_writes.py).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from crm_pipeline.emulator.faults import Action, Call, CutAfter, CutBefore, Status
from crm_pipeline.errors import CrmPipelineError
from crm_pipeline.model import System, record_key
from crm_pipeline.plan.records.deletions import HOLDER
from crm_pipeline.plan.said import holds
from crm_pipeline_tests.laws.machine.cloud_crm import CloudCrm, define_fields
from crm_pipeline_tests.laws.machine.cloud_writes import WRITES, Watched
from crm_pipeline_tests.laws.machine.crm import Kept
from crm_pipeline_tests.laws.machine.ground import CONTACT, CONTACTS, FIELD_OF, KEYS, LEAD, H, S, settings
from crm_pipeline_tests.laws.machine.history import History
from crm_pipeline_tests.laws.machine.model import Model
from crm_pipeline_tests.laws.machine.world import World
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

RESTING = 3
#: How often a night that failed is begun anew while its faults last.
PATIENCE = 2
Fault = tuple[System, str, Action]


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
        define_fields(here)
        self.worlds: list[World] = []
        self.said: dict[tuple[str, str], str] = {}
        self.problems: list[str] = []
        for number, history in worlds.items():
            self.add(number, history)
        self.watched = Watched(here, self.crms, self.worlds)

    def add(self, number: int, history: History) -> World:
        """A customer comes."""
        world = World(number, history, self.crms, Model(history.plain, "edit_wins"))
        world.begin()
        self.worlds.append(world)
        return world

    def run(self) -> dict[int, list[str]]:
        """All nights. Returns what was violated, by the number of the world; -1: of none in particular."""
        for n in range(max(len(w.history.nights) for w in self.worlds)):
            self.day(n)
            self.night(*self._faults())
        return self.rest()

    def day(self, n: int) -> None:
        """What the users do before a night."""
        for world in self.worlds:
            for step in world.history.nights[n].day if n < len(world.history.nights) else ():
                world.act(step)

    def rest(self) -> dict[int, list[str]]:
        """Users and faults have stopped."""
        for rest in range(RESTING):
            self.here.clear_logs()
            self.night()
            if rest == RESTING - 1 and self.here.writes():
                self.problems.append(f"law 12: {len(self.here.writes())} writing requests after {rest} quiet nights")
        for world in self.worlds:
            world.model.check_end(world.live())
        found = {w.number: w.model.violations for w in self.worlds if w.model.violations}
        return found | ({-1: self.problems} if self.problems else {})

    def _faults(self) -> list[Fault]:
        """In some nights a call that fails, in one of the ways of extract's or push's calls, or both, or users at work
        during the push."""
        bad: list[Action] = [Status(503, b""), CutBefore(), CutAfter()]
        reading = self.rng.choice((*System, None, None))
        writing = self.rng.choice((*System, None))
        found: list[Fault] = [(reading, "", self.rng.choice(bad))] if reading else []
        if writing:
            edit = Call(lambda: self.edit_during_push(writing))
            found.append((writing, WRITES[writing], self.rng.choice((*bad, edit))))
        return found

    def edit_during_push(self, system: System) -> None:
        """Users edit while a write is on its way: HubSpot knows no condition for it."""
        self.watched.look()
        for world in self.worlds[::3]:
            step = world.history.first[0] if world.history.first else None
            name = list(dict.fromkeys(FIELD_OF.values()))[step.field % 7] if step else ""
            if step and world.live():
                if system is H:
                    world.model.excused.setdefault(name, "edited during the push")
                    world.model.window.add(name)
                world.act(step)

    def night(self, *faults: Fault) -> None:
        """One night, begun anew where it fails."""
        for system, path, action in faults:
            self.here.faults[system].add(path=path, action=action, after=self.rng.randrange(3))
        self.watched.begin()
        for tried in range(PATIENCE + 1):
            try:
                self.preview()
                self.here.push()
                break
            except CrmPipelineError:
                if not faults or tried == PATIENCE:
                    raise
                self.killed()
        self.ended()

    def preview(self) -> None:
        """Everything up to the push; a person approves the plan if it is held."""
        self._decide()
        self._look_at_restored()
        for world in self.worlds:
            world.begin_anew()
            world.model.planned(world.keys(), world.live())
        self.here.preview()
        self._check_links()
        self.watched.planned()
        self.here.approve()

    def killed(self) -> None:
        """The night did not come to its end."""
        self.watched.ended()
        for world in self.worlds:
            world.known |= set(world.keys())
            world.model.killed()
        self._find_created()

    def ended(self) -> None:
        """The night has ended."""
        for faults in self.here.faults.values():
            faults.clear()
        self._excuse()
        self.watched.ended()
        for world in self.worlds:
            world.known |= set(world.keys())
        self._find_created()
        self._check_held()
        for world in self.worlds:
            world.model.ended(world.keys())

    # -- who is whose

    def _decide(self) -> None:
        """People say which records are one customer, and which are not; what they said before counts until then."""
        for world in self.worlds:
            keys = sorted(world.keys())
            for left, right in combinations(keys, 2):
                together = world.part[left] == world.part[right]
                first = next(one for one in keys if world.part[one] == world.part[left])
                before = self.said.get((left, right))
                if (together and (before == "not_a_match" or (left == first and before is None))) or (
                    not together and before != "not_a_match"
                ):
                    self._say(left, right, "match" if together else "not_a_match")

    def _say(self, left: str, right: str, verdict: str) -> None:
        self.said[left, right] = verdict
        self.here.execute(
            "insert into state.decision values (?, ?, ?, 'tester', now(), '', '', '1')", [left, right, verdict]
        )

    def _check_links(self) -> None:
        """Laws 32 and 35: who was said to be one customer is one golden record, and nobody else is in it."""
        rows = self.here.execute("select record_key, golden_id from golden.link where retired is null")
        golden_of = {str(key): str(golden_id) for key, golden_id in rows}
        whose: dict[str, tuple[int, int]] = {}
        for world in self.worlds:
            parts: dict[int, str] = {}
            for key in sorted(world.keys()):
                golden_id = golden_of.get(key)
                if golden_id is None:
                    world.model.violations.append(f"law 32: {key} is in no golden record")
                    continue
                part = world.part[key]
                if parts.setdefault(part, golden_id) != golden_id:
                    world.model.violations.append(f"law 35: {key} is {golden_id}, its companions are {parts[part]}")
                if whose.setdefault(golden_id, (world.number, part)) != (world.number, part):
                    world.model.violations.append(f"law 35: {key} is with {whose[golden_id]} in {golden_id}")

    # -- records that come and go

    def _look_at_restored(self) -> None:
        """Somebody looks at what came back from a recycle bin, and lets some of it go on."""
        with self.here.warehouse.connect() as connection:
            held = connection.execute(
                "select hold_id from state.hold where ended_at is null and held_by = ? order by all", [HOLDER]
            ).fetchall()
            for (hold_id,) in held:
                if self.rng.random() < 0.5:
                    holds.lift(connection, hold_id, "tester")

    def _check_held(self) -> None:
        """Nothing is written to a customer of whom a record came back, until somebody has looked."""
        rows = self.here.execute(
            "select distinct l.record_key, o.field from push.outbox o join state.hold h using (golden_id) "
            "join golden.link l using (golden_id) where o.run_id = ? and o.state = 'landed' and h.ended_at is null "
            "and h.held_by = ? and o.operation <> 'unlink_restore'",
            [self.here.step.run_id, HOLDER],
        )
        for world in self.worlds:
            keys = set(world.keys())
            told = [f"law 30: {key}.{name} is written while it is held" for key, name in rows if key in keys]
            world.model.violations.extend(told)

    def _find_created(self) -> None:
        """Who has a key of ours and was not there before, whether we know that we made it or not."""
        known = {record_key(s, r.object, r.record_id) for w in self.worlds for s, r in w.records}
        of = {str(key): one for key, one in self.here.execute("select record_key, golden_id from golden.link")}
        for system, object_, record_id, create_key in self.with_key():
            key, golden_id = record_key(system, object_, record_id), create_key.split("/")[0]
            if key in known:
                continue
            world, part = next(
                (w, w.part[w.key(s, r)])
                for w in self.worlds
                for s, r in w.records
                if of.get(w.key(s, r)) == golden_id and r.retired is None
            )
            record = Kept(object_, record_id, self.crms[system].now, self.crms[system].now, "us", {}, {})
            gone = {world.key(s, r) for s, r in world.records if s is system and r.retired == "deleted"}
            deleted = any(of.get(one) == golden_id or not world.split for one in gone & world.known)
            world.model.created(system, key, create_key, world.live(part), deleted)
            self.crms[system].refresh(record)
            world.enter(system, record, part)
            world.known.add(key)

    def with_key(self) -> list[tuple[System, str, str, str]]:
        """(system, object, id, our key) of the live people that have one."""
        contacts = self.here.hubspot.objects(CONTACTS)
        found = [(H, CONTACTS, one, fields.get(KEYS[H], "")) for one, fields in contacts.items()]
        store = self.here.salesforce
        found += [(S, o, str(i), str(store.read(o, i)[KEYS[S]] or "")) for o in (LEAD, CONTACT) for i in store.ids(o)]
        return [one for one in found if one[-1]]

    def _excuse(self) -> None:
        """Fields whose write was lost under a user's edit, or refused."""
        rows = self.here.execute(
            "select l.record_key, o.field from push.outbox o join golden.link l using (golden_id) "
            "where o.code = 'moved_on' or o.state in ('rejected', 'quarantined', 'invalid')"
        )
        for world in self.worlds:
            keys = {world.key(s, r) for s, r in world.records}
            world.model.excused |= {str(name): "lost or refused" for key, name in rows if key in keys}
