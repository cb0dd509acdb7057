"""The demo's two CRMs: reachable over HTTP, the same every time, and found again after a stop."""

import json
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from crm_pipeline.demo import day
from crm_pipeline.demo.world import SEED, running
from crm_pipeline.emulator.organisation import generate, with_business
from crm_pipeline.emulator.organisation.model import CASE, DEALS, OPPORTUNITY, TICKETS
from crm_pipeline.errors import ConfigError, SafetyError

DEMO = Path(__file__).parents[2] / "data" / "demo"


@pytest.fixture
def data(tmp_path):
    shutil.copytree(DEMO, tmp_path / "data" / "demo")
    return tmp_path / "data"


def hubspot_contact_total(environment):
    request = urllib.request.Request(
        environment["HUBSPOT_BASE_URL"] + "/crm/v3/objects/contacts/search",
        data=b'{"limit": 1}',
        headers={"Authorization": f"Bearer {environment['HUBSPOT_ACCESS_TOKEN']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["total"]


def test_a_new_world_holds_the_made_up_organisation_and_the_guides_example(data):
    with running(data, fresh=False, size=0.02) as world:
        assert hubspot_contact_total(world.environment) == 40 + 2
        assert len(world.hubspot_log.requests) == 1
        assert {"HUBSPOT_ACCESS_TOKEN", "SALESFORCE_LOGIN_URL"} <= world.environment.keys()
        assert Path(world.environment["CRM_PIPELINE_SETTINGS"]).exists()


def test_a_stopped_world_goes_on_where_it_was(data):
    with running(data, fresh=False, size=0.02) as world:
        contact = world.hubspot.ids("contacts")[0]
        world.hubspot.update("contacts", contact, {"jobtitle": "会長"})
        lead = world.salesforce.ids("Lead")[0]
        world.salesforce.update("Lead", lead, {"Industry": "教育"})
    with running(data, fresh=False, size=0.02) as world:
        assert world.hubspot.read("contacts", contact)["jobtitle"] == "会長"
        assert world.salesforce.read("Lead", lead)["Industry"] == "教育"
        assert "製造業" in world.salesforce.schema.objects["Lead"].fields["Industry"].active_values


def test_a_fresh_world_forgets_what_was_there(data):
    with running(data, fresh=False, size=0.02) as world:
        contact = world.hubspot.ids("contacts")[0]
        world.hubspot.update("contacts", contact, {"jobtitle": "会長"})
    with running(data, fresh=True, size=0.02) as world:
        assert world.hubspot.read("contacts", contact).get("jobtitle") != "会長"


def test_a_mistake_in_the_example_stops_before_anything_is_served(data):
    (data / "demo" / "salesforce_leads.csv").write_text("No\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="line 1"), running(data, fresh=True, size=0.02):
        pass
    assert not (data / "emulator" / "hubspot.ndjson").exists()


def test_the_readme_counts_what_is_in_the_demos_organisation():
    records = with_business(generate(SEED), SEED).records
    told = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    linked = sum("hs_salesforceopportunityid" in deal.fields for deal in records[DEALS])
    of_the_day = len(day.DEALS) + len(day.OPPORTUNITIES)
    deals = len(records[DEALS]) + len(records[OPPORTUNITY]) - linked + of_the_day

    assert f"{deals} deals, {linked + of_the_day - 2} of them in both CRMs" in told, "two are not brought over"
    assert f"{len(records[TICKETS]) + len(records[CASE])} tickets" in told


def test_the_crms_of_a_folder_run_once_at_a_time(data):
    with (
        running(data, fresh=False, size=0.02),
        pytest.raises(SafetyError, match="are running already"),
        running(data, fresh=False, size=0.02),
    ):
        pass


def test_a_new_world_knows_the_guides_pairs(data):
    with running(data, fresh=True, size=0.02) as world:
        (yamada, _), (matsumoto, lead) = world.example_pairs
        assert world.hubspot.read("contacts", yamada.rsplit("/", 1)[1])["lastname"] == "山田"
        assert world.hubspot.read("contacts", matsumoto.rsplit("/", 1)[1])["lastname"] == "松本"
        assert world.salesforce.read("Lead", lead.removeprefix("salesforce/Lead/"))["FirstName"] == "次郎"


def test_the_command_serves_until_it_is_told_to_stop_and_keeps_its_state(data):
    process = subprocess.Popen(
        [sys.executable, "-c", "from crm_pipeline.cli import main; main()", "emulator"],
        cwd=data.parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        environment = {}
        for line in process.stdout:
            if line.strip().startswith("export "):
                name, _, value = line.strip().removeprefix("export ").partition("=")
                environment[name] = value
            if line.startswith("Ctrl-C"):
                break
        assert hubspot_contact_total(environment) == 2002
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
    assert {"hubspot.ndjson", "salesforce.ndjson"} <= {path.name for path in (data / "emulator").iterdir()}


def test_a_state_that_cannot_be_read_is_said_and_left_as_it_is(data):
    kept = data / "emulator"
    kept.mkdir()
    (kept / "hubspot.ndjson").write_text('{"settings": {}}\n', encoding="utf-8")
    (kept / "salesforce.ndjson").write_text("\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="damaged or of another version"), running(data, fresh=False, size=0.02):
        pass

    assert (kept / "hubspot.ndjson").read_text(encoding="utf-8") == '{"settings": {}}\n'
