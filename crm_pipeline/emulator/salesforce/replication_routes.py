"""Endpoints that list which records were deleted or updated in a span of time."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.values import format_datetime, parse_datetime

DELETED_KEPT = timedelta(days=15)
UPDATED_KEPT = timedelta(days=30)
_SHORTEST = timedelta(minutes=1)


def deleted(call: Call) -> Answer:
    """GET /sobjects/{object}/deleted?start=&end=; records purged from the recycle bin are still listed"""
    sobject, store = call.sobject(), call.store
    start, end = _span(call, DELETED_KEPT)
    in_bin = {key: row["_deleted_at"] for key, row in store.rows.tables[sobject.name].items() if row.get("IsDeleted")}
    gone = {key: at for key, at in store.purged.items() if store.schema.by_prefix(key) is sobject} | in_bin
    first, last = format_datetime(start), format_datetime(end)
    earliest = max(store.deletions_known_since or start, store.clock.now() - DELETED_KEPT)
    since = format_datetime(store.deletions_known_since or start)
    listed = [{"id": key, "deletedDate": at} for key, at in gone.items() if max(first, since) <= at < last]
    body = {
        "deletedRecords": sorted(listed, key=lambda one: one["deletedDate"]),
        "earliestDateAvailable": format_datetime(earliest),
        "latestDateCovered": _covered(call, end),
    }
    return Answer(200, body)


def updated(call: Call) -> Answer:
    """GET /sobjects/{object}/updated?start=&end=; records created count as updated"""
    sobject, store = call.sobject(), call.store
    start, end = _span(call, UPDATED_KEPT)
    first, last = format_datetime(start), format_datetime(end)
    rows = store.rows.tables[sobject.name].values()
    ids = [row["Id"] for row in rows if not row.get("IsDeleted") and first <= row["SystemModstamp"] < last]
    return Answer(200, {"ids": ids, "latestDateCovered": _covered(call, end)})


def _span(call: Call, kept: timedelta) -> tuple[datetime, datetime]:
    if not call.sobject().described["replicateable"]:
        raise ApiError("INVALID_TYPE", f"entity type {call.sobject().name} is not replicateable")
    start, end = _time(call, "start"), _time(call, "end")
    if end - start <= _SHORTEST:
        raise ApiError("INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than startDate")
    if start < call.store.clock.now() - kept:
        raise ApiError("INVALID_REPLICATION_DATE", f"startDate cannot be more than {kept.days} days ago")
    return start, end


def _time(call: Call, name: str) -> datetime:
    at = parse_datetime(call.query.get(name, ""))
    if at is None:
        raise ApiError("ILLEGAL_QUERY_PARAMETER_VALUE", f"Illegal value for parameter {name}")
    return at


def _covered(call: Call, end: datetime) -> str:
    return format_datetime(min(end, call.store.clock.now()))
