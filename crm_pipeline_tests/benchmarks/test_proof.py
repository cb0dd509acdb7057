"""The counts proof at a small size, and the documentation of the benchmark's parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from crm_pipeline import flow
from crm_pipeline.cli.environment import clients
from crm_pipeline.config import load_settings
from crm_pipeline.demo.access import hubspot_access, salesforce_access
from crm_pipeline.demo.endpoint import Options, serving_hubspot, serving_salesforce
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation.synthetic import Synthetic, load_hubspot, load_salesforce
from crm_pipeline.emulator.request_log import Request
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.model import System
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.benchmarks import proof
from crm_pipeline_tests.benchmarks.__main__ import PARTS
from crm_pipeline_tests.benchmarks.crm_state import Usage, live_ids, usage
from crm_pipeline_tests.benchmarks.users import working

#: Beside people and companies one object of each CRM: the others are read alike.
_READ_ONLY = {System.HUBSPOT: "deals", System.SALESFORCE: "Opportunity"}


def test_after_edits_during_a_read_and_a_second_read_the_warehouse_is_what_the_crms_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    organisation, hubspot, salesforce = Synthetic(200, seed=3), HubSpotStore(), SalesforceStore()
    load_hubspot(organisation, hubspot)
    load_salesforce(organisation, salesforce)
    ids = {
        system: {name: sorted(known) for name, known in live_ids(SimpleNamespace(store=store)).items()}
        for system, store in ((System.HUBSPOT, hubspot), (System.SALESFORCE, salesforce))
    }
    settings = load_settings()
    few = {system: {name: settings.mapping.read[system][name]} for system, name in _READ_ONLY.items()}
    mapping = settings.mapping.model_copy(update={"read": few})
    settings = settings.model_copy(update={"warehouse": tmp_path / "crm.duckdb", "mapping": mapping})
    with serving_hubspot(hubspot, Options()) as one, serving_salesforce(salesforce, Options()) as other:
        environment = hubspot_access(hubspot, one.server.url) | salesforce_access(salesforce, other.server.url)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

        def read(number: int) -> None:
            warehouse = Warehouse(settings.warehouse)
            run_id = flow.begin(warehouse, settings, f"proof {number}")
            run = flow.Run(warehouse, settings, run_id, clients(settings, System, read_only=True))
            for step in flow.steps(settings):
                if step.stage == "extract":
                    step.do(run)

        with working(environment, ids, pause=0.02) as users:
            read(1)
        read(2)
        differences = proof.report(settings.warehouse, proof.compare(settings.warehouse, environment, users), users)
    assert min(users[System.HUBSPOT].done[what] for what in ("edit", "create", "delete", "merge")) > 0
    assert min(users[System.SALESFORCE].done[what] for what in ("edit", "create", "delete", "merge", "convert")) > 0
    assert differences == 0, capsys.readouterr().out


def test_the_documentation_names_every_part_of_the_benchmark() -> None:
    text = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert [part for part in PARTS if f"PART={part}" not in text] == []


def test_the_share_of_the_rate_counts_pieces_of_work_with_enough_calls_only() -> None:
    start = datetime(2026, 6, 1, tzinfo=UTC)

    def called(at: float, path: str = "/crm/v3/objects/contacts", status: int = 200) -> Request:
        return Request("GET", path, "", {}, b"", status, start + timedelta(seconds=at))

    long_work = [called(number * 0.1) for number in range(191)]  # 19 seconds
    short_work = [called(100 + number, status=429) for number in range(5)]
    requests = [called(0, "/oauth/v1/token"), *long_work, *short_work]
    endpoint = SimpleNamespace(store=HubSpotStore(), log=SimpleNamespace(requests=requests))
    works = [(start.timestamp(), start.timestamp() + 50), (start.timestamp() + 50, start.timestamp() + 200)]
    assert usage(endpoint, works) == Usage(196, 5, pytest.approx(191 / (19 * 19)))
    assert usage(endpoint, works[1:]) == Usage(196, 5, None)


def test_a_value_that_differs_and_a_record_that_is_there_only_are_differences() -> None:
    row = proof.Compared(System.HUBSPOT, "deals", 3, 2, 0, frozenset("a"), frozenset(), frozenset("b"), frozenset("b"))
    assert row.differences == 2
