"""One family's records in both CRMs, and the steps of its history carried out on them.

Belongs here: what a step does, and telling the model. Not here: drawing steps (history.py), what a sync may do
(model.py).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta

from crm_pipeline.config.relation import is_relation
from crm_pipeline.model import System, Value, record_key
from crm_pipeline_tests.laws.machine.crm import Kept
from crm_pipeline_tests.laws.machine.ground import KEYS
from crm_pipeline_tests.laws.machine.history import History, Step
from crm_pipeline_tests.laws.relations.crm import leads_to
from crm_pipeline_tests.laws.relations.ground import (
    COMPANY,
    DEAL,
    KIND_OF,
    NAME,
    OBJECTS,
    OWNER,
    OWNERS,
    PERSON,
    REFERENCES,
    Climate,
    H,
    Reference,
    S,
)
from crm_pipeline_tests.laws.relations.looking import Looking
from crm_pipeline_tests.laws.relations.model import Model, Thing, one

#: A family is small.
MOST = 7


@dataclass(kw_only=True)
class Family(Looking):
    """`fates`: what happens to the next create of a thing; `gone`: things whose new record a user ends before the push
    learns of it, and how; `hidden`: references that are not read tonight."""

    number: int
    history: History
    climate: Climate
    model: Model
    fates: dict[Thing, str] = field(default_factory=dict)
    gone: dict[Thing, Step] = field(default_factory=dict)
    hidden: set[tuple[str, str]] = field(default_factory=set)
    made: int = 0

    def begin(self) -> None:
        for kind, count in zip((COMPANY, PERSON, DEAL), self.history.records, strict=True):
            for _ in range(count):
                thing = self._thing(kind)
                sides = (H, S) if kind is not DEAL and thing.number % 3 else ((H, S)[thing.number % 2],)
                for side in sides:
                    objects = OBJECTS[kind][side]
                    self._add(thing, side, objects[(thing.number + self.number) % len(objects)])
        for step in self.history.first:
            self.act(step)

    # -- steps

    def act(self, step: Step) -> None:
        """Do what a step says, as far as there is something to do it to."""
        live = self.live()
        if live:
            system, record = live[step.record % len(live)]
            getattr(self, f"_{step.what}")(system, record, step)

    def trouble(self, step: Step) -> None:
        """Prepare what goes wrong in the coming night."""
        live = self.live()
        if not live or step.what == "point_early":
            return
        system, record = live[step.record % len(live)]
        thing = self.thing(system, record)
        if step.what == "hide":
            mine = [r for r in REFERENCES if record.object in r.names and not is_relation(r.names[record.object])]
            if mine:
                self.hidden.add((self.key(system, record), mine[step.field % len(mine)].name))
        elif step.what == "lose_gone":
            new = [t for t in self.things if t.into is None and any(t.live()) and not all(map(t.live, System))]
            if new:
                thing = new[step.record % len(new)]
                self.fates[thing], self.gone[thing] = "lose_landed", step
        elif step.value % 2:
            self.fates[thing] = step.what
        else:
            if step.what == "refuse":
                for slot in self.model.of(thing):
                    slot.excused = "refused"
                thing.messy = True
            self.crms[system].trouble[self.key(system, record)] = step.what

    def end_lost(self, system: System, record: Kept, step: Step) -> None:
        """A user ends a record that the push made and knows nothing of."""
        if record.retired is None:
            getattr(self, f"_{('delete', 'delete', 'merge', 'convert')[step.value % 4]}")(system, record, step)

    def aim(self, key: str, name: str, step: Step) -> None:
        """A user chooses just what the plan is about to write: a reference of a record, a member of a set."""
        system = next(s for s in System if key.startswith(f"{s}/"))
        record = next((r for s, r in self.live(system) if self.key(s, r) == key), None)
        mine = [r.name for r in REFERENCES if record and record.object in r.names and not r.many]
        if record is None:
            return
        if name in mine:
            self._point(system, record, step._replace(field=mine.index(name)))
        elif name == "owner":
            self._own(system, record, step)
        else:
            getattr(self, ("_join", "_leave")[step.value % 2])(system, record, step)

    def _point(self, system: System, record: Kept, step: Step) -> None:
        """Somebody chooses whom a record belongs to."""
        mine = [r for r in REFERENCES if record.object in r.names and not r.many]
        if not mine:
            return
        reference = mine[step.field % len(mine)]
        there = self.candidates(system, record, reference)
        if there:
            target = there[step.value % len(there)]
            if [self.thing(system, target)] != self.leads(system, record, reference):
                self._lead(system, record, reference, target, alone=bool(step.value % 3))

    def _unpoint(self, system: System, record: Kept, step: Step) -> None:
        mine = [r for r in REFERENCES if record.object in r.names and not r.many]
        held = [r for r in mine if self.leads(system, record, r)]
        if held:
            self._lead(system, record, held[step.field % len(held)], None)

    def _join(self, system: System, record: Kept, step: Step) -> None:
        """Somebody adds a person to a deal."""
        for reference in (r for r in REFERENCES if r.many and record.object in r.names):
            inside = self.leads(system, record, reference)
            there = [r for r in self.candidates(system, record, reference) if self.thing(system, r) not in inside]
            if there:
                self._lead(system, record, reference, there[step.value % len(there)])

    def _leave(self, system: System, record: Kept, step: Step) -> None:
        for reference in (r for r in REFERENCES if r.many and record.object in r.names):
            to_object = leads_to(reference.names[record.object])
            inside = self.crms[system].ties.get((record.object, to_object, record.record_id), [])
            if inside:
                self._pass()
                to_id = inside[step.value % len(inside)]
                member = self.of[record_key(system, to_object, to_id)]
                self.crms[system].untie(record.object, to_object, record.record_id, to_id)
                if one(member) not in self.leads(system, record, reference):
                    self._chosen(system, record, reference.name, None, member)

    def _create(self, system: System, record: Kept, step: Step) -> None:
        if len(self.things) >= MOST:
            return
        kind = [*OBJECTS][step.field % len(OBJECTS)]
        objects = OBJECTS[kind][system]
        thing = self._thing(kind)
        new = self._add(thing, system, objects[step.value % len(objects)])
        for place, reference in enumerate(r for r in REFERENCES if new.object in r.names):
            there = self.candidates(system, new, reference)
            if there and (step.value >> place) % 3:
                self._lead(system, new, reference, there[(step.value >> place) % len(there)])

    def _rename(self, system: System, record: Kept, step: Step) -> None:
        """An edit that has nothing to do with references: what was refused is tried again."""
        self._pass()
        self.made += 1
        self.crms[system].save(record, {NAME[record.object]: f"n{self.number}.{self.made}"})

    def _own(self, system: System, record: Kept, step: Step) -> None:
        if record.object not in OWNER:
            return
        user = step.value % 2
        if record.fields.get(OWNER[record.object]) != OWNERS[system][user]:
            self._pass()
            self.crms[system].save(record, {OWNER[record.object]: OWNERS[system][user]})
            self._chosen(system, record, "owner", self.users[user])

    def _delete(self, system: System, record: Kept, step: Step) -> None:
        """Some references to it go along. Those that nobody has read yet leave no trace."""
        self._pass()
        before = self.references()
        self.crms[system].delete(record)
        for (thing, name, member), there in before - self.references():
            self.model.slot(thing, name, member).vanished.add(one(there) or there)

    def _merge(self, system: System, record: Kept, step: Step) -> None:
        thing = self.thing(system, record)
        peers = [r for s, r in self.live(system) if r.object == record.object and self.thing(s, r) is not thing]
        if not peers or KIND_OF[record.object] not in (COMPANY, PERSON):
            return
        self._pass()
        loser = peers[step.value % len(peers)]
        other = self.thing(system, loser)
        new = self.crms[system].merge(record, loser)
        self._became(thing, system, new)
        self.model.joined(other, thing)

    def _convert(self, system: System, record: Kept, step: Step) -> None:
        if record.object == "Lead":
            self._pass()
            self._became(self.thing(system, record), system, self.crms[system].convert(record))

    # -- doing it

    def _became(self, thing: Thing, system: System, new: Kept) -> None:
        key = self.key(system, new)
        if key not in self.of:
            thing.records.append((system, new))
            self.of[key] = thing
        thing.messy = True
        for slot in self.model.of(thing):
            slot.excused = "its record became another one"

    def _lead(
        self, system: System, record: Kept, reference: Reference, target: Kept | None, *, alone: bool = True
    ) -> None:
        self._pass()
        crm, name = self.crms[system], reference.names[record.object]
        if not is_relation(name):
            crm.save(record, {name: target.record_id if target else None})
        elif target is None:
            crm.untie(record.object, leads_to(name), record.record_id)
        else:
            alone = not reference.many and (alone or reference.to is not COMPANY)
            crm.tie(record, target.object, target.record_id, alone=alone)
        chosen = self.thing(system, target) if target else None
        self._chosen(system, record, reference.name, chosen, chosen if reference.many else None)

    def _chosen(
        self, system: System, record: Kept, name: str, value: Thing | None, member: Thing | None = None
    ) -> None:
        thing = self.thing(system, record)
        peers = [self.key(s, r) for s, r in thing.live(system)]
        self.model.slot(thing, name, member).choose(system, self.key(system, record), peers, value)

    def _thing(self, kind: str) -> Thing:
        thing = Thing(len(self.things), kind)
        self.things.append(thing)
        return thing

    def _add(self, thing: Thing, system: System, object_: str) -> Kept:
        self._pass()
        fields: dict[str, Value] = {NAME[object_]: f"N{self.number}.{thing.number}", KEYS[system]: None}
        if object_ in ("contacts", "Lead"):
            fields["company" if system is H else "Company"] = f"C{self.number}"
        if object_ in OWNER:
            fields[OWNER[object_]] = OWNERS[system][thing.number % 2]
        record = self.crms[system].add(object_, fields)
        self.enter(thing, system, record)
        if object_ in OWNER:
            self._chosen(system, record, "owner", self.users[thing.number % 2])
        return record

    def enter(self, thing: Thing, system: System, record: Kept) -> None:
        """A record of a thing."""
        thing.records.append((system, record))
        self.of[self.key(system, record)] = thing

    def _pass(self) -> None:
        """Time passes between two things that happen: more than any tolerance."""
        self.made += 1
        seconds = random.Random(f"{self.number}/{self.made}").randint(5, 300)
        for crm in self.crms.values():
            crm.now += timedelta(seconds=seconds)
