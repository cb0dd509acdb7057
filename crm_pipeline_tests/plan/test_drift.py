"""A schema that changes between two nights is caught before anything is sent, and hinders nothing else."""

import json

from crm_pipeline.model import System
from crm_pipeline_tests.plan.world import World


def _world(tmp_path):
    """A contact and a lead that differ in two fields which go into Salesforce."""
    world = World(tmp_path)
    world.record("person-1", System.HUBSPOT, "contacts", "1", {"jobtitle": "部長", "birth_date": "1988-04-09"}, at=9)
    world.record("person-1", System.SALESFORCE, "Lead", "L", {"LastName": "山田", "Company": "-"})
    return world


def test_both_fields_are_written_while_the_schemas_fit(tmp_path):
    world = _world(tmp_path)
    assert world.plan().incompatible == 0
    assert {field for _, field in world.changes()} >= {"job_title", "birth_date"}


def test_a_property_that_is_retyped_is_left_out_and_the_others_go_on(tmp_path):
    world = _world(tmp_path)
    world.execute("update raw.schema_field set type = 'number', field_type = 'number' where name = 'jobtitle'")
    assert world.plan().incompatible == 2
    assert {field for _, field in world.changes()} & {"job_title", "birth_date"} == {"birth_date"}
    rows = world.execute(
        "select field, salesforce_object, salesforce_name, problem from plan.compatibility "
        "where problem <> '' order by 2"
    )
    assert [row[:3] for row in rows] == [("job_title", "Contact", "Title"), ("job_title", "Lead", "Title")]
    assert "HubSpot contacts.jobtitle (jobtitle: number, number) holds number" in str(rows[0][3])
    assert "change one of the types" in str(rows[0][3])


def test_a_field_that_vanished_is_left_out_and_the_others_go_on(tmp_path):
    world = _world(tmp_path)
    world.execute("delete from raw.schema_field where name = 'jobtitle'")
    assert world.plan().incompatible == 2
    assert {field for _, field in world.changes()} & {"job_title", "birth_date"} == {"birth_date"}


def test_a_value_longer_than_a_shortened_field_is_not_sent(tmp_path):
    world = _world(tmp_path)
    world.execute("update raw.schema_field set length = 1 where object = 'Lead' and name = 'Title'")
    assert world.plan().incompatible == 0
    assert "takes 1" in world.changes()["Lead", "job_title"]
    assert "takes" not in world.changes()["Lead", "birth_date"]


def test_a_value_whose_option_was_removed_is_not_sent(tmp_path):
    world = World(tmp_path)
    world.record("person-1", System.HUBSPOT, "contacts", "1", {"lead_source": "Web"}, at=9)
    world.record("person-1", System.SALESFORCE, "Lead", "L", {"LastName": "山田", "Company": "-"})
    options = [{"value": value, "label": value, "active": True} for value in ("Web", "Other")]
    for name, type_ in (("lead_source", "enumeration"), ("LeadSource", "picklist")):
        world.execute(
            "update raw.schema_field set type = ?, field_type = if(? = 'picklist', '', 'select'), restricted = true, "
            "options = ?::json where name = ?",
            [type_, type_, json.dumps(options), name],
        )
    world.plan()
    assert world.changes()["Lead", "lead_source"] == '{"LeadSource": "Web"}'
    world.execute(
        "update raw.schema_field set options = ?::json where object = 'Lead' and name = 'LeadSource'",
        [json.dumps(options[1:])],
    )
    assert world.plan().incompatible == 0
    assert "not an option of Salesforce Lead.LeadSource" in world.changes()["Lead", "lead_source"]
