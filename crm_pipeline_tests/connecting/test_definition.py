"""What a new field looks like: each CRM takes every definition that the other CRM's types lead to."""

from itertools import product

import pytest

from crm_pipeline.connecting.definition import counterpart, key
from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.emulator.hubspot.properties import FIELD_TYPES, complete_definition
from crm_pipeline.emulator.salesforce.schema import Schema
from crm_pipeline.emulator.salesforce.tooling.definitions import definition
from crm_pipeline.model import System

_OPTIONS = (Option("a", "A"), Option("b", ""))
_HUBSPOT = sorted((kind, field_type) for kind, all_of in FIELD_TYPES.items() for field_type in all_of)
_SALESFORCE = sorted({field.type for one in Schema().objects.values() for field in one.fields.values()})


@pytest.mark.parametrize(("kind", "field_type"), _HUBSPOT)
def test_of_every_property_salesforce_takes_a_field(kind, field_type):
    options = _OPTIONS if kind == "enumeration" else ()
    other = FieldSchema("x", "X", kind, field_type, options=options)
    made = counterpart(System.SALESFORCE, "X__c", "X", System.HUBSPOT, other)
    assert definition("Lead.X__c", made)["name"] == "X__c"


@pytest.mark.parametrize(("kind", "options"), list(product(_SALESFORCE, ((), _OPTIONS))))
def test_of_every_field_hubspot_takes_a_property(kind, options):
    other = FieldSchema("X__c", "X", kind, options=options)
    made = counterpart(System.HUBSPOT, "x", "X", System.SALESFORCE, other)
    assert complete_definition(made, "group", "", hubspot_defined=False)["name"] == "x"
    own = counterpart(System.SALESFORCE, "Y__c", "Y", System.SALESFORCE, other)
    assert definition("Lead.Y__c", own)["name"] == "Y__c"


def test_both_take_our_key():
    assert complete_definition(key(System.HUBSPOT, "our_key"), "group", "", hubspot_defined=False)["hasUniqueValue"]
    assert definition("Lead.Our_Key__c", key(System.SALESFORCE, "Our_Key__c"))["unique"]
