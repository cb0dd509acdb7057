"""Spans of record ids: which ids a read has seen, and which are left.

Belongs here: the arithmetic of spans in the CRM's order of ids. Not here: reading (the clients), keeping (extract/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from crm_pipeline.crm.protocol import Span
from crm_pipeline.model import System

#: How a CRM sorts its ids: a key for comparing two of them. The empty text comes before every id.
Order = Callable[[str], tuple[int, str]]


def numeric(record_id: str) -> tuple[int, str]:
    """HubSpot: ids are numbers, `9` before `10`."""
    return len(record_id), record_id


def textual(record_id: str) -> tuple[int, str]:
    """Salesforce: ids are text of one length, compared character by character (capitals before small letters)."""
    return 0, record_id


def order_of(system: System) -> Order:
    return numeric if system is System.HUBSPOT else textual


def merged(spans: Iterable[Span], order: Order) -> list[Span]:
    """The same ids in as few spans as possible, ascending; empty spans are dropped."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda s: order(s.after)):
        if span.to is not None and order(span.to) <= order(span.after):
            continue
        last = result[-1] if result else None
        if last is None or (last.to is not None and order(last.to) < order(span.after)):
            result.append(span)
        elif last.to is not None and (span.to is None or order(span.to) > order(last.to)):
            result[-1] = Span(last.after, span.to)
    return result


def gaps(spans: Iterable[Span], order: Order) -> list[Span]:
    """The ids that no span holds, ascending; the last gap is without end unless a span is."""
    result: list[Span] = []
    after: str | None = ""
    for span in merged(spans, order):
        assert after is not None
        if order(after) < order(span.after):
            result.append(Span(after, span.after))
        after = span.to
    if after is not None:
        result.append(Span(after, None))
    return result
