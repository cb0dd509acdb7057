"""What is told to the model when a write of ours lands, and the laws of that moment: 3, 9, 16, 17, 21, 23, 26, 30, 31
and, of records that were there when the plan was made, 42.

Belongs here: from a record and its ids to things of a family. Not here: the night (nights.py), whether a reference may
lead there (model.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from crm_pipeline.config.relation import is_relation
from crm_pipeline.crm.protocol import Tie
from crm_pipeline.model import System, Value, record_key
from crm_pipeline.warehouse import Connection
from crm_pipeline_tests.laws.machine.announced import Announced
from crm_pipeline_tests.laws.machine.crm import Kept
from crm_pipeline_tests.laws.machine.ground import KEYS, k
from crm_pipeline_tests.laws.machine.history import Step
from crm_pipeline_tests.laws.relations import tables
from crm_pipeline_tests.laws.relations.crm import FamilyCrm, leads_to
from crm_pipeline_tests.laws.relations.family import Family
from crm_pipeline_tests.laws.relations.ground import KIND_OF, OWNER, OWNERS, REFERENCES, Climate, S
from crm_pipeline_tests.laws.relations.model import Thing, one


class Landing:
    """Listens to the CRMs. `family_of`: record key -> family; `golden`: golden id -> the thing that it stands for;
    `read`: keys of the records that were read at least once; `linked`: those that the push knows that it made; `lost`:
    those that a user ends before it does, and how.
    """

    def __init__(self, climate: Climate, crms: Mapping[System, FamilyCrm], read: set[str]) -> None:
        self.climate, self.crms, self.read = climate, crms, read
        self.family_of: dict[str, Family] = {}
        self.golden: dict[str, tuple[Family, Thing]] = {}
        self.announced = Announced()
        self.linked: set[str] = set()
        self.lost: list[tuple[Family, System, Kept, Step]] = []
        self.problems: list[str] = []
        for system, crm in crms.items():
            crm.wrote = self._wrote_in(system)
            crm.created = self._created_in(system)
            crm.tied = self._tied_in(system)
            crm.referred = self._referred_in(system)
            crm.fate = self._fate

    def read_audit(self, connection: Connection) -> None:
        """What was announced since the last time, and who is linked: before a request leaves."""
        self.announced.read(connection)
        self.note_links(connection)

    def note_links(self, connection: Connection) -> None:
        """What the push has made and knows of: a record that was deleted while its answer was lost is not among it."""
        self.linked = {key for (key,) in connection.execute("select record_key from state.link").fetchall()}
        for key in self.linked & self.family_of.keys():
            self.family_of[key].known.add(key)

    def _fate(self, create_key: str) -> str:
        family, thing = self.golden[create_key.split("/")[0]]
        return family.fates.pop(thing, "")

    def _wrote_in(self, system: System):  # type: ignore[no-untyped-def]
        def wrote(record: Kept, fields: Mapping[str, Value], before: Mapping[str, Value]) -> None:
            key = record_key(system, record.object, record.record_id)
            family = self.family_of[key]
            names = {r.names[record.object]: r.name for r in REFERENCES if record.object in r.names}
            for one_wrong in self.announced.wrong(key, fields):
                family.model.wrong(16, one_wrong)
            for name, value in fields.items():
                row = self.announced.rows.get((key, name))
                if row and k(row.old) != k(before.get(name)):
                    family.model.wrong(23, f"{key}.{name} is written over {before.get(name)!r}")
                if name in names:
                    self._not_moved(family, system, record, names[name])
                    self._led(family, system, record, names[name], k(value), k(before.get(name)))
                if name == OWNER.get(record.object):
                    self._not_moved(family, system, record, "owner")
                    self._owned(family, system, record, value)

        return wrote

    def _tied_in(self, system: System):  # type: ignore[no-untyped-def]
        def tied(record: Kept, to_object: str, tie: Tie, main: str) -> None:
            key = record_key(system, record.object, record.record_id)
            family = self.family_of[key]
            (reference,) = [
                r
                for r in REFERENCES
                if is_relation(r.names.get(record.object, "")) and leads_to(r.names[record.object]) == to_object
            ]
            name = reference.names[record.object]
            rows = [self.announced.rows.get((one_key, f"{name} {tie.to_id}")) for one_key in (key, *self._keys(key))]
            planned = next((row for row in rows if row), None)
            if planned is None:
                family.model.wrong(16, f"{key}.{name} is tied without an audit row")
            elif tie.primary and k(planned.old) != main:
                family.model.wrong(23, f"{key}.{name} is written over {main}, not {planned.old}")
            there = tie.to_id in family.crms[system].ties.get((record.object, to_object, record.record_id), [])
            if not tie.ends and there and (not tie.primary or main == tie.to_id):
                family.model.wrong(17, f"{key}.{name} is tied to {tie.to_id} although it is")
            before = main if tie.primary else tie.to_id if tie.ends else ""
            to_id = "" if tie.ends else tie.to_id
            self._not_moved(family, system, record, reference.name, to_id or before)
            self._led(family, system, record, reference.name, to_id, before)

        return tied

    def _keys(self, key: str) -> list[str]:
        """The create keys of a record."""
        system, object_, record_id = key.split("/", 2)
        fields = self.crms[System(system)].kept[object_, record_id].fields
        return [str(value) for name, value in fields.items() if name.lower().startswith("crm_pipeline_key")]

    def _not_moved(self, family: Family, system: System, record: Kept, name: str, other_id: str = "") -> None:
        """Law 23: what is written over is what the plan was made with. `other_id`: of a set, the member."""
        key = record_key(system, record.object, record.record_id)
        many = any(r.many for r in REFERENCES if r.name == name)
        member = self._thing(family, system, key, name, other_id) if many else None
        slot = family.model.slot(family.thing(system, record), name, member)
        now = family.said(system, record, name, member)
        if slot.moved(key, now):
            planned = [*slot.at_plan.get(key, ())]
            family.model.wrong(23, f"{slot.name} of {key} is written over {[*now]}, the plan was made with {planned}")

    def _led(self, family: Family, system: System, record: Kept, name: str, to_id: str, before: str) -> None:
        """A reference of ours lands."""
        key = record_key(system, record.object, record.record_id)
        (reference,) = [r for r in REFERENCES if r.name == name]
        value, old = (self._thing(family, system, key, name, one_id) for one_id in (to_id, before))
        thing = family.thing(system, record)
        slot = family.model.slot(thing, name, (value or old) if reference.many else None)
        if any((family.key(s, r), name) in family.hidden for s, r in thing.live()):
            family.model.wrong(9, f"{slot.name} of {key} is written although a side of it was not read")
        if self.climate.rule(reference) == "always_salesforce" and system is S:
            family.model.wrong(3, f"{slot.name} of {key} is written although Salesforce is its master")
        others = [(s, r) for s, r in thing.live() if r is not record and family.holds(r, name)]
        member = value if reference.many else None
        if value and not any(value in family.said(s, r, name, member) for s, r in others):
            family.model.wrong(42, f"{slot.name} of {key} is led to {value}, where no other record leads any more")
        if value is old and family.leads_to_unread(record, reference):
            old = None  # an id that says nothing to anybody
        if value is None and old is thing:
            return  # merged with what it led to: nothing is its own parent
        family.model.led(slot, key, value, old, self.climate.rule(reference) == "always_salesforce")

    def _thing(self, family: Family, system: System, key: str, name: str, record_id: str) -> Thing | None:
        if not record_id:
            return None
        found = self.crms[system].named(record_id)
        thing = one(family.of.get(record_key(system, found.object, record_id))) if found else None
        if thing is None:
            family.model.wrong(36, f"{name} of {key} holds {record_id}, which is no record of the family in {system}")
        return thing

    def _owned(self, family: Family, system: System, record: Kept, value: Value) -> None:
        key = record_key(system, record.object, record.record_id)
        slot = family.model.slot(family.thing(system, record), "owner")
        user = family.users[OWNERS[system].index(str(value))]
        family.model.led(slot, key, user, None, False)

    def _referred_in(self, system: System):  # type: ignore[no-untyped-def]
        def referred(object_: str, of: str, to_id: str) -> None:
            """Law 26: the id that we write is one that was acknowledged, or read."""
            found = self.crms[system].named(to_id)
            key = record_key(system, found.object, to_id) if found else to_id
            if key not in self.family_of or (key not in self.read and key not in self.linked):
                self.problems.append(f"law 26: {object_} {of} is sent before {key} was acknowledged")

        return referred

    def _created_in(self, system: System):  # type: ignore[no-untyped-def]
        def created(record: Kept, create_key: str) -> None:
            golden_id = create_key.split("/")[0]
            family, thing = self.golden[golden_id]
            model, key = family.model, record_key(system, record.object, record.record_id)
            sent = {name: value for name, value in record.fields.items() if value is not None and name != KEYS[system]}
            for one_wrong in self.announced.wrong(create_key, sent):
                model.wrong(16, one_wrong)
            if thing.live(system):
                model.wrong(31, f"{key} is created although {system} has a record of {thing}")
            if tables.deleted(family, thing, system):
                model.wrong(30, f"{key} is created although {thing} was deleted in {system}")
            if create_key in model.created_by:
                model.wrong(21, f"{key} is a second record for {create_key}")
            if not self.climate.creates(KIND_OF[record.object], system):
                model.wrong(3, f"{key} is created although {system} is only updated")
            model.created_by.add(create_key)
            family.enter(thing, system, record)
            family.known.add(key)
            if thing in family.gone:
                self.lost.append((family, system, record, family.gone.pop(thing)))
            self.family_of[key] = family
            for name in (*(r.name for r in REFERENCES), "owner"):
                for slot in (s for (t, n, _), s in model.slots.items() if one(t) is thing and n == name):
                    slot.knows[key] = frozenset()
            fields, names = (
                record.fields,
                {r.names[record.object]: r.name for r in REFERENCES if record.object in r.names},
            )
            for name, value in fields.items():
                if name in names and value:
                    self._led(family, system, record, names[name], k(value), "")
                if name == OWNER.get(record.object) and value:
                    self._owned(family, system, record, value)

        return created
