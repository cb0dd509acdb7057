"""Endpoints about the organisation, not its records: API versions, resources, limits, numbers of records.

Sources: facts 3.1 (versions), REST API guide "Resources by Version", "Limits" and "Record Count". Choices where the
platform is not documented: the Max of limits that nothing here uses up.
"""

from __future__ import annotations

from crm_pipeline.emulator.salesforce.bulk.jobs import BATCHES_A_DAY, QUERY_JOBS_A_DAY, QUERY_MEGABYTES_A_DAY
from crm_pipeline.emulator.salesforce.call import Answer, Call

OLDEST_VERSION, NEWEST_VERSION = 31, 67
"""Versions 7 to 30 are retired; 67.0 is Summer '26 (facts 3.1)."""

_RESOURCES = (
    "composite",
    "jobs",
    "limits",
    "parameterizedSearch",
    "query",
    "queryAll",
    "search",
    "sobjects",
    "tooling",
)
_MEGABYTE = 1024 * 1024


def versions() -> Answer:
    """GET /services/data"""
    numbers = range(OLDEST_VERSION, NEWEST_VERSION + 1)
    listed = [{"label": _season(n), "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in numbers]
    return Answer(200, listed)


def resources(call: Call) -> Answer:
    """GET /services/data/vXX.0"""
    own = {name: f"{call.root}/{name}" for name in _RESOURCES}
    return Answer(200, {**own, "identity": f"/id/{call.store.organisation_id}/{call.user_id}"})


def jobs(call: Call) -> Answer:
    """GET /jobs"""
    return Answer(200, {name: f"{call.root}/jobs/{name}" for name in ("ingest", "query")})


def limits(call: Call) -> Answer:
    """GET /limits: the daily limits that this emulator keeps or that a client looks at"""
    usage, allowance = call.store.usage, call.store.bulk.allowance.today(call.store.clock.now())
    query_megabytes = -(-allowance.query_bytes // _MEGABYTE)
    return Answer(
        200,
        {
            "DailyApiRequests": _limit(usage.limit, usage.used),
            "DailyAsyncApexExecutions": _limit(250_000),
            "DailyBulkApiBatches": _limit(BATCHES_A_DAY, allowance.batches),
            "DailyBulkV2QueryFileStorageMB": _limit(QUERY_MEGABYTES_A_DAY, query_megabytes),
            "DailyBulkV2QueryJobs": _limit(QUERY_JOBS_A_DAY, allowance.query_jobs),
            "DailyGenericStreamingApiEvents": _limit(10_000),
            "DailyStreamingApiEvents": _limit(10_000),
            "DataStorageMB": _limit(10_240),
            "FileStorageMB": _limit(10_240),
            "HourlyAsyncReportRuns": _limit(1_200),
            "HourlySyncReportRuns": _limit(500),
            "MassEmail": _limit(5_000),
            "SingleEmail": _limit(5_000),
        },
    )


def record_count(call: Call) -> Answer:
    """GET /limits/recordCount?sObjects=: numbers of live records; of all objects when none is named"""
    schema = call.store.schema
    named = [name.strip() for name in call.query.get("sObjects", "").split(",") if name.strip()]
    found = [schema.find(name) for name in named] if named else list(schema.objects.values())
    counted = [{"count": len(call.store.ids(one.name)), "name": one.name} for one in found if one is not None]
    return Answer(200, {"sObjects": counted})


def _limit(most: int, used: int = 0) -> dict[str, int]:
    return {"Max": most, "Remaining": max(most - used, 0)}


def _season(version: int) -> str:
    """The release of an API version: 67.0 is Summer '26, three releases a year."""
    years, season = divmod(version - 52, 3)  # 52.0: Summer '21
    year = 21 + years + (1 if season else 0)
    return f"{('Summer', 'Winter', 'Spring')[season]} '{year}"
