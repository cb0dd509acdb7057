"""A CRM in a dictionary whose records belong to each other: look-ups, associations, and what goes when a record goes.

Belongs here: HubSpot's associations and Salesforce's contact roles as ties, what a deletion, a merge and a conversion
do to them, refusals of ids that lead nowhere. Not here: what is right (model.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crm_pipeline.config.relation import is_relation
from crm_pipeline.crm.protocol import Association, Outcome, Tie, Write, WriteResult
from crm_pipeline.model import SourceRecord, Value, record_key
from crm_pipeline_tests.laws.machine.crm import DictCrm, Kept
from crm_pipeline_tests.laws.relations.ground import PREFIXES, REFERENCES, ROLES, H

#: Salesforce object -> look-ups that lead to it: those of records that go with it, those that become blank.
_GO = {"Account": (("Contact", "AccountId"), ("Opportunity", "AccountId")), "Contact": (), "Lead": ()}
_BLANK = {
    "Account": (("Account", "ParentId"), ("Task", "WhatId")),
    "Contact": (("Task", "WhoId"),),
    "Lead": (("Task", "WhoId"),),
    "Opportunity": (("Task", "WhatId"),),
}
_MAIN = frozenset({("contacts", "companies"), ("deals", "companies")})


@dataclass
class FamilyCrm(DictCrm):
    """`ties`: (object, other object, id) -> other ids; `mains`: those whose first one is the main one.

    `tied(record, other object, tie, main one before)` is told of each tie of ours that lands; `referred` of each id
    that we write; `fate`: create key -> what happens to it.
    """

    ties: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    mains: set[tuple[str, str, str]] = field(default_factory=set)
    tied: Callable[[Kept, str, Tie, str], None] = lambda *_: None
    referred: Callable[[str, str, str], None] = lambda *_: None
    fate: Callable[[str], str] = lambda _: ""

    def id_of(self, object_: str, number: int) -> str:
        return f"{PREFIXES[object_]}{number:012}AAA" if object_ in PREFIXES else str(number)

    def add(self, object_: str, fields: Mapping[str, Value], by: str = "user") -> Kept:
        return super().add(object_, {**dict.fromkeys(fields_of(object_)), **fields}, by)

    def _shown(self, record: Kept, fields: Sequence[str], history: Sequence[str]) -> SourceRecord:
        """A relation is no field."""
        return super()._shown(record, [name for name in fields if not is_relation(name)], history)

    # -- looking

    def alive(self, object_: str, record_id: str) -> Kept | None:
        record = self.kept.get((object_, record_id))
        return record if record and record.retired is None else None

    def named(self, record_id: str) -> Kept | None:
        """The record with that id, whatever its object."""
        return next((r for (_, one), r in self.kept.items() if one == record_id), None)

    def main(self, object_: str, to_object: str, record_id: str) -> str:
        at = (object_, to_object, record_id)
        return self.ties[at][0] if at in self.mains and self.ties.get(at) else ""

    def related(self) -> Iterator[Association]:
        """All ties of live records."""
        for (object_, to_object, record_id), others in self.ties.items():
            if self.alive(object_, record_id):
                main = self.main(object_, to_object, record_id)
                yield from (Association(object_, record_id, to_object, one, one == main) for one in others)

    # -- users

    def tie(self, record: Kept, to_object: str, to_id: str, *, main: bool = True, alone: bool = False) -> None:
        """`alone`: in the place of all others."""
        at = (record.object, to_object, record.record_id)
        others = [] if alone else [one for one in self.ties.get(at, []) if one != to_id]
        is_main = (record.object, to_object) in _MAIN and (main or not others)
        self.ties[at] = [to_id, *others] if is_main else [*others, to_id]
        if is_main:
            self.mains.add(at)

    def untie(self, object_: str, to_object: str, record_id: str, to_id: str = "") -> None:
        """End a tie, or all of them."""
        at = (object_, to_object, record_id)
        if not to_id or self.main(*at) == to_id:
            self.mains.discard(at)
        self.ties[at] = [one for one in self.ties.get(at, []) if to_id and one != to_id]

    def delete(self, record: Kept, reason: str = "deleted", survivor: Kept | None = None) -> None:
        super().delete(record, reason, survivor)
        if survivor is not None:
            return
        for object_, to_object, record_id in list(self.ties):
            if (record.object, record.record_id) == (object_, record_id):
                self.untie(object_, to_object, record_id)
            elif to_object == record.object:
                self.untie(object_, to_object, record_id, record.record_id)
        for object_, name in _BLANK.get(record.object, ()):
            for child in self._children(object_, name, record):
                child.fields[name] = None
                child.since[name] = self.clock()
        for object_, name in _GO.get(record.object, ()):
            for child in self._children(object_, name, record):
                self.delete(child)

    def _children(self, object_: str, name: str, parent: Kept) -> list[Kept]:
        live = [r for r in self.kept.values() if r.object == object_ and r.retired is None]
        return [r for r in live if r.fields.get(name) == parent.record_id]

    def merge(self, winner: Kept, loser: Kept) -> Kept:
        new = super().merge(winner, loser)
        if new is not winner:
            self._take_over(winner, new)
        self._take_over(loser, new)
        return new

    def convert(self, lead: Kept) -> Kept:
        new = super().convert(lead)
        new.fields.pop("Account.Name")
        self.save(new, {"AccountId": None})
        self._take_over(lead, new)
        return new

    def _take_over(self, old: Kept, new: Kept) -> None:
        """What belonged to the one belongs to the other."""
        for at in list(self.ties):
            object_, to_object, record_id = at
            others = self.ties[at]
            if to_object == old.object and old.record_id in others:
                place = others.index(old.record_id)
                keep = [one for one in others if one != old.record_id]
                if new.record_id not in keep:
                    keep.insert(place, new.record_id)
                self.ties[at] = keep
            if (object_, record_id) == (old.object, old.record_id) and old.object == new.object:
                mine = (object_, to_object, new.record_id)
                was_main = self.main(*at)
                self.ties[mine] = [*dict.fromkeys((*self.ties.get(mine, ()), *others))]
                if was_main and self.ties[mine][0] == was_main:
                    self.mains.add(mine)
                self.untie(*at)
        for one in REFERENCES if self.system is not H else ():
            for object_, name in one.names.items():
                for child in self._children(object_, name, old) if "." not in name else ():
                    self.save(child, {name: new.record_id if child is not new else None})

    # -- push

    def associations(self, from_object: str, to_object: str, ids: Sequence[str]) -> list[Association]:
        self._called("associations")
        wanted = set(ids)
        return [
            one
            for one in self.related()
            if (one.from_object, one.to_object) == (from_object, to_object) and one.from_id in wanted
        ]

    def associate(self, from_object: str, to_object: str, ties: Sequence[Tie]) -> list[WriteResult]:
        self._called("associate")
        self.requests += 1
        results = [self._tied(from_object, to_object, tie) for tie in ties]
        self.after_call("associate")
        return results

    def _tied(self, object_: str, to_object: str, tie: Tie) -> WriteResult:
        record, other = self.alive(object_, tie.from_id), self.alive(to_object, tie.to_id)
        what = self.trouble.pop(record_key(self.system, object_, tie.from_id), "")
        if record is None or (other is None and not tie.ends):
            return WriteResult(tie.token, Outcome.REJECTED, tie.from_id, 400, "VALIDATION_ERROR", "no such record")
        if what == "refuse":
            return WriteResult(tie.token, Outcome.REJECTED, tie.from_id, 400, "VALIDATION_ERROR", "no")
        if what in ("later", "lose"):
            outcome = Outcome.RETRY if what == "later" else Outcome.UNKNOWN
            return WriteResult(tie.token, outcome, tie.from_id, 503, "UNAVAILABLE", "later")
        self.tied(record, to_object, tie, self.main(object_, to_object, tie.from_id))
        if tie.ends:
            self.untie(object_, to_object, tie.from_id, tie.to_id)
        else:
            self.tie(record, to_object, tie.to_id, main=tie.primary)
        if what == "lose_landed":
            return WriteResult(tie.token, Outcome.UNKNOWN, tie.from_id, 0, "no_answer")
        return WriteResult(tie.token, Outcome.LANDED, tie.from_id, 200)

    def change(self, object_: str, write: Write) -> WriteResult:
        held = {**self.kept[object_, write.record_id].fields, **write.fields}
        if str(held.get("WhoId")).startswith(PREFIXES["Lead"]) and held.get("WhatId"):
            return WriteResult(write.token, Outcome.REJECTED, write.record_id, 400, "FIELD_INTEGRITY_EXCEPTION", "no")
        return self._dangling(object_, write) or super().change(object_, write)

    def make(self, object_: str, key_field: str, write: Write) -> WriteResult:
        fate = self.fate(write.key)
        if fate:
            self.trouble[write.key] = fate
        return self._dangling(object_, write) or super().make(object_, key_field, write)

    def _dangling(self, object_: str, write: Write) -> WriteResult | None:
        """The refusal of an id that leads nowhere: Salesforce checks look-ups, HubSpot takes any text."""
        for to_id in look_ups(object_, write.fields).values():
            self.referred(object_, write.record_id or write.key, to_id)
            found = self.named(to_id)
            if self.system is not H and (found is None or found.retired):
                code = "INVALID_CROSS_REFERENCE_KEY"
                return WriteResult(write.token, Outcome.REJECTED, write.record_id, 400, code, "no such record")
        return None


def fields_of(object_: str) -> list[str]:
    """The look-ups of an object, and texts that hold ids."""
    names = (one.names[object_] for one in REFERENCES if object_ in one.names)
    return [name for name in names if not is_relation(name)]


def look_ups(object_: str, fields: Mapping[str, Value]) -> dict[str, str]:
    """Reference -> id, of the references among the fields of a record that lead somewhere."""
    names = {one.name: one.names[object_] for one in REFERENCES if object_ in one.names}
    return {one: str(fields[name]) for one, name in names.items() if fields.get(name)}


def leads_to(name: str) -> str:
    """The object at the other end of a relation."""
    return "Contact" if name == ROLES else name.removeprefix("associations.")
