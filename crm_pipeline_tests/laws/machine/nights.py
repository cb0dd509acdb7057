"""Nights of many customers in one database: what was read is put into raw.*; golden, plan and push are the real ones.

Belongs here: the order of a night, crashes, and what is checked in the tables (laws 16, 22, 23, 25). Not here: what a
customer's records should be (model.py). Reading and matching are left out: reading over HTTP is cloud_nights.py, and
who belongs together the history says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from crm_pipeline.extract.reading import watermark
from crm_pipeline.golden import stage as golden
from crm_pipeline.model import System, Value, record_key
from crm_pipeline.plan import stage as plan
from crm_pipeline.push import stage as push
from crm_pipeline.push.recovery.recover import recover
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.laws.machine.announced import Announced
from crm_pipeline_tests.laws.machine.carried import check_bases, unaccounted
from crm_pipeline_tests.laws.machine.crm import DictCrm, Kept
from crm_pipeline_tests.laws.machine.ground import FIELD_OF, KEYS, PART_OF, H, S, k, settings
from crm_pipeline_tests.laws.machine.history import History
from crm_pipeline_tests.laws.machine.jobs import DictJobs
from crm_pipeline_tests.laws.machine.model import Model
from crm_pipeline_tests.laws.machine.nightly import Nightly
from crm_pipeline_tests.laws.machine.raw_rows import ReadBefore, schema_row, tombstone_row
from crm_pipeline_tests.laws.machine.weather import Mortal, Steps, Weather
from crm_pipeline_tests.laws.machine.world import World


class Nights(Nightly[DictCrm]):
    """Worlds that share two CRMs and a database."""

    def __init__(self, folder: Path, weather: Weather, *, shuffled: int | None = None, threads: int = 0) -> None:
        """`shuffled`: a seed by which records are sent in another order; `threads`: of DuckDB, 0: its own choice."""
        self.settings = settings(weather.edit_vs_clear, jobs=weather.jobs)
        self.shuffled = shuffled
        warehouse = Mortal(folder / "crm.duckdb", steps=Steps(), threads=threads)
        super().__init__(weather, warehouse, {H: DictCrm(H, skew=timedelta(seconds=weather.skew)), S: DictCrm(S)})
        for system, crm in self.crms.items():
            crm.wrote = self._wrote_in(system)
            crm.created = self._created_in(system)
        if weather.jobs:
            self.crms[S].jobs = DictJobs(self.crms[S])
        self.worlds: list[World] = []
        self.world_of: dict[str, World] = {}
        self.golden: dict[str, World] = {}
        self.read_before = ReadBefore(weather.tracked)
        self.announced = Announced()
        self.problems: list[str] = []
        self._set_up()

    def add(self, number: int, history: History) -> World:
        world = World(number, history, self.crms, Model(history.plain, self.weather.edit_vs_clear))
        world.begin()
        self.worlds.append(world)
        return world

    def _all(self) -> dict[int, list[str]]:
        for n in range(max((len(w.history.nights) for w in self.worlds), default=0)):
            for world in self.worlds:
                if n < len(world.history.nights):
                    for step in world.history.nights[n].day:
                        world.act(step)
                    for step in world.history.nights[n].trouble:
                        world.trouble(step)
            self._night(n)
        self._rest()
        for world in self.worlds:
            world.model.check_end(world.live())
        found = {w.number: w.model.violations for w in self.worlds if w.model.violations}
        return found | ({-1: self.problems} if self.problems else {})

    # -- a night

    def _killed(self) -> None:
        for world in self.worlds:
            world.model.killed()

    def _run(self, n: int | None) -> None:
        self.night += 1
        self.announced.begin()
        recover(self.warehouse, self.crms, self.settings, self.night)
        with self.warehouse.connect() as connection:
            self._read(connection)
        golden.run(self.warehouse, self.settings, self.night)
        with self.warehouse.connect() as connection:
            self._note_golden(connection)
        for world in self.worlds:
            world.model.planned(world.keys(), world.live())
        plan.run(self.warehouse, self.settings, self.night)
        self._approve()
        if self.shuffled is not None:
            self._shuffle()
        self._early_edits(n)
        before = self._bases()
        push.run(self.warehouse, self.crms, self.settings, self.night)  # type: ignore[arg-type]
        self._check_tables(before)
        for world in self.worlds:
            world.model.ended(world.keys())

    def _shuffle(self) -> None:
        """Another order of the records of each object; a create stays before the updates."""
        with super(Mortal, self.warehouse).connect() as connection:
            connection.execute(
                "update plan.change c set seq = s.place from (select plan_id, op_id, row_number() over (partition by "
                "plan_id order by system, object, operation <> 'create', hash(coalesce(record_id, create_key), $1), seq"
                ") as place from plan.change) s where s.plan_id = c.plan_id and s.op_id = c.op_id",
                [self.shuffled],
            )

    def state(self) -> dict[int, list[str]]:
        """What users see of each customer: values without ids and times."""
        return {
            w.number: sorted(
                f"{s} {r.object} {r.retired} {[(n, k(v)) for n, v in sorted(r.fields.items()) if n != KEYS[s]]}"
                for s, r in w.records
            )
            for w in self.worlds
        }

    def _early_edits(self, n: int | None) -> None:
        """Users edit, and make records, after the plan was made, before records are read again."""
        for world in self.worlds if n is not None else ():
            for step in world.history.nights[n].trouble if n < len(world.history.nights) else ():
                live = world.live()
                if step.what == "edit_early" and live:
                    world.act(step._replace(what="edit"))
                elif step.what == "create_early":
                    world.act(step)

    def _before_call(self, what: str) -> None:
        self.steps.take()
        if what in ("update", "create"):
            with super(Mortal, self.warehouse).connect() as connection:
                self.announced.read(connection)

    def _wrote_in(self, system: System):  # type: ignore[no-untyped-def]
        def wrote(record: Kept, fields: Mapping[str, Value], before: Mapping[str, Value]) -> None:
            key = record_key(system, record.object, record.record_id)
            world = self.world_of[key]
            world.model.violations.extend(f"law 16: {one}" for one in self.announced.wrong(key, fields))
            restored = False
            for name, value in before.items():
                if (key, name) not in self.announced.rows:
                    continue
                planned, _, operation = self.announced.rows[key, name]
                window = (system, name) in PART_OF and FIELD_OF[PART_OF[system, name]] in world.model.window
                if k(planned) != k(value) and not window:
                    world.model.violations.append(f"law 23: {key}.{name} is written over {value!r}, not {planned!r}")
                restored |= operation == "unlink_restore"
            if not restored:
                world.model.wrote(system, record, key, fields, world.together(key))

        return wrote

    def _created_in(self, system: System):  # type: ignore[no-untyped-def]
        def created(record: Kept, create_key: str) -> None:
            golden_id = create_key.split("/")[0]
            world = self.golden[golden_id]
            key = record_key(system, record.object, record.record_id)
            sent = {name: value for name, value in record.fields.items() if value is not None and name != KEYS[system]}
            world.model.violations.extend(f"law 16: {one}" for one in self.announced.wrong(create_key, sent))
            mine = [world.key(s, r) for s, r in world.live()]
            part = next(world.part[one] for one in mine if self._golden_of.get(one) == golden_id)
            world.model.created(system, key, create_key, world.live(part), self._deleted(world, system, golden_id))
            world.enter(system, record, part)
            world.known.add(key)
            self.world_of[key] = world

        return created

    def _deleted(self, world: World, system: System, golden_id: str) -> bool:
        """Whether the customer was deleted there; of one that was ever split, whether that golden record was: who was
        deleted apart from the others never came back to them."""
        gone = [key for s, r in world.records if s is system and r.retired == "deleted" and (key := world.key(s, r))]
        known = [key for key in gone if key in world.known]
        return any(self._golden_of.get(key) == golden_id or not world.split for key in known)

    # -- tables

    def _set_up(self) -> None:
        self._golden_of: dict[str, str] = {}
        with self.warehouse.connect() as connection:
            for mapping in (self.settings.mapping.company, self.settings.mapping.person):
                for system, object_ in mapping.objects:
                    names = [n for n in mapping.crm_fields(object_) if "." not in n]
                    insert(connection, "raw.schema_field", [schema_row(system, object_, n) for n in names])

    def _read(self, connection: Connection) -> None:
        """What an extract would leave in raw.*, and who is whose duplicate."""
        rows: dict[str, list[dict[str, object]]] = defaultdict(list)
        clusters: dict[tuple[int, int], list[str]] = defaultdict(list)
        tombstones = []
        for world in self.worlds:
            world.begin_anew()
            for system, record in world.records:
                key = record_key(system, record.object, record.record_id)
                self.world_of[key] = world
                if record.retired:
                    tombstones.append(tombstone_row(system, record))
                if key not in self.read_before.fields and record.retired:
                    continue  # came and went between two nights
                if not record.retired:
                    world.known.add(key)
                clusters[world.number, world.part[key]].append(key)
                rows[f"raw.{system}_{record.object.lower()}"].append(
                    self.read_before.row(system, key, record, self.night)
                )
        for table, found in rows.items():
            connection.execute(f"delete from {table}")
            insert(connection, table, found)
        connection.execute("delete from match.cluster; delete from raw.tombstone")
        insert(connection, "raw.tombstone", tombstones)
        insert(
            connection,
            "match.cluster",
            [{"kind": "person", "record_key": key, "cluster": min(keys)} for keys in clusters.values() for key in keys],
        )
        connection.execute("delete from raw.watermark")
        for system, object_ in self.settings.mapping.objects:
            watermark.move(connection, system, object_, self.crms[system].clock(), "", self.night)
        self.read_before.at = self.crms[S].clock()

    def _note_golden(self, connection: Connection) -> None:
        rows = connection.execute("select record_key, golden_id from golden.link").fetchall()
        self._golden_of = dict(rows)
        self.golden.update({golden_id: self.world_of[key] for key, golden_id in rows})

    def _bases(self) -> dict[tuple[str, str], str]:
        with super(Mortal, self.warehouse).connect() as connection:
            rows = connection.execute("select record_key, field, value from state.base").fetchall()
        return {(key, name): value for key, name, value in rows}

    def _check_tables(self, before: Mapping[tuple[str, str], str]) -> None:
        after = self._bases()
        with super(Mortal, self.warehouse).connect() as connection:
            execute = connection.execute
            (plan_id,) = execute("select max(plan_id) from plan.plan").fetchone() or (0,)
            self.problems.extend(unaccounted(connection, plan_id))
            ends = execute(
                "select golden_id, field, state, code, system || '/' || object || '/' || record_id, operation "
                "from push.outbox where plan_id = ?",
                [plan_id],
            ).fetchall()
            lost = execute("select golden_id, field, code from push.outbox where code = 'moved_on'").fetchall()
        for golden_id, name, code in lost:
            if golden_id in self.golden:
                self.golden[golden_id].model.excused.setdefault(name, code)
        check_bases(self.golden, self._golden_of, before, after, ends)

    def _told(self, golden_id: str) -> list[str]:
        return self.golden[golden_id].model.violations if golden_id else self.problems
