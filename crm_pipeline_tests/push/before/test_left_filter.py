"""A record that leaves the mapping's filter between plan and push is neither source nor target any more."""

from __future__ import annotations

from pathlib import Path

from crm_pipeline.config import load_settings
from crm_pipeline_tests.narrow import people_and_companies
from crm_pipeline_tests.pipeline.cloud import cloud
from crm_pipeline_tests.plan.records.test_filters import WEB_ONLY, switched


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
