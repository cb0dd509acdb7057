"""Reading records: all of an object or what changed, by the query resource or by the Bulk API, and what became of those
that are gone.

Belongs here: which way a question goes, and putting its answer together. Not here: jobs (`bulk`), SOQL (`soql`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from itertools import pairwise

from crm_pipeline.crm.protocol import Page, Span, Tombstone
from crm_pipeline.crm.salesforce import bulk, soql
from crm_pipeline.crm.salesforce.answers import foreign
from crm_pipeline.crm.salesforce.ids import to_18
from crm_pipeline.crm.salesforce.records import page, time, tombstone
from crm_pipeline.crm.salesforce.soql import Query
from crm_pipeline.crm.salesforce.wire import Batch, Row, Wire
from crm_pipeline.crm.spans import gaps, textual
from crm_pipeline.errors import PermanentError, TransientError

#: From so many rows on a bulk query is made. The query resource gives 2,000 rows a call, a job costs about ten calls
#: whatever its size and takes some seconds before its first row (facts/salesforce.md 3.6): at 50,000 rows the job has
#: half of the calls and the time is made good. Below, a read can be taken up again where it was interrupted.
BULK_FROM = 50_000

#: Rows, and the span of ids that they complete; None where they come in no order.
Part = tuple[Sequence[Row], Span | None]

_LISTED = timedelta(days=15) - timedelta(hours=1)  # deletions are listed for 15 days; an hour for clocks that differ
_SHORTEST_SPAN = timedelta(minutes=2)  # a list of deletions must span more than a minute


def pages(
    wire: Wire,
    object_: str,
    fields: Sequence[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    expected: int = 0,
    done: Sequence[Span] = (),
) -> Iterator[Page]:
    """See `protocol.Crm.pages`. Fields that the integration user cannot see, and compound ones, are left out.

    An object without a time that a query may filter is read as a whole, whatever the window.
    """
    shape = wire.shape(object_)
    types = wire.types(object_, fields)
    whole = not shape.clock or since is until is None
    columns = (*shape.system, *types)
    query = shape.everything(columns) if whole else shape.changes(types, since, until)
    for gap in gaps(done, textual):
        for rows, span in rows_of(wire, query, gap, large=whole and expected >= BULK_FROM):
            yield page(object_, rows, types, span)


def ids(wire: Wire, object_: str, span: Span | None) -> Iterator[list[str]]:
    """See `protocol.Crm.ids`."""
    for rows, _ in rows_of(wire, wire.shape(object_).everything(("Id",)), span or Span()):
        if rows:
            yield [to_18(row["Id"]) for row in rows]


def count(wire: Wire, object_: str, span: Span | None) -> int:
    """See `protocol.Crm.count`."""
    query = wire.shape(object_).everything(("COUNT()",)).where(*soql.between(span or Span()))
    return wire.total(query.text(), deleted=query.deleted)


def by_value(wire: Wire, query: Query, field: str, values: Sequence[str]) -> Iterator[Row]:
    """Rows in which a field has one of the values, in as many queries as their addresses need."""
    first, *others = query.parts()
    for condition in soql.any_of(field, values, first.text()):
        for rows in wire.query(first.where(condition).text(), deleted=query.deleted):
            yield from _completed(wire, rows, others)


def deletions(
    wire: Wire, object_: str, since: datetime, until: datetime, named: Set[str] = frozenset()
) -> tuple[list[Tombstone], datetime]:
    """What Salesforce's list of deletions is evidence of beyond `named`, and from when on that list is complete.

    The list outlives the recycle bin, but tells neither merges nor what was restored since: the rows do.
    """
    if not wire.shape(object_).lists_deletions:
        return [], until
    start = max(since, until - _LISTED)
    listed = wire.deleted(object_, min(start, until - _SHORTEST_SPAN), until)
    at = {to_18(row["id"]): time(row["deletedDate"]) for row in listed.rows}
    unknown = [one for one in at if one not in named]
    there = _present(wire, object_, unknown)
    purged = [Tombstone(object_, one, "deleted", at[one]) for one in unknown if one not in there]
    return [*filter(None, there.values()), *purged], max(start, listed.since)


def binned(wire: Wire, object_: str, since: datetime | None) -> Iterator[list[Tombstone]]:
    """What a read of everything does not name (`pages` of changes does): the recycle bin, and converted records."""
    shape = wire.shape(object_)
    for query in shape.gone() if since is None or not shape.clock else ():
        for rows, _ in rows_of(wire, query, Span()):
            stones = [stone for row in rows if (stone := tombstone(object_, row))]
            if stones:
                yield stones


def fates(wire: Wire, object_: str, record_ids: Sequence[str], until: datetime) -> list[Tombstone]:
    """See `protocol.Crm.fates`: what the rows say, recycle bin included, and for those without one the list of
    deletions."""
    wanted = list(dict.fromkeys(map(to_18, record_ids)))
    there = _present(wire, object_, wanted)
    missing = {one for one in wanted if one not in there}
    listed = deletions(wire, object_, until - _LISTED, until)[0] if missing else []
    return [*filter(None, there.values()), *(stone for stone in listed if stone.record_id in missing)]


def _present(wire: Wire, object_: str, record_ids: Sequence[str]) -> dict[str, Tombstone | None]:
    """The records of which Salesforce has still a row: their tombstones, None for a live one."""
    shape = wire.shape(object_)
    query = Query(object_, (*shape.system, *shape.evidence), deleted=True)
    found = by_value(wire, query, "Id", record_ids) if record_ids else ()
    return {to_18(row["Id"]): tombstone(object_, row) for row in found}


def rows_of(wire: Wire, query: Query, span: Span, *, large: bool = False) -> Iterator[Part]:
    """The rows of a span of ids, with the part of it that they complete. `large`: it is known to be a lot."""
    if not large and query.fits:
        try:
            for batch, part in ordered(wire, query, span):
                if batch.total >= BULK_FROM and not batch.done:
                    break
                yield batch.rows, part
            else:
                return
        except TransientError as error:
            if error.code != "QUERY_TIMEOUT":  # after two minutes, however often: a job has more time
                raise
    yield from _in_bulk(wire, query, span)


def _in_bulk(wire: Wire, query: Query, span: Span) -> Iterator[Part]:
    """By a job, whose rows come in no order; otherwise by as many queries as its columns need."""
    try:
        for rows in bulk.rows(wire, query.where(*soql.between(span)), wire.types(query.object_, query.columns)):
            yield rows, None
        yield (), span
        return
    except bulk.NotOfferedError:
        first, *others = query.parts()
    for batch, part in ordered(wire, first, span):
        yield _completed(wire, batch.rows, others), part


def ordered(wire: Wire, query: Query, span: Span) -> Iterator[tuple[Batch, Span | None]]:
    """The rows of a span by id, page by page, with the part of it that each page completes (None if Salesforce's order
    is not that of texts). A cursor that expired (after two days) is taken up behind the last row."""
    after, in_order = span.after, True
    while True:
        start = after
        text = query.where(*soql.between(Span(start, span.to))).text(ordered=True)
        try:
            for batch in wire.batches(text, deleted=query.deleted):
                before = after
                if not all(row.get("Id") for row in batch.rows):
                    raise foreign()
                if batch.rows:
                    found = [after, *(to_18(row["Id"]) for row in batch.rows)]
                    in_order = in_order and all(one < other for one, other in pairwise(found))
                    after = found[-1]
                part = Span(before, span.to if batch.done else after)
                yield batch, part if in_order else None
            return
        except PermanentError as error:
            if error.code != "INVALID_QUERY_LOCATOR" or after == start:
                raise


def _completed(wire: Wire, rows: Sequence[Row], others: Sequence[Query]) -> Sequence[Row]:
    """Rows with the columns that other queries bring; a row that is gone by then is left to the next read."""
    for query in others:
        wanted = [row["Id"] for row in rows]
        more = {row["Id"]: row for row in by_value(wire, query, "Id", wanted)}
        rows = [_joined(row, more[row["Id"]]) for row in rows if row["Id"] in more]
    return rows


def _joined(row: Row, other: Row) -> Row:
    """Both rows' columns; those of one relation may stand in both."""
    joined = dict(row)
    for name, value in other.items():
        mine = joined.get(name)
        joined[name] = {**mine, **value} if isinstance(mine, Mapping) and isinstance(value, Mapping) else value
    return joined
