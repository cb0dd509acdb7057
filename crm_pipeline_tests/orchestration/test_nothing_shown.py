"""Law 45 over a night in Dagster: no value of a CRM and no secret in its storage, its log, our output, the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from crm_pipeline.cli import commands
from crm_pipeline.config import Settings
from crm_pipeline.crm.connect import HubSpotCredentials, SalesforceCredentials, connect
from crm_pipeline.defect import LOG
from crm_pipeline.emulator.faults import Status
from crm_pipeline.model import System
from crm_pipeline.orchestration.assets import as_failure
from crm_pipeline.orchestration.build import build_definitions
from crm_pipeline.orchestration.resources import HubSpot, Pipeline, Salesforce
from crm_pipeline.privacy import proof
from crm_pipeline_tests.laws.test_erasure import CONTACT, LEAD, SENTINELS, settings_file
from crm_pipeline_tests.pipeline.cloud import LIMITS, Cloud, cloud

H, S = System.HUBSPOT, System.SALESFORCE
TOKEN, WRONG, CLIENT, SECRET = "ZQ-token-QZ", "ZQ-wrong-QZ", "ZQ-client-QZ", "ZQ-secret-QZ"
QUOTED = {
    "status": "error",
    "category": "VALIDATION_ERROR",
    "message": f"{CONTACT['phone']} of {CONTACT['email']} is bad",
}
EVERYTHING = [*SENTINELS, TOKEN, WRONG, CLIENT, SECRET]


@pytest.fixture(scope="module")
def crms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with cloud(tmp_path_factory.mktemp("nothing")) as here:
        here.hubspot.token = TOKEN
        here.salesforce.client_id, here.salesforce.client_secret = CLIENT, SECRET
        credentials = HubSpotCredentials(TOKEN, here.urls[H]), SalesforceCredentials(here.urls[S], CLIENT, SECRET)
        here.crms = {s: connect(c, here.settings, limits=LIMITS) for s, c in zip((H, S), credentials, strict=True)}
        here.pair({**CONTACT, "city": ""}, {**LEAD, "Title": ""})
        here.hubspot.create(
            "contacts", {"lastname": "ZQFAMILYQZ", "email": "zqother@zqhostqz.example", "phone": "ZQTYPEDQZ"}
        )
        yield here


@pytest.fixture
def planned(crms: Cloud) -> Cloud:
    """However the tests are spread over workers: something was read and planned, and not yet sent."""
    if crms.execute("select count(*) from plan.plan") == [(0,)]:
        crms.preview()
    return crms


def definitions(crms: Cloud, token: str) -> dg.Definitions:
    class Narrow(Pipeline):
        def settings(self) -> Settings:
            return crms.settings

    salesforce = Salesforce(login_url=crms.urls[S], client_id=CLIENT, client_secret=SECRET)
    return build_definitions(
        pipeline=Narrow(), hubspot=HubSpot(access_token=token, base_url=crms.urls[H]), salesforce=salesforce
    )


def shown(folder: Path) -> list[str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files
    return [hit.place for hit in proof.in_files(files, EVERYTHING).hits]


def test_law_45_a_night_and_its_failures_show_no_value_and_no_secret(
    crms: Cloud, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[Any] = []
    crms.preview()
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:

        def run(*groups: str, token: str = TOKEN) -> bool:
            job = definitions(crms, token).resolve_implicit_global_asset_job_def()
            keys = [key for key in job.asset_layer.executable_asset_keys if key.path[0] in groups]
            result = job.execute_in_process(asset_selection=keys, instance=instance, raise_on_error=False)
            failures.extend(result.filter_events(lambda event: event.is_step_failure))
            return result.success

        assert run("match", "golden", "plan")
        crms.approve()
        for _ in range(3):
            crms.faults[H].add(action=Status(400, QUOTED), path="/batch/update")
        assert run("push", "publish")
        assert not run("extract", token=WRONG)
        assert [r.tags for r in instance.get_runs()]
    assert failures
    states = dict(crms.execute("select state, count(*) from push.outbox group by all"))
    assert {"landed", "rejected"} <= set(states), states
    assert shown(tmp_path) == []
    assert shown(crms.settings.reports) == []
    told = "".join(capfd.readouterr()) + caplog.text + str(failures)
    assert [one for one in EVERYTHING if one in told] == []


@pytest.mark.parametrize("words", ["plan show", "review list", "conflicts", "alerts", "hold list", "erase --list"])
def test_law_45_a_command_shows_no_value_unless_it_is_asked_for(
    planned: Cloud, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRM_PIPELINE_SETTINGS", str(settings_file(planned)))
    commands.main(words.split(), prog_name="crm-pipeline", standalone_mode=False)
    told = "".join(capsys.readouterr())
    assert [one for one in EVERYTHING if one in told] == []


def test_law_45_an_error_that_nobody_foresaw_is_told_without_its_text(
    crms: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect() -> None:
        raise ValueError(f"cannot convert {CONTACT['email']}")

    monkeypatch.setenv("CRM_PIPELINE_SETTINGS", str(settings_file(crms)))
    with pytest.raises(dg.Failure) as failed:
        as_failure(defect)
    log = crms.settings.warehouse.with_name(LOG)
    assert str(log) in str(failed.value.description)
    assert CONTACT["email"] not in log.read_text(encoding="utf-8")
    assert CONTACT["email"] not in str(failed.value.description)
    assert "a defect of this program (ValueError in " in str(failed.value.description)
    assert failed.value.__suppress_context__
