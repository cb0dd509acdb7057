"""`crm-pipeline forecast` against both emulated CRMs: a table, a JSON array, an exit code."""

import json

import pytest

from crm_pipeline.errors import DailyLimitError
from crm_pipeline_tests.pipeline.cloud import Cloud, H, S, cloud


@pytest.fixture
def crms(home, monkeypatch):
    with cloud(home) as here:
        for n in range(3):
            here.hubspot.create("contacts", {"lastname": f"n{n}"})
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "demo-token")
        monkeypatch.setenv("HUBSPOT_BASE_URL", here.urls[H])
        monkeypatch.setenv("SALESFORCE_LOGIN_URL", here.urls[S])
        monkeypatch.setenv("SALESFORCE_CLIENT_ID", "demo-client")
        monkeypatch.setenv("SALESFORCE_CLIENT_SECRET", "demo-secret")
        yield here


def test_the_first_run_is_foreseen_without_leaving_a_database(cli, crms: Cloud):
    shown = cli("forecast")
    assert "contacts" in shown
    assert "OpportunityContactRole" in shown
    assert "HubSpot: about" in shown
    assert "this run may make" in shown
    assert not crms.settings.warehouse.exists()


def test_a_script_gets_the_numbers(cli, crms: Cloud):
    hubspot, salesforce = json.loads(cli("forecast", "--json", "--full"))
    lines = {line["object"]: line for line in hubspot["lines"]}
    assert (lines["contacts"]["live"], lines["contacts"]["route"]) == (3, "list")
    assert hubspot["calls"] == sum(line["calls"] for line in hubspot["lines"])
    assert (salesforce["system"], salesforce["sufficient"]) == ("salesforce", True)


def test_a_day_that_does_not_suffice_is_an_error_after_the_numbers(home, capsys, crms: Cloud):
    from crm_pipeline.cli import commands

    crms.hubspot.limits.per_day = 100
    with pytest.raises(DailyLimitError, match="HubSpot: this run would need about") as raised:
        commands.main(["forecast"], standalone_mode=False)
    assert raised.value.exit_code == 5
    assert "contacts" in capsys.readouterr().out
