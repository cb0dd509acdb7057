"""Both CRMs as emulators over HTTP with the real clients, a clock that stands still, and a warehouse."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.crm.connect import HubSpotCredentials, SalesforceCredentials, connect
from crm_pipeline.crm.limits import Limits
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
from crm_pipeline_tests.prepared import kept_open

START = datetime(2026, 11, 20, 9, tzinfo=UTC)


class World:
    """Two CRMs and the warehouse they are read into."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.clock.set(START)
        self.hubspot = hubspot.HubSpotStore(self.clock)
        self.hubspot.limits.per_ten_seconds = 100_000  # nothing here is about keeping to the rates
        self.salesforce = salesforce.SalesforceStore(self.clock)
        portal.set_up(self.hubspot, self.salesforce)
        self.faults = Faults()
        self.log = RequestLog()
        self.warehouse = Warehouse(folder / "crm.duckdb")
        self.settings = people_and_companies(load_settings())  # unless a test says otherwise

    @contextmanager
    def served(self) -> Iterator[None]:
        with (
            serving(hubspot.create_app(self.hubspot, log=self.log, faults=self.faults)) as one,
            serving(salesforce.create_app(self.salesforce, log=self.log, faults=self.faults)) as other,
        ):
            self.credentials = (
                HubSpotCredentials(self.hubspot.token, one.url),
                SalesforceCredentials(other.url, self.salesforce.client_id, self.salesforce.client_secret),
            )
            self.reconnect()
            yield

    def reconnect(self) -> None:
        """New clients, as every run has: one remembers a schema for as long as it lives."""
        budget = self.settings.budget
        limits = Limits(budget.organisation_percent, budget.run_percent, searches_per_second=1_000)
        self.crms = {
            system: connect(credential, self.settings, read_only=True, limits=limits)
            for system, credential in zip(System, self.credentials, strict=True)
        }

    def run(self, settings: Settings | None = None, *, full: bool = False, later: float = 3600) -> stage.ExtractResult:
        """Read everything, an hour after the last time unless told otherwise."""
        self.clock.advance(later)
        run_id = self.next_run()
        with kept_open(self.warehouse.path):
            return stage.run(self.warehouse, self.crms, settings or self.settings, run_id, full=full)

    def read(self, system: System, object_: str, *, full: bool = False, later: float = 3600) -> stage.ObjectResult:
        """Read one object, an hour after the last time unless told otherwise."""
        self.clock.advance(later)
        crm, run_id = self.crms[system], self.next_run()
        with kept_open(self.warehouse.path):
            if run_id == 1:
                stage.extract_schema(self.warehouse, crm, self.settings, run_id)
            return stage.extract_object(self.warehouse, crm, self.settings, run_id, object_, full=full)

    def next_run(self) -> int:
        with self.warehouse.connect() as connection:
            (count,) = connection.execute("select count(*) from state.run").fetchone()
            return run_id_for(connection, f"run {count + 1}", self.settings.mapping.hash)

    def rows(self, sql: str, *values: object) -> Sequence[tuple]:
        with self.warehouse.read() as connection:
            return connection.execute(sql, list(values)).fetchall()

    def contacts(self, number: int, **properties: str) -> list[str]:
        return [
            self.hubspot.create("contacts", {"lastname": f"n{i}", "email": f"n{i}@example.jp", **properties})
            for i in range(number)
        ]

    def live(self, table: str = "hubspot_contacts") -> set[str]:
        return {i for (i,) in self.rows(f"select record_id from raw.{table} where retired is null")}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    with world.served():
        yield world
