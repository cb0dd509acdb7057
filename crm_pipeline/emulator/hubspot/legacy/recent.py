"""Records by the time they were changed or created, as the older endpoints page through them.

Belongs here: what v1 and v2 call "recent", and the place behind a change. Source: HubSpot's legacy documentation: only
the last 30 days and the newest 10,000 records are reached, `since` is included, the default page has 20, the largest
100.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from heapq import merge
from itertools import islice

from crm_pipeline.emulator.hubspot.call import Call, is_whole
from crm_pipeline.emulator.hubspot.errors import invalid
from crm_pipeline.emulator.hubspot.records import Record
from crm_pipeline.emulator.hubspot.tables import NUMBER_BITS, NUMBER_MASK, Table

_DAYS, _MOST_REACHED = 30, 10_000
_DEFAULT, _MOST = 20, 100

Dated = tuple[Table, str]  # a table and the property that holds the time


def whole(call: Call, name: str) -> int:
    """A whole number of the query, 0 without it. Raises HubSpotError 400."""
    text = call.query.get(name) or "0"
    if not is_whole(text):
        raise invalid(f"{name} must be a number", **{name: [text]})
    return int(text)


def recent(call: Call, sources: Iterable[Dated]) -> tuple[list[tuple[Table, Record]], dict[str, int | bool]]:
    """The page of the newest that the query asks for, and `hasMore`, `offset` and `total` of the answer."""
    count = min(call.number("count", _DEFAULT, 10**9), _MOST)
    offset, since = whole(call, "offset"), whole(call, "since")
    earliest = _earliest(call)
    end, total, newest = offset + count, 0, []
    for table, name in sources:
        times = table.times[name]
        start, size = times.position(max(since, earliest) << NUMBER_BITS), len(times)
        total += size - start
        newest.append([(key, table) for key in reversed(times.between(max(start, size - end), size))])
    total = min(total, _MOST_REACHED)
    keys = list(islice(_merged(newest, newest_first=True), offset, min(end, total)))
    end = offset + len(keys)
    return _records(keys), {"hasMore": end < total, "offset": end, "total": total}


def before(call: Call, table: Table, name: str) -> tuple[list[Record], bool, tuple[int, int]]:
    """The page of contacts before `timeOffset` and `vidOffset`, newest first; whether there are more; both offsets."""
    count = min(call.number("count", _DEFAULT, 10**9), _MOST)
    times, offset = table.times[name], whole(call, "timeOffset")
    end = times.position(offset << NUMBER_BITS | whole(call, "vidOffset")) if offset else len(times)
    first = times.position(_earliest(call) << NUMBER_BITS)
    start = max(first, end - count)
    keys = times.between(start, end)[::-1]
    last = keys[-1] if keys else offset << NUMBER_BITS
    return [table.records[key & NUMBER_MASK] for key in keys], start > first, (last >> NUMBER_BITS, last & NUMBER_MASK)


def behind(sources: Iterable[Dated], key: int, limit: int) -> tuple[list[tuple[Table, Record]], int, bool]:
    """Up to `limit` records changed behind `key`, oldest first; the key of the last; whether there are more.

    A key is a time in ms and a record's number, as in `Table.times`.
    """
    oldest = []
    for table, name in sources:
        times = table.times[name]
        start = times.position(key + 1)
        oldest.append([(one, table) for one in times.between(start, start + limit + 1)])
    keys = list(islice(_merged(oldest), limit + 1))
    page = keys[:limit]
    return _records(page), page[-1][0] if page else key, len(keys) > limit


def _earliest(call: Call) -> int:
    return max(round((call.store.clock.now() - timedelta(days=_DAYS)).timestamp() * 1000), 0)


Key = tuple[int, Table]


def _merged(lists: list[list[Key]], *, newest_first: bool = False) -> Iterable[Key]:
    return merge(*lists, key=lambda one: one[0], reverse=newest_first)


def _records(keys: Iterable[Key]) -> list[tuple[Table, Record]]:
    return [(table, table.records[key & NUMBER_MASK]) for key, table in keys]
