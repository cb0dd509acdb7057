"""Both emulated CRMs over HTTP, the real clients, and a pipeline in a folder: what a whole run needs, in one object."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from crm_pipeline import flow
from crm_pipeline.config import Settings, load_settings
from crm_pipeline.crm.connect import HubSpotCredentials, SalesforceCredentials, connect
from crm_pipeline.crm.limits import Limits
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.hubspot import create_app as hubspot_app
from crm_pipeline.emulator.organisation import portal
from crm_pipeline.emulator.request_log import Request, RequestLog
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce import create_app as salesforce_app
from crm_pipeline.emulator.server import serving
from crm_pipeline.model import System
from crm_pipeline.plan.kept.approval import approve, current_plan
from crm_pipeline.plan.stage import PlanResult
from crm_pipeline.push.stage import PushResult
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.narrow import people_and_companies
from crm_pipeline_tests.prepared import kept_open

H, S = System.HUBSPOT, System.SALESFORCE
START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)

#: The emulated HubSpot refuses nothing here: no test waits for five searches a second.
LIMITS = Limits(searches_per_second=1_000)


class Cloud:
    """Two CRMs with settable clocks and a pipeline between them. `run` is one night."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.settings = settings.model_copy(
            update={
                "warehouse": folder / "crm.duckdb",
                "published": folder / "crm_analytics.duckdb",
                "reports": folder / "reports",
            }
        )
        self.warehouse = Warehouse(self.settings.warehouse)
        self.clocks = {H: Clock(), S: Clock()}
        for clock in self.clocks.values():
            clock.set(START)
        self.hubspot = HubSpotStore(self.clocks[H])
        self.hubspot.limits.per_ten_seconds = 100_000  # nothing here is about keeping to the rates
        self.salesforce = SalesforceStore(self.clocks[S])
        portal.set_up(self.hubspot, self.salesforce)
        self.hubspot.add_owner("admin@example.com", "Admin", "")  # who owns what tests create in Salesforce
        self.log = {H: RequestLog(), S: RequestLog()}
        self.faults = {H: Faults(), S: Faults()}
        self.urls: dict[System, str] = {}
        self.crms: Mapping[System, Crm] = {}
        self.runs = 0

    def wait(self, seconds: float) -> None:
        """Time passes in both CRMs."""
        for clock in self.clocks.values():
            clock.advance(seconds)

    def pair(self, contact: Mapping[str, str], lead: Mapping[str, object]) -> tuple[str, str]:
        """A contact and a lead that a person has called the same customer: (contact id, lead id)."""
        contact_id = self.hubspot.create("contacts", contact)
        lead_id = self.salesforce.create("Lead", {"LastName": "L", "Company": "C", **lead})
        self.execute(
            "insert into state.decision values (?, ?, 'match', 'tester', now(), '', '', '1')",
            [f"hubspot/contacts/{contact_id}", f"salesforce/Lead/{lead_id}"],
        )
        return contact_id, lead_id

    def connect(self, *, read_only: bool = False, **limits: float) -> Mapping[System, Crm]:
        """New clients: nothing remembered from earlier calls."""
        kept = replace(LIMITS, **limits)  # type: ignore[arg-type]
        credentials = {
            H: HubSpotCredentials("demo-token", self.urls[H]),
            S: SalesforceCredentials(self.urls[S], "demo-client", "demo-secret"),
        }
        return {s: connect(c, self.settings, read_only=read_only, limits=kept) for s, c in credentials.items()}

    def preview(self) -> PlanResult:
        """Everything up to the plan, an hour after the last night."""
        self.wait(3600)
        self.runs += 1
        run_id = flow.begin(self.warehouse, self.settings, f"test-{self.runs}")
        self.step = flow.Run(self.warehouse, self.settings, run_id, self.crms)
        result: PlanResult | None = None
        with kept_open(self.settings.warehouse):
            for step in flow.steps(self.settings):
                if step.stage in ("push", "publish"):
                    break
                done = step.do(self.step)
                result = done if step.stage == "plan" else result
        assert result
        return result

    def push(self) -> PushResult:
        (step,) = [s for s in flow.steps(self.settings) if s.stage == "push"]
        with kept_open(self.settings.warehouse):
            result: PushResult = step.do(self.step)
        return result

    def run(self, *, approved: bool = True) -> PushResult:
        """A night: preview, a person's approval if the plan is held, push."""
        self.preview()
        if approved:
            self.approve()
        return self.push()

    def approve(self) -> None:
        with self.warehouse.connect() as connection:
            plan = current_plan(connection)
        if plan and plan.state == "held":
            approve(self.warehouse, plan.hash, "tester")

    def writes(self) -> list[Request]:
        """Requests to either CRM that could change data, since the logs were cleared."""
        return [*self.log[H].writing(), *self.log[S].writing()]

    def clear_logs(self) -> None:
        for log in self.log.values():
            log.clear()

    def execute(self, sql: str, parameters: list[object] | None = None) -> list[tuple[object, ...]]:
        with self.warehouse.connect() as connection:
            return connection.execute(sql, parameters or []).fetchall()


@contextmanager
def cloud(folder: Path, settings: Settings | None = None) -> Iterator[Cloud]:
    """Both servers up, clients connected, while the block runs. Without `settings`: only people and companies are read.

    A night that also reads and links the twelve other objects costs twice as much.
    """
    here = Cloud(folder, settings or people_and_companies(load_settings()))
    with ExitStack() as stack:
        apps = {
            H: hubspot_app(here.hubspot, log=here.log[H], faults=here.faults[H]),
            S: salesforce_app(here.salesforce, log=here.log[S], faults=here.faults[S]),
        }
        here.urls = {system: stack.enter_context(serving(app)).url for system, app in apps.items()}
        here.crms = here.connect()
        yield here


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
