"""Which mapped fields can be read, and what is said about the others."""

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.config.load import line_of
from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.errors import ConfigError
from crm_pipeline.extract.schema import schema, schema_table
from crm_pipeline.model import System
from crm_pipeline.warehouse import Warehouse

_SETTINGS = load_settings()
_PERSON = _SETTINGS.mapping.person


def _names(**changes):
    """All fields that the default mapping needs of Contact and Account, with some taken away."""
    contact = {name for name in _PERSON.crm_fields("Contact") if "." not in name} | {"AccountId"}
    names = {"Contact": contact, "Account": {"Name", "Industry"}}
    return {object_: fields - changes.get(object_, set()) for object_, fields in names.items()}


@pytest.mark.parametrize(
    ("without", "absent"),
    [
        ({}, []),
        ({"Contact": {"Title"}}, ["Title"]),
        ({"Account": {"Industry"}}, ["Account.Industry"]),
        ({"Contact": {"AccountId"}}, ["Account.Name", "Account.Industry", "AccountId"]),
    ],
)
def test_a_field_is_readable_if_it_and_its_relation_exist(without, absent):
    present, found = schema.read_fields(_SETTINGS, System.SALESFORCE, "Contact", _names(**without))
    assert sorted(found) == sorted(absent)
    assert set(present) | set(found) == {*_PERSON.crm_fields("Contact"), "AccountId"}


def test_a_path_into_an_object_that_is_not_read_needs_its_look_up_only():
    names = {"Contact": _names()["Contact"]}
    assert schema.read_fields(_SETTINGS, System.SALESFORCE, "Contact", names)[1] == []


def test_history_is_asked_for_fields_whose_rule_needs_times():
    fields = _PERSON.crm_fields("contacts")
    assert schema.timed(_SETTINGS, "contacts", fields) == [
        "lastname",
        "firstname",
        "birth_date",
        "jobtitle",
        "hubspot_owner_id",
    ]
    assert schema.timed(_SETTINGS, "contacts", ["email", "jobtitle"]) == ["jobtitle"]


@pytest.mark.parametrize(
    ("system", "object_", "name", "place"),
    [
        (System.HUBSPOT, "contacts", "jobtitle", ["person", "fields", "job_title", "hubspot"]),
        (System.SALESFORCE, "Lead", "State", ["person", "fields", "address", "parts", "prefecture", "Lead"]),
        (System.HUBSPOT, "contacts", "hs_additional_emails", ["person", "identity", 0, "hubspot"]),
        (System.HUBSPOT, "companies", "domain", ["company", "identity", 0, "hubspot"]),
    ],
)
def test_a_field_that_never_existed_is_named_with_its_line(system, object_, name, place):
    source = _SETTINGS.mapping.source
    with pytest.raises(ConfigError) as error:
        schema.refuse_unknown(_SETTINGS, system, object_, [name])
    text = str(error.value)
    assert text.startswith(f"{source} line {line_of(source, place)}: {system.label} {object_} has no field '{name}'")
    assert "typo or missing field permission" in text


def test_a_missing_key_field_says_how_to_create_it():
    with pytest.raises(ConfigError, match="create it as a unique text field"):
        schema.refuse_unknown(_SETTINGS, System.SALESFORCE, "Lead", ["CRM_Pipeline_Key__c"])


def test_further_mistakes_are_counted():
    with pytest.raises(ConfigError, match=r"\(2 more after this one: Phone, Title\)"):
        schema.refuse_unknown(_SETTINGS, System.SALESFORCE, "Lead", ["Email", "Phone", "Title"])


def test_no_mistake_is_no_error():
    schema.refuse_unknown(_SETTINGS, System.SALESFORCE, "Lead", [])


def test_a_stored_schema_replaces_the_earlier_one(tmp_path):
    first = [FieldSchema("email", "E-mail", "string"), FieldSchema("x", "X", "string")]
    industry = FieldSchema(
        "industry",
        "業種",
        "enumeration",
        "select",
        length=10,
        nillable=False,
        createable=False,
        updateable=False,
        calculated=True,
        unique=True,
        restricted=True,
        required_on_create=True,
        references="OWNER",
        options=(Option("製造業", "製造業"), Option("old", "Old", active=False)),
    )
    with Warehouse(tmp_path / "crm.duckdb").connect() as connection:
        schema_table.store(connection, System.HUBSPOT, "contacts", first, 1)
        schema_table.store(connection, System.HUBSPOT, "companies", first, 1)
        schema_table.store(connection, System.HUBSPOT, "contacts", [industry], 2)
        assert schema_table.stored_names(connection, System.HUBSPOT) == {
            "contacts": {"industry"},
            "companies": {"email", "x"},
        }
        (row,) = connection.execute("from raw.schema_field where object = 'contacts'").fetchall()
        assert row[2:15] == (
            "industry",
            "業種",
            "enumeration",
            "select",
            10,
            False,
            False,
            False,
            True,
            True,
            True,
            True,
            "OWNER",
        )
        options = connection.execute("select options->1->>'value', options->1->>'active' from raw.schema_field")
        assert ("old", "false") in options.fetchall()


def test_fields_once_readable_are_remembered(tmp_path):
    with Warehouse(tmp_path / "crm.duckdb").connect() as connection:
        schema_table.remember(connection, System.HUBSPOT, "contacts", ["a", "b"], 1)
        schema_table.remember(connection, System.HUBSPOT, "contacts", ["b", "c"], 2)
        assert schema_table.seen(connection, System.HUBSPOT, "contacts") == {"a", "b", "c"}
        assert schema_table.seen(connection, System.SALESFORCE, "Contact") == frozenset()
        rows = connection.execute("select name, run_id from raw.field_seen order by 1").fetchall()
        assert rows == [("a", 1), ("b", 1), ("c", 2)]


@pytest.mark.parametrize(
    ("system", "object_", "wanted"),
    [
        (System.HUBSPOT, "notes", ["hs_body_preview", "hs_timestamp", "hubspot_owner_id"]),
        (System.SALESFORCE, "OpportunityContactRole", ["Role", "IsPrimary", "ContactId", "OpportunityId"]),
        (
            System.SALESFORCE,
            "Event",
            ["Subject", "StartDateTime", "EndDateTime", "ActivityDate", "OwnerId", "WhoId", "WhatId"],
        ),
    ],
)
def test_what_is_read_is_named_in_the_mapping_or_needed_by_a_relation(system, object_, wanted):
    names = {object_: {*wanted, "another"}}
    assert schema.read_fields(_SETTINGS, system, object_, names) == (wanted, [])
    assert schema.timed(_SETTINGS, object_, wanted) == []
