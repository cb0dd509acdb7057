"""References between records as a plan decides, translates and orders them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Act, Kind, System, Value
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.decision.state import ChangeTime
from crm_pipeline.plan.entity import EntityPlan, plan_entity
from crm_pipeline.plan.member import Agreed, Base, Member, Referred
from crm_pipeline.plan.operation import Operation
from crm_pipeline.plan.records.create import plan_create
from crm_pipeline.plan.references.reference import resolved
from crm_pipeline.plan.said.holds import Hold, Holds

H, S = System.HUBSPOT, System.SALESFORCE
SETTINGS = load_settings()
T0 = datetime(2026, 1, 1, tzinfo=UTC)
BOTH_WAYS = {"to_salesforce": "create", "to_hubspot": "create"}
KEY = {"hubspot": "key", "salesforce": "Key__c"}
LABEL = {"en": "x", "ja": "x"}


def reference(to: str, rule: str, hubspot: str, **salesforce: str | bool) -> dict[str, object]:
    return {"label": LABEL, "type": "reference", "refers_to": to, "rule": rule, "hubspot": hubspot, **salesforce}


DEALS = KindMapping.model_validate(
    {
        "kind": "deal",
        "hubspot": "deals",
        "salesforce": {"Opportunity": BOTH_WAYS},
        "key": KEY,
        "fields": {
            "account": reference("company", "two_way", "associations.companies", Opportunity="AccountId"),
            "people": reference(
                "person", "two_way", "associations.contacts", Opportunity="OpportunityContactRoles.ContactId", many=True
            ),
        },
    }
)
COMPANIES = KindMapping.model_validate(
    {
        "kind": "company",
        "hubspot": "companies",
        "salesforce": {"Account": BOTH_WAYS},
        "key": KEY,
        "fields": {"parent": reference("company", "two_way", "parent_id", Account="ParentId")},
    }
)
TASKS = KindMapping.model_validate(
    {
        "kind": "task",
        "hubspot": "tasks",
        "salesforce": {"Task": BOTH_WAYS},
        "key": KEY,
        "fields": {
            "person": reference("person", "prefer_salesforce", "associations.contacts", Task="WhoId"),
            "deal": reference("deal", "prefer_salesforce", "associations.deals", Task="WhatId"),
            "account": reference("company", "prefer_salesforce", "associations.companies", Task="WhatId"),
        },
    }
)
SCHEMAS = {
    (H, "tasks"): {"key": FieldSchema("key", "key", "string")},
    (S, "Task"): {
        "Key__c": FieldSchema("Key__c", "Key__c", "string"),
        "WhoId": FieldSchema("WhoId", "WhoId", "reference", references="Contact"),
        "WhatId": FieldSchema("WhatId", "WhatId", "reference", references="Account"),
    },
    (H, "deals"): {"key": FieldSchema("key", "key", "string")},
    (H, "companies"): {n: FieldSchema(n, n, "string") for n in ("key", "parent_id")},
    (S, "Opportunity"): {
        "Key__c": FieldSchema("Key__c", "Key__c", "string"),
        "AccountId": FieldSchema("AccountId", "AccountId", "reference", references="Account"),
    },
    (S, "Account"): {
        "Key__c": FieldSchema("Key__c", "Key__c", "string"),
        "ParentId": FieldSchema("ParentId", "ParentId", "reference", references="Account"),
    },
}
NOBODY: frozenset[str] = frozenset()
DEAL_OF = {H: "deals", S: "Opportunity"}

#: company-1, person-1 and -2 stand on both sides, person-3 is a Lead in Salesforce; the others are in HubSpot only.
LEADS = {
    (Kind.COMPANY, "h1"): Referred("company-1", ((H, "companies", "h1"), (S, "Account", "A1"))),
    (Kind.COMPANY, "A1"): Referred("company-1", ((H, "companies", "h1"), (S, "Account", "A1"))),
    (Kind.COMPANY, "A2"): Referred("company-1", ((H, "companies", "h1"), (S, "Account", "A1"), (S, "Account", "A2"))),
    (Kind.COMPANY, "h9"): Referred("company-9", ((H, "companies", "h9"),)),
    (Kind.PERSON, "c1"): Referred("person-1", ((H, "contacts", "c1"), (S, "Contact", "P1"))),
    (Kind.PERSON, "P1"): Referred("person-1", ((H, "contacts", "c1"), (S, "Contact", "P1"))),
    (Kind.PERSON, "c2"): Referred("person-2", ((H, "contacts", "c2"), (S, "Lead", "L2"), (S, "Contact", "P2"))),
    (Kind.PERSON, "P2"): Referred("person-2", ((H, "contacts", "c2"), (S, "Lead", "L2"), (S, "Contact", "P2"))),
    (Kind.PERSON, "c3"): Referred("person-3", ((H, "contacts", "c3"), (S, "Lead", "L3"))),
    (Kind.PERSON, "c9"): Referred("person-9", ((H, "contacts", "c9"),)),
}


def context(mapping: KindMapping = DEALS, holds: Holds | None = None) -> Context:
    return Context(mapping, SETTINGS, SCHEMAS, {}, {}, NOBODY, lambda *_: NOBODY, holds or Holds())


def member(system: System, object_: str, fields: Mapping[str, Value]) -> Member:

    changed: dict[str, ChangeTime] = {}
    key = f"{system}/{object_}/1"
    return Member(key, system, object_, "1", T0, T0, True, fields, changed, {}, LEADS)


def deal(
    system: System, company: str | None, people: str | None, bases: Mapping[str, str | None] | None = None
) -> Member:
    names = [f.names(DEAL_OF[system])[0] for f in DEALS.fields]
    made = member(system, DEAL_OF[system], dict(zip(names, (company, people), strict=True)))
    return replace(made, bases={name: Base((value,)) for name, value in (bases or {}).items()})


def planned(hubspot: Member, salesforce: Member, agreed: Mapping[str, Agreed] | None = None) -> EntityPlan:
    return plan_entity("deal-1", [hubspot, salesforce], agreed or {}, context())


def said(operations: list[Operation]) -> list[tuple[str, Act, dict[str, Value], dict[str, str]]]:
    return [(o.field, o.operation, dict(o.new), dict(o.needs)) for o in operations]


@pytest.mark.parametrize("account", ["A1", "A2"])
def test_the_same_company_by_two_ids_is_no_difference(account: str) -> None:
    assert planned(deal(H, "h1", None), deal(S, account, None)).operations == []


def test_an_id_is_written_as_the_other_systems_own() -> None:
    to_salesforce = planned(deal(H, "h1", None), deal(S, None, None)).operations
    assert said(to_salesforce) == [("account", Act.UPDATE, {"AccountId": "A1"}, {})]
    to_hubspot = planned(deal(H, None, None), deal(S, "A2", None)).operations
    assert said(to_hubspot) == [("account", Act.ASSOCIATE, {"associations.companies": "h1"}, {})]


def test_people_are_added_one_by_one_and_a_contact_is_taken_where_a_lead_cannot_be() -> None:
    plan = planned(deal(H, None, "c1;c2"), deal(S, None, "P1"))
    assert said(plan.operations) == [
        ("people/person-2", Act.ASSOCIATE, {"OpportunityContactRoles.ContactId": "P2"}, {})
    ]
    moved = {m.field: m for m in plan.moves}
    assert moved["people/person-1"].writes == 0
    assert dict(moved["people/person-2"].bases) == {"hubspot/deals/1": ("c2",)}


def test_a_person_is_taken_off_only_where_the_base_proves_that_the_other_side_had_them() -> None:
    one = {"people/person-1": "c1"}
    there = {"people/person-1": "P1"}
    removed = planned(deal(H, None, "c1", one), deal(S, None, None, there)).operations
    assert said(removed) == [("people/person-1", Act.CLEAR, {"associations.contacts": ""}, {})]
    assert dict(removed[0].old) == {"associations.contacts": "c1"}
    added = planned(deal(H, None, "c1", one), deal(S, None, None)).operations
    assert said(added) == [("people/person-1", Act.ASSOCIATE, {"OpportunityContactRoles.ContactId": "P1"}, {})]


def test_law_4_what_went_with_a_deleted_record_is_taken_off_nowhere_else() -> None:
    """HubSpot ends the associations of a contact or company that is deleted: nobody took it away in Salesforce."""
    based: dict[str, str | None] = {"account": "h8", "people/person-8": "c8"}
    gone, there = {}, {"account": "A8", "people/person-8": "P8"}
    for kind, ids, golden_id in ((Kind.COMPANY, ("h8", "A8"), "company-8"), (Kind.PERSON, ("c8", "P8"), "person-8")):
        left = ((S, "Account", "A8"),) if kind is Kind.COMPANY else ((S, "Contact", "P8"),)
        gone |= {(kind, ids[0]): Referred(golden_id, left, deleted=True), (kind, ids[1]): Referred(golden_id, left)}
    hubspot = replace(deal(H, None, None, based), refers=LEADS | gone)
    salesforce = replace(deal(S, "A8", "P8", there), refers=LEADS | gone)
    plan = planned(hubspot, salesforce)
    assert [(o.system, o.operation, dict(o.needs)) for o in plan.operations] == [
        (H, Act.ASSOCIATE, {"associations.companies": "company-8"}),
        (H, Act.ASSOCIATE, {"associations.contacts": "person-8"}),
    ], "and HubSpot waits for records that are not created again"


def test_a_relation_that_was_not_read_freezes_the_field() -> None:
    hubspot = deal(H, None, None)
    unread = replace(hubspot, fields={})
    assert planned(unread, deal(S, "A1", "P1")).operations == []
    assert planned(unread, deal(S, "A1", "P1")).moves == []


def test_what_a_person_holds_by_the_name_of_the_set_is_held_for_everybody_in_it() -> None:
    hold = Hold("deal-1", None, "people", "pinned", "k", "why")
    plan = plan_entity("deal-1", [deal(H, None, "c1"), deal(S, None, None)], {}, context(holds=Holds([hold])))
    assert plan.operations == []


def test_a_record_that_is_not_read_blocks_the_reference_and_says_so() -> None:
    (operation,) = planned(deal(H, "h7", None), deal(S, None, None)).operations
    assert (operation.problem_state, "company h7, which is not read" in (operation.problem or "")) == ("blocked", True)


def a_create(golden_id: str, object_: str, system: System = S) -> Operation:
    kind = Kind(golden_id.partition("-")[0])
    key = f"{golden_id}/{object_}/1"
    return Operation(kind, system, object_, Act.CREATE, "*", {}, {}, golden_id, "create", "", create_key=key)


def test_a_reference_to_a_record_that_is_being_created_waits_for_it() -> None:
    update = planned(deal(H, "h9", None), deal(S, None, None)).operations
    assert said(update) == [("account", Act.UPDATE, {}, {"AccountId": "company-9"})]
    create = a_create("company-9", "Account")
    assert resolved([*update, create], SCHEMAS) == [create, *update]
    (alone,) = resolved(update, SCHEMAS)
    assert alone.problem == "blocked: waits for company-9: Salesforce has no Account of it, and none is being created"
    refused, child = resolved([create.refused("held by x"), *update], SCHEMAS)
    assert (refused.problem, child.problem_state) == ("held by x", "blocked")
    assert child.problem == "blocked: waits for company-9: Salesforce has no Account of it: held by x"


def test_a_lead_cannot_take_part_in_an_opportunity() -> None:
    operations = planned(deal(H, None, "c3"), deal(S, None, None)).operations
    (operation,) = resolved([a_create("person-3", "Lead"), *operations], SCHEMAS)[1:]
    assert (operation.problem_state, "Salesforce has no Contact of it" in (operation.problem or "")) == (
        "blocked",
        True,
    )


def test_a_new_opportunity_takes_its_account_along_and_its_people_follow() -> None:
    plan = plan_create("deal-1", [deal(H, "h1", "c1;c9")], {}, S, "Opportunity", context())
    assert said(plan.operations) == [
        ("*", Act.CREATE, {"AccountId": "A1"}, {}),
        ("people/person-1", Act.ASSOCIATE, {"OpportunityContactRoles.ContactId": "P1"}, {}),
        ("people/person-9", Act.ASSOCIATE, {}, {"OpportunityContactRoles.ContactId": "person-9"}),
    ]
    assert {o.create_key for o in plan.operations} == {"deal-1/Opportunity/1"}
    assert {m.field: m.writes for m in plan.moves} == {"account": 1, "people/person-1": 2, "people/person-9": 2}


def test_a_new_record_waits_for_its_parent_and_is_blocked_with_it() -> None:
    create = plan_create("deal-1", [deal(H, "h9", "c1")], {}, S, "Opportunity", context()).operations
    assert dict(create[0].needs) == {"AccountId": "company-9"}
    parent = a_create("company-9", "Account")
    assert [o.problem for o in resolved([*create, parent], SCHEMAS)] == [None, None, None]
    blocked = resolved([*create, parent.refused("x")], SCHEMAS)
    assert [o.problem_state for o in blocked] == ["invalid", "blocked", "blocked"]
    free = resolved(create, SCHEMAS)
    assert [(dict(o.needs), o.problem) for o in free] == [({}, None), ({}, None)], "created without, filled in later"


def test_a_new_record_that_needs_its_parent_is_never_created_without() -> None:
    account = replace(SCHEMAS[S, "Opportunity"]["AccountId"], required_on_create=True)
    schemas = {**SCHEMAS, (S, "Opportunity"): {**SCHEMAS[S, "Opportunity"], "AccountId": account}}
    create = plan_create("deal-1", [deal(H, "h9", None)], {}, S, "Opportunity", replace(context(), schemas=schemas))
    assert [o.problem_state for o in resolved(create.operations, schemas)] == ["blocked"]


def test_companies_that_are_each_others_parents_are_created_first_and_linked_then() -> None:
    leads = {
        (Kind.COMPANY, "ha"): Referred("company-3", ((H, "companies", "ha"),)),
        (Kind.COMPANY, "hb"): Referred("company-4", ((H, "companies", "hb"),)),
    }
    a, b = (
        replace(member(H, "companies", {"parent_id": parent}), key=f"hubspot/companies/{own}", refers=leads)
        for own, parent in (("ha", "hb"), ("hb", "ha"))
    )
    creates = [
        operation
        for golden_id, one in (("company-3", a), ("company-4", b))
        for operation in plan_create(golden_id, [one], {}, S, "Account", context(COMPANIES)).operations
    ]
    ordered = resolved(creates, SCHEMAS)
    assert [(o.golden_id, o.operation, dict(o.needs), o.problem) for o in ordered[:2]] == [
        ("company-3", Act.CREATE, {}, None),
        ("company-4", Act.CREATE, {}, None),
    ]
    assert {(o.golden_id, o.operation, *o.needs.values(), o.problem) for o in ordered[2:]} == {
        ("company-3", Act.UPDATE, "company-4", None),
        ("company-4", Act.UPDATE, "company-3", None),
    }


ACCOUNT, OPPORTUNITY, LEAD = "001000000000001AAA", "006000000000001AAA", "00Q000000000001AAA"
ABOUT = {
    **LEADS,
    (Kind.DEAL, "d1"): Referred("deal-1", ((H, "deals", "d1"), (S, "Opportunity", OPPORTUNITY))),
    (Kind.DEAL, OPPORTUNITY): Referred("deal-1", ((H, "deals", "d1"), (S, "Opportunity", OPPORTUNITY))),
    (Kind.COMPANY, "h1"): Referred("company-1", ((H, "companies", "h1"), (S, "Account", ACCOUNT))),
    (Kind.COMPANY, ACCOUNT): Referred("company-1", ((H, "companies", "h1"), (S, "Account", ACCOUNT))),
    (Kind.PERSON, "c3"): Referred("person-3", ((H, "contacts", "c3"), (S, "Lead", LEAD))),
}


def task(people: str | None, deals: str | None, companies: str | None) -> Member:
    names = ("associations.contacts", "associations.deals", "associations.companies")
    fields = dict(zip(names, (people, deals, companies), strict=True))
    return replace(member(H, "tasks", fields), refers=ABOUT)


def todo(who: str | None, what: str | None) -> Member:
    return replace(member(S, "Task", {"WhoId": who, "WhatId": what}), refers=ABOUT)


def about(hubspot: Member, salesforce: Member) -> list[tuple[str, Act, dict[str, Value], dict[str, str]]]:
    plan = plan_entity("task-1", [hubspot, salesforce], {}, context(TASKS))
    return said([o for o in plan.operations if o.problem is None])


def test_of_several_people_the_one_that_the_other_side_has_as_well_counts() -> None:
    assert about(task("c1;c2", None, None), todo("P2", None)) == []
    assert about(task("c1;c2", None, None), todo(None, None)) == [("person", Act.UPDATE, {"WhoId": "P1"}, {})]


def test_a_look_up_of_several_kinds_is_filled_once_and_speaks_for_the_kind_that_it_leads_to() -> None:
    assert about(task(None, "d1", "h1"), todo(None, None)) == [("deal", Act.UPDATE, {"WhatId": OPPORTUNITY}, {})]
    assert about(task(None, "d1", "h1"), todo(None, OPPORTUNITY)) == []
    assert about(task(None, None, None), todo(None, ACCOUNT)) == [
        ("account", Act.ASSOCIATE, {"associations.companies": "h1"}, {})
    ]


def test_what_a_leads_task_is_about_stays_blank_in_salesforce() -> None:
    assert about(task("c3", "d1", None), todo(LEAD, None)) == []
    create = plan_create("task-1", [task("c3", "d1", None)], {}, S, "Task", context(TASKS)).operations
    assert [dict(o.new) for o in resolved(create, SCHEMAS)] == [{"WhoId": LEAD}]
    (alone,) = plan_create("task-1", [task(None, "d1", "h1")], {}, S, "Task", context(TASKS)).operations
    assert dict(alone.new) == {"WhatId": OPPORTUNITY}


def test_what_is_needed_is_part_of_what_a_person_approves() -> None:
    (one,) = planned(deal(H, "h9", None), deal(S, None, None)).operations
    assert one.op_id != replace(one, needs={"AccountId": "company-8"}).op_id
