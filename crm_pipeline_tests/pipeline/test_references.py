"""References between records, from one CRM to the other, over whole nights with the real clients."""

from __future__ import annotations

from pathlib import Path

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.emulator.faults import Status
from crm_pipeline.model import Kind
from crm_pipeline_tests.pipeline.cloud import Cloud, H, S, cloud, people_and_companies


def with_deals() -> Settings:
    """People, companies and deals, with their people; deals that stand there already are created, too."""
    settings = people_and_companies(load_settings())
    mapping = load_settings().mapping
    changed = {
        "deal": mapping.of(Kind.DEAL).model_copy(update={"backfill": True}),
        "read": {S: {"OpportunityContactRole": ("Role", "IsPrimary")}},
    }
    return settings.model_copy(update={"mapping": settings.mapping.model_copy(update=changed)})


def known(crms: Cloud, name: str, account: str | None = None) -> tuple[str, str]:
    """A person whom both know: (HubSpot contact, Salesforce contact)."""
    sales = crms.salesforce.create("Contact", {"LastName": name, "AccountId": account})
    contact = crms.hubspot.create("contacts", {"lastname": name, "email": f"{sales}@example.jp".lower()})
    crms.execute(
        "insert into state.decision values (?, ?, 'match', 'tester', now(), '', '', '1')",
        [f"hubspot/contacts/{contact}", f"salesforce/Contact/{sales}"],
    )
    return contact, sales


def employer(crms: Cloud, contact_id: str) -> str | None:
    company = crms.hubspot.associations.primary("contacts", contact_id)
    return crms.hubspot.read("companies", company)["name"] if company else None


def deals(crms: Cloud) -> dict[str, str]:
    """Salesforce's opportunities and the names of their accounts."""
    found = [crms.salesforce.read("Opportunity", one) for one in crms.salesforce.ids("Opportunity")]
    return {str(one["Name"]): str(crms.salesforce.read("Account", one["AccountId"])["Name"]) for one in found}


def ends(crms: Cloud, plan_id: int) -> set[tuple[object, ...]]:
    """(state, code) of the operations on contacts' employers."""
    rows = crms.execute(
        "select state, coalesce(code, '') from push.outbox where plan_id = ? and field = 'employer'", [plan_id]
    )
    return set(rows)


def test_law_26_a_child_waits_for_its_parent_and_is_released_by_itself(tmp_path: Path) -> None:
    with cloud(tmp_path) as crms:
        account = crms.salesforce.create("Account", {"Name": "Nagano Works"})
        contact, sales = known(crms, "Yamada", account)
        guessed = crms.hubspot.create("companies", {"name": "example.jp"})
        crms.hubspot.associate("contacts", contact, "companies", guessed, 1)
        crms.faults[H].add(path="/companies/batch/upsert", action=Status(400), times=1)
        crms.run()
        assert employer(crms, contact) == "example.jp"
        assert ends(crms, 1) == {("blocked", "blocked")}
        (message,) = crms.execute("select message from push.outbox where state = 'blocked'")
        assert "whose create is rejected" in str(message[0])

        crms.salesforce.update("Account", account, {"Phone": "026-000-0000"})
        crms.run()
        assert employer(crms, contact) == "Nagano Works", "the company that was created in the same night"
        assert guessed in crms.hubspot.associations.of("contacts", contact, "companies"), "no longer the main one"
        assert crms.salesforce.read("Contact", sales)["AccountId"] == account, "never from HubSpot's guess"
        assert ends(crms, 2) == {("landed", "")}


def test_a_deal_arrives_with_its_company_and_its_people(tmp_path: Path) -> None:
    with cloud(tmp_path, with_deals()) as crms:
        company = crms.hubspot.create("companies", {"name": "Nagano Works"})
        people = [known(crms, name) for name in ("Yamada", "Matsumoto")]
        stage = {"pipeline": "default", "dealstage": "closedwon", "closedate": "2026-12-31T00:00:00Z"}
        deal = crms.hubspot.create("deals", {"dealname": "D", **stage})
        crms.hubspot.associate("deals", deal, "companies", company, 5)
        for contact, _ in people:
            crms.hubspot.associate("deals", deal, "contacts", contact, 3)
        result = crms.run()
        (opportunity,) = [crms.salesforce.read("Opportunity", one) for one in crms.salesforce.ids("Opportunity")]
        account = crms.salesforce.read("Account", opportunity["AccountId"])
        assert account["Name"] == "Nagano Works"
        roles = [
            crms.salesforce.read("OpportunityContactRole", i) for i in crms.salesforce.ids("OpportunityContactRole")
        ]
        assert {(one["OpportunityId"], one["ContactId"]) for one in roles} == {
            (opportunity["Id"], sales) for _, sales in people
        }
        assert set(result.states) == {"landed"}
        crms.clear_logs()
        crms.run()
        assert crms.writes() == []


def test_law_23_a_deal_is_not_created_under_the_company_that_it_had_before(tmp_path: Path) -> None:
    with cloud(tmp_path, with_deals()) as crms:
        old, new = (crms.hubspot.create("companies", {"name": name}) for name in ("Nagano Works", "Tokyo Works"))
        crms.run()
        stage = {"pipeline": "default", "dealstage": "closedwon", "closedate": "2026-12-31T00:00:00Z"}
        moved, stayed = (crms.hubspot.create("deals", {"dealname": name, **stage}) for name in ("moved", "stayed"))
        for deal in (moved, stayed):
            crms.hubspot.associate("deals", deal, "companies", old, 5)
        crms.preview()
        crms.approve()
        crms.hubspot.associate("deals", moved, "companies", new, 5)
        crms.push()
        assert deals(crms) == {"stayed": "Nagano Works"}
        assert crms.execute("select code from push.outbox where state = 'stale'") == [("source_moved",)]
        crms.run()
        assert deals(crms) == {"stayed": "Nagano Works", "moved": "Tokyo Works"}


def test_a_relation_that_was_changed_after_the_plan_is_planned_from_what_it_is_now(tmp_path: Path) -> None:
    """HubSpot relates two records without a trace on them: the push is the one that finds out."""
    with cloud(tmp_path, with_deals()) as crms:
        names = ("Nagano Works", "Tokyo Works", "Typed")
        companies = {name: crms.hubspot.create("companies", {"name": name}) for name in names}
        stage = {"pipeline": "default", "dealstage": "closedwon", "closedate": "2026-12-31T00:00:00Z"}
        deal = crms.hubspot.create("deals", {"dealname": "D", **stage})
        crms.hubspot.associate("deals", deal, "companies", companies["Nagano Works"], 5)
        crms.run()
        (opportunity,) = crms.salesforce.ids("Opportunity")
        accounts = {crms.salesforce.read("Account", one)["Name"]: one for one in crms.salesforce.ids("Account")}
        crms.salesforce.update("Opportunity", opportunity, {"AccountId": accounts["Tokyo Works"]})
        crms.preview()
        crms.approve()
        crms.hubspot.associate("deals", deal, "companies", companies["Typed"], 5)
        crms.push()
        assert crms.hubspot.associations.primary("deals", deal) == companies["Typed"]
        assert crms.execute("select code from push.outbox where state = 'stale'") == [("target_moved",)]
        crms.run()
        assert crms.hubspot.associations.primary("deals", deal) == companies["Tokyo Works"]
        replaced = crms.execute("select old from push.audit order by rowid desc limit 1")
        assert companies["Typed"] in str(replaced), "the audit has what was there"
