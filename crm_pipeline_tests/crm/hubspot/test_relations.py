"""Associations, pipelines and schemas, through the real client."""

import pytest

from crm_pipeline.crm.protocol import Association, Stage

_AT = {"hs_timestamp": "2026-06-01T00:00:00Z"}
_GIVEN = {
    "contacts": {"email": "a@example.com"},
    "companies": {"name": "A"},
    "deals": {"dealname": "A"},
    "tickets": {"subject": "A"},
    "tasks": _AT,
    "calls": _AT,
    "emails": _AT,
    "meetings": _AT,
    "notes": _AT,
}
_ACTIVITIES = {
    "tasks": {"contacts": 204, "companies": 192, "deals": 216, "tickets": 230},
    "calls": {"contacts": 194, "companies": 182, "deals": 206, "tickets": 220},
    "emails": {"contacts": 198, "companies": 186, "deals": 210, "tickets": 224},
    "meetings": {"contacts": 200, "companies": 188, "deals": 212, "tickets": 226},
    "notes": {"contacts": 202, "companies": 190, "deals": 214, "tickets": 228},
}
#: from, to, type id, whether that says "primary".
_RELATIONS = [
    ("contacts", "companies", 1, True),
    ("companies", "contacts", 2, True),
    ("deals", "companies", 5, True),
    ("companies", "deals", 6, True),
    ("deals", "contacts", 3, False),
    ("tickets", "companies", 26, True),
    ("companies", "tickets", 25, True),
    ("tickets", "contacts", 16, False),
    *((start, end, type_id, False) for start, ends in _ACTIVITIES.items() for end, type_id in ends.items()),
]


def test_every_relation_is_read_with_what_is_primary(portal):
    made = {
        (start, end, type_id): (portal.store.create(start, {**_GIVEN[start], **_unique(start, n)}),
                                portal.store.create(end, {**_GIVEN[end], **_unique(end, n + 1000)}))
        for n, (start, end, type_id, _) in enumerate(_RELATIONS)
    }  # fmt: skip
    client = portal.client()
    for start, end, type_id, primary in _RELATIONS:
        one, other = made[start, end, type_id]
        portal.store.associate(start, one, end, other, type_id)
        assert client.associations(start, end, [one]) == [Association(start, one, end, other, primary)]
        (back,) = client.associations(end, start, [other])
        assert (back.from_id, back.to_id, back.primary, back.label) == (other, one, primary, "")


def _unique(object_: str, number: int) -> dict[str, str]:
    return {"email": f"p{number}@example.com"} if object_ == "contacts" else {}


def test_labels_that_people_defined_come_along(portal):
    (person,) = portal.contacts(1)
    company = portal.store.create("companies", {"name": "A"})
    types = portal.store.associations.types
    kinds = [types.define("contacts", "companies", name, label, None)[0]
             for name, label in (("buys", "Buyer"), ("pays", "Pays bills"))]  # fmt: skip
    portal.store.associate("contacts", person, "companies", company, 1)
    for kind in kinds:
        portal.store.associations.add("contacts", person, "companies", company, kind)
    (found,) = portal.client().associations("contacts", "companies", [person])
    assert (found.primary, sorted(found.label.split(";"))) == (True, ["Buyer", "Pays bills"])


def test_a_record_with_more_associations_than_a_page_and_one_with_none(portal):
    company = portal.store.create("companies", {"name": "A"})
    people = portal.contacts(520)
    for person in people[:-1]:
        portal.store.associate("contacts", person, "companies", company, 279)
    client = portal.client()
    found = client.associations("companies", "contacts", [company])
    assert sorted((one.to_id for one in found), key=int) == people[:-1]
    assert len(portal.sent("/batch/read")) == 2
    assert client.associations("contacts", "companies", people[-1:]) == []


def test_associations_are_asked_for_by_the_thousand(portal):
    assert portal.client().associations("contacts", "companies", [str(n) for n in range(1, 2502)]) == []
    assert len(portal.sent("/batch/read")) == 3


def test_stages_of_deals_tell_what_is_closed_and_won(portal):
    stages = portal.client().stages("deals")
    assert [one.position for one in stages] == list(range(7))
    assert {one.stage_id for one in stages if one.closed} == {"closedwon", "closedlost"}
    assert [one.stage_id for one in stages if one.won] == ["closedwon"]
    assert stages[0] == Stage(
        "deals", "default", "Sales Pipeline", "appointmentscheduled", "Appointment Scheduled", 0, False, False, 0.2
    )


def test_stages_of_tickets_are_closed_and_never_won(portal):
    stages = portal.client().stages("tickets")
    assert [(one.label, one.closed) for one in stages][-2:] == [("Waiting on us", False), ("Closed", True)]
    assert not any(one.won for one in stages)
    assert {one.probability for one in stages} == {None}


def test_archived_stages_and_pipelines_are_left_out(portal):
    pipelines = portal.store.pipelines
    default = pipelines.find("deals", "default")
    default["stages"][1]["archived"] = True
    stage = {"label": "S", "displayOrder": 0, "metadata": {"probability": "0.5"}}
    second = pipelines.create("deals", {"label": "Other", "displayOrder": 1, "stages": [stage]}, portal.store.now())
    client = portal.client()
    assert {one.pipeline for one in client.stages("deals")} == {"Sales Pipeline", "Other"}
    assert "qualifiedtobuy" not in {one.stage_id for one in client.stages("deals")}
    pipelines.delete("deals", second, portal.store.now())
    assert {one.pipeline for one in client.stages("deals")} == {"Sales Pipeline"}


@pytest.mark.parametrize("object_", ["contacts", "tasks", "notes"])
def test_other_objects_have_no_stages_and_cost_no_call(portal, object_):
    assert portal.client().stages(object_) == []
    assert not portal.log.requests


def test_a_schema_is_asked_for_once_and_by_a_new_client_anew(portal):
    client = portal.client()
    assert client.schema("contacts") == client.schema("contacts")
    assert len(portal.sent("/properties/")) == 1
    new = {"name": "brand_new", "label": "N", "type": "string", "fieldType": "text"}
    portal.store.define_property("contacts", new)
    assert "brand_new" in {field.name for field in portal.client().schema("contacts")}
