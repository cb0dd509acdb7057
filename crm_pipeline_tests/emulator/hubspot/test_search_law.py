"""Law: the search endpoint finds what a plain look at every record finds, in the same order, page by page.

Records are created, changed, archived and merged at random; the requests ask by everything that has an index and by
what has none. `plain` evaluates a request over all records without sharing code with the emulator.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.hubspot.object_types import object_type
from crm_pipeline.emulator.hubspot.search.search import search
from crm_pipeline_tests.emulator.hubspot.conftest import NOON

Records = dict[str, dict[str, str]]
NAMES = ["Sato", "SATO", "sato taro", "佐藤", "Yamada-Suzuki", 'Éva "É"', 'éva "É"']
KEYS = ["a1", "A1", "b2", "C3"]
NUMBER = {"name": "score", "label": "Score", "type": "number", "fieldType": "number"}
DAY = {"name": "day", "label": "Day", "type": "date", "fieldType": "date"}
KEY = {"name": "key", "label": "Key", "type": "string", "fieldType": "text", "hasUniqueValue": True}
TYPES = {
    "lastname": "text",
    "email": "text",
    "key": "text",
    "score": "number",
    "hs_object_id": "number",
    "day": "date",
    "createdate": "datetime",
    "lastmodifieddate": "datetime",
    "lifecyclestage": "choice",
}


def portal(seed: int) -> HubSpotStore:
    """A portal with a random past."""
    chance, clock = random.Random(seed), Clock()
    clock.set(NOON)
    store = HubSpotStore(clock)
    for definition in (NUMBER, DAY, KEY):
        store.define_property("contacts", definition)
    free = KEYS.copy()
    for number in range(12):
        properties = {
            "lastname": chance.choice(NAMES),
            "email": f"p{number}@x{number % 3}.example",
            "score": chance.choice(["1", "1.0", "20", "3"]),
            "day": chance.choice(["2026-11-23", "2026-11-24"]),
            "lifecyclestage": chance.choice(["lead", "customer"]),
        }
        kept = {name: value for name, value in properties.items() if chance.random() < 0.7}
        if free and chance.random() < 0.4:
            kept["key"] = free.pop()
        store.create("contacts", kept)
        clock.advance(chance.choice([0, 0, 1, 5]))
    change(store, chance, 10)
    return store


def change(store: HubSpotStore, chance: random.Random, times: int) -> None:
    """Random writes by users."""
    for _ in range(times):
        store.clock.advance(chance.choice([0, 1]))
        one, other = chance.sample(store.ids("contacts"), 2)
        match chance.choice(["update", "update", "update", "create", "archive", "merge"]):
            case "update":
                name, value = chance.choice([("lastname", "Sato"), ("score", ""), ("score", "20"), ("day", "")])
                store.update("contacts", one, {name: value})
            case "create":
                store.create("contacts", {"lastname": chance.choice(NAMES)})
            case "archive":
                store.archive("contacts", one)
            case "merge":
                store.merge("contacts", one, other)


def comparable(name: str, text: str) -> Any:
    """A value of a record or request in a form that Python compares as HubSpot does."""
    match TYPES[name]:
        case "number":
            return float(text)
        case "text":
            return text.lower()
        case "choice":
            return text
    if text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda stored, value: stored == value,
    "NEQ": lambda stored, value: stored != value,
    "LT": lambda stored, value: stored < value,
    "LTE": lambda stored, value: stored <= value,
    "GT": lambda stored, value: stored > value,
    "GTE": lambda stored, value: stored >= value,
}


def plain_filter(properties: dict[str, str], one: dict[str, Any]) -> bool:
    name, operator = one["propertyName"], one["operator"]
    if operator.endswith("HAS_PROPERTY"):
        return (name in properties) == (operator == "HAS_PROPERTY")
    if name not in properties:
        return False
    stored = comparable(name, properties[name])
    if operator in ("IN", "NOT_IN"):
        values = one["values"] if TYPES[name] == "text" else [comparable(name, value) for value in one["values"]]
        return (stored in values) == (operator == "IN")
    if operator == "BETWEEN":
        return comparable(name, one["value"]) <= stored <= comparable(name, one["highValue"])
    return COMPARE[operator](stored, comparable(name, one["value"]))


def plain_query(properties: dict[str, str], query: str) -> bool:
    text = " ".join(properties.get(name, "") for name in ("lastname", "email", "hs_additional_emails")).lower()
    starts = [place for place in range(len(text)) if place == 0 or not re.match("[a-z0-9é]", text[place - 1])]
    return all(any(text[start:].startswith(word) for start in starts) for word in query.lower().split())


def plain(records: Records, request: dict[str, Any]) -> list[str]:
    """Ids of all records that a request finds, in its order."""
    groups = [group["filters"] for group in request["filterGroups"]] or [[]]
    found = [
        (int(record_id), properties)
        for record_id, properties in records.items()
        if any(all(plain_filter(properties, one) for one in group) for group in groups)
        and plain_query(properties, request["query"])
    ]
    found.sort()
    if request["sorts"]:
        name, direction = request["sorts"][0]["propertyName"], request["sorts"][0]["direction"]
        has = sorted(
            (one for one in found if name in one[1]),
            key=lambda one: (comparable(name, one[1][name]), one[0]),
            reverse=direction == "DESCENDING",
        )
        found = has + [one for one in found if name not in one[1]]
    return [str(number) for number, _ in found]


MOMENTS = [str(int(NOON.timestamp() * 1000) + offset) for offset in range(-1000, 40_000, 500)]
VALUES = {
    "lastname": st.sampled_from([*NAMES, "sato"]),
    "email": st.sampled_from([f"{letter}{n}@x{n % 3}.example" for n in range(13) for letter in "pP"]),
    "key": st.sampled_from([*KEYS, "c3"]),
    "score": st.sampled_from(["1", "3.0", "19.5"]),
    "hs_object_id": st.one_of(
        st.sampled_from(["0", "100.5", "9999"]), st.integers(1, 25).map(lambda n: str(n * 50 + 1))
    ),
    "day": st.sampled_from(["2026-11-23", "2026-11-24", MOMENTS[0]]),
    "lastmodifieddate": st.sampled_from([*MOMENTS, "2026-11-24", "2026-11-24T12:00:05Z"]),
    "createdate": st.sampled_from(MOMENTS),
    "lifecyclestage": st.sampled_from(["lead", "customer"]),
}


@st.composite
def filters(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from([*TYPES, "lastmodifieddate", "hs_object_id"]))
    operator = draw(st.sampled_from([*COMPARE, "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"]))
    one: dict[str, Any] = {"propertyName": name, "operator": operator}
    if operator in ("IN", "NOT_IN"):
        one["values"] = draw(st.lists(VALUES[name], min_size=1, max_size=4))
    elif "HAS_PROPERTY" not in operator:
        one["value"] = draw(VALUES[name])
    if operator == "BETWEEN":
        one["highValue"] = draw(VALUES[name])
    return one


REQUESTS = st.fixed_dictionaries(
    {
        "filterGroups": st.lists(
            st.lists(filters(), max_size=3).map(lambda given: {"filters": given}), min_size=0, max_size=3
        ),
        "sorts": st.lists(
            st.fixed_dictionaries(
                {
                    "propertyName": st.sampled_from([*TYPES, "lastmodifieddate"]),
                    "direction": st.sampled_from(["ASCENDING", "DESCENDING"]),
                }
            ),
            max_size=1,
        ),
        "query": st.sampled_from(["", "", "", "sato", "Yamada SUZUKI", "éva", "佐", "P1", "x1 p", "mada"]),
    }
)


def found(store: HubSpotStore, request: dict[str, Any], limit: int) -> list[str]:
    """All pages of a search."""
    ids: list[str] = []
    after = "0"
    while after:
        page = search(store, object_type("contacts"), {**request, "limit": limit, "after": after})
        ids += [record.id for record in page.records]
        after = page.after
    assert page.total == len(ids)
    return ids


@pytest.mark.parametrize("few", [2_000, 0], ids=["looking at every candidate", "with indexes and memory"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 30), st.lists(REQUESTS, min_size=1, max_size=3), st.integers(1, 7))
def test_search_finds_what_a_look_at_every_record_finds(
    few: int, seed: int, requests: list[dict[str, Any]], limit: int
) -> None:
    store, chance = portal(seed), random.Random(seed)
    store.selections["contacts"].few = few

    for request in [*requests, *requests]:
        assert found(store, request, limit) == plain(store.objects("contacts"), request)
        change(store, chance, 2)


@settings(max_examples=40)
@given(st.integers(0, 30), REQUESTS, st.integers(1, 7))
def test_a_late_search_finds_what_it_would_have_found_then(seed: int, request: dict[str, Any], limit: int) -> None:
    store, chance = portal(seed), random.Random(seed)
    then = store.objects("contacts")
    store.clock.advance(60)
    store.search_lag = 30
    change(store, chance, 6)

    assert found(store, request, limit) == plain(then, request)
    store.clock.advance(31)
    assert found(store, request, limit) == plain(store.objects("contacts"), request)
