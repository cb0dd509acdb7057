"""Single calls that read HubSpot records, as raw rows: a page of a list, a page of a search, a batch by id.

Figures: facts/hubspot.md section 4. Not here: many pages (`keyset`), which of the calls to use (`changes`), writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from crm_pipeline.crm.hubspot.wire import Wire
from crm_pipeline.crm.parallel import mapped
from crm_pipeline.errors import PermanentError

Row = Mapping[str, Any]
Filters = Sequence[Mapping[str, str]]

LIST = BATCH = 100  # records a call
WITH_HISTORY = 50
SEARCH = 200
_LONGEST_QUERY = 15_000  # HubSpot answers 414 a little above 16,000 (measured by Airbyte)
_ID = "hs_object_id"


@dataclass(frozen=True)
class Asked:
    """What is asked of an object: the properties to bring, and those to bring with their history."""

    object: str
    properties: Sequence[str] = (_ID,)
    history: Sequence[str] = ()
    archived: bool = False

    @cached_property
    def apart(self) -> bool:
        """Whether records are read apart from their list, by id, because the properties fit no address."""
        return len(urlencode(self._named, doseq=True)) > _LONGEST_QUERY

    @property
    def listed(self) -> int:
        """Records that a page of a list brings."""
        return LIST if self.apart else self.batch

    @property
    def batch(self) -> int:
        """Records that a batch read brings."""
        return WITH_HISTORY if self.history else BATCH

    @property
    def in_address(self) -> Mapping[str, Any]:
        """How a list is asked."""
        return {"properties": [_ID]} if self.apart else self._named

    @property
    def _named(self) -> dict[str, Any]:
        named: dict[str, Any] = {"properties": list(self.properties)}
        if self.history:
            named["properties_with_history"] = list(self.history)
        return named


@dataclass(frozen=True)
class Answer:
    """Rows in the order of their ids, and the CRM's cursor to what follows, empty at the end; `total` of a search."""

    rows: list[Row]
    cursor: str
    total: int = 0


def chunks(items: Sequence[str], size: int) -> Iterator[list[str]]:
    """Distinct items, `size` at a time."""
    rest = iter(dict.fromkeys(items))
    while chunk := list(islice(rest, size)):
        yield chunk


def list_page(wire: Wire, asked: Asked, after: str) -> Answer:
    """Live (or archived) records beyond a cursor, which is the last record's id; from the beginning if it is empty."""
    named = {**asked.in_address, "after": after} if after else asked.in_address
    call = wire.client.crm.objects.basic_api.get_page
    page = wire.ask(call, asked.object, limit=asked.listed, archived=asked.archived, **named)
    return Answer(page["results"], following(page))


def following(page: Mapping[str, Any]) -> str:
    """The cursor to the next page; empty at the end."""
    return str(((page.get("paging") or {}).get("next") or {}).get("after") or "")


def search_page(
    wire: Wire,
    object_: str,
    filters: Filters,
    properties: Sequence[str] = (_ID,),
    *,
    limit: int = SEARCH,
    descending: bool = False,
) -> Answer:
    """The first live records that the filters find, by id. Not more than 10,000 can be paged through."""
    body = {
        "filterGroups": [{"filters": list(filters)}] if filters else [],
        "sorts": [{"propertyName": _ID, "direction": "DESCENDING" if descending else "ASCENDING"}],
        "properties": list(properties),
        "limit": limit,
    }
    page = wire.ask(wire.client.crm.objects.search_api.do_search, object_, body)
    return Answer(page["results"], following(page), int(page.get("total") or 0))


def newest(wire: Wire, object_: str, filters: Filters = ()) -> int:
    """The highest id that a search finds; 0 without any."""
    rows = search_page(wire, object_, filters, limit=1, descending=True).rows
    return int(rows[0]["id"]) if rows else 0


def count(wire: Wire, object_: str, filters: Filters = ()) -> int:
    """How many live records a search finds: its total is not cut at 10,000, but new records take moments to show."""
    return search_page(wire, object_, filters, limit=1).total


def batch_read(wire: Wire, asked: Asked, ids: Sequence[str], *, id_property: str = "") -> list[Row]:
    """Records by at most as many ids (or unique values) as a call takes; what does not exist is left out."""
    body: dict[str, Any] = {
        "properties": list(asked.properties),
        "propertiesWithHistory": list(asked.history),
        "inputs": [{"id": one} for one in ids],
    }
    if id_property:
        body["idProperty"] = id_property
    call = wire.client.crm.objects.batch_api.read
    rows: list[Row] = wire.ask(call, asked.object, body, archived=asked.archived)["results"]
    return rows


def by_id(wire: Wire, asked: Asked, rows: Iterable[Row]) -> list[Row]:
    """The records of the rows, read by their ids one batch after the other; a merged one comes as its survivor."""
    ids = [str(row["id"]) for row in rows]
    return [row for some in chunks(ids, asked.batch) for row in batch_read(wire, asked, some)]


def read_all(wire: Wire, asked: Asked, ids: Sequence[str], *, id_property: str = "") -> Iterator[list[Row]]:
    """`batch_read` of any number of ids, side by side."""
    return mapped(lambda some: batch_read(wire, asked, some, id_property=id_property), chunks(ids, asked.batch))


def read_one(wire: Wire, asked: Asked, record_id: str) -> Row | None:
    """A live record, or the one that it was merged into, which has another id; None if there is neither."""
    call = wire.client.crm.objects.basic_api.get_by_id
    try:
        row: Row = wire.ask(call, asked.object, record_id, archived=False, **asked.in_address)
    except PermanentError as error:
        if error.status != 404:
            raise
        return None
    return row


def within(property_: str, since: datetime | None, until: datetime | None) -> list[dict[str, str]]:
    """Filters of [since, until), in HubSpot's milliseconds."""
    bounds = (("GTE", since), ("LT", until))
    return [
        {"propertyName": property_, "operator": operator, "value": str(int(at.timestamp() * 1000))}
        for operator, at in bounds
        if at is not None
    ]


def between(after: int, to: int | None) -> list[dict[str, str]]:
    """Filters of a range of ids."""
    bounds = (("GT", after or None), ("LTE", to))
    return [{"propertyName": _ID, "operator": operator, "value": str(one)} for operator, one in bounds if one]
