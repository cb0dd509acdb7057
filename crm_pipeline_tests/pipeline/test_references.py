"""References between records, from one CRM to the other, over whole nights with the real clients."""

from __future__ import annotations

from pathlib import Path

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.config.field import FieldMapping
from crm_pipeline.emulator.faults import CutAfter, Status
from crm_pipeline_tests.pipeline.cloud import Cloud, H, cloud, people_and_companies

EMPLOYER = {
    "name": "employer",
    "label": {"en": "Employer", "ja": "所属会社"},
    "type": "reference",
    "refers_to": "company",
    "rule": "always_salesforce",
    "hubspot": "associations.companies",
    "Contact": "AccountId",
}


def with_employer() -> Settings:
    settings = people_and_companies(load_settings())
    person = settings.mapping.person
    if any(f.name == "employer" for f in person.fields):
        return settings
    fields = (*person.fields, FieldMapping.model_validate(EMPLOYER))
    person = person.model_copy(update={"fields": fields})
    return settings.model_copy(update={"mapping": settings.mapping.model_copy(update={"person": person})})


def same(crms: Cloud, contact_id: str, sales_id: str) -> None:
    crms.execute(
        "insert into state.decision values (?, ?, 'match', 'tester', now(), '', '', '1')",
        [f"hubspot/contacts/{contact_id}", f"salesforce/Contact/{sales_id}"],
    )


def employer(crms: Cloud, contact_id: str) -> str | None:
    company = crms.hubspot.associations.primary("contacts", contact_id)
    return crms.hubspot.read("companies", company)["name"] if company else None


def employed(crms: Cloud) -> tuple[str, str, str]:
    """A person whom both know, and whose company only sales knows: (contact, Salesforce contact, account)."""
    account = crms.salesforce.create("Account", {"Name": "長野精機"})
    sales = crms.salesforce.create("Contact", {"LastName": "山田", "AccountId": account})
    contact = crms.hubspot.create("contacts", {"lastname": "山田", "email": "y@example.jp"})
    same(crms, contact, sales)
    return contact, sales, account


def ends(crms: Cloud, plan_id: int) -> set[tuple[object, ...]]:
    """(field, state, code) of the operations on contacts."""
    rows = crms.execute(
        "select field, state, coalesce(code, '') from push.outbox where plan_id = ? and object = 'contacts' "
        "and field = 'employer'",
        [plan_id],
    )
    return set(rows)


def test_a_contact_belongs_to_the_company_that_sales_knows(tmp_path: Path) -> None:
    with cloud(tmp_path, with_employer()) as crms:
        contact, sales, account = employed(crms)
        guessed = crms.hubspot.create("companies", {"name": "example.jp"})
        crms.hubspot.associate("contacts", contact, "companies", guessed, 1)
        crms.run()
        assert employer(crms, contact) == "長野精機", "the company that was created in the same night"
        assert crms.salesforce.read("Contact", sales)["AccountId"] == account, "never from HubSpot's guess"
        assert guessed in crms.hubspot.associations.of("contacts", contact, "companies"), "no longer the main one"
        crms.clear_logs()
        crms.run()
        assert crms.writes() == []
        other = crms.salesforce.create("Account", {"Name": "松本工業"})
        crms.salesforce.update("Contact", sales, {"AccountId": other})
        crms.run()
        assert employer(crms, contact) == "松本工業"
        (audit,) = crms.execute(
            "select old, new from push.audit where field = 'employer' order by written_at desc limit 1"
        )
        assert audit[0] != audit[1] and "associations.companies" in str(audit[0]), "what was replaced (law 16)"


def test_law_26_a_child_waits_for_its_parent_and_is_released_by_itself(tmp_path: Path) -> None:
    with cloud(tmp_path, with_employer()) as crms:
        contact, _, account = employed(crms)
        crms.faults[H].add(path="/companies/batch/upsert", action=Status(400), times=1)
        crms.run()
        assert employer(crms, contact) is None
        assert ends(crms, 1) == {("employer", "blocked", "blocked")}
        (message,) = crms.execute("select message from push.outbox where state = 'blocked'")
        assert "whose create is rejected" in str(message[0])
        crms.run()
        assert ends(crms, 2) == {("employer", "blocked", "")}, "its parent is quarantined"
        crms.salesforce.update("Account", account, {"Phone": "026-000-0000"})
        crms.run()
        assert employer(crms, contact) == "長野精機"


def test_a_relation_whose_answer_was_lost_is_found_by_reading_and_made_once(tmp_path: Path) -> None:
    with cloud(tmp_path, with_employer()) as crms:
        contact, _, _ = employed(crms)
        crms.faults[H].add(path="/associations/.*/batch/create", action=CutAfter())
        crms.run()
        assert ends(crms, 1) == {("employer", "unknown", "")}
        crms.clear_logs()
        crms.run()
        assert ends(crms, 1) == {("employer", "landed", "")}
        assert crms.writes() == []
        assert employer(crms, contact) == "長野精機"


def test_law_23_a_relation_that_somebody_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    with cloud(tmp_path, with_employer()) as crms:
        contact, _, _ = employed(crms)
        crms.preview()
        chosen = crms.hubspot.create("companies", {"name": "本人の会社"})
        crms.hubspot.associate("contacts", contact, "companies", chosen, 1)
        crms.approve()
        crms.push()
        assert employer(crms, contact) == "本人の会社"
        assert ends(crms, 1) == {("employer", "stale", "target_moved")}
