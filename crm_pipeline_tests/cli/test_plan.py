import json

import pytest

from crm_pipeline.errors import NotFoundError, SafetyError, WarehouseError
from crm_pipeline_tests.report.night import HASH


def test_the_plan_shows_its_hash_its_guards_and_how_to_approve_it(cli, warehouse):
    shown = cli("plan", "show")
    assert f"{HASH}  held" in shown
    assert "held by a guard: Salesforce Lead: first run of this mapping" in shown
    assert f"crm-pipeline approve {HASH} --by YOUR_NAME" in shown


def test_plan_alone_shows_the_plan(cli, warehouse):
    assert cli("plan") == cli("plan", "show")


@pytest.mark.parametrize(("options", "visible"), [((), False), (("--values",), True)])
def test_values_are_shown_only_when_asked_for(cli, warehouse, options, visible):
    shown = cli("plan", "show", *options)
    assert ("000-111-2222" in shown) is visible
    assert ("部長" in shown) is visible


@pytest.mark.parametrize("options", [(), ("--values",)])
def test_a_script_gets_one_object(cli, warehouse, options):
    shown = json.loads(cli("plan", "show", "--json", *options))
    assert (shown["hash"], shown["state"], shown["changes"]) == (HASH, "held", 3)
    assert shown["guards"][0]["tripped"]
    assert len(shown["operations"]) == 3
    assert ("000-111-2222" in str(shown["operations"])) is bool(options)


def test_an_approval_names_the_person_and_the_content(cli, warehouse):
    assert "approved by 佐藤" in cli("approve", HASH[:8], "--by", "佐藤", "--why", "read it")
    with warehouse.read() as connection:
        assert connection.execute("select plan_hash, approved_by, why from state.approval").fetchall() == [
            (HASH, "佐藤", "read it")
        ]


def test_a_plan_is_not_approved_twice(cli, warehouse):
    cli("approve", HASH, "--by", "佐藤")
    with pytest.raises(SafetyError, match="only a plan that is held"):
        cli("approve", HASH, "--by", "鈴木")


def test_an_unknown_hash_is_not_found(cli, warehouse):
    with pytest.raises(NotFoundError, match="ffffffff"):
        cli("approve", "ffffffff", "--by", "佐藤")


def test_without_a_run_there_is_nothing_to_look_at(cli):
    with pytest.raises(WarehouseError, match="run the pipeline once first"):
        cli("plan", "show")
