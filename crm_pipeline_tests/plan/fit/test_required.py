"""What a CRM requires and no mapping fills is told once an object, before anything is created."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Kind, System
from crm_pipeline.plan.fit.required import unfilled
from crm_pipeline_tests.plan.records.test_filters import switched
from crm_pipeline_tests.plan.world import World

H, S = System.HUBSPOT, System.SALESFORCE
PEOPLE = load_settings().mapping.of(Kind.PERSON)
WHERE = {"hubspot": (H, "contacts"), "lead": (S, "Lead"), "contact": (S, "Contact")}


def told(place: str, *names: str) -> list[str]:
    fields = {name: FieldSchema(name, name, "string", required_on_create=True) for name in names}
    return list(unfilled(switched({}).mapping.of(Kind.PERSON), {WHERE[place]: fields}))


@pytest.mark.parametrize(
    ("place", "names", "says"),
    [
        ("lead", ["LastName", "Company"], []),
        ("lead", ["LastName", "Region__c", "Class__c"], ["Salesforce Lead needs Class__c, Region__c"]),
        ("lead", ["CRM_Pipeline_Key__c"], []),
        ("contact", ["Region__c"], []),  # none is created
        ("hubspot", ["tier"], ["HubSpot contacts needs tier"]),
    ],
)
def test_a_sentence_for_each_object_in_which_records_are_created(place: str, names: list[str], says: list[str]) -> None:
    found = told(place, *names)
    assert len(found) == len(says)
    assert all(one.startswith(start) for one, start in zip(found, says, strict=True))


def test_the_plan_says_it_although_nothing_is_to_be_created(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.execute(
        "insert into raw.schema_field select * replace ('Region__c' as name, true as required_on_create) "
        "from raw.schema_field where object = 'Lead' and name = 'LastName'"
    )
    world.record("person-1", S, "Lead", "1", {"LastName": "山田", "Company": "C"})
    assert world.plan().explained == (
        "Salesforce Lead needs Region__c, which the mapping does not fill; add the field, or set no create"
    )
