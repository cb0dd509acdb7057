"""`crm-pipeline fields`: does every mapped field fit both CRMs?"""

import json

import pytest

from crm_pipeline.errors import NotFoundError
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.cli.matched_only import built


@pytest.fixture
def world(home, monkeypatch):
    world, environment = built(home)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return world


def test_fields_that_fit_are_listed_and_a_script_gets_every_row(cli, world):
    shown = cli("fields")
    assert "person" in shown
    assert "contacts.jobtitle - Lead.Title" in shown
    assert shown.endswith("every mapped field fits\n")
    rows = json.loads(cli("fields", "--json"))
    assert {row["verdict"] for row in rows} == {"compatible"}
    assert {"hubspot_label", "salesforce_type", "gaps", "why_ja", "allowed_rules", "place"} <= rows[0].keys()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            (),
            ("Job title: HubSpot contacts.jobtitle", "allowed are always_salesforce, dont_sync", "mapping.yaml line "),
        ),
        (("--ja",), ("役職: 互換性がありません", "使えるルール：always_salesforce")),
    ],
)
def test_a_field_whose_rule_the_types_do_not_allow_is_named_with_its_line_and_the_command_fails(
    cli, world, capsys, options, words
):
    world.execute("update raw.schema_field set type = 'picklist' where name = 'Title' and object = 'Lead'")
    with pytest.raises(SystemExit) as end:
        cli("fields", *options)
    assert end.value.code == 1
    shown = capsys.readouterr().out
    assert all(word in shown for word in words)
    assert shown.endswith("left out: person job_title\n")


def test_gaps_are_told_and_are_no_failure(cli, world):
    options = json.dumps([{"value": value, "label": value, "active": True} for value in ("Web", "Fair")])
    for name, type_, listed in (("lead_source", "enumeration", "[]"), ("LeadSource", "picklist", options)):
        world.execute(
            "update raw.schema_field set type = ?, field_type = 'select', options = ?::json where name = ?",
            [type_, listed, name],
        )
    world.execute(
        "update raw.schema_field set options = ?::json where name = 'lead_source'",
        [json.dumps([{"value": "Web", "label": "Web", "active": True}])],
    )
    shown = cli("fields")
    assert "compatible with gaps" in shown
    assert "HubSpot has no option for Fair; add the options there" in shown


def test_without_an_extract_it_says_what_to_do(cli, home):
    with Warehouse(home / "crm.duckdb").connect():
        pass
    with pytest.raises(NotFoundError, match="--live"):
        cli("fields")
