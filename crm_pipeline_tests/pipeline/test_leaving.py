"""Records that are deleted, restored, or leave a filter, over a few nights with both CRMs."""

from __future__ import annotations

import json
from pathlib import Path

from crm_pipeline.config import load_settings
from crm_pipeline.model import System
from crm_pipeline_tests.pipeline.cloud import cloud, people_and_companies
from crm_pipeline_tests.plan.records.test_filters import switched

#: What could be an open child of a contact must be read, or nothing is archived.
CHILDREN = {"deals": ("hs_is_closed",), "tickets": ("closed_date",), "tasks": ("hs_task_status",)}
WEB = {"to_salesforce": [{"field": "lead_source", "in": ["Web"]}]}


def test_archived_after_a_deletion_held_after_a_restore_new_after_a_filter(tmp_path: Path) -> None:
    settings = switched(
        {"filter": WEB, "on_record_delete": "archive_other_side"}, people_and_companies(load_settings())
    )
    read = {"read": {System.HUBSPOT: CHILDREN}}
    settings = settings.model_copy(update={"mapping": settings.mapping.model_copy(update=read)})
    with cloud(tmp_path, settings) as crms:

        def pair(name: str) -> tuple[str, str]:
            common = {"LastName": name, "FirstName": "太郎", "Title": "課長", "LeadSource": "Web"}
            return crms.pair({"lastname": name, "firstname": "太郎", "jobtitle": "課長", "lead_source": "Web"}, common)

        deleted, busy, filtered, wrong = pair("山田"), pair("佐藤"), pair("鈴木"), pair("高橋")
        crms.hubspot.update("contacts", wrong[0], {"phone": "03-9999-9999"})
        crms.salesforce.update("Lead", wrong[1], {"Phone": "03-1111-1111"})
        task = crms.hubspot.create(
            "tasks",
            {"hs_task_subject": "電話", "hs_task_status": "NOT_STARTED", "hs_timestamp": "2026-06-01T00:00:00Z"},
        )
        crms.hubspot.associate("tasks", task, "contacts", busy[0], 204)
        crms.run()
        crms.wait(60)

        for _, lead in (deleted, busy):
            crms.salesforce.delete("Lead", lead)
        crms.hubspot.update("contacts", filtered[0], {"lead_source": "Other"})
        crms.salesforce.update("Lead", filtered[1], {"Title": "部長"})
        crms.execute(
            "insert into state.decision values (?, ?, 'not_a_match', 'tester', now(), '', '', '1')",
            [f"hubspot/contacts/{wrong[0]}", f"salesforce/Lead/{wrong[1]}"],
        )
        assert crms.hubspot.read("contacts", wrong[0])["phone"] == "03-1111-1111"
        preview = crms.preview()
        assert "1 archives" in preview.why, "an archive always needs approval"
        assert "3 restores" in preview.why, "and so do values that go back: phone, company, owner"
        crms.approve()
        crms.push()
        assert {busy[0], filtered[0], wrong[0]} <= set(crms.hubspot.ids("contacts"))
        assert deleted[0] not in crms.hubspot.ids("contacts")
        assert crms.hubspot.read("contacts", wrong[0])["phone"] == "03-9999-9999", "what stood there before"
        ((old,),) = crms.execute(
            "select old from push.audit where operation = 'archive' and record_id = ?", [deleted[0]]
        )
        assert json.loads(str(old))["jobtitle"] == "課長", "the whole record is in the audit"
        assert crms.hubspot.read("contacts", filtered[0])["jobtitle"] == "課長", "left the filter: frozen"
        reasons = dict(crms.execute("select record_key, reason from plan.waiting"))
        assert reasons[f"hubspot/contacts/{busy[0]}"] == "deleted_there_and_open_children_here"

        ((golden_id,),) = crms.execute("select golden_id from golden.link where record_id = ?", [busy[0]])
        crms.wait(60)
        for _, lead in (deleted, busy):
            crms.salesforce.undelete("Lead", lead)
        crms.salesforce.update("Lead", busy[1], {"Title": "社長"})
        crms.hubspot.update("contacts", filtered[0], {"lead_source": "Web"})
        crms.run()
        assert deleted[0] not in crms.hubspot.ids("contacts"), "what we archived is not made again"
        assert len(crms.hubspot.ids("contacts")) == 4, "three, and one for the lead that was linked wrongly"
        linked = crms.execute("select golden_id, retired from golden.link where record_id = ?", [busy[1]])
        assert linked == [(golden_id, None)], "linked again by its row of the crosswalk"
        assert crms.hubspot.read("contacts", busy[0])["jobtitle"] == "課長", "held until somebody looked"
        assert crms.execute("select golden_id, held_by from state.hold") == [(golden_id, "crm-pipeline")]
        titles = (
            crms.hubspot.read("contacts", filtered[0])["jobtitle"],
            crms.salesforce.read("Lead", filtered[1])["Title"],
        )
        assert titles == ("部長", "部長"), "back in the filter: first contact"
