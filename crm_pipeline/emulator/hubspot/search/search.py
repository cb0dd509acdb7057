"""The search endpoint: its request's form, HubSpot's limits on it, and the page that answers it.

Belongs here: filterGroups, query, sorts, limit and after of a request. Not here: what one filter means (filters.py),
which records are looked at (selection.py).

Sources: HubSpot's search documentation; filters without groups: hubspot-api-nodejs issue 491; a sort as the JSON text
of an object: the guide of hubspot-api-nodejs. Choices where it is
silent: a limit of 0 is refused; the 3,000 characters that a search may have are those of `query` (real clients send
longer bodies, with hundreds of properties).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from crm_pipeline.emulator.hubspot.errors import invalid, invalid_json
from crm_pipeline.emulator.hubspot.object_types import ObjectType
from crm_pipeline.emulator.hubspot.portal import Portal
from crm_pipeline.emulator.hubspot.records import Record
from crm_pipeline.emulator.hubspot.search.association_filters import PREFIX, association_filter
from crm_pipeline.emulator.hubspot.search.filters import Filter, key_of, parsed_filter, unknown_property
from crm_pipeline.emulator.hubspot.search.free_text import text_filter
from crm_pipeline.emulator.hubspot.search.selection import Group, Sort

MOST_RESULTS, MOST_A_PAGE = 10_000, 200
_MOST_GROUPS, _MOST_IN_GROUP, _MOST_FILTERS = 5, 6, 18
_LONGEST_QUERY = 3_000


@dataclass(frozen=True)
class Page:
    """Found records of the page, how many match in all, and the cursor of the next page ("" at the end)."""

    records: list[Record]
    total: int
    after: str


def search(portal: Portal, kind: ObjectType, request: Mapping[str, Any]) -> Page:
    """Run a search request over live records. Raises HubSpotError 400 for what HubSpot refuses."""
    limit = _number(request, "limit", 10)
    if not 1 <= limit <= MOST_A_PAGE:
        raise invalid(f"limit must be between 1 and {MOST_A_PAGE}")
    start = _number(request, "after", 0)
    if start < 0 or start + limit > MOST_RESULTS:
        raise invalid(f"after {start}: only the first {MOST_RESULTS} results of a search can be paged through")
    groups = _groups(portal, kind, request)
    if query := _query(request):
        groups = [[*group, text_filter(kind.name, query)] for group in groups]
    sort = _sort(portal, kind, request.get("sorts") or [])
    past = portal.pasts[kind.name].at(portal.clock.now() - timedelta(seconds=portal.search_lag))
    records, total = portal.selections[kind.name].page(groups, sort, start, limit, past)
    end = start + limit
    return Page(records, total, str(end) if end < total else "")


def _number(request: Mapping[str, Any], name: str, default: int) -> int:
    value = request.get(name)
    if value is None or value == "":
        return default
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid_json(
            f'Cannot deserialize value of type `int` from String "{value}": not a valid `int` value'
        ) from None


def _query(request: Mapping[str, Any]) -> str:
    query = request.get("query") or ""
    if not isinstance(query, str):
        raise invalid_json("Cannot deserialize instance of `java.lang.String`")
    if len(query) > _LONGEST_QUERY:
        raise invalid(f"query may have at most {_LONGEST_QUERY} characters")
    return query.strip()


def _groups(portal: Portal, kind: ObjectType, request: Mapping[str, Any]) -> list[Group]:
    """The filters by group; one empty group when there are none. `filters` alone are one group more."""
    groups = _listed(request, "filterGroups")
    if alone := _listed(request, "filters"):
        groups = [*groups, {"filters": alone}]
    if not all(isinstance(group, Mapping) for group in groups):
        raise invalid_json("filterGroups must be a list of objects")
    given = [_listed(group, "filters") for group in groups]
    if len(groups) > _MOST_GROUPS:
        raise invalid(f"A search may have at most {_MOST_GROUPS} filterGroups")
    if any(len(one) > _MOST_IN_GROUP for one in given) or sum(map(len, given)) > _MOST_FILTERS:
        raise invalid(f"A search may have at most {_MOST_IN_GROUP} filters in a group and {_MOST_FILTERS} in all")
    return [[_filter(portal, kind, one) for one in group] for group in given] or [[]]


def _listed(given: Mapping[str, Any], name: str) -> list[Any]:
    value = given.get(name)
    if value is not None and not isinstance(value, list):
        raise invalid_json("Cannot deserialize instance of `java.util.ArrayList` out of START_OBJECT token")
    return value or []


def _filter(portal: Portal, kind: ObjectType, given: Any) -> Filter:
    if isinstance(given, Mapping) and str(given.get("propertyName")).startswith(PREFIX):
        return association_filter(portal, kind, given)
    return parsed_filter(given, portal.definitions[kind.name])


def _unwrapped(sort: Any) -> Any:
    """A sort that came as the text of a JSON object, as that object."""
    if isinstance(sort, str) and sort.startswith("{"):
        try:
            return orjson.loads(sort)
        except ValueError:
            raise invalid_json("a sort must be text or an object") from None
    return sort


def _sort(portal: Portal, kind: ObjectType, sorts: Any) -> Sort:
    """The order of the results; without one, that of their creation."""
    if not isinstance(sorts, list):
        raise invalid_json("Cannot deserialize instance of `java.util.ArrayList` out of START_OBJECT token")
    if len(sorts) > 1:
        raise invalid("Only one sort is allowed")
    given = _unwrapped(sorts[0]) if sorts else "hs_object_id"
    if isinstance(given, str):
        name, descending = given.removeprefix("-"), given.startswith("-")
    elif isinstance(given, Mapping):
        name, direction = str(given.get("propertyName")), given.get("direction") or "ASCENDING"
        if direction not in ("ASCENDING", "DESCENDING"):
            raise invalid_json(
                f'Cannot deserialize value of type `Direction` from String "{direction}": '
                "not one of the values accepted for Enum class: [DESCENDING, ASCENDING]"
            )
        descending = direction == "DESCENDING"
    else:
        raise invalid_json("a sort must be text or an object")
    definition = portal.definitions[kind.name].get(name)
    if definition is None:
        raise unknown_property(name)
    return Sort(name, key_of(definition), descending)
