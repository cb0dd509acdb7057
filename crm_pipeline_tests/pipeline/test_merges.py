"""Merges and conversions inside a CRM are followed: nothing is created, the golden id stays (law 31)."""

from __future__ import annotations

import pytest

from crm_pipeline_tests.pipeline.cloud import Cloud


def golden_of(crms: Cloud, record_key: str) -> object:
    ((golden_id,),) = crms.execute("select golden_id from golden.link where record_key = ?", [record_key])
    return golden_id


def counts(crms: Cloud) -> tuple[int, int, int]:
    return len(crms.hubspot.ids("contacts")), len(crms.salesforce.ids("Lead")), len(crms.salesforce.ids("Contact"))


@pytest.fixture
def pair(crms: Cloud) -> tuple[str, str]:
    ids = crms.pair(
        {"lastname": "山田", "firstname": "太郎", "email": "yamada@aaa.jp", "birth_date": "1988-04-09"},
        {"LastName": "山田", "FirstName": "太郎", "Email": "yamada@aaa.jp"},
    )
    crms.run()
    crms.wait(60)
    return ids


def test_law_31_a_hubspot_merge_makes_a_new_record_that_joins_the_old_golden_record(
    crms: Cloud, pair: tuple[str, str]
) -> None:
    contact, lead = pair
    other = crms.hubspot.create("contacts", {"lastname": "山田", "firstname": "太郎", "birth_date": "1988-04-09"})
    golden = golden_of(crms, f"salesforce/Lead/{lead}")
    survivor = crms.hubspot.merge("contacts", contact, other)
    before = counts(crms)
    crms.run()
    assert counts(crms) == before
    assert golden_of(crms, f"hubspot/contacts/{survivor}") == golden
    assert golden_of(crms, f"salesforce/Lead/{lead}") == golden
    crms.wait(60)
    crms.hubspot.update("contacts", survivor, {"jobtitle": "部長"})
    crms.run()
    assert crms.salesforce.read("Lead", lead)["Title"] == "部長", "the link moved to the survivor"


def test_law_31_a_salesforce_merge_moves_the_link_to_the_winner(crms: Cloud, pair: tuple[str, str]) -> None:
    contact, lead = pair
    winner = crms.salesforce.create("Lead", {"LastName": "山田", "FirstName": "太郎", "Company": "C"})
    golden = golden_of(crms, f"hubspot/contacts/{contact}")
    crms.salesforce.merge(winner, lead)
    before = counts(crms)
    crms.run()
    assert counts(crms) == before
    assert golden_of(crms, f"salesforce/Lead/{winner}") == golden


def test_a_converted_lead_lives_on_as_its_contact_and_is_never_written_again(
    crms: Cloud, pair: tuple[str, str]
) -> None:
    contact, lead = pair
    golden = golden_of(crms, f"hubspot/contacts/{contact}")
    _, new_contact = crms.salesforce.convert_lead(lead)
    before = counts(crms)
    crms.run()
    assert counts(crms) == before
    assert golden_of(crms, f"salesforce/Contact/{new_contact}") == golden
    crms.wait(60)
    crms.hubspot.update("contacts", contact, {"jobtitle": "社長"})
    crms.run()
    assert crms.salesforce.read("Contact", new_contact)["Title"] == "社長"


def test_law_37_a_created_record_stays_with_what_it_was_created_for_when_golden_records_become_one(
    crms: Cloud,
) -> None:
    lead = (
        f"salesforce/Lead/{crms.salesforce.create('Lead', {'LastName': '佐藤', 'FirstName': '健二', 'Company': 'C'})}"
    )
    contact = f"hubspot/contacts/{crms.hubspot.create('contacts', {'lastname': '長谷川', 'firstname': '花子'})}"
    crms.run()
    ((copy,),) = crms.execute("select record_key from state.link where record_key like 'hubspot/%'")
    crms.execute("insert into state.decision values (?, ?, 'match', 'tester', now(), '', '', '1')", [contact, copy])
    for _night in range(3):
        crms.run()
        assert golden_of(crms, copy) == golden_of(crms, lead) == golden_of(crms, contact)
    before = counts(crms)
    crms.execute("insert into state.decision values (?, ?, 'unsure', 'tester', now(), '', '', '1')", [contact, copy])
    for _night in range(2):
        crms.run()
        assert golden_of(crms, copy) == golden_of(crms, lead) != golden_of(crms, contact)
    assert counts(crms) == before


def test_what_joins_a_merge_survivor_later_leaves_it_again_when_its_evidence_is_gone(crms: Cloud) -> None:
    same = {"lastname": "長谷川", "firstname": "健", "email": "hasegawa@aaa.jp", "birth_date": "1988-04-09"}
    contact, lead = crms.pair(same, {"LastName": "長谷川", "FirstName": "健", "Email": "hasegawa@aaa.jp"})
    crms.run()
    crms.wait(60)
    survivor = crms.hubspot.merge("contacts", contact, crms.hubspot.create("contacts", {"lastname": "長谷川"}))
    crms.run()
    later = crms.salesforce.create(
        "Lead",
        {
            "LastName": "長谷川",
            "FirstName": "健",
            "Email": "hasegawa@aaa.jp",
            "Birthdate__c": "1988-04-09",
            "Company": "C",
        },
    )
    for _night in range(2):
        crms.run()
        assert golden_of(crms, f"salesforce/Lead/{later}") == golden_of(crms, f"hubspot/contacts/{survivor}")
    crms.wait(60)
    another = {"LastName": "小林", "FirstName": "花子", "Email": "other@zzz.jp", "Birthdate__c": "1999-01-01"}
    crms.salesforce.update("Lead", later, another)
    crms.preview()
    assert golden_of(crms, f"salesforce/Lead/{later}") != golden_of(crms, f"hubspot/contacts/{survivor}")
    assert golden_of(crms, f"salesforce/Lead/{lead}") == golden_of(crms, f"hubspot/contacts/{survivor}")
