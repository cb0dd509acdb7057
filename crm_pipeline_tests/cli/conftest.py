import json

import pytest

from crm_pipeline.cli import commands
from crm_pipeline_tests.report.night import write_night

VARIABLES = (
    "HUBSPOT_ACCESS_TOKEN",
    "HUBSPOT_BASE_URL",
    "SALESFORCE_LOGIN_URL",
    "SALESFORCE_CLIENT_ID",
    "SALESFORCE_CLIENT_SECRET",
    "CRM_PIPELINE_MAPPING",
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with settings of its own, and an environment that names nothing else."""
    settings = tmp_path / "settings.yaml"
    paths = {"warehouse": str(tmp_path / "crm.duckdb"), "published": str(tmp_path / "analytics.duckdb")}
    paths |= {"reports": str(tmp_path / "reports")}
    settings.write_text(json.dumps(paths), encoding="utf-8")
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CRM_PIPELINE_SETTINGS", str(settings))
    return tmp_path


@pytest.fixture
def warehouse(home):
    """As a night leaves it: a held plan, a pair in review."""
    return write_night(home / "crm.duckdb")


@pytest.fixture
def cli(home, capsys):
    """Run a command in this process; gives its standard output, raises its error."""

    def run(*words):
        commands.main(list(words), prog_name="crm-pipeline", standalone_mode=False)
        return capsys.readouterr().out

    return run
