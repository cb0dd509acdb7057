"""The two sides of an association in a request, its paging cursor, and associations as v3 answers show them.

Belongs here: what the v3 endpoints, the v4 endpoints and reads of records share. Not here: the endpoints.

Choices where HubSpot does not document it: a record read and the v3 batch read show 100 associated records of each
object type and a cursor for the others (hubspot-api-python issue 135); an object type that only real portals have is
known, and nothing is associated with it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote

from crm_pipeline.emulator.hubspot.associations.associations import Kinds
from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid
from crm_pipeline.emulator.hubspot.links import address
from crm_pipeline.emulator.hubspot.object_types import ObjectType, object_type

if TYPE_CHECKING:
    from crm_pipeline.emulator.hubspot.store import HubSpotStore

MOST_SHOWN = 100


class Side(NamedTuple):
    """An object type at one end: plural, singular, type id, and whether this portal has such records."""

    name: str
    singular: str
    type_id: str
    present: bool


@lru_cache(maxsize=256)
def side(name: str) -> Side:
    """The object type that a path or parameter names. Raises HubSpotError 400 for one that HubSpot does not have."""
    kind = object_type(name)
    return Side(kind.name, kind.singular, kind.type_id, present=not kind.is_empty)


def cursor(end: Side, last_id: int) -> str:
    """The `after` that continues behind an associated record, in the form of HubSpot's own."""
    return quote(base64.b64encode(f"{end.type_id}-{last_id}".encode()).decode(), safe="")


def position(after: Any) -> int:
    """The record id that a cursor continues behind; -1 without one. Raises HubSpotError 400."""
    if after in (None, ""):
        return -1
    try:
        text = base64.b64decode(unquote(str(after)), validate=True).decode().rpartition("-")[2]
    except (ValueError, binascii.Error):
        text = ""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise invalid("after is not a paging cursor of this endpoint", after=[str(after)])
    return int(text)


def paging(version: str, start: Side, from_id: str, end: Side, last_id: int) -> dict[str, Any]:
    """The `paging` of an answer that did not hold all."""
    after = cursor(end, last_id)
    path = f"/crm/{version}/objects/{start.type_id}/{from_id}/associations/{end.type_id}"
    return {"next": {"after": after, "link": address(f"{path}?after={after}")}}


def no_associations(start: Side, from_id: str, end: Side) -> HubSpotError:
    """The 207 entry for a record without associations: normal, not a failure."""
    return HubSpotError(
        404,
        f"No {end.singular} is associated with {start.singular} {from_id}.",
        "OBJECT_NOT_FOUND",
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
        context={"fromObjectId": [from_id], "fromObjectType": [start.singular], "toObjectType": [end.singular]},
    )


def v3_results(page: Iterable[tuple[int, Kinds]]) -> list[dict[str, Any]]:
    """Associations in the form of v3: one element for each type of each."""
    return [{"id": str(to_id), "type": kind.legacy} for to_id, kinds in page for kind in kinds]


def shown_associations(store: HubSpotStore, kind: ObjectType, record_id: str, to_types: Iterable[str]) -> Any:
    """The `associations` part of a record: object types without any are left out. The caller holds the lock.

    `to_types` are names as a caller gives them. Raises HubSpotError 400 for a name that is no object type.
    """
    start, shown = side(kind.name), dict[str, Any]()
    for name in to_types:
        end = side(name)
        page, more = store.associations.page(kind.name, record_id, end.name, -1, MOST_SHOWN)
        if page:
            shown[end.name] = {"results": v3_results(page)}
        if more:
            shown[end.name]["paging"] = paging("v3", start, record_id, end, page[-1][0])
    return shown
