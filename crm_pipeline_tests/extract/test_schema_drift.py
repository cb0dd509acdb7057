"""Schemas of both CRMs over nights: what is stored, what changed, what may not be seen."""

from pathlib import Path

import pytest

from crm_pipeline.config import load_mapping, load_settings
from crm_pipeline.errors import ConfigError
from crm_pipeline.extract.schema import schema
from crm_pipeline.model import System


@pytest.fixture
def world(world):
    world.settings = load_settings()
    return world


def _night(world, system, settings=None):
    world.reconnect()
    return schema.extract_schema(world.warehouse, world.crms[system], settings or world.settings, world.next_run())


def _changes(world):
    return world.rows("select run_id, object, name, change, before, now from raw.schema_change order by all")


def test_every_object_that_is_read_has_a_schema_which_is_written_once(world):
    found = {system: _night(world, system) for system in System}
    for system, result in found.items():
        assert list(result.fields) == [object_ for of, object_ in world.settings.mapping.read_objects if of is system]
        assert (result.vanished, result.changes, result.drift, result.hidden) == ((), 0, (), {})
        assert result.stages > 10
    before = world.rows("from raw.schema_field order by all")
    assert [_night(world, system) for system in System] == list(found.values())
    assert world.rows("from raw.schema_field order by all") == before
    assert _changes(world) == []


def test_drift_in_hubspot_is_named(world):
    _night(world, System.HUBSPOT)
    definitions = world.hubspot.definitions["contacts"]
    del definitions["birth_date"]
    industry = definitions.pop("industry")
    world.hubspot.define_property(
        "contacts",
        {
            "name": "industry",
            "label": "業種",
            "type": "enumeration",
            "fieldType": "select",
            "options": [{"label": "製造業", "value": "製造業"}, {"label": "農業", "value": "農業"}],
        },
    )
    kind = {"name": "lead_source", "label": "リードソース", "type": "string", "fieldType": "text"}
    del definitions["lead_source"]
    world.hubspot.define_property("contacts", kind)
    world.hubspot.define_property("contacts", {**kind, "name": "rank"})
    result = _night(world, System.HUBSPOT)
    assert result.vanished == ("hubspot contacts.birth_date",)
    changes = _changes(world)
    assert result.changes == len(changes)
    assert [row[1:4] for row in changes] == [
        ("contacts", "birth_date", "gone"),
        ("contacts", "industry", "options added"),
        ("contacts", "industry", "options removed"),
        ("contacts", "lead_source", "no longer restricted to its options"),
        ("contacts", "lead_source", "options removed"),
        ("contacts", "lead_source", "retyped"),
        ("contacts", "rank", "new"),
    ]
    assert "HubSpot contacts.lead_source retyped: enumeration (select) -> string (text)" in result.drift
    assert not any("rank" in sentence for sentence in result.drift)  # nobody reads it
    definitions["industry"] = industry
    world.hubspot.define_property(
        "contacts", {"name": "birth_date", "label": "生年月日", "type": "date", "fieldType": "date"}
    )
    assert "HubSpot contacts.birth_date back: date (date)" in _night(world, System.HUBSPOT).drift


def test_a_hidden_look_up_is_no_mistake_of_the_mapping(world):
    world.salesforce.hide_field("Opportunity", "AccountId")
    assert _night(world, System.SALESFORCE).vanished == ("salesforce Opportunity.AccountId",)


@pytest.mark.parametrize(
    ("system", "object_", "hide"),
    [
        (System.HUBSPOT, "tickets", lambda world: world.hubspot.scopes.difference_update({"tickets"})),
        (
            System.SALESFORCE,
            "Case",
            lambda world: world.salesforce.set_object_permission("Case", read=False),
        ),
    ],
)
def test_an_object_that_may_not_be_seen_is_reported_and_kept(world, system, object_, hide):
    _night(world, system)
    before = world.rows("from raw.schema_field where object = ? order by all", object_)
    assert before
    hide(world)
    result = _night(world, system)
    assert list(result.hidden) == [object_]
    assert world.rows("select why from raw.hidden_object") == [(result.hidden[object_],)]
    assert world.rows("from raw.schema_field where object = ? order by all", object_) == before
    assert _changes(world) == []


def test_a_field_to_read_that_never_existed_is_named_with_its_line(world, tmp_path):
    path = tmp_path / "mapping.yaml"
    text = Path(world.settings.mapping.source).read_text(encoding="utf-8")
    path.write_text(text.replace("[dealname, ", "[dealname, deal_nmae, "), encoding="utf-8")
    settings = world.settings.model_copy(update={"mapping": load_mapping(path)})
    line = next(n for n, row in enumerate(path.read_text().splitlines(), 1) if "deal_nmae" in row)
    with pytest.raises(ConfigError, match=f"line {line}: HubSpot deals has no field 'deal_nmae'"):
        _night(world, System.HUBSPOT, settings)


def test_a_field_that_is_made_of_others_cannot_be_read(world, tmp_path):
    path = tmp_path / "mapping.yaml"
    text = Path(world.settings.mapping.source).read_text(encoding="utf-8")
    path.write_text(text.replace("Lead: Street", "Lead: Address"), encoding="utf-8")
    settings = world.settings.model_copy(update={"mapping": load_mapping(path)})
    with pytest.raises(ConfigError, match="'Address' of Salesforce Lead is no single value"):
        _night(world, System.SALESFORCE, settings)


def test_all_fields_are_those_that_can_be_read_as_a_value(world):
    extract = world.settings.extract.model_copy(update={"all_fields": True})
    settings = world.settings.model_copy(update={"extract": extract})
    _night(world, System.SALESFORCE)
    with world.warehouse.read() as connection:
        names = schema.stored_names(connection, System.SALESFORCE)
    for object_ in ("Contact", "Opportunity"):
        mapped, _ = schema.read_fields(world.settings, System.SALESFORCE, object_, names)
        everything, _ = schema.read_fields(settings, System.SALESFORCE, object_, names)
        assert everything[: len(mapped)] == mapped
        assert {name for name in everything if "." not in name} == names[object_]
        assert len(everything) == len(set(everything)) > len(mapped)
    assert "MailingAddress" not in names["Contact"]
    assert "MailingStreet" in names["Contact"]
