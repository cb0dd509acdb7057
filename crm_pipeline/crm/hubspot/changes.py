"""The records that changed within a time: searched for, or picked out of a list of everything when that is quicker.

Belongs here: the choice and the two ways. Not here: single calls (`reading`), ranges of ids (`keyset`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from crm_pipeline.crm.hubspot.keyset import Part, bounds, in_ranges, listed
from crm_pipeline.crm.hubspot.reading import (
    SEARCH,
    Answer,
    Asked,
    Row,
    between,
    by_id,
    newest,
    search_page,
    within,
)
from crm_pipeline.crm.hubspot.records import modified_property, time
from crm_pipeline.crm.hubspot.wire import Wire
from crm_pipeline.crm.protocol import Span
from crm_pipeline.crm.ranges import OutOfOrderError, Ranges


@dataclass(frozen=True)
class Rates:
    """Calls a second that HubSpot lets us make: all of them, and searches, which are among them."""

    calls: float
    searches: float


def search_is_quicker(changed: int, live: int, asked: Asked, rates: Rates) -> bool:
    """Whether a search for `changed` records takes no longer than a list of `live` ones; `live` 0 is not known.

    A search brings 200 records without history, a list 100, or 50 with history. Histories of what was searched for, and
    properties that fit no address, come by batch read of what changed.
    """
    searches, batches = ceil(changed / SEARCH), ceil(changed / asked.batch)
    by_search = searches + (batches if asked.history else 0)
    by_list = ceil(live / asked.listed) + (batches if asked.apart else 0)
    return not live or max(searches / rates.searches, by_search / rates.calls) <= by_list / rates.calls


def changed(
    wire: Wire,
    asked: Asked,
    since: datetime | None,
    until: datetime | None,
    spans: Sequence[Span],
    *,
    live: int,
    rates: Rates,
) -> Iterator[Part]:
    """Live records of spans of ids that were modified in [since, until). `live`: about how many records there are.

    The first page of the search tells how many changed. However many have one time of change, they all come: what
    follows a page is found by id. Should the search not answer in the order of ids, a list takes over, and records may
    come twice.
    """
    if not spans:
        return
    filters = within(modified_property(asked.object), since, until)
    rest: list[Span] = list(spans)
    try:
        first = _found(wire, asked, filters, bounds(Span(spans[0].after, None)))
        ids = [int(row["id"]) for row in first.rows]
        if ids != sorted(set(ids)):
            raise OutOfOrderError
        done = Span(spans[0].after, first.rows[-1]["id"] if first.cursor else None)
        rest = _without(spans, done)
        yield _filled(wire, asked, [row for row in first.rows if _inside(int(row["id"]), spans)]), done
        if not rest:
            return
        if search_is_quicker(first.total, live, asked, rates):
            yield from _searched(wire, asked, filters, rest)
            return
    except OutOfOrderError:
        pass
    yield from listed(wire, asked, rest, lambda row: _changed_in(time(row["updatedAt"]), since, until))


def _searched(wire: Wire, asked: Asked, filters: list[dict[str, str]], spans: Iterable[Span]) -> Iterator[Part]:
    """What the filters find in spans of ids; there is much, so that it is cut after one page."""
    ranges = Ranges(
        map(bounds, spans), page=SEARCH, newest=lambda: newest(wire, asked.object, filters), few=1, bounded=True
    )
    return in_ranges(
        ranges,
        lambda range_: _found(wire, asked, filters, (range_.after, range_.to)),
        lambda rows: _filled(wire, asked, rows),
    )


def _found(wire: Wire, asked: Asked, filters: list[dict[str, str]], ids: tuple[int, int | None]) -> Answer:
    properties = ["hs_object_id"] if asked.history else asked.properties
    return search_page(wire, asked.object, [*filters, *between(*ids)], properties)


def _filled(wire: Wire, asked: Asked, rows: list[Row]) -> list[Row]:
    return by_id(wire, asked, rows) if asked.history else rows


def _changed_in(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


def _inside(number: int, spans: Iterable[Span]) -> bool:
    return any(after < number and (to is None or number <= to) for after, to in map(bounds, spans))


def _without(spans: Iterable[Span], done: Span) -> list[Span]:
    """The spans less one that reaches below them all."""
    if done.to is None:
        return []
    end = int(done.to)
    rest = []
    for span in spans:
        after, to = bounds(span)
        if to is None or to > end:
            rest.append(Span(str(max(after, end)), span.to))
    return rest
