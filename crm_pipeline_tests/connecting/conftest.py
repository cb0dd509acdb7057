"""Both CRMs over HTTP without records, an environment that leads to them, and the command line."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from crm_pipeline.cli import commands
from crm_pipeline.crm import connect
from crm_pipeline.crm.limits import Limits
from crm_pipeline.emulator.organisation import portal as demo
from crm_pipeline_tests.crm.conftest import Organisation, Portal, clock, organisation, portal

__all__ = ["clock", "organisation", "portal"]


def lead_to(
    portal: Portal, organisation: Organisation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> SimpleNamespace:
    """Make the environment lead to both, with settings that name them."""
    settings = folder / "settings.yaml"
    settings.write_text(
        f"warehouse: {folder / 'crm.duckdb'}\npublished: {folder / 'analytics.duckdb'}\n"
        f"hubspot: {{portal_id: 12345678}}\nsalesforce: {{organisation_id: {organisation.store.organisation_id}}}\n",
        encoding="utf-8",
    )
    for name, value in {
        "HUBSPOT_BASE_URL": portal.url,
        "HUBSPOT_ACCESS_TOKEN": "demo-token",
        "SALESFORCE_LOGIN_URL": organisation.url,
        "SALESFORCE_CLIENT_ID": "demo-client",
        "SALESFORCE_CLIENT_SECRET": "demo-secret",
        "CRM_PIPELINE_SETTINGS": str(settings),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("CRM_PIPELINE_MAPPING", "SALESFORCE_PRIVATE_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(connect, "limits_of", lambda settings: Limits(searches_per_second=1_000))
    portal.store.account_type = "DEVELOPER_TEST"
    return SimpleNamespace(
        hubspot=portal.store,
        salesforce=organisation.store,
        logs=(portal.log, organisation.log),
        faults=SimpleNamespace(hubspot=portal.faults, salesforce=organisation.faults),
        settings=settings,
        folder=folder,
    )


@pytest.fixture
def world(portal: Portal, organisation: Organisation, tmp_path, monkeypatch) -> SimpleNamespace:
    """Both as the demo's administrator has set them up."""
    demo.set_up(portal.store, organisation.store)
    return lead_to(portal, organisation, tmp_path, monkeypatch)


@pytest.fixture
def run(capsys):
    """Run a command in this process; gives its exit code and standard output."""

    def run(*words: str) -> tuple[int, str]:
        try:
            commands.main(list(words), prog_name="crm-pipeline", standalone_mode=False)
        except SystemExit as end:
            return int(end.code or 0), capsys.readouterr().out
        return 0, capsys.readouterr().out

    return run
