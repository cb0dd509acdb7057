"""Endpoints about objects as a whole: the list of objects, describe, and which records were changed or deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crm_pipeline.emulator.salesforce import preconditions
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.values import format_datetime, parse_datetime

DELETIONS_KEPT, CHANGES_KEPT = timedelta(days=15), timedelta(days=30)


def describe_all(call: Call) -> Answer:
    """GET /sobjects"""
    schema = call.store.schema
    described = [schema.describe_briefly(sobject, call.version) for sobject in schema.readable()]
    return preconditions.described(call, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": described})


def basic_information(call: Call) -> Answer:
    """GET /sobjects/{object}"""
    described = call.store.schema.describe_briefly(call.sobject(), call.version)
    return Answer(200, {"objectDescribe": described, "recentItems": []})


def describe(call: Call) -> Answer:
    """GET /sobjects/{object}/describe"""
    return preconditions.described(call, call.store.schema.describe(call.sobject(), call.version))


def deleted(call: Call) -> Answer:
    """GET /sobjects/{object}/deleted?start=&end="""
    store, sobject = call.store, call.sobject()
    start, end = _window(call, DELETIONS_KEPT)
    oldest = store.clock.now() - DELETIONS_KEPT
    earliest = max(store.deletions_known_since or oldest, oldest)
    first = max(start, earliest)
    gone = store.rows.deleted_between(sobject.name, format_datetime(first), format_datetime(end))
    records = [{"deletedDate": at, "id": record_id} for record_id, at in gone.items()]
    return Answer(
        200,
        {
            "deletedRecords": records,
            "earliestDateAvailable": format_datetime(earliest),
            "latestDateCovered": _latest_covered(call, end),
        },
    )


def updated(call: Call) -> Answer:
    """GET /sobjects/{object}/updated?start=&end=; created records too"""
    start, end = _window(call, CHANGES_KEPT)
    ids = call.store.rows.changed_between(call.sobject().name, format_datetime(start), format_datetime(end))
    return Answer(200, {"ids": ids, "latestDateCovered": _latest_covered(call, end)})


def _window(call: Call, kept: timedelta) -> tuple[datetime, datetime]:
    """Start and end of the query, to the minute: the platform leaves seconds out of account."""
    given = {name: call.query.get(name, "") for name in ("start", "end")}
    parsed = {name: parse_datetime(text) for name, text in given.items()}
    start, end = parsed["start"], parsed["end"]
    if start is None or end is None:
        wrong = next(name for name, at in parsed.items() if at is None)
        raise ApiError("INVALID_REPLICATION_DATE", f"invalid date value for {wrong}: {given[wrong]}")
    start, end = (at.astimezone(UTC).replace(second=0, microsecond=0) for at in (start, end))
    if end - start < timedelta(minutes=1):
        raise ApiError("INVALID_REPLICATION_DATE", "endDate has to be greater than startDate by more than one minute")
    if call.store.clock.now() - start > kept:
        raise ApiError("INVALID_REPLICATION_DATE", f"startDate cannot be more than {kept.days} days ago")
    return start, end


def _latest_covered(call: Call, end: datetime) -> str:
    return format_datetime(min(end, call.store.clock.now().replace(second=0, microsecond=0)))
