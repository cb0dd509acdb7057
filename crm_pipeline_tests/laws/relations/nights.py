"""Nights of many families in one database: what was read is put into raw.*; golden, plan and push are the real ones.

Belongs here: the order of a night, and crashes. Not here: rows of raw.* (reading.py), what is checked when a write
lands (landing.py), in the tables (tables.py) and in the end (ends.py).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from pathlib import Path

from crm_pipeline.golden import stage as golden
from crm_pipeline.plan import stage as plan
from crm_pipeline.push import stage as push
from crm_pipeline.push.recovery.recover import recover
from crm_pipeline_tests.laws.machine.history import History
from crm_pipeline_tests.laws.machine.nightly import Nightly
from crm_pipeline_tests.laws.machine.weather import Mortal, Steps
from crm_pipeline_tests.laws.relations import tables
from crm_pipeline_tests.laws.relations.crm import FamilyCrm
from crm_pipeline_tests.laws.relations.ends import check_end
from crm_pipeline_tests.laws.relations.family import Family
from crm_pipeline_tests.laws.relations.ground import Climate, H, S, settings
from crm_pipeline_tests.laws.relations.landing import Landing
from crm_pipeline_tests.laws.relations.model import Model, one
from crm_pipeline_tests.laws.relations.reading import Reading


class Nights(Nightly[FamilyCrm]):
    """Families that share two CRMs and a database."""

    def __init__(self, folder: Path, climate: Climate) -> None:
        self.settings = settings(climate)
        self.climate = climate
        self.families: list[Family] = []
        crms = {H: FamilyCrm(H, skew=timedelta(seconds=climate.skew)), S: FamilyCrm(S)}
        super().__init__(climate, Mortal(folder / "crm.duckdb", steps=Steps()), crms)
        self.reading = Reading(self.settings, climate.tracked, crms)
        self.landing = Landing(climate, crms, self.reading.keys)
        with self.warehouse.connect() as connection:
            self.reading.set_up(connection)

    def add(self, number: int, history: History) -> None:
        family = Family(
            crms=self.crms,
            number=number,
            history=history,
            climate=self.climate,
            model=Model(self.climate.edit_vs_clear),
        )
        family.begin()
        self.families.append(family)

    def _all(self) -> dict[int, list[str]]:
        for n in range(max((len(f.history.nights) for f in self.families), default=0)):
            for family in self.families:
                family.hidden.clear()
                family.fates.clear()
                family.gone.clear()
                if n < len(family.history.nights):
                    for step in family.history.nights[n].day:
                        family.act(step)
                    for step in family.history.nights[n].trouble:
                        family.trouble(step)
            self._night(n)
        for family in self.families:
            family.hidden.clear()
            family.fates.clear()
        self._rest()
        with super(Mortal, self.warehouse).connect() as connection:
            refused = tables.refused_creates(connection)
            self.landing.note_links(connection)
        for family in self.families:
            check_end(family, refused)
        found = {f.number: f.model.violations for f in self.families if f.model.violations}
        return found | ({-1: self.landing.problems} if self.landing.problems else {})

    # -- a night

    def _run(self, n: int | None) -> None:
        self.night += 1
        self.landing.announced.begin()
        for family, system, record, step in self.landing.lost:
            family.end_lost(system, record, step)
        self.landing.lost.clear()
        recover(self.warehouse, self.crms, self.settings, self.night)  # type: ignore[arg-type]
        with self.warehouse.connect() as connection:
            self.reading.read(connection, self.families, self.night)
            self.landing.family_of.update({key: f for f in self.families for key in f.of})
        golden.run(self.warehouse, self.settings, self.night)
        with self.warehouse.connect() as connection:
            rows = connection.execute("select record_key, golden_id from golden.link").fetchall()
        for key, golden_id in rows:
            family = self.landing.family_of[key]
            thing = one(family.of[key])
            assert thing
            thing.golden.add(golden_id)
            self.landing.golden[golden_id] = family, thing
        self._planned()
        plan.run(self.warehouse, self.settings, self.night)
        self._approve()
        self._early(n)
        push.run(self.warehouse, self.crms, self.settings, self.night)  # type: ignore[arg-type]
        with super(Mortal, self.warehouse).connect() as connection:
            self.landing.problems.extend(tables.check(connection, self.landing.golden))
        self._ended()

    def _planned(self) -> None:
        """A plan is made now, with knowledge of all live records. Where all of them agree it has nothing to write, and
        what each of them knows is known everywhere once the push has ended."""
        for family in self.families:
            for (owner, name, member), slot in family.model.slots.items():
                thing = one(owner) or owner
                slot.planned(
                    {
                        family.key(s, r): family.said(s, r, name, member) if family.holds(r, name) else frozenset()
                        for s, r in thing.live()
                    }
                )
                held = {family.held(s, r, name, member) for s, r in thing.live() if family.holds(r, name)}
                slot.agreeing = len(held) == 1

    def _ended(self) -> None:
        for family in self.families:
            for slot in family.model.slots.values():
                if slot.agreeing:
                    slot.learnt(slot.at_plan)  # a new record knows what it was made with, nothing else

    def _killed(self) -> None:
        """Before it ended: whether what agreed is known to agree, the next run may tell or not."""
        for family in self.families:
            for slot in family.model.slots.values():
                if slot.agreeing and len(slot.undominated()) > 1:
                    slot.excused = slot.excused or "killed while two choices agreed"

    def _early(self, n: int | None) -> None:
        """Users choose after the plan was made, before records are read again: most of them what is to be written."""
        planned = self._to_be_written()
        for family in self.families if n is not None else ():
            for step in family.history.nights[n].trouble if n < len(family.history.nights) else ():
                there = planned.get(family.number, ())
                if step.what == "point_early" and there and step.record % 4:
                    family.aim(*there[step.field % len(there)], step)
                elif step.what == "point_early":
                    family.act(step._replace(what=("point", "unpoint", "join", "leave", "delete")[step.value % 5]))

    def _to_be_written(self) -> dict[int, list[tuple[str, str]]]:
        """By family, the (record key, field) of records that are to be changed."""
        with super(Mortal, self.warehouse).connect() as connection:
            rows = connection.execute(
                "select system || '/' || object || '/' || record_id as record_key, field from plan.change "
                "where plan_id = (select max(plan_id) from plan.plan) and problem is null and record_id is not null "
                "and field <> 'name' order by all"
            ).fetchall()
        found: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for key, name in rows:
            found[self.landing.family_of[key].number].append((key, name.partition("/")[0]))
        return found

    def _before_call(self, what: str) -> None:
        self.steps.take()
        if what in ("update", "associate", "create"):
            with super(Mortal, self.warehouse).connect() as connection:
                self.landing.read_audit(connection)

    def _told(self, golden_id: str) -> list[str]:
        return self.landing.golden[golden_id][0].model.violations if golden_id else self.landing.problems
