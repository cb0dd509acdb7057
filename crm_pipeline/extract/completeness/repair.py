"""Which records differ between here and the CRM: found by ids, at a cost that follows the difference.

Belongs here: comparing ids, what a record that is only here may be, and reading what is missing. Not here: when to
compare (reconcile.py), and loading. No warehouse connection is open while a CRM is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from crm_pipeline.crm.protocol import Crm, Span, Tombstone
from crm_pipeline.errors import SafetyError
from crm_pipeline.extract.completeness.local_ids import LocalIds
from crm_pipeline.extract.completeness.reconcile import Method
from crm_pipeline.extract.reading.spool import Spool
from crm_pipeline.model import System

#: Ids that a CRM lists in one answer: spans of about as many are listed, larger ones are counted by halves.
PAGE: Mapping[System, int] = {System.HUBSPOT: 200, System.SALESFORCE: 2_000}

_AT_ONCE = 500  # records read by id and held in memory


@dataclass(frozen=True)
class Repair:
    """Ids of one object that differ. `missing`: there, not here; to be read. `fates`: evidence for records that are
    only here. `kept`: only here, without evidence, and not to be read by id: a permission or filter may hide them.
    `there`: how many the CRM has now: it counts so many, or lists more and gives them by id, which no list that was cut
    short can make fewer."""

    missing: list[str]
    fates: list[Tombstone]
    kept: list[str]
    there: int


def repair(crm: Crm, object_: str, here: LocalIds, there: int, method: Method, *, unseen: Sequence[str] = ()) -> Repair:
    """Find the ids that differ between `here` and the CRM, which counted `there` before.

    SPANS: spans of ids whose counts differ are halved down to a page, then their ids are compared. d differing ids
    among n cost about d * (log2(n / page) + 2) calls, never more than two listings of all ids; a record too many and
    one too few within one span hide each other. ALL_IDS: finds those too. FULL_READ: nothing is listed, `unseen` are
    the ids that are only here. A record that was created or deleted while comparing is no difference for good: one
    that is only here but can be read is left out, one that is missing may be gone when the caller reads it.

    Raises SafetyError for a list that ends long before the ids that the CRM counts.
    """
    fates, kept = _judged(crm, object_, unseen)
    if method is Method.FULL_READ:
        return Repair([], fates, kept, there)
    here.drop([*kept, *(stone.record_id for stone in fates)])
    counted = crm.count(object_)
    missing, surplus = _differing(crm, object_, here, counted, method)
    _refuse_a_list_cut_short(crm, object_, counted, here.count() + len(missing) - len(surplus))
    more_fates, more_kept = _judged(crm, object_, surplus)
    shown = here.count() + len(missing) - len(more_fates) - len(more_kept)
    return Repair(missing, fates + more_fates, kept + more_kept, max(counted, shown))


@dataclass(frozen=True)
class Mended:
    """Numbers of records: `missing` ones that were read, `kept` ones only here. `there`: what the CRM counts now."""

    missing: int
    kept: int
    there: int


def mend(
    crm: Crm,
    object_: str,
    fields: Sequence[str],
    spool: Spool,
    here: LocalIds,
    there: int,
    method: Method,
    *,
    unseen: Sequence[str] = (),
    lately: datetime,
    keeps_out: Callable[[str], bool] = lambda record_id: False,
) -> Mended:
    """`repair`, with the missing records read into the spool, and the evidence for those that are gone.

    A record that was created from `lately` on was not missed: the next read would have brought it. One that cannot be
    read any more, with evidence that it is gone, is no longer there. One that `keeps_out` refuses is there, unread.
    """
    found = repair(crm, object_, here, there, method, unseen=unseen)
    missing = 0
    there = found.there
    for some in _in_parts(one for one in found.missing if not keeps_out(one)):
        records = {record.record_id: record for record in crm.read(object_, some, fields).values()}
        spool.add_records(records.values())
        spool.returned.update(records)  # what can be read is live, whatever an older tombstone says
        missing += sum(record.created_at < lately for record in records.values())
        unread = [one for one in some if one not in records]
        there -= len({stone.record_id for stone in crm.fates(object_, unread)}) if unread else 0
    spool.add_tombstones(found.fates)
    return Mended(missing, len(found.kept), there)


def _differing(crm: Crm, object_: str, here: LocalIds, there: int, method: Method) -> tuple[list[str], list[str]]:
    page = PAGE[crm.system]
    listing = -(-there // page)  # calls for a list of all ids
    known = here.count()
    if method is Method.SPANS and known == there:
        return [], []
    if method is Method.SPANS and abs(known - there) * 2 < listing:
        found = _by_halves(crm, object_, here, (known, there), page, at_most=listing)
        if found is not None:
            return found
    return here.compare(crm.ids(object_))


def _by_halves(
    crm: Crm, object_: str, here: LocalIds, counts: tuple[int, int], page: int, *, at_most: int
) -> tuple[list[str], list[str]] | None:
    """(missing, surplus) of the spans whose counts differ; None when that would take more calls than a list."""
    missing: list[str] = []
    surplus: list[str] = []
    calls = 0
    spans = [(Span(), *counts)]
    while spans:
        span, known, there = spans.pop()
        if known == there:
            continue
        if min(known, there) <= page:
            shown = {one for ids in crm.ids(object_, span) for one in ids}
            kept = {one for ids in here.ids(span) for one in ids}
            missing += shown - kept
            surplus += kept - shown
            calls += 1
            continue
        if calls >= at_most:
            return None
        middle = here.middle(span)
        lower, upper = Span(span.after, middle), Span(middle, span.to)
        known_below, there_below = here.count(lower), crm.count(object_, lower)
        calls += 1
        spans += [(upper, known - known_below, there - there_below), (lower, known_below, there_below)]
    return missing, surplus


def _refuse_a_list_cut_short(crm: Crm, object_: str, counted: int, shown: int) -> None:
    """It would make a call for each of the records that it does not show."""
    if counted - shown > _AT_ONCE and crm.count(object_) - shown > _AT_ONCE:
        raise SafetyError(
            f"{crm.system.label} {object_}: a list of all ids shows {shown} of the {counted} records that the CRM "
            "counts; nothing was loaded and nothing will be planned. Run again; if it stays, check what the "
            "integration's user may see"
        )


def _judged(crm: Crm, object_: str, suspects: Sequence[str]) -> tuple[list[Tombstone], list[str]]:
    """What became of records that are only here: (evidence, ids without any). One that can be read is simply live."""
    fates: list[Tombstone] = []
    absent: list[str] = []
    for some in _in_parts(suspects):
        found = crm.read(object_, some, [])
        for one in some:
            if one not in found:
                absent.append(one)
            elif found[one].record_id != one:  # answered under the id of the record that it was merged into
                fates.append(Tombstone(object_, one, "merged", None, object_, found[one].record_id))
    if absent:
        fates += crm.fates(object_, absent)
    evident = {stone.record_id for stone in fates}
    return fates, [one for one in absent if one not in evident]


def _in_parts(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while part := list(islice(rest, _AT_ONCE)):
        yield part
