"""Selective sync: who is left out is neither source nor target nor created elsewhere, and is NEW when it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.config.kind import SyncSwitch
from crm_pipeline.config.load import DEFAULTS, load_mapping
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import Value
from crm_pipeline.plan.entity import EntityPlan, plan_entity
from crm_pipeline.plan.member import Agreed, Member, field_hash
from crm_pipeline_tests.plan.people import SETTINGS, H, S, context, member
from crm_pipeline_tests.plan.world import World

WEB_ONLY = {"to_salesforce": [{"field": "lead_source", "in": ["Web", "Seminar"]}]}
WITH_MAIL = {"to_hubspot": [{"field": "e_mail", "not_blank": True}]}


def switched(lead: Mapping[str, Any], settings: Settings = SETTINGS) -> Settings:
    """The default settings with other words about leads."""
    person = settings.mapping.person
    switch = SyncSwitch.model_validate({"to_salesforce": "create", "to_hubspot": "create", **lead})
    changed = person.model_copy(update={"salesforce": {**person.salesforce, "Lead": switch}})
    return settings.model_copy(update={"mapping": settings.mapping.model_copy(update={"person": changed})})


def pair(lead_source: str | None = "Web", e_mail: str | None = None) -> list[Member]:
    """The job title was edited in Salesforce, the phone number in HubSpot."""
    bases: Mapping[str, tuple[Value, ...]] = {"job_title": ("old",), "phone": ("1",)}
    contact = {"lead_source": lead_source, "jobtitle": "old", "phone": "2"}
    lead = {"LeadSource": lead_source, "Title": "new", "Phone": None, "Email": e_mail}
    return [
        member(H, "contacts", contact, bases=bases, at=9),
        member(S, "Lead", lead, bases={"job_title": ("old",)}, at=9),
    ]


def planned(settings: Settings, members: list[Member], outside: frozenset[str] = frozenset()) -> EntityPlan:
    hashed = field_hash(settings.mapping.person.field("job_title"), settings)
    agreed = {"job_title": Agreed(("old",), hashed)}
    return plan_entity("person-1", members, agreed, context(settings, outside=outside))


def fields(plan: EntityPlan) -> set[tuple[str, str]]:
    return {(o.object, o.field) for o in plan.operations}


BOTH = {("contacts", "job_title"), ("Lead", "phone")}


@pytest.mark.parametrize("lead", [{}, {"filter": WEB_ONLY}])
def test_who_meets_the_filter_is_synced(lead: dict[str, object]) -> None:
    plan = planned(switched(lead), pair())
    assert fields(plan) == BOTH
    assert not plan.left_out


def test_who_does_not_is_neither_source_nor_target() -> None:
    plan = planned(switched({"filter": WEB_ONLY}), pair("Phone"))
    assert not plan.operations
    assert not plan.moves, "frozen"
    assert plan.left_out == ["hubspot/contacts/1"]


def test_each_direction_has_its_own_conditions() -> None:
    plan = planned(switched({"filter": WITH_MAIL}), pair())
    assert not plan.operations
    assert plan.left_out == ["salesforce/Lead/1"]
    assert fields(planned(switched({"filter": WITH_MAIL}), pair(e_mail="a@b.jp"))) >= BOTH


@pytest.mark.parametrize(
    ("condition", "source", "inside"),
    [
        ({"in": ["Web"]}, "Web", True),
        ({"in": ["Web"]}, None, False),
        ({"not_in": ["Web"]}, "Web", False),
        ({"not_in": ["Web"]}, None, True),
        ({"blank": True}, " ", True),
        ({"blank": True}, "Web", False),
        ({"not_blank": True}, None, False),
    ],
)
def test_every_condition(condition: dict[str, object], source: str | None, inside: bool) -> None:
    settings = switched({"filter": {"to_salesforce": [{"field": "lead_source", **condition}]}})
    assert bool(planned(settings, pair(source)).left_out) is not inside


def test_who_comes_back_is_new() -> None:
    plan = planned(switched({"filter": WEB_ONLY}), pair(), frozenset({"hubspot/contacts/1"}))
    assert plan.back == ["hubspot/contacts/1"]
    assert [m.bases for m in plan.inside if m.key == "hubspot/contacts/1"] == [{}]
    assert ("contacts", "job_title") in fields(plan)


def test_a_condition_that_cannot_be_told_freezes_and_forgets_nothing() -> None:
    contact, lead = pair()
    unread = {name: value for name, value in contact.fields.items() if name != "lead_source"}
    contact = Member(**{**vars(contact), "fields": unread})
    plan = planned(switched({"filter": WEB_ONLY}), [contact, lead])
    assert not plan.operations
    assert (list(plan.left_out), list(plan.back)) == ([], [])


def test_a_direction_that_is_off_is_not_written() -> None:
    assert fields(planned(switched({"to_hubspot": "off"}), pair())) == {("Lead", "phone")}
    assert fields(planned(switched({"to_salesforce": "off"}), pair())) == {("contacts", "job_title")}
    assert not planned(switched({"to_salesforce": "off", "to_hubspot": "off"}), pair()).operations


def test_a_contact_of_a_lead_and_a_customer_takes_part_if_one_pair_lets_it() -> None:
    contact, lead = pair("Phone")
    customer = member(S, "Contact", {"Title": "new"}, n=3)
    assert not planned(switched({"filter": WEB_ONLY}), [contact, lead, customer]).left_out


def test_nothing_is_created_for_who_is_left_out_and_the_memory_follows(tmp_path: Path) -> None:
    world = World(tmp_path, switched({"filter": WEB_ONLY}, load_settings()))
    world.record("person-1", H, "contacts", "1", {"lastname": "山田", "lead_source": "Phone"})
    world.plan()
    assert world.changes() == {}
    assert world.execute("from state.outside") == [("hubspot/contacts/1", 1)]
    world.execute("insert into state.base values ('person-1', 'hubspot/contacts/1', 'phone', '[\"1\"]', null, 1)")
    world.execute('update raw.hubspot_contacts set fields = json_merge_patch(fields, \'{"lead_source": "Web"}\')')
    world.plan()
    assert set(world.changes()) == {("Lead", "*")}
    assert world.execute("select (select count(*) from state.outside), (select count(*) from state.base)") == [(0, 0)]


MAPPING = (DEFAULTS / "mapping.yaml").read_text(encoding="utf-8")
LEAD = "Lead: {to_salesforce: create, to_hubspot: create}"


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        ("{field: shoe_size, in: [1]}", "no field shoe_size is mapped for HubSpot contacts; choose from name, e_mail"),
        ("{field: address, in: [x]}", "address has several parts"),
        ("{field: phone}", "needs exactly one of in, not_in, not_blank, blank"),
        ("{field: phone, in: [1], blank: true}", "needs exactly one of"),
        ("{field: phone, is: 1}", "needs exactly one of"),
    ],
)
def test_a_filter_that_makes_no_sense_is_told_with_its_line(tmp_path: Path, conditions: str, says: str) -> None:
    assert LEAD in MAPPING
    lines = f"{LEAD.rstrip('}')}, filter: {{to_salesforce: [\n          {conditions}]}}}}"
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING.replace(LEAD, lines, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_mapping(path)
    line = path.read_text(encoding="utf-8").split(conditions)[0].count("\n") + 1
    assert str(error.value).startswith(f"{path} line {line}: ")
    assert says in str(error.value)


def test_a_mapping_without_filters_keeps_the_hash_it_had() -> None:
    assert switched({}).mapping.person.model_dump_json() == SETTINGS.mapping.person.model_dump_json()
    assert '"filter"' not in SETTINGS.mapping.model_dump_json()
    assert '"on_record_delete"' not in SETTINGS.mapping.model_dump_json()
