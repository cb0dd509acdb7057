"""The whole demo on a small organisation, over HTTP and through Dagster: what it promises to show is so."""

import os
import re
import shutil
from collections import Counter
from datetime import datetime, timedelta, timezone
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from crm_pipeline.demo import run
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.orchestration.history import engines_kept

QUERIES = Path(__file__).parents[2] / "docs" / "query.md"
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
        with engines_kept():
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


def test_new_deals_are_made_in_the_other_crm_and_those_from_before_are_not_doubled(played, crms):
    hubspot, salesforce = crms
    deals, opportunities = hubspot.objects("deals").values(), opportunities_of(salesforce)
    names = Counter(opportunity["Name"] for opportunity in opportunities)
    ours = [deal["dealname"] for deal in deals if deal.get("crm_pipeline_key")]

    assert len(ours) == 2
    assert all(names[name] == 1 for name in ours)
    assert sum(bool(opportunity["CRM_Pipeline_Key__c"]) for opportunity in opportunities) == 2
    assert played[1].deals.created == 4


def test_what_no_sync_can_write_is_told_with_its_reason(played):
    reasons = " ".join(message for _, message, _ in played[1].not_landed)

    for part in (
        "is not an option of Salesforce Opportunity.StageName",
        "Salesforce has no active user with the owner's e-mail address",
        "Salesforce Account needs Name",
        "Salesforce Opportunity needs CloseDate",
    ):
        assert part in reasons


def test_the_sums_of_deals_by_owner_and_month_are_those_of_the_crms_own_records(played, crms):
    with duckdb.connect(str(played[0] / "data" / "demo_analytics.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select owner, strftime(close_date, '%Y-%m'), open, count(*), coalesce(sum(amount), 0)::double from deals "
            "group by all"
        ).fetchall()

    assert {tuple(row[:3]): tuple(row[3:]) for row in found} == sums_of(*crms)
    assert len(found) > 10


def test_every_example_for_analysts_has_an_answer_in_the_demo(played):
    examples = re.findall(r"```sql\n(.*?)```", QUERIES.read_text(encoding="utf-8"), re.DOTALL)
    with duckdb.connect(str(played[0] / "data" / "demo_analytics.duckdb"), read_only=True) as connection:
        unanswered = [example for example in examples if not connection.execute(example).fetchall()]

    assert unanswered == []


def sums_of(hubspot, salesforce):
    """(owner, month, open) -> (deals, amount), record by record. Of a deal of both CRMs Salesforce's record tells."""
    users = {user: salesforce.read("User", user) for user in salesforce.ids("User")}
    called = {user["Email"]: user["Name"] for user in users.values()}
    opportunities, deals = opportunities_of(salesforce), list(hubspot.objects("deals").values())
    in_both = {opportunity["Id"] for opportunity in opportunities}
    in_both |= {opportunity["Name"] for opportunity in opportunities if opportunity["CRM_Pipeline_Key__c"]}
    in_both |= {deal["dealname"] for deal in deals if deal.get("crm_pipeline_key")}
    told = [(users[o["OwnerId"]]["Name"], o["CloseDate"], not o["IsClosed"], o["Amount"]) for o in opportunities]
    for deal in deals:
        if not in_both & {deal.get("hs_salesforceopportunityid"), deal["dealname"]}:
            owner = hubspot.owners[deal["hubspot_owner_id"]]
            name = called.get(owner["email"], f"{owner['lastName']} {owner['firstName']}")
            told.append(
                (name, day_in_japan(deal.get("closedate")), deal["hs_is_closed"] == "false", deal.get("amount"))
            )
    sums = {}
    for owner, day, is_open, amount in told:
        key = (owner, day and day[:7], is_open)
        number, total = sums.get(key, (0, 0.0))
        sums[key] = number + 1, total + float(amount or 0)
    return sums


def opportunities_of(salesforce):
    return [salesforce.read("Opportunity", opportunity) for opportunity in salesforce.ids("Opportunity")]


def day_in_japan(text):
    return text and datetime.fromisoformat(text).astimezone(timezone(timedelta(hours=9))).date().isoformat()


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
