"""What the organisation tells about itself: resources, limits, numbers of records."""

from __future__ import annotations

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.bulk.conftest import Bulk
from crm_pipeline_tests.emulator.salesforce.conftest import Raw


def test_resources_lead_to_themselves(raw: Raw) -> None:
    resources = raw("GET", "").json()
    assert resources["jobs"] == "/services/data/v62.0/jobs"
    assert raw("GET", resources["jobs"]).json() == {
        "ingest": "/services/data/v62.0/jobs/ingest",
        "query": "/services/data/v62.0/jobs/query",
    }


def test_bulk_jobs_use_up_their_limits(raw: Raw, store: SalesforceStore) -> None:
    before = raw("GET", "limits").json()
    bulk = Bulk(store, raw)
    bulk.query("SELECT Id FROM Lead")
    bulk.ingest("insert", "LastName,Company\nA,B\n")
    after = raw("GET", "limits").json()
    for name in ("DailyBulkV2QueryJobs", "DailyBulkV2QueryFileStorageMB", "DailyBulkApiBatches"):
        assert after[name]["Remaining"] == before[name]["Remaining"] - 1
        assert after[name]["Max"] == before[name]["Max"]
    store.clock.advance(86_400)
    fresh = Raw(raw.url, store.sessions.issue(store.clock.now()))
    with fresh.session:
        assert fresh("GET", "limits").json()["DailyBulkV2QueryJobs"]["Remaining"] == 10_000


def test_query_jobs_of_a_day_run_out(raw: Raw, store: SalesforceStore) -> None:
    store.bulk.allowance.today(store.clock.now()).query_jobs = 10_000
    answer = raw("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")
    assert "Max bulk v2 query jobs (10000) per 24 hrs has been reached" in answer.json()[0]["message"]


def test_record_count_leaves_the_recycle_bin_out(raw: Raw, store: SalesforceStore, lead: str) -> None:
    store.create("Account", {"Name": "A"})
    store.delete("Lead", lead)
    counted = raw("GET", "limits/recordCount", params={"sObjects": "Lead,account,Nothing"}).json()
    assert counted == {"sObjects": [{"count": 0, "name": "Lead"}, {"count": 1, "name": "Account"}]}
    every = {one["name"]: one["count"] for one in raw("GET", "limits/recordCount").json()["sObjects"]}
    assert (every["Account"], every["Lead"]) == (1, 0)
