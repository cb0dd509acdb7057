"""Many pages of HubSpot records, by ranges of their ids that are read side by side.

HubSpot numbers records upwards, lists them in that order, and its list takes the last id as cursor
(facts/hubspot.md section 4). All of this is checked on every page. Not here: single calls (`reading`).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from crm_pipeline.crm.hubspot.reading import Answer, Asked, Row, by_id, list_page, newest
from crm_pipeline.crm.hubspot.wire import Wire
from crm_pipeline.crm.parallel import side_by_side
from crm_pipeline.crm.protocol import Span
from crm_pipeline.crm.ranges import OutOfOrderError, Range, Ranges, checked, kept
from crm_pipeline.errors import TransientError
from crm_pipeline.model import System

#: Rows of a page, and the ids that are done with it (None: the CRM kept no order).
Part = tuple[list[Row], Span | None]


@dataclass(frozen=True)
class _Page:
    ids: list[int]
    rows: list[Row]
    cursor: str


def listed(
    wire: Wire, asked: Asked, spans: Iterable[Span], wanted: Callable[[Row], bool] = lambda _: True
) -> Iterator[Part]:
    """The live (or archived) records of spans of ids that are `wanted`, by what the list says about them.

    If the list is in no order: those of all ids, one page after the other.
    """

    def fill(rows: Iterable[Row]) -> list[Row]:
        rows = [row for row in rows if wanted(row)]
        return by_id(wire, asked, rows) if asked.apart else rows

    given = array("q")
    ranges = Ranges(map(bounds, spans), page=asked.listed, newest=lambda: newest(wire, asked.object))
    try:
        for rows, span in in_ranges(
            ranges,
            lambda range_: list_page(wire, asked, range_.cursor or _text(range_.after)),
            fill,
        ):
            given.extend(int(row["id"]) for row in rows)
            yield rows, span
    except OutOfOrderError:
        yield from _one_after_the_other(wire, asked, set(given), fill)


def in_ranges(ranges: Ranges, ask: Callable[[Range], Answer], fill: Callable[[list[Row]], list[Row]]) -> Iterator[Part]:
    """The pages of all ranges: `ask` gives the rows beyond a range's beginning, `fill` what else they need.

    Raises `OutOfOrderError` when rows do not come in the order of their ids.
    """

    def run(range_: Range) -> _Page:
        after, to = range_.after, range_.to
        answer = ask(range_)
        ids = checked((str(row["id"]) for row in answer.rows), after)
        skipped = 1 if ids and ids[0] == after else 0
        return _Page(ids[skipped:], fill(answer.rows[skipped : kept(ids, to)]), answer.cursor)

    def finish(range_: Range, page: _Page) -> Part:
        after, to = ranges.advance(range_, page.ids, more=bool(page.cursor), cursor=page.cursor)
        rows = page.rows if to is None else [row for row in page.rows if int(row["id"]) <= to]
        return rows, Span(_text(after), None if to is None else _text(to))

    return side_by_side(ranges.take, run, finish)


def bounds(span: Span) -> tuple[int, int | None]:
    """A span in numbers."""
    return int(span.after or 0), None if span.to is None else int(span.to)


def _text(number: int) -> str:
    return str(number) if number else ""


def _one_after_the_other(
    wire: Wire, asked: Asked, given: set[int], fill: Callable[[Iterable[Row]], list[Row]]
) -> Iterator[Part]:
    """All pages by the CRM's own cursor, without the records that have been given already."""
    cursor, seen = "", set[str]()
    while True:
        answer = list_page(wire, asked, cursor)
        rows = [row for row in answer.rows if not (str(row["id"]).isdecimal() and int(row["id"]) in given)]
        yield fill(rows), None
        cursor = answer.cursor
        if not cursor:
            return
        if cursor in seen:
            raise TransientError(
                f"HubSpot's list of {asked.object} leads back to a page that was read; "
                "look for a cache in between, and run again.",
                system=System.HUBSPOT,
            )
        seen.add(cursor)
