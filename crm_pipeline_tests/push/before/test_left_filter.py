"""A record that leaves the mapping's filter between plan and push is neither source nor target any more."""

from __future__ import annotations

from pathlib import Path

from crm_pipeline.config import load_settings
from crm_pipeline.config.kind import SyncSwitch
from crm_pipeline_tests.narrow import people_and_companies
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud
from crm_pipeline_tests.plan.records.test_filters import WEB_ONLY, switched

BOTH = {side: [{"field": "lead_source", "in": ["Web"]}] for side in ("to_salesforce", "to_hubspot")}


def test_who_leaves_the_filter_before_the_push_is_neither_written_nor_passed_on(tmp_path: Path) -> None:
    settings = switched({"filter": WEB_ONLY}, people_and_companies(load_settings()))
    with cloud(tmp_path, settings) as crms:

        def pair(name: str) -> tuple[str, str]:
            contact = {"lastname": name, "firstname": "太郎", "company": "C", "lead_source": "Web"}
            return crms.pair(contact, {"LastName": name, "FirstName": "太郎", "LeadSource": "Web"})

        stays, target, source = pair("山田"), pair("佐藤"), pair("鈴木")
        crms.run()
        crms.wait(60)
        crms.salesforce.update("Lead", stays[1], {"Title": "部長"})
        crms.salesforce.update("Lead", target[1], {"Title": "部長"})
        crms.hubspot.update("contacts", source[0], {"jobtitle": "課長"})
        new = crms.hubspot.create("contacts", {"lastname": "高橋", "firstname": "花子", "lead_source": "Web"})
        crms.preview()
        crms.approve()
        crms.wait(60)
        for contact in (target[0], source[0], new):
            crms.hubspot.update("contacts", contact, {"lead_source": "Other"})
        crms.push()
        stale = dict(crms.execute("select coalesce(record_id, object), code from push.outbox where state = 'stale'"))
        assert stale == {target[0]: "left_filter", source[1]: "left_filter", "Lead": "source_moved"}
        assert crms.hubspot.read("contacts", stays[0])["jobtitle"] == "部長"
        assert not crms.hubspot.read("contacts", target[0]).get("jobtitle")
        assert not crms.salesforce.read("Lead", source[1]).get("Title")
        assert len(crms.salesforce.ids("Lead")) == 3


def test_who_leaves_the_filter_before_the_push_gets_no_relation_and_passes_none_on(tmp_path: Path) -> None:
    settings = people_and_companies(load_settings())
    person = settings.mapping.person
    switch = SyncSwitch.model_validate({"to_salesforce": "update", "to_hubspot": "update", "filter": BOTH})
    people = person.model_copy(update={"salesforce": {**person.salesforce, "Contact": switch}})
    settings = settings.model_copy(update={"mapping": settings.mapping.model_copy(update={"person": people})})
    with cloud(tmp_path, settings) as crms:
        company = crms.hubspot.create("companies", {"name": "A"})
        account = crms.salesforce.create("Account", {"Name": "A"})
        matched(crms, f"hubspot/companies/{company}", f"salesforce/Account/{account}")
        people_of_both = {}
        for name in ("stays", "target", "source"):
            contact = crms.hubspot.create("contacts", {"lastname": name, "lead_source": "Web"})
            sales = crms.salesforce.create("Contact", {"LastName": name, "LeadSource": "Web"})
            matched(crms, f"hubspot/contacts/{contact}", f"salesforce/Contact/{sales}")
            people_of_both[name] = contact, sales
        crms.run()
        for _, sales in people_of_both.values():
            crms.salesforce.update("Contact", sales, {"AccountId": account})
        crms.preview()
        crms.approve()
        crms.wait(60)
        crms.hubspot.update("contacts", people_of_both["target"][0], {"lead_source": "Other"})
        crms.salesforce.update("Contact", people_of_both["source"][1], {"LeadSource": "Other"})
        crms.push()
        codes = dict(crms.execute("select record_id, code from push.outbox where field = 'employer' and code <> ''"))
        assert codes == {people_of_both[name][0]: "left_filter" for name in ("target", "source")}
        held = {name: crms.hubspot.associations.primary("contacts", one) for name, (one, _) in people_of_both.items()}
        assert held == {"stays": company, "target": None, "source": None}


def matched(crms: Cloud, one: str, other: str) -> None:
    crms.execute("insert into state.decision values (?, ?, 'match', 'tester', now(), '', '', '1')", [one, other])
