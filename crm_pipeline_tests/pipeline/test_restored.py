"""A backup that is put back (docs/recover.md): the next plan repeats nothing of the nights that are lost."""

import os
import shutil

import pytest

from crm_pipeline_tests.pipeline.cloud import Cloud


@pytest.mark.skipif("CRM_PIPELINE_ALL_STATES" not in os.environ, reason="three nights: make laws")
def test_after_a_backup_is_put_back_nothing_of_the_lost_night_is_planned_again(crms: Cloud) -> None:
    person = {"lastname": "山田", "firstname": "太郎", "email": "yamada@aaa.jp", "jobtitle": "課長"}
    _, lead = crms.pair(person, {"LastName": "山田", "FirstName": "太郎", "Title": "課長"})
    crms.run()
    backup = shutil.copy(crms.warehouse.path, crms.warehouse.path.with_name("backup.duckdb"))
    crms.salesforce.update("Lead", lead, {"Title": "部長", "Email": None})
    crms.hubspot.create("contacts", {"lastname": "鈴木", "firstname": "一郎", "email": "suzuki@b.jp", "company": "B"})
    assert crms.run().states.get("landed") == 3, "an update, a clear and a create"

    shutil.copy(backup, crms.warehouse.path)
    crms.preview()
    planned = "select operation, field from plan.change where plan_id = (select max(plan_id) from plan.plan)"
    assert crms.execute(f"{planned} and problem is null") == []
    [(together,)] = crms.execute("select count(distinct golden_id) from golden.link")
    assert together == 2, "what the lost night created is linked to its source by matching"
