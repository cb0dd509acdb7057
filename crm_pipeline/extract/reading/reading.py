"""From a CRM into the spool: pages, tombstones, field histories, and once more what changed meanwhile.

Belongs here: the order of the calls of one object's read. Not here: what is asked (request.py), files (spool.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from crm_pipeline.crm import spans
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.extract.reading.request import Request
from crm_pipeline.extract.reading.spool import Spool

#: Told now and then: (records read, records to read, about).
Progress = Callable[[int, int], None]

#: The Date header has no fractions of a second: the CRM's clock is somewhere in the second after it.
CLOCK_TICK = timedelta(seconds=1)

#: A read that takes longer shows its records at different times; one more pass over what changed meanwhile ends that.
LONG = timedelta(seconds=30)


def fill(
    spool: Spool, crm: Crm, object_: str, request: Request, expected: int, progress: Progress | None = None
) -> datetime:
    """Read everything that is asked for, or what a killed process left of it. Returns the time, in the CRM's clock, up
    to which every change is here.

    `expected`: about how many live records the object has. The upper bound of the window was frozen when the read
    began first, so that records which are edited all the time do not keep it going.
    """
    if not spool.complete:
        if request.by_id:
            spool.add_records(crm.read(object_, request.by_id, request.fields).values())
        for page in crm.pages(
            object_,
            request.fields,
            since=request.since,
            until=None if request.full else spool.started + CLOCK_TICK,
            history=request.history,
            expected=expected,
            done=spans.merged(spool.done, spans.order_of(crm.system)),
        ):
            spool.add_page(page)
            if progress:
                progress(spool.read, max(spool.read, expected) if request.full else spool.read)
        spool.all_pages_are_here()
    _add_what_pages_do_not_name(spool, crm, object_, request, request.since)
    now = crm.server_time()
    if now - spool.started <= LONG:
        return spool.started
    for page in crm.pages(
        object_,
        request.fields,
        since=spool.started,
        until=now + CLOCK_TICK,
        history=request.history,
        expected=expected,
    ):
        spool.add_records(page.records)
        spool.add_tombstones(page.gone)
    _add_what_pages_do_not_name(spool, crm, object_, request, spool.started)
    return now


def _add_what_pages_do_not_name(spool: Spool, crm: Crm, object_: str, request: Request, since: datetime | None) -> None:
    for tombstones in crm.tombstones(object_, since=since):
        spool.add_tombstones(tombstones)
    if request.history:
        for versions in crm.versions(object_, request.history, since=since):
            spool.add_versions(versions)
