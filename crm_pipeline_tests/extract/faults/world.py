"""Both CRMs over HTTP for a whole module, and a warehouse that has read them once, fresh for every test.

Belongs here: the world, one night of it, and the comparison of the warehouse with the CRMs. Not here: faults.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.crm.connect import HubSpotCredentials, SalesforceCredentials, connect
from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.emulator import hubspot, salesforce
from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.organisation import portal
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.server import serving
from crm_pipeline.extract import stage
from crm_pipeline.model import System
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.runs import run_id_for
from crm_pipeline_tests.narrow import people_and_companies

H, S = System.HUBSPOT, System.SALESFORCE
START = datetime(2026, 11, 20, 9, tzinfo=UTC)
QUICK = {
    "patience_seconds": 0.15,
    "first_patience_seconds": 0.15,
    "backoff_seconds": 0.01,
    "connect_seconds": 2.0,
    "answer_seconds": 5.0,
    "searches_per_second": 1000,
}
SECRET = "SENTINEL-VALUE"  # a value of a record, which no error may tell
_RUNS = 40
OBJECTS = ((H, "contacts"), (S, "Lead"))


class World:
    """The stores, their faults and logs; `truth` is what they hold."""

    def __init__(self, *, contacts: int = 0, leads: int = 0, batch_limit: int = 2000) -> None:
        self.clock = Clock()
        self.clock.set(START)
        self.hubspot = hubspot.HubSpotStore(self.clock)
        self.salesforce = salesforce.SalesforceStore(self.clock, batch_limit=batch_limit)
        self.hubspot.limits.per_ten_seconds = 100_000  # nothing here is about keeping to the rates
        portal.set_up(self.hubspot, self.salesforce)
        self.faults, self.log = Faults(), RequestLog()
        self.settings = people_and_companies(load_settings())
        self.contacts = [self.contact(n) for n in range(contacts)]
        self.leads = [self.lead(n) for n in range(leads)]

    def contact(self, number: int, **properties: str) -> str:
        return self.hubspot.create("contacts", {"lastname": SECRET, "email": f"c{number}@example.jp", **properties})

    def lead(self, number: int, **fields: Any) -> str:
        return self.salesforce.create(
            "Lead", {"LastName": SECRET, "Company": f"C{number}", "Email": f"l{number}@example.jp", **fields}
        )

    @contextmanager
    def served(self) -> Iterator[None]:
        observers = {"log": self.log, "faults": self.faults}
        with (
            serving(hubspot.create_app(self.hubspot, **observers)) as one,
            serving(salesforce.create_app(self.salesforce, **observers)) as other,
        ):
            self.urls = {H: one.url, S: other.url}
            yield

    def client(self, system: System, **limits: Any) -> Crm:
        """A client that knows nothing yet."""
        given = Limits(**{**QUICK, **limits})
        if system is H:
            credentials: Any = HubSpotCredentials(self.hubspot.token, self.urls[H])
        else:
            store = self.salesforce
            credentials = SalesforceCredentials(self.urls[S], store.client_id, store.client_secret)
        return connect(credentials, self.settings, read_only=True, limits=given)

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.faults.clear()
        self.hubspot.search_lag = 0
        self.salesforce.commit_delay = 0

    def truth(self, system: System, object_: str) -> dict[str, Mapping[str, Any]]:
        """The live records of a CRM."""
        if system is H:
            return {i: self.hubspot.read(object_, i) for i in self.hubspot.ids(object_)}
        records = {i: self.salesforce.read(object_, i) for i in self.salesforce.ids(object_)}
        return {i: record for i, record in records.items() if not record.get("IsConverted")}


class Night:
    """A warehouse of its own in a world, and the nights in which it is filled."""

    def __init__(self, world: World, folder: Path, settings: Settings | None = None) -> None:
        self.world = world
        self.settings = settings or world.settings
        self.warehouse = Warehouse(folder / "crm.duckdb")
        self.runs = 0
        self.new_clients()

    def copy(self, folder: Path) -> Night:
        """Another one that has read the same, with clients that know nothing yet."""
        folder.mkdir(exist_ok=True)
        shutil.copy(self.warehouse.path, folder / "crm.duckdb")
        night = Night(self.world, folder, self.settings)
        night.runs = self.runs
        return night

    def new_clients(self) -> None:
        """Clients that know nothing yet, as those of the next night."""
        self.crms = {system: self.world.client(system) for system in System}

    def begin(self) -> None:
        """Read the schema; runs are begun beforehand, a transaction for all of them."""
        with self.warehouse.connect() as connection:
            for number in range(_RUNS):
                run_id_for(connection, f"run {number + 1}", self.settings.mapping.hash)
        for crm in self.crms.values():
            stage.extract_schema(self.warehouse, crm, self.settings, self._next_run())

    def read(self, system: System, object_: str, *, full: bool = False, later: float = 3600) -> stage.ObjectResult:
        """Read one object, an hour after the last time unless told otherwise."""
        self.world.clock.advance(later)
        run_id = self._next_run()
        return stage.extract_object(self.warehouse, self.crms[system], self.settings, run_id, object_, full=full)

    def run(self, *, full: bool = False) -> stage.ExtractResult:
        """Read everything, an hour after the last time."""
        self.world.clock.advance(3600)
        return stage.run(self.warehouse, self.crms, self.settings, self._next_run(), full=full)

    def rows(self, sql: str, *values: object) -> Sequence[tuple[Any, ...]]:
        with self.warehouse.read() as connection:
            return connection.execute(sql, list(values)).fetchall()

    def state(self) -> Sequence[tuple[Any, ...]]:
        """All records and watermarks, whatever the run that saw them."""
        return self.rows(
            "select to_json(r) from (select * exclude (run_id) from raw.record) r "
            "union all select to_json(w) from (select * exclude (run_id) from raw.watermark) w order by all"
        )

    def blanked(self, system: System, object_: str) -> list[str]:
        """Fields that are blank here and not in the CRM: the worst kind of difference, as a sync would carry it on."""
        there = self.world.truth(system, object_)
        rows = self.rows(f"select record_id, fields from raw.{system.value}_{object_.lower()} where retired is null")
        here = [(i, name) for i, text in rows for name, value in json.loads(text).items() if value in (None, "")]
        return [f"{i} {name}" for i, name in here if there.get(i, {}).get(name) not in (None, "")]

    def differences(self, system: System, object_: str) -> list[str]:
        """In what the warehouse's live records are not those of the CRM; empty when they are equal to the byte."""
        table = f"raw.{system.value}_{object_.lower()}"
        rows = self.rows(f"select record_id, fields from {table} where retired is null")
        there, here = self.world.truth(system, object_), dict(rows)
        found = [f"{len(rows) - len(here)} records twice"] if len(here) < len(rows) else []
        found += [f"{i} is not here" for i in there.keys() - here.keys()]
        found += [f"{i} is not there" for i in here.keys() - there.keys()]
        for record_id in here.keys() & there.keys():
            for name, value in json.loads(here[record_id]).items():
                held = there[record_id].get(name)
                if "." not in name and value != held and (value, held) not in ((None, ""), ("", None)):
                    found.append(f"{record_id} {name}")
        return found

    def _next_run(self) -> int:
        self.runs += 1
        return self.runs
