"""The search endpoint's query language: filters, sorting, paging, and HubSpot's limits on them.

Choices where HubSpot's behaviour is not documented: NEQ, NOT_IN and NOT_CONTAINS_TOKEN need a value to be there;
records without a value of the sort property come last. Free text (`query`) is not emulated and refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from crm_pipeline.emulator.hubspot.errors import invalid, invalid_json
from crm_pipeline.emulator.hubspot.formats import date_text, datetime_text
from crm_pipeline.emulator.hubspot.properties import Definition
from crm_pipeline.emulator.hubspot.records import Record

MOST_RESULTS, MOST_A_PAGE = 10_000, 200
_MOST_GROUPS, _MOST_IN_GROUP, _MOST_FILTERS = 5, 6, 18
_TOKEN = re.compile(r"[\w*]+")

Test = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True)
class Page:
    """Found records of the page, how many match in all, and the cursor of the next page ("" at the end)."""

    records: list[Record]
    total: int
    after: str


def search(records: Iterable[Record], definitions: Mapping[str, Definition], request: Mapping[str, Any]) -> Page:
    """Run a search request over live records. Raises HubSpotError 400 for what HubSpot refuses."""
    if request.get("query"):
        raise invalid("query is not supported")
    limit = _number(request, "limit", 10)
    if not 1 <= limit <= MOST_A_PAGE:
        raise invalid(f"limit must be between 1 and {MOST_A_PAGE}")
    start = _number(request, "after", 0)
    if start < 0 or start + limit > MOST_RESULTS:
        raise invalid(f"after {start}: only the first {MOST_RESULTS} results of a search can be paged through")
    matches = _matcher(request.get("filterGroups") or [], definitions)
    found = [record for record in records if matches(record.properties)]
    found = _sorted(found, request.get("sorts") or [], definitions)
    end = start + limit
    return Page(found[start:end], len(found), str(end) if end < len(found) else "")


def _number(request: Mapping[str, Any], name: str, default: int) -> int:
    value = request.get(name)
    if value is None or value == "":
        return default
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid_json(f"{name} is not a number") from None


def _matcher(groups: Any, definitions: Mapping[str, Definition]) -> Test:
    if not isinstance(groups, list) or not all(isinstance(group, Mapping) for group in groups):
        raise invalid_json("filterGroups must be a list of objects")
    filters = [group.get("filters") or [] for group in groups]
    if len(groups) > _MOST_GROUPS:
        raise invalid(f"A search may have at most {_MOST_GROUPS} filterGroups")
    if any(len(one) > _MOST_IN_GROUP for one in filters) or sum(map(len, filters)) > _MOST_FILTERS:
        raise invalid(f"A search may have at most {_MOST_IN_GROUP} filters in a group and {_MOST_FILTERS} in all")
    tests = [[_test(one, definitions) for one in group] for group in filters]
    if not tests:
        return lambda properties: True
    return lambda properties: any(all(test(properties) for test in group) for group in tests)


def _test(given: Any, definitions: Mapping[str, Definition]) -> Test:
    if not isinstance(given, Mapping):
        raise invalid_json("filters must be a list of objects")
    name, operator = str(given.get("propertyName")), given.get("operator")
    if name not in definitions:
        raise invalid(f"There was a problem with the request: property {name} does not exist")
    definition = definitions[name]
    if operator == "HAS_PROPERTY":
        return lambda properties: name in properties
    if operator == "NOT_HAS_PROPERTY":
        return lambda properties: name not in properties
    check = _check(str(operator), given, definition)
    return lambda properties: name in properties and check(properties[name])


def _check(operator: str, given: Mapping[str, Any], definition: Definition) -> Callable[[str], bool]:
    key = _key(definition)
    if operator in ("IN", "NOT_IN"):
        return _membership(given, definition, wanted=operator == "IN")
    value = given.get("value")
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise invalid(f"operator {operator} requires a value")
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        wanted = operator == "CONTAINS_TOKEN"
        return lambda stored: _has_tokens(stored, str(value)) is wanted
    bound = _bound(definition, value)
    match operator:
        case "EQ":
            return lambda stored: key(stored) == bound
        case "NEQ":
            return lambda stored: key(stored) != bound
        case "LT":
            return lambda stored: bool(key(stored) < bound)
        case "LTE":
            return lambda stored: bool(key(stored) <= bound)
        case "GT":
            return lambda stored: bool(key(stored) > bound)
        case "GTE":
            return lambda stored: bool(key(stored) >= bound)
        case "BETWEEN":
            if given.get("highValue") is None:
                raise invalid("operator BETWEEN requires a highValue")
            high = _bound(definition, given["highValue"])
            return lambda stored: bool(bound <= key(stored) <= high)
    raise invalid_json(f"Cannot deserialize operator: {operator} not one of the values accepted for Enum class")


def _membership(given: Mapping[str, Any], definition: Definition, *, wanted: bool) -> Callable[[str], bool]:
    values = given.get("values")
    if not isinstance(values, list) or not values:
        raise invalid(f"operator {'IN' if wanted else 'NOT_IN'} requires values")
    key = _key(definition)
    if definition["type"] in ("string", "phone_number"):
        # HubSpot's documentation: for text properties the values of IN must be lower case; others never match.
        allowed = {str(value) for value in values}
    else:
        allowed = {_bound(definition, value) for value in values}
    return lambda stored: (key(stored) in allowed) is wanted


def _key(definition: Definition) -> Callable[[str], Any]:
    """What stored values of a property are compared by."""
    if definition["type"] == "number":
        return float
    return str.lower if definition["type"] in ("string", "phone_number") else str


def _bound(definition: Definition, value: Any) -> Any:
    """A filter's value in the form that stored values are compared in."""
    text = str(value)
    match definition["type"]:
        case "number":
            try:
                return float(text)
            except ValueError:
                raise invalid(f"{text} was not a valid long.") from None
        case "datetime":
            bound = datetime_text(text) or (f"{date_text(text)}T00:00:00.000Z" if date_text(text) else None)
        case "date":
            bound = date_text(text)
        case "string" | "phone_number":
            bound = text.lower()
        case _:
            bound = text
    if bound is None:
        raise invalid(f"{text} was not a valid {definition['type']}.")
    return bound


