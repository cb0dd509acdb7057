"""Nights over both emulated CRMs in which deals and tasks, which are linked and never matched, are synced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline_tests.pipeline.cloud import Cloud, cloud

NEW_DEAL = {
    "dealname": "新規商談",
    "amount": "1000000",
    "pipeline": "default",
    "dealstage": "qualifiedtobuy",
    "closedate": "2026-07-31T15:00:00Z",  # the first of August in Tokyo
}


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Cloud]:
    """People and companies are read as well, there are none; nothing is read that is not synced."""
    settings = load_settings()
    since = datetime(2026, 1, 1, tzinfo=UTC)
    kinds = {one.kind: one.model_copy(update={"since": since}) for one in settings.mapping.linked}
    mapping = settings.mapping.model_copy(update={"read": {}, **kinds})
    with cloud(tmp_path, settings.model_copy(update={"mapping": mapping})) as crms:
        yield crms


def test_new_deals_and_tasks_travel_and_edits_travel_both_ways(crms: Cloud) -> None:
    deal = crms.hubspot.create("deals", NEW_DEAL)
    crms.salesforce.create("Task", {"Subject": "見積もり", "ActivityDate": "2026-07-01", "Priority": "High"})
    crms.salesforce.create("Task", {"Subject": "電話", "ActivityDate": "2026-07-01", "TaskSubtype": "Call"})
    assert crms.run().states == {"landed": 2}
    (sale,) = crms.salesforce.ids("Opportunity")
    found = crms.salesforce.read("Opportunity", sale)
    assert (found["Name"], found["Amount"], found["StageName"]) == ("新規商談", 1_000_000, "Qualification")
    assert found["CloseDate"] == "2026-08-01", "the organisation is in Tokyo"
    (todo,) = crms.hubspot.ids("tasks")
    twin = crms.hubspot.read("tasks", todo)
    assert (twin["hs_task_subject"], twin["hs_task_priority"]) == ("見積もり", "HIGH")
    assert twin["hs_timestamp"] == "2026-06-30T15:00:00.000Z"

    crms.hubspot.update("deals", deal, {"amount": "1200000"})
    crms.salesforce.update("Opportunity", sale, {"StageName": "Negotiation/Review"})
    assert crms.run().states == {"landed": 2}
    assert crms.salesforce.read("Opportunity", sale)["Amount"] == 1_200_000
    assert crms.hubspot.read("deals", deal)["dealstage"] == "contractsent"

    crms.clear_logs()
    assert crms.run().states == {}, "HubSpot has no stage of its own for negotiations: that is no difference"
    assert crms.writes() == []
    linked = crms.execute("select golden_id, list(object order by object) from golden.link group by 1 order by 1")
    assert linked == [("deal-1", ["Opportunity", "deals"]), ("task-1", ["Task", "tasks"])]
