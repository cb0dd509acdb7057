"""What is there of a family: its live records, and whom each of them leads to.

Belongs here: from records and ids to things. Changes nothing. Not here: steps (family.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_pipeline.config.relation import is_relation
from crm_pipeline.model import System, record_key
from crm_pipeline_tests.laws.machine.crm import Kept
from crm_pipeline_tests.laws.relations.crm import FamilyCrm, leads_to
from crm_pipeline_tests.laws.relations.ground import COMPANY, OBJECTS, OWNER, OWNERS, REFERENCES, H, Reference
from crm_pipeline_tests.laws.relations.model import Thing, one

Crms = Mapping[System, FamilyCrm]


@dataclass
class Looking:
    """`of`: record key -> thing; `known`: keys of records that were read, or that the push knows that it made; `users`:
    whom a deal can belong to."""

    crms: Crms
    things: list[Thing] = field(default_factory=list)
    of: dict[str, Thing] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    users: tuple[Thing, Thing] = field(default_factory=lambda: (Thing(1, "user"), Thing(2, "user")))

    def key(self, system: System, record: Kept) -> str:
        return record_key(system, record.object, record.record_id)

    def live(self, side: System | None = None) -> list[tuple[System, Kept]]:
        return [(s, r) for thing in self.things if thing.into is None for s, r in thing.live(side)]

    def thing(self, system: System, record: Kept) -> Thing:
        found = one(self.of[self.key(system, record)])
        assert found
        return found

    def leads(self, system: System, record: Kept, reference: Reference) -> list[Thing]:
        """The things that a reference of a record leads to, whether they are there or not."""
        crm, name = self.crms[system], reference.names[record.object]
        if is_relation(name):
            at = (record.object, leads_to(name), record.record_id)
            main = crm.main(*at)
            # of a relation without a main one that is not many, our writes leave the earlier ones in place
            ids = crm.ties.get(at, []) if reference.to is not COMPANY else [main] if main else []
            objects = [leads_to(name)]
        else:
            value = record.fields.get(name)
            ids, objects = [str(value)] if value else [], list(OBJECTS[reference.to][system])
        keys = [record_key(system, object_, one_id) for one_id in ids for object_ in objects]
        return [found for key in keys if (found := one(self.of.get(key)))]

    def leads_to_unread(self, record: Kept, reference: Reference) -> bool:
        """Whether a text in HubSpot holds the id of a record that was deleted before it, or what it was merged into,
        was ever read."""
        name = reference.names[record.object]
        value = None if is_relation(name) else record.fields.get(name)
        (object_,) = OBJECTS[reference.to][H]
        crm, at = self.crms[H], (object_, str(value))
        while value and record_key(H, *at) not in self.known:
            gone = crm.kept.get(at)
            if gone is None or gone.survivor is None:
                return True
            at = gone.survivor
        return False

    def holds(self, record: Kept, name: str) -> bool:
        """Whether a record has a reference, or an owner."""
        return (
            record.object in OWNER
            if name == "owner"
            else any(r.name == name and record.object in r.names for r in REFERENCES)
        )

    def held(self, system: System, record: Kept, name: str, member: Thing | None) -> Thing | None:
        """What a record says about a slot: whom it leads to, or whether the member is among them."""
        if name == "owner":
            return self.users[OWNERS[system].index(str(record.fields[OWNER[record.object]]))]
        leads = next(self.leads(system, record, r) for r in REFERENCES if r.name == name)
        if member is not None:
            return member if one(member) in leads else None
        return next(iter(leads), None)

    def said(self, system: System, record: Kept, name: str, member: Thing | None) -> frozenset[Thing]:
        """All that a record says about a slot: of a relation that has no main one it may be several things."""
        if name == "owner" or member is not None:
            held = self.held(system, record, name, member)
            return frozenset((held,) if held else ())
        return frozenset(next(self.leads(system, record, r) for r in REFERENCES if r.name == name))

    def references(self) -> set[tuple[tuple[Thing, str, Thing | None], Thing]]:
        """(slot, what a record says there) of all live records."""
        return {
            ((self.thing(s, r), reference.name, there if reference.many else None), there)
            for s, r in self.live()
            for reference in REFERENCES
            if r.object in reference.names
            for there in self.leads(s, r, reference)
        }

    def candidates(self, system: System, record: Kept, reference: Reference) -> list[Kept]:
        """The records that a reference can lead to."""
        thing = self.thing(system, record)
        name = reference.names[record.object]
        objects = [leads_to(name)] if is_relation(name) else OBJECTS[reference.to][system]
        found = [r for s, r in self.live(system) if r.object in objects and self.thing(s, r) is not thing]
        if record.object == "Task" and record.fields.get("WhatId") and reference.name == "person":
            return [r for r in found if r.object != "Lead"]
        if record.object == "Task" and reference.name == "deal":
            who = str(record.fields.get("WhoId") or "")
            return [] if who.startswith("00Q") else found
        return found
