"""Bulk API 2.0 query jobs: rows of a result of any size.

Belongs here: the life of a job, its calls and waits. Not here: which queries go this way (`reading`), CSV (`csv_rows`).

Sources: Bulk API 2.0 guide, "Query Jobs" (results by Sforce-Locator, `null` on the last page; kept for 7 days; a job is
deleted when it has ended); facts/salesforce.md 3.6 (no ORDER BY, which would switch off the chunking by id).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice

from crm_pipeline.crm.gateway import Reply
from crm_pipeline.crm.salesforce import ahead, csv_rows
from crm_pipeline.crm.salesforce.answers import expected
from crm_pipeline.crm.salesforce.soql import Query
from crm_pipeline.crm.salesforce.wire import Row, Wire
from crm_pipeline.errors import CrmError, DailyLimitError, PermanentError, TransientError
from crm_pipeline.model import System

_CELLS = 500_000  # of a page of results, which is held in memory: about 10 MB of CSV
_ROWS = (2_000, 50_000)  # the fewest and the most rows of a page, whatever the number of columns
_AT_ONCE = 2_000  # rows given at once, as many as a page of the query resource has
_LONGEST_WAIT = 30.0  # seconds between two questions after a job
_PATIENCE = 20  # a job may take so many times the patience for a call: an hour
DONE = "JobComplete"
_ENDS = (DONE, "Failed", "Aborted")
_EXPIRED = ("INVALID_QUERY_LOCATOR", "NOT_FOUND", "INVALIDJOBSTATE", "INVALIDJOB")


class NotOfferedError(Exception):
    """The Bulk API does not answer this query: the object, the query or the day's jobs; no row was given."""


def rows(wire: Wire, query: Query, types: Mapping[str, str]) -> Iterator[Sequence[Row]]:
    """The rows of a query, in no order. `types`: the describe's types of its columns, by path.

    A result that is gone half-way (they are kept for 7 days) is asked for once more from the start, so that rows may
    come twice. Raises `NotOfferedError` before the first row, and `CrmError`.
    """
    try:
        yield from _of_one_job(wire, query, types)
    except PermanentError as error:
        if error.code not in _EXPIRED:
            raise
        yield from _of_one_job(wire, query, types)


def rows_of_a_page(columns: int) -> int:
    """How many rows of a result are asked for at a time."""
    return min(max(_CELLS // max(1, columns), _ROWS[0]), _ROWS[1])


def _of_one_job(wire: Wire, query: Query, types: Mapping[str, str]) -> Iterator[Sequence[Row]]:
    columns = {name: types[name] for name in query.columns}
    size = rows_of_a_page(len(columns))
    with _job(wire, query) as path:
        _await(wire, path, query.object_)

        def result(locator: str = "") -> Reply:
            page = {"maxRecords": str(size), **({"locator": locator} if locator else {})}
            return wire.ask("GET", f"{path}/results", csv=True, params=page, headers={"Accept": "text/csv"})

        seen = set[str]()

        def follow(reply: Reply) -> Reply | None:
            locator = reply.headers.get("Sforce-Locator")
            if not locator or locator in seen:
                raise csv_rows.damaged()  # nobody knows whether this was all
            seen.add(locator)
            return None if locator == "null" else result(locator)

        for reply in ahead.pages(result(), follow):
            count = reply.headers.get("Sforce-NumberOfRecords", "")
            found = csv_rows.rows(reply.body, columns, int(count) if count.isdecimal() else None)
            while some := list(islice(found, _AT_ONCE)):
                yield some


@contextmanager
def _job(wire: Wire, query: Query) -> Iterator[str]:
    """The path of a new job, which is aborted or deleted at the end, also when its reader leaves early."""
    asked = {
        "operation": "queryAll" if query.deleted else "query",
        "query": query.text(),
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
    }
    try:
        path = f"jobs/query/{expected(wire.ask('POST', 'jobs/query', json=asked), 'id')['id']}"
    except DailyLimitError:
        raise
    except PermanentError:
        raise NotOfferedError from None  # the query resource tells what is wrong, if anything is
    try:
        yield path
    finally:
        _remove(wire, path)


def _remove(wire: Wire, path: str) -> None:
    """Only a job that has ended can be deleted. One that stays is Salesforce's to delete after 7 days."""
    with suppress(CrmError):
        wire.ask("DELETE", path)
        return
    with suppress(CrmError):  # it may have ended meanwhile
        wire.ask("PATCH", path, json={"state": "Aborted"})
    with suppress(CrmError):
        wire.ask("DELETE", path)


def _await(wire: Wire, path: str, object_: str) -> None:
    state = ended(wire, path, f"a bulk query of {object_}")
    if state == "Failed":
        raise NotOfferedError  # its errorMessage may hold values
    if state == "Aborted":
        raise TransientError(
            f"The bulk query of {object_} was aborted in Salesforce; run again.", system=System.SALESFORCE
        )


def ended(wire: Wire, path: str, what: str) -> str:
    """Wait until a job has ended: JobComplete, Failed or Aborted. Raises TransientError if it takes too long."""
    limits = wire.gateway.limits
    waited, wait = 0.0, limits.backoff_seconds
    while True:
        state = str(expected(wire.ask("GET", path), "state")["state"])
        if state in _ENDS:
            return state
        if waited > _PATIENCE * limits.patience_seconds:
            raise TransientError(
                f"{what[0].upper()}{what[1:]} had not ended after {waited:,.0f} seconds; "
                "look for it under Bulk Data Load Jobs in Setup and run again.",
                system=System.SALESFORCE,
            )
        wire.gateway.calls.wait_begins(f"is at work on {what}")
        time.sleep(wait)
        wire.gateway.calls.wait_ends()
        waited, wait = waited + wait, min(wait * 2, _LONGEST_WAIT)
