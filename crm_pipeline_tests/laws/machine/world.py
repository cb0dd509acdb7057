"""One customer's records in both CRMs, and the steps of its history carried out on them.

Belongs here: what a step does. Not here: drawing steps (history.py), what a sync may do (model.py).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from crm_pipeline.model import System, Value, record_key
from crm_pipeline_tests.laws.machine.crm import DictCrm, Kept
from crm_pipeline_tests.laws.machine.ground import CONTACT, CONTACTS, FIELDS, LEAD, TIGHT, H, S, crm_name, k
from crm_pipeline_tests.laws.machine.history import History, Step
from crm_pipeline_tests.laws.machine.model import Model, parts_of

Crms = Mapping[System, DictCrm]
NAMES = tuple(FIELDS)


@dataclass
class World:
    """`part`: record key -> which golden record it belongs to, in the eyes of whoever decides about matches;
    `known`: keys of records that were read at least once, or that the push made; `split`: whether somebody ever said
    that one of them is another customer."""

    number: int
    history: History
    crms: Crms
    model: Model
    records: list[tuple[System, Kept]] = field(default_factory=list)
    part: dict[str, int] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    split: bool = False
    made: int = 0

    def begin(self) -> None:
        hubspot, leads, contacts = self.history.records
        for system, object_, count in ((H, CONTACTS, hubspot), (S, LEAD, leads), (S, CONTACT, contacts)):
            for _ in range(count):
                self._add(system, object_)
        for step in self.history.first:
            self.act(step)

    # -- looking

    def key(self, system: System, record: Kept) -> str:
        return record_key(system, record.object, record.record_id)

    def live(self, part: int | None = None) -> list[tuple[System, Kept]]:
        found = [(s, r) for s, r in self.records if r.retired is None]
        return found if part is None else [(s, r) for s, r in found if self.part[self.key(s, r)] == part]

    def keys(self) -> list[str]:
        return [self.key(s, r) for s, r in self.live()]

    def together(self, record_key_: str) -> list[tuple[System, Kept]]:
        """The live records of the same golden record."""
        return self.live(self.part[record_key_])

    def begin_anew(self) -> None:
        """Where nothing is left of the records that were ever read, the new ones are another customer: no deletion from
        before is one of theirs."""
        if not any(self.key(s, r) in self.known or self._became_of(s, r) & self.known for s, r in self.live()):
            self.known.clear()

    def _became_of(self, system: System, record: Kept) -> set[str]:
        """The keys of the records that one was made of by merges and conversions, one after the other."""
        gone = [(s, r) for s, r in self.records if s is system and r.survivor == (record.object, record.record_id)]
        return {self.key(s, r) for s, r in gone}.union(*(self._became_of(s, r) for s, r in gone))

    # -- steps

    def act(self, step: Step) -> None:
        """Do what a step says, as far as there is something to do it to."""
        live = self.live()
        if step.what == "restore":
            self._restore(step)
            return
        if not live:
            return
        system, record = live[step.record % len(live)]
        name = NAMES[step.field % len(NAMES)]
        getattr(self, f"_{step.what}")(system, record, name, step)

    def trouble(self, step: Step) -> None:
        """Prepare what goes wrong in the coming night."""
        live = self.live()
        if not live:
            return
        system, record = live[step.record % len(live)]
        key, crm = self.key(system, record), self.crms[system]
        name = NAMES[step.field % len(NAMES)]
        if step.what in ("edit_early", "create_early"):
            return  # done by the night, after its plan
        if step.what == "edit_late":
            if system is H or crm.jobs:
                self.model.excused.setdefault(name, "edited in the window of one round trip")
                self.model.window.add(name)
            crm.in_between[key] = partial(self._edit, system, record, name, step)
            return
        crm.trouble[key] = step.what

    def _edit(self, system: System, record: Kept, name: str, step: Step) -> None:
        if record.retired is not None:
            return
        if name == "tight":
            self._set(system, record, name, ((TIGHT, "go", "")[step.value % 3],))
            return
        self.made += 1
        value = f"v{self.number}.{self.made}"
        if name == "pair":
            # two parts that belong together by their number; one may be blank
            shape = step.value % 4
            self._set(system, record, name, (value if shape != 1 else "", f"{value}+" if shape != 2 else ""))
        else:
            self._set(system, record, name, (value,))

    def _clear(self, system: System, record: Kept, name: str, step: Step) -> None:
        if any(parts_of(system, record.fields, name)):
            self._set(system, record, name, ("",) * len(FIELDS[name][1]))

    def _cosmetic(self, system: System, record: Kept, name: str, step: Step) -> None:
        """Saved again with a blank around each value: no edit."""
        names = [crm_name(system, part) for part in FIELDS[name][1]]
        held = {n: f" {k(record.fields[n])}" for n in names if k(record.fields.get(n))}
        if held:
            self._pass()
            self.crms[system].save(record, held)

    def _same(self, system: System, record: Kept, name: str, step: Step) -> None:
        """The value that the other side holds, typed by a user."""
        others = [(s, r) for s, r in self.live() if s is not system]
        if others and name != "tight":
            other, there = others[step.value % len(others)]
            value = parts_of(other, there.fields, name)
            if any(value) and value != parts_of(system, record.fields, name):
                self._set(system, record, name, value)

    def _create(self, system: System, record: Kept, name: str, step: Step) -> None:
        """A user makes a duplicate."""
        if len(self.live()) < 6:
            system, record = self._add(system, record.object if system is H else LEAD)
            self._edit(system, record, name, step)

    def _create_early(self, system: System, record: Kept, name: str, step: Step) -> None:
        """A user makes the customer's record in the other CRM, which may have one."""
        if len(self.live()) < 6:
            other = system.other
            object_ = CONTACTS if other is H else (LEAD, CONTACT)[step.value % 2]
            _, new = self._add(other, object_, self.part[self.key(system, record)])
            self._edit(other, new, name, step)

    def _delete(self, system: System, record: Kept, name: str, step: Step) -> None:
        self._pass()
        self.crms[system].delete(record)

    def _restore(self, step: Step) -> None:
        """A user takes a record out of the recycle bin: it holds what it held."""
        gone = [(s, r) for s, r in self.records if r.retired == "deleted"]
        if gone:
            system, record = gone[step.record % len(gone)]
            self._pass()
            self.crms[system].restore(record)

    def _merge(self, system: System, record: Kept, name: str, step: Step) -> None:
        key = self.key(system, record)
        peers = [r for s, r in self.together(key) if s is system and r.object == record.object and r is not record]
        if not peers:
            return
        self._pass()
        loser = peers[step.value % len(peers)]
        new = self.crms[system].merge(record, loser)
        self._became(system, new, [key, self.key(system, loser)])

    def _convert(self, system: System, record: Kept, name: str, step: Step) -> None:
        """Into a new contact, or into one that the customer has already."""
        if record.object == LEAD:
            self._pass()
            key = self.key(system, record)
            there = [r for s, r in self.together(key) if r.object == CONTACT]
            new = self.crms[system].convert(record, there[0] if there and step.value % 2 else None)
            self._became(system, new, [key])

    def _leave(self, system: System, record: Kept, name: str, step: Step) -> None:
        """Somebody says that a record is another customer."""
        self.part[self.key(system, record)] = 1 + step.value % 2
        self.split = True

    def _rejoin(self, system: System, record: Kept, name: str, step: Step) -> None:
        for key in self.part:
            self.part[key] = 0

    def _became(self, system: System, new: Kept, gone: list[str]) -> None:
        key = self.key(system, new)
        if (system, new) not in [(s, r) for s, r in self.records if r is new]:
            self.records.append((system, new))
        self.part[key] = self.part[gone[0]]
        for name in FIELDS:
            self.model.knows[key, name] = frozenset().union(
                *(self.model.knows.get((g, name), frozenset()) for g in (key, *gone))
            )
            self.model.ever[name].add(parts_of(system, new.fields, name))

    def _add(self, system: System, object_: str, part: int = 0) -> tuple[System, Kept]:
        self._pass()
        blank: dict[str, Value] = {crm_name(system, p): None for _, parts in FIELDS.values() for p in parts}
        last, first, company = (
            ("lastname", "firstname", "company") if system is H else ("LastName", "FirstName", "Company")
        )
        names: dict[str, Value] = {last: self._word("family"), first: self._word("given")}
        company = "Account.Name" if object_ == CONTACT else company
        names[company] = self._word("company")
        key = {("crm_pipeline_key" if system is H else "CRM_Pipeline_Key__c"): None}
        record = self.crms[system].add(object_, {**blank, **names, **key})
        self.enter(system, record, part)
        return system, record

    def _word(self, of: str) -> str:
        """A name that no other customer has, nor one like it: two of a like name would wait for a review."""
        rng = random.Random(f"{of}/{self.number}")
        return "".join(rng.choice("bdgkmnprstz") + rng.choice("aeiou") for _ in range(6)).title()

    def enter(self, system: System, record: Kept, part: int) -> None:
        """A record joins the customer."""
        self.records.append((system, record))
        self.part[self.key(system, record)] = part

    def _set(self, system: System, record: Kept, name: str, value: tuple[str, ...]) -> None:
        self._pass()
        names = [crm_name(system, part) for part in FIELDS[name][1]]
        fields: dict[str, Value] = {n: v or None for n, v in zip(names, value, strict=True)}
        self.crms[system].save(record, fields)
        key = self.key(system, record)
        peers = [self.key(s, r) for s, r in self.live() if s is system]
        self.model.edited(system, key, peers, name, value)

    def _pass(self) -> None:
        """Time passes between two things that happen: more than any tolerance."""
        seconds = random.Random(f"{self.number}/{self.made}/{len(self.records)}").randint(5, 300)
        for crm in self.crms.values():
            crm.now += timedelta(seconds=seconds)
