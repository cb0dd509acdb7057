"""Merges and conversions inside a CRM are followed: nothing is created, the golden id stays (law 31)."""

from __future__ import annotations

from crm_pipeline_tests.pipeline.cloud import Cloud


def golden_of(crms: Cloud, record_key: str) -> object:
    ((golden_id,),) = crms.execute("select golden_id from golden.link where record_key = ?", [record_key])
    return golden_id


def counts(crms: Cloud) -> tuple[int, int, int]:
    return len(crms.hubspot.ids("contacts")), len(crms.salesforce.ids("Lead")), len(crms.salesforce.ids("Contact"))


def people(crms: Cloud, family: str, e_mail: str) -> tuple[str, str]:
    """One customer in both CRMs: (contact, lead)."""
    return crms.pair(
        {"lastname": family, "firstname": "太郎", "email": e_mail, "birth_date": "1988-04-09"},
        {"LastName": family, "FirstName": "太郎", "Email": e_mail},
    )


def test_law_31_merges_and_conversions_create_nothing_and_move_the_link(crms: Cloud) -> None:
    """In HubSpot, where a merge makes a new record; in Salesforce, where one of two wins; and of a lead."""
    merged, left = people(crms, "山田", "yamada@aaa.jp")
    stays, lost = people(crms, "長谷川", "hasegawa@bbb.jp")
    kept, converted = people(crms, "鈴木", "suzuki@ccc.jp")
    crms.run()
    crms.wait(60)
    golden = [golden_of(crms, f"hubspot/contacts/{contact}") for contact in (merged, stays, kept)]
    other = crms.hubspot.create("contacts", {"lastname": "山田", "firstname": "太郎", "birth_date": "1988-04-09"})
    survivor = crms.hubspot.merge("contacts", merged, other)
    winner = crms.salesforce.create("Lead", {"LastName": "長谷川", "FirstName": "太郎", "Company": "C"})
    crms.salesforce.merge(winner, lost)
    _, new_contact = crms.salesforce.convert_lead(converted)
    before = counts(crms)
    crms.run()
    assert counts(crms) == before
    assert [golden_of(crms, f"hubspot/contacts/{contact}") for contact in (survivor, stays, kept)] == golden
    sales = [f"Lead/{left}", f"Lead/{winner}", f"Contact/{new_contact}"]
    assert [golden_of(crms, f"salesforce/{record}") for record in sales] == golden

    crms.wait(60)
    crms.hubspot.update("contacts", survivor, {"jobtitle": "部長"})
    crms.hubspot.update("contacts", stays, {"jobtitle": "課長"})
    crms.hubspot.update("contacts", kept, {"jobtitle": "社長"})
    crms.run()
    assert crms.salesforce.read("Lead", left)["Title"] == "部長", "the link moved to the survivor"
    assert crms.salesforce.read("Lead", winner)["Title"] == "課長"
    assert crms.salesforce.read("Contact", new_contact)["Title"] == "社長", "never to the lead again"


def test_law_37_who_belongs_together_follows_decisions_and_evidence_and_nothing_is_created(crms: Cloud) -> None:
    """A created record stays with what it was created for when golden records become one and part again. What joins
    the survivor of a merge later leaves it again when its evidence is gone."""
    sato = crms.salesforce.create("Lead", {"LastName": "佐藤", "FirstName": "健二", "Company": "C"})
    mori = crms.hubspot.create("contacts", {"lastname": "森", "firstname": "花子"})
    lead, contact = f"salesforce/Lead/{sato}", f"hubspot/contacts/{mori}"
    merged, first = people(crms, "長谷川", "hasegawa@aaa.jp")
    crms.run()
    ((copy,),) = crms.execute(
        "select l.record_key from state.link l join golden.link g using (golden_id) "
        "where g.record_key = ? and l.record_key like 'hubspot/%'",
        [lead],
    )
    crms.execute("insert into state.decision values (?, ?, 'match', 'tester', now(), '', '', '1')", [contact, copy])
    crms.wait(60)
    merge = crms.hubspot.merge("contacts", merged, crms.hubspot.create("contacts", {"lastname": "長谷川"}))
    crms.run()
    assert golden_of(crms, copy) == golden_of(crms, lead) == golden_of(crms, contact)
    survivor = f"hubspot/contacts/{merge}"
    evidence = {"Email": "hasegawa@aaa.jp", "Birthdate__c": "1988-04-09"}
    later = crms.salesforce.create("Lead", {"LastName": "長谷川", "FirstName": "太郎", "Company": "C", **evidence})
    for _night in range(2):
        crms.run()
        assert golden_of(crms, copy) == golden_of(crms, lead) == golden_of(crms, contact)
        assert golden_of(crms, f"salesforce/Lead/{later}") == golden_of(crms, survivor)

    before = counts(crms)
    crms.execute("insert into state.decision values (?, ?, 'unsure', 'tester', now(), '', '', '1')", [contact, copy])
    for _night in range(2):
        crms.run()
        assert golden_of(crms, copy) == golden_of(crms, lead) != golden_of(crms, contact)
    assert counts(crms) == before

    crms.wait(60)
    another = {"LastName": "小林", "FirstName": "花子", "Email": "other@zzz.jp", "Birthdate__c": "1999-01-01"}
    crms.salesforce.update("Lead", later, another)
    crms.preview()
    assert golden_of(crms, f"salesforce/Lead/{later}") != golden_of(crms, survivor)
    assert golden_of(crms, f"salesforce/Lead/{first}") == golden_of(crms, survivor)
