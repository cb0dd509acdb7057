"""The guide's example from end to end, read back through the official clients (spec identity.md, last section)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.emulator.organisation import guide, load
from crm_pipeline.match.review.decisions import Verdict
from crm_pipeline.match.review.review import decide, find
from crm_pipeline.model import SourceRecord, System
from crm_pipeline_tests.narrow import people_and_companies
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

H, S = System.HUBSPOT, System.SALESFORCE
DEMO = Path("data/demo")


@pytest.fixture
def example(tmp_path: Path) -> Iterator[Cloud]:
    settings = people_and_companies(load_settings(DEMO / "settings.yaml"))
    with cloud(tmp_path, settings) as crms:
        load(guide(DEMO), crms.hubspot, crms.salesforce)
        yield crms


def people(crms: Cloud) -> tuple[dict[str, SourceRecord], dict[str, SourceRecord]]:
    """Both CRMs' people by family name, as the clients read them."""
    mapping = crms.settings.mapping.person
    contacts = crms.crms[H].read("contacts", crms.hubspot.ids("contacts"), mapping.crm_fields("contacts"))
    leads = crms.crms[S].read("Lead", crms.salesforce.ids("Lead"), mapping.crm_fields("Lead"))
    return (
        {str(r.fields["lastname"]): r for r in contacts.values()},
        {str(r.fields["LastName"]): r for r in leads.values()},
    )


def test_the_guide_ends_as_it_promises(example: Cloud) -> None:
    example.run()
    contacts, leads = people(example)
    assert contacts["山田"].fields["email"] == "yamada@aaa.jp", "marketing can mail 山田"
    assert contacts["山田"].fields["industry"] == "製造業", "and pick him by industry"
    assert leads["山田"].fields["Birthdate__c"] == "1988-04-09"
    assert leads["山田"].fields["City"] == "長野市"
    assert leads["松本"].fields["Phone"] is None, "松本 waits for a person"
    assert (len(example.hubspot.ids("contacts")), len(example.salesforce.ids("Lead"))) == (2, 2), "nobody is doubled"

    ((left, right, tier, candidates),) = example.execute(
        "select left_key, right_key, tier, candidates from match.review"
    )
    assert (tier, candidates) == ("possible", 1)
    with example.warehouse.connect() as connection:
        decide(connection, find(connection, [str(left), str(right)]), Verdict.MATCH, by="Sato")
    example.run()
    contacts, leads = people(example)
    assert leads["松本"].fields["Phone"] == "000-111-2222", "as typed"
    assert leads["松本"].fields["Birthdate__c"] == "2000-08-12"
    assert contacts["松本"].fields["firstname"] == "次郎"
    assert contacts["松本"].fields["state"] == "東京都"
    assert contacts["松本"].fields["industry"] == "建設業"

    example.clear_logs()
    example.run()
    assert example.writes() == []


def test_a_second_matsumoto_leaves_both_unlinked(example: Cloud) -> None:
    example.salesforce.create("Lead", {"LastName": "松本", "FirstName": "花子", "Company": "松本商店"})
    example.run()
    rows = example.execute("select candidates from match.review where tier = 'possible'")
    assert rows == [(2,), (2,)]
    _, leads = people(example)
    assert leads["松本"].fields["Phone"] is None


def test_contradicting_birth_dates_are_never_linked(example: Cloud) -> None:
    for lead in example.salesforce.ids("Lead"):
        example.salesforce.update("Lead", lead, {"Birthdate__c": "1970-01-01"})
    example.run()
    shared = "select golden_id from golden.link where object in ('contacts', 'Lead') group by 1 having count(*) > 1"
    assert example.execute(shared) == []
    assert example.execute("select count(*) from match.pair where tier = 'auto'") == [(0,)]
