"""From a CRM into the spool: pages, tombstones, field histories, and once more what changed meanwhile.

Belongs here: the order of the calls of one object's read. Not here: what is asked (request.py), files (spool.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from crm_pipeline.crm import spans
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.extract.reading.request import Request
from crm_pipeline.extract.reading.spool import Spool
from crm_pipeline.model import SourceRecord

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
    here: set[str] = set()
    if request.by_id:  # also where all pages are here: these may be other records than an earlier process asked for
        _add_records(spool, crm.read(object_, request.by_id, request.fields).values(), here)
    if not spool.complete:
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
        _note_returned(spool, crm, object_, here)
        return spool.started
    # What was changed just before the read began may have been shown after its page was read.
    meanwhile = spool.started - request.overlap
    for page in crm.pages(
        object_,
        request.fields,
        since=meanwhile,
        until=now + CLOCK_TICK,
        history=request.history,
        expected=expected,
    ):
        _add_records(spool, page.records, here)
        spool.add_tombstones(page.gone)
    _add_what_pages_do_not_name(spool, crm, object_, request, meanwhile)
    _note_returned(spool, crm, object_, here)
    return now


def _add_records(spool: Spool, records: Collection[SourceRecord], ids: set[str]) -> None:
    spool.add_records(records)
    ids.update(record.record_id for record in records)


def _note_returned(spool: Spool, crm: Crm, object_: str, ids: set[str]) -> None:
    """A record that came as live after its tombstone was restored, or is gone since: the CRM is asked which."""
    if doubtful := spool.gone_among(ids):
        found = crm.read(object_, doubtful, [])
        spool.returned.update(one for one in doubtful if one in found and found[one].record_id == one)


def _add_what_pages_do_not_name(spool: Spool, crm: Crm, object_: str, request: Request, since: datetime | None) -> None:
    for tombstones in crm.tombstones(object_, since=since):
        spool.add_tombstones(tombstones)
    if request.history:
        for versions in crm.versions(object_, request.history, since=since):
            spool.add_versions(versions)
