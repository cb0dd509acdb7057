"""Pages, searches and batches of HubSpot records as raw rows.

A full read lists (100 a page); a read of changes searches inside a window, by keyset on the record id, because a
search ends at 10,000 results (facts/hubspot.md section 4). Not here: writing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from crm_pipeline.crm.hubspot.wire import Wire
from crm_pipeline.crm.protocol import Span

Row = Mapping[str, Any]
_LIST = _BATCH = 100
_WITH_HISTORY = 50
_SEARCH = 200
_ASSOCIATIONS = 1000
_LONGEST_QUERY = 15_000  # HubSpot answers 414 a little above 16,000 (measured by Airbyte)


def chunks(items: Sequence[str], size: int) -> Iterator[list[str]]:
    """Distinct items, `size` at a time."""
    rest = iter(dict.fromkeys(items))
    while chunk := list(islice(rest, size)):
        yield chunk


def list_pages(
    wire: Wire, object_: str, properties: Sequence[str], history: Sequence[str] = (), *, archived: bool = False
) -> Iterator[list[Row]]:
    """All live (or all archived) records in the order of their ids."""
    asked: dict[str, Any] = {"properties": list(properties)}
    if history:
        asked["properties_with_history"] = list(history)
    too_long = len(urlencode(asked, doseq=True)) > _LONGEST_QUERY
    limit = _WITH_HISTORY if history and not too_long else _LIST
    after = None
    while True:
        named = {} if too_long else asked
        if after is not None:
            named = {**named, "after": after}
        page = wire.ask(wire.client.crm.objects.basic_api.get_page, object_, limit=limit, archived=archived, **named)
        rows: list[Row] = page["results"]
        if too_long and not archived:
            rows = batch_read(wire, object_, [row["id"] for row in rows], properties, history)
        if rows:
            yield rows
        after = _next(page)
        if after is None:
            return


def _next(page: Mapping[str, Any]) -> str | None:
    return ((page.get("paging") or {}).get("next") or {}).get("after")


def batch_read(
    wire: Wire,
    object_: str,
    ids: Sequence[str],
    properties: Sequence[str],
    history: Sequence[str] = (),
    *,
    id_property: str = "",
) -> list[Row]:
    """Live records by id or unique value; what does not exist is left out."""
    rows: list[Row] = []
    for chunk in chunks(ids, _WITH_HISTORY if history else _BATCH):
        body: dict[str, Any] = {
            "properties": list(properties),
            "propertiesWithHistory": list(history),
            "inputs": [{"id": one} for one in chunk],
        }
        if id_property:
            body["idProperty"] = id_property
        answer = wire.ask(wire.client.crm.objects.batch_api.read, object_, body, archived=False)
        rows += answer["results"]
    return rows


def window(property_: str, since: datetime | None, until: datetime | None) -> list[dict[str, str]]:
    """Filters of [since, until), in HubSpot's milliseconds."""
    bounds = (("GTE", since), ("LT", until))
    return [
        {"propertyName": property_, "operator": operator, "value": str(int(at.timestamp() * 1000))}
        for operator, at in bounds
        if at is not None
    ]


def search_pages(
    wire: Wire, object_: str, groups: Sequence[Sequence[Mapping[str, str]]], properties: Sequence[str]
) -> Iterator[list[Row]]:
    """Live records that match one of the groups of filters, in the order of their ids, however many."""
    last = "0"
    while True:
        page = _search(wire, object_, groups, properties, last, _SEARCH)
        rows: list[Row] = page["results"]
        if not rows:
            return
        yield rows
        if _next(page) is None:
            return
        last = rows[-1]["id"]


def _search(
    wire: Wire,
    object_: str,
    groups: Sequence[Sequence[Mapping[str, str]]],
    properties: Sequence[str],
    last: str,
    limit: int,
) -> Any:
    beyond = {"propertyName": "hs_object_id", "operator": "GT", "value": last}
    body = {
        "filterGroups": [{"filters": [*filters, beyond]} for filters in groups],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": limit,
    }
    return wire.ask(wire.client.crm.objects.search_api.do_search, object_, body)


def between(span: Span) -> list[dict[str, str]]:
    """Filters of a span of ids."""
    bounds = (("GT", span.after), ("LTE", span.to))
    return [{"propertyName": "hs_object_id", "operator": operator, "value": one} for operator, one in bounds if one]


def count(wire: Wire, object_: str, span: Span) -> int:
    """How many live records a search finds: its total is not cut at 10,000, but new records take moments to show."""
    return int(_search(wire, object_, [between(span)], (), "0", 1)["total"])


def associated(wire: Wire, from_object: str, to_object: str, ids: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """Pairs of (from id, association); records without any are left out (their 207 is normal)."""
    read = wire.client.crm.associations.v4.batch_api.get_page
    for chunk in chunks(ids, _ASSOCIATIONS):
        inputs = [{"id": one} for one in chunk]
        while inputs:
            answer = wire.ask(read, from_object, to_object, {"inputs": inputs})
            inputs = []
            for result in answer["results"]:
                from_id = str(result["from"]["id"])
                yield from ((from_id, one) for one in result["to"])
                after = _next(result)
                if after is not None:
                    inputs.append({"id": from_id, "after": after})
