"""`crm-pipeline simulate`: what other rules would write, while nothing is changed."""

import json

import pytest

from crm_pipeline.errors import ConfigError
from crm_pipeline.model import System
from crm_pipeline_tests.cli.matched_only import TEXT, built

TABLES = "select schema_name || '.' || table_name from duckdb_tables() order by all"


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A contact and a lead that differ in their phone and title; the planned night is still to be approved."""
    world, environment = built(tmp_path_factory.mktemp("world"))
    world.record("person-1", System.HUBSPOT, "contacts", "1", {"phone": "090-1111-2222", "jobtitle": "部長"}, at=90)
    lead = {"LastName": "山田", "Company": "-", "Phone": "03-1234-5678"}
    world.record("person-1", System.SALESFORCE, "Lead", "L", lead)
    world.execute("insert into raw.field_seen select system, object, name, 1 from raw.schema_field")
    world.plan()
    return world, environment


@pytest.fixture
def world(once, monkeypatch):
    """The same for all tests: none changes it."""
    world, environment = once
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return world


def everything(world):
    with world.warehouse.read() as connection:
        tables = [name for (name,) in connection.execute(TABLES).fetchall()]
        return {name: connection.execute(f"from {name}").fetchall() for name in tables}


def test_the_difference_is_told_by_object_and_field_and_nothing_is_changed(home, world, cli):
    before = everything(world)
    shown = cli("simulate", "--rule", "phone=prefer_hubspot")
    assert "3 operations instead of 3, 0 conflicts instead of 0" in shown
    assert "-      1  HubSpot contacts" in shown
    assert "+      1  Salesforce Lead" in shown
    assert "would be held by a guard" in shown
    assert "0…" in shown
    assert "090-1111-2222" not in shown
    assert everything(world) == before
    assert [path.name for path in world.warehouse.path.parent.iterdir() if path.name.startswith(".simulate")] == []


def test_a_script_gets_every_difference_and_values_only_when_asked_for(home, world, cli):
    found = json.loads(cli("simulate", "--rule", "person.phone=dont_sync", "--json"))
    assert found["operations"] == [3, 2]
    (one,) = found["differences"]
    assert (one["change"], one["object"], one["field"], one["before"]) == ("removed", "contacts", "phone", ["phone"])
    assert "03-1234-5678" not in str(found)
    assert "03-1234-5678" in cli("simulate", "--rule", "person.phone=dont_sync", "--json", "--values")


def test_another_mapping_names_what_was_never_read(home, world, cli):
    path = home / "other.yaml"
    path.write_text(TEXT.replace("hubspot: mobilephone", "hubspot: private_phone", 1), encoding="utf-8")
    shown = cli("simulate", "--mapping", str(path))
    assert "never read, so that nothing is planned for them: HubSpot contacts.private_phone" in shown
    assert "mobile would be left out: HubSpot contacts.private_phone cannot be seen" in shown


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "--rule FIELD=RULE"),
        (("--rule", "phone"), "write FIELD=RULE, such as phone=two_way"),
        (("--rule", "phone=three_way"), "'three_way' is not a rule; choose from prefer_salesforce"),
        (("--rule", "fax=two_way"), "the mapping has no field fax; it has account"),
        (("--rule", "phone=ratchet"), "phone=ratchet: the rule ratchet needs tight"),
    ],
)
def test_a_rule_that_cannot_be_tried_is_explained(cli, home, options, says):
    with pytest.raises(ConfigError, match=says):
        cli("simulate", *options)
