"""The whole demo on a small organisation, over HTTP and through Dagster: what it promises to show is so."""

import os
import shutil
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from crm_pipeline.demo import run
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.salesforce import SalesforceStore

DEMO = Path(__file__).parents[2] / "data" / "demo"


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """(folder, figures, what was printed) of one demo."""
    folder, environment, here = tmp_path_factory.mktemp("demo"), dict(os.environ), Path.cwd()
    shutil.copytree(DEMO, folder / "data" / "demo")
    (folder / "data" / "dagster" / "history").mkdir(parents=True)
    (folder / "data" / "dagster" / "history" / "of_an_earlier_demo").touch()
    (folder / "data" / "demo_reports").mkdir()
    (folder / "data" / "demo_reports" / "run-99.html").touch()
    output = StringIO()
    os.chdir(folder)
    try:
        figures = run.play(Path("data"), Console(file=output, width=120), size=0.04)
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(environment)
    return folder, figures, output.getvalue()


@pytest.fixture(scope="module")
def crms(played):
    kept = played[0] / "data" / "emulator"
    return HubSpotStore.load(kept / "hubspot.ndjson"), SalesforceStore.load(kept / "salesforce.ndjson")


def test_marketing_can_mail_yamada_and_pick_his_industry(crms):
    [yamada] = [
        c for c in crms[0].objects("contacts").values() if (c.get("lastname"), c.get("firstname")) == ("山田", "太郎")
    ]

    assert (yamada["email"], yamada["industry"]) == ("yamada@aaa.jp", "製造業")


def test_sales_can_phone_matsumoto_and_sees_both_birth_dates_and_addresses(crms):
    leads = [crms[1].read("Lead", lead) for lead in crms[1].ids("Lead")]
    [yamada] = [lead for lead in leads if lead["Email"] == "yamada@aaa.jp"]
    [matsumoto] = [lead for lead in leads if lead["LastName"] == "松本"]

    assert (yamada["Birthdate__c"], yamada["State"], yamada["Street"]) == ("1988-04-09", "長野県", "吉田一丁目")
    assert (matsumoto["Phone"], matsumoto["Birthdate__c"], matsumoto["City"]) == (
        "000-111-2222",
        "2000-08-12",
        "世田谷区",
    )


def test_more_customers_can_be_reached_in_every_way(played):
    assert all(reach.after > reach.before for reach in played[1].reach)


def test_the_last_night_finds_nothing_to_write(played):
    _, figures, _ = played

    assert figures.last_plan == 0
    assert figures.held_plans == 0
    assert sum(number for *_, number in figures.landed) > 0


def test_both_examples_are_explained(played):
    yamada, matsumoto = played[1].examples

    assert (yamada.tier, yamada.decided_by) == ("auto", None)
    assert (matsumoto.tier, matsumoto.decided_by) == ("possible", "demo")
    assert all(example.evidence for example in (yamada, matsumoto))


def test_the_output_names_the_commands_of_a_person_and_the_file(played):
    *_, text = played

    for part in (
        "$ crm-pipeline approve",
        "$ crm-pipeline review accept",
        "nightly_sync",
        "push_approved",
        "demo_analytics.duckdb",
    ):
        assert part in text


def test_the_run_history_starts_anew_with_the_warehouse(played):
    history = {path.name for path in (played[0] / "data" / "dagster" / "history").iterdir()}

    assert history
    assert "of_an_earlier_demo" not in history


def test_the_reports_of_an_earlier_demo_are_gone(played):
    pages = {path.name for path in (played[0] / "data" / "demo_reports").iterdir()}

    assert "run-1.html" in pages
    assert "run-99.html" not in pages


def test_a_line_is_not_broken_where_there_is_no_terminal(monkeypatch, capsys):
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    run.wide_console().print("word " * 30)

    assert capsys.readouterr().out.count("\n") == 1


def test_what_the_demo_leaves_behind_stays_in_its_folder(played):
    names = {path.name for path in (played[0] / "data").iterdir()}

    assert names == {
        "demo",
        "demo.duckdb",
        "demo.lock",
        "demo_analytics.duckdb",
        "demo_match_model",
        "demo_reports",
        "dagster",
        "emulator",
    }
