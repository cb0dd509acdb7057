"""Pushes that are killed: of people, of deals with their relations, of an undo.

Belongs here: what stands in both CRMs and in the plan before such a push, what a person does after its death, what a
user sees at the end. Not here: the kill (killing.py), what is asked of the end (test_kill_laws.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crm_pipeline import flow
from crm_pipeline.config import Settings
from crm_pipeline.plan.undo import stage as undo_stage
from crm_pipeline.plan.undo.stage import Target
from crm_pipeline_tests.pipeline.cloud import Cloud
from crm_pipeline_tests.pipeline.test_references import employer, known, with_deals


@dataclass(frozen=True)
class Scenario:
    """`fill` ends with a plan that may be sent; `restart`: what is done once its push is dead."""

    fill: Callable[[Cloud], None]
    restart: Callable[[Cloud], object] = Cloud.run
    settings: Callable[[], Settings | None] = lambda: None


def state_of(crms: Cloud) -> dict[str, list[str]]:
    """What a user sees in both CRMs: names, values and relations, without ids and times."""
    mapping = crms.settings.mapping.person
    contacts = {i: crms.hubspot.read("contacts", i) for i in crms.hubspot.ids("contacts")}
    read, ids = crms.salesforce.read, crms.salesforce.ids
    leads = [read("Lead", i) for i in ids("Lead")]
    sales = {i: read("Contact", i) for i in ids("Contact")}
    deals = {i: read("Opportunity", i) for i in ids("Opportunity")}
    roles = [read("OpportunityContactRole", i) for i in ids("OpportunityContactRole")]
    accounts = {i: read("Account", i)["Name"] for i in ids("Account")}
    seen = {
        "contacts": [str({n: c[n] for n in mapping.crm_fields("contacts") if c.get(n)}) for c in contacts.values()],
        "leads": [str({n: r[n] for n in mapping.crm_fields("Lead") if r.get(n)}) for r in leads],
        "employers": [f"{c['lastname']}: {employer(crms, i)}" for i, c in contacts.items()],
        "companies": [crms.hubspot.read("companies", i)["name"] for i in crms.hubspot.ids("companies")],
        "accounts": [*accounts.values()],
        "deals": [f"{d['Name']} {accounts.get(d['AccountId'])} {d['StageName']}" for d in deals.values()],
        "roles": [f"{deals[r['OpportunityId']]['Name']}: {sales[r['ContactId']]['LastName']}" for r in roles],
    }
    return {what: sorted(found) for what, found in seen.items()}


def _people(crms: Cloud) -> None:
    """A night of two pairs; then edits and a deletion on both sides, and a lone record on each."""
    both = {"LastName": "山田", "FirstName": "太郎", "Email": "yamada@aaa.jp", "City": "長野市", "Title": "課長"}
    contact, lead = crms.pair({"lastname": "山田", "firstname": "太郎", "phone": "000-111-2222"}, both)
    crms.run()
    crms.wait(60)
    crms.hubspot.update("contacts", contact, {"jobtitle": "部長", "birth_date": "1990-04-01"})
    crms.salesforce.update("Lead", lead, {"Email": None, "City": "松本市"})
    crms.hubspot.create("contacts", {"lastname": "鈴木", "firstname": "一", "email": "suzuki@hubspot.example"})
    crms.salesforce.create("Lead", {"LastName": "高橋", "Company": "T", "Email": "takahashi@salesforce.example"})
    crms.preview()
    crms.approve()


def _relations(crms: Cloud) -> None:
    """A deal with its company and two people, who work for an account that HubSpot does not know."""
    account = crms.salesforce.create("Account", {"Name": "Nagano Works"})
    people = [known(crms, name, account) for name in ("Yamada", "Matsumoto")]
    guessed = crms.hubspot.create("companies", {"name": "example.jp"})
    crms.hubspot.associate("contacts", people[0][0], "companies", guessed, 1)
    company = crms.hubspot.create("companies", {"name": "Suwa Optics"})
    stage = {"pipeline": "default", "dealstage": "closedwon", "closedate": "2026-12-31T00:00:00Z"}
    deal = crms.hubspot.create("deals", {"dealname": "D", **stage})
    crms.hubspot.associate("deals", deal, "companies", company, 5)
    for contact, _ in people:
        crms.hubspot.associate("deals", deal, "contacts", contact, 3)
    crms.preview()
    crms.approve()


def _written(crms: Cloud) -> None:
    """A night that fills a pair's gaps on both sides and creates a record on each; its undo waits to be sent."""
    crms.pair(
        {"lastname": "木村", "firstname": "健", "email": "k@a.jp", "jobtitle": "部長"},
        {"LastName": "木村", "FirstName": "健", "Phone": "03-1111-2222", "City": "長野市"},
    )
    crms.hubspot.create("contacts", {"lastname": "鈴木", "firstname": "一", "email": "s@only-hubspot.example"})
    crms.salesforce.create("Lead", {"LastName": "高橋", "Company": "T", "Email": "t@only-salesforce.example"})
    crms.run()
    crms.wait(60)
    _undo(crms)


def _undo(crms: Cloud) -> None:
    """`crm-pipeline undo` of the first run, up to its push."""
    crms.wait(60)
    crms.runs += 1
    run_id = flow.begin(crms.warehouse, crms.settings, f"undo-{crms.runs}")
    crms.step = flow.Run(crms.warehouse, crms.settings, run_id, crms.crms)
    undo_stage.run(crms.warehouse, crms.settings, run_id, Target(1), "佐藤", "wrong mapping")
    crms.approve()


def _undo_again(crms: Cloud) -> None:
    """The next night comes before anybody sees it; then the same command once more."""
    crms.run()
    _undo(crms)
    crms.push()


SCENARIOS = {
    "people": Scenario(_people),
    "relations": Scenario(_relations, settings=with_deals),
    "undo": Scenario(_written, restart=_undo_again),
}
