import json

import click
import pytest

from crm_pipeline.cli import commands
from crm_pipeline.errors import ConfigError, NotFoundError
from crm_pipeline.orchestration import plan_preview
from crm_pipeline_tests.report.night import CONTACT, LEAD

VALUES = ("松本", "次郎", "000-111-2222")


@pytest.fixture
def linked(warehouse):
    with warehouse.connect() as connection:
        for key in (CONTACT, LEAD):
            system, object_, record_id = key.split("/")
            connection.execute(
                "insert into golden.link values ('person-1', 'person', ?, ?, ?, ?, true, null, 1)",
                [key, system, object_, record_id],
            )
    return warehouse


def test_it_shows_what_would_go_and_asks_first(cli, linked, monkeypatch, capsys):
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    with pytest.raises(click.Abort):
        cli("erase", "person-1")
    said = capsys.readouterr().out
    assert "2 records of person-1:" in said
    assert CONTACT in said
    assert "3  plan.change" in said
    assert [value for value in VALUES if value in said] == []
    with linked.read() as connection:
        assert connection.execute("select count(*) from golden.link").fetchone() == (2,)


def test_it_erases_says_what_is_left_to_do_and_proves_it(cli, linked, capsys):
    with pytest.raises(SystemExit) as ended:
        cli("erase", "--proof", "000-111-2222", "松本")
    assert ended.value.code == 1
    assert "found: crm.duckdb raw.hubspot_contacts.fields, 1 row" in capsys.readouterr().out

    said = cli("erase", "person-1", "--yes", "--by", "佐藤")
    assert "This does not delete anything in HubSpot or Salesforce" in said
    assert [value for value in VALUES if value in said] == []
    assert "found in 0 places" in cli("erase", "--proof", *VALUES)
    assert "is written anew" in cli("erase", "--again")
    assert "by 佐藤  2 records, " in cli("erase", "--list")
    assert json.loads(cli("erase", "--list", "--json"))[0]["by"] == "佐藤"
    with pytest.raises(NotFoundError, match="there is no golden record person-1"):
        cli("erase", "person-1", "--yes")
    with pytest.raises(ConfigError, match="--lift needs --by NAME"):
        cli("erase", "--lift", "1")
    assert "Suppression 1 is lifted, says 鈴木" in cli("erase", "--lift", "1", "--by", "鈴木")
    assert "lifted" in cli("erase", "--list")


def test_lifting_names_the_other_erasures_that_keep_the_person_out(cli, linked):
    cli("erase", "person-1", "--yes")
    with linked.connect() as connection:
        for number in (2, 3):
            connection.execute(f"insert into state.erasure values ({number}, now(), '', 1, null, null)")
            connection.execute(
                f"insert into state.suppressed select {number}, * exclude (erasure_id) from state.suppressed "
                "where erasure_id = 1"
            )
    lift = ("erase", "--by", "鈴木", "--lift")
    assert "Erasures 2 and 3 keep the same person out as well: " in cli(*lift, "1")
    assert "Erasure 3 keeps the same person out as well: " in cli(*lift, "2")
    assert "The next run reads what the CRMs still have" in cli(*lift, "3")


def test_what_was_planned_is_still_shown_without_the_person(cli, linked):
    """The rows stay for the accounts and name no record: every form of the diff, and Dagster's table."""
    cli("erase", "person-1", "--yes")
    for form in ("text", "markdown", "html", "json"):
        shown = cli("plan", "show", "--values", "--format", form)
        assert "erased" in shown
        assert [value for value in VALUES if value in shown] == []
    with linked.read() as connection:
        assert "changes" in plan_preview.changes(connection)


@pytest.mark.parametrize("words", [(), ("person-1", "person-2")])
def test_one_person_is_named(cli, linked, words):
    with pytest.raises(ConfigError, match="name one person"):
        cli("erase", *words)


def test_a_database_that_everybody_may_read_is_warned_of(linked, home, capsys):
    (home / "crm.duckdb").chmod(0o644)
    (home / "settings.yaml").chmod(0o666)
    commands.main(["erase", "--list"], prog_name="crm-pipeline", standalone_mode=False)
    told = capsys.readouterr().err
    assert f"chmod o-rwx {home / 'crm.duckdb'}" in told
    assert f"chmod go-w {home / 'settings.yaml'}" in told
