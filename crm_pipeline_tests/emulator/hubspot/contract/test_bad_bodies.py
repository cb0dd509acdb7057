"""Bodies with a value of a wrong type anywhere: never a crash, and a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.contract.case import Case
from crm_pipeline_tests.emulator.hubspot.contract.sdk_schemas import schema, violations
from crm_pipeline_tests.emulator.hubspot.contract.test_contract import CASES
from crm_pipeline_tests.emulator.hubspot.contract.world import World

WRONG = [None, True, -1, 1e300, "", "ｘ\u0000", [], {}, [[]], [None], {"id": {}}]
SEARCH = {
    "filterGroups": [
        {"filters": [{"propertyName": "hs_object_id", "operator": "BETWEEN", "value": "1", "highValue": "2"}]}
    ],
    "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
    "query": "山田",
    "limit": 1,
    "after": "0",
    "properties": ["email"],
}
SEARCHES = [Case("POST", "/crm/v3/objects/{object}/search", "", "/crm/v3/objects/contacts/search", SEARCH)]


def spoiled(body: Any, depth: int = 0) -> Iterator[Any]:
    """The body with each of its parts replaced by wrong values, or missing."""
    yield from WRONG
    if isinstance(body, dict):
        for name in body:
            yield {key: one for key, one in body.items() if key != name}
            for wrong in spoiled(body[name], depth + 1):
                yield {**body, name: wrong}
    if isinstance(body, list) and body:
        for wrong in spoiled(body[0], depth + 1):
            yield [wrong, *body[1:]]


@pytest.mark.parametrize(
    "case",
    [case for case in [*CASES, *SEARCHES] if case.body is not None and not case.form and case.status != 207],
    ids=lambda case: f"{case.method} {case.path}",
)
def test_a_spoiled_body_is_answered_and_a_refusal_changes_nothing(url: str, store: HubSpotStore, case: Case) -> None:
    world = World(store)
    session = requests.Session()
    session.headers["Authorization"] = "Bearer demo-token"
    path = world.filled(case.path, "contacts")

    for body in spoiled(world.filled(case.body, "contacts")):
        before = store.objects("contacts"), store.associations.dump()
        answer = session.request(case.method, url + path, json=body, timeout=10)

        assert answer.status_code < 500, body
        if answer.status_code >= 400:
            assert list(violations(schema("crm.objects:Error"), answer.json())) == []
            assert (store.objects("contacts"), store.associations.dump()) == before