def _has_tokens(stored: str, sought: str) -> bool:
    """Whether every word of `sought` (with * as wildcard) is a word of the value, or it matches the whole value."""
    whole, pattern = stored.lower(), re.sub(r"([\[?])", r"[\1]", sought.lower())
    if "*" in pattern and fnmatchcase(whole, pattern):
        return True
    words = _TOKEN.findall(whole)
    wanted = _TOKEN.findall(sought.lower())
    return bool(wanted) and all(any(fnmatchcase(word, one) for word in words) for one in wanted)


def _sorted(found: list[Record], sorts: Any, definitions: Mapping[str, Definition]) -> list[Record]:
    if not isinstance(sorts, list):
        raise invalid_json("sorts must be a list")
    if len(sorts) > 1:
        raise invalid("Only one sort is allowed")
    if not sorts:
        return found  # oldest first, as the records come
    given = sorts[0]
    if isinstance(given, str):
        name, descending = given.removeprefix("-"), given.startswith("-")
    elif isinstance(given, Mapping):
        name, descending = str(given.get("propertyName")), given.get("direction") == "DESCENDING"
    else:
        raise invalid_json("a sort must be text or an object")
    if name not in definitions:
        raise invalid(f"There was a problem with the request: property {name} does not exist")
    key = _key(definitions[name])
    with_value = [record for record in found if name in record.properties]
    without = [record for record in found if name not in record.properties]
    return sorted(with_value, key=lambda record: key(record.properties[name]), reverse=descending) + without
