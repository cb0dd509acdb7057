"""The administrator's switches over the control API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from crm_pipeline.emulator.control import controlled
from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.salesforce import SalesforceStore, create_app
from crm_pipeline.emulator.salesforce.control import SalesforceControl
from crm_pipeline.emulator.server import serving
from crm_pipeline_tests.emulator.salesforce.conftest import NOON, Raw

_LEAD = {"LastName": "山田", "Company": "C", "Email": "a@example.com"}


@pytest.fixture
def controlled_raw(store: SalesforceStore) -> Iterator[Raw]:
    control = SalesforceControl(store, RequestLog(), Faults())
    with serving(controlled(create_app(store), control)) as server:
        yield Raw(server.url, store.sessions.issue(NOON))


@pytest.mark.parametrize(
    ("operation", "arguments", "lead", "code"),
    [
        ("set_field_access", {"object": "Lead", "field": "Title", "access": "hidden"}, {"Title": "x"}, "INVALID_FIELD"),
        (
            "set_field_access",
            {"object": "Lead", "field": "Title", "access": "read"},
            {"Title": "x"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
        ),
        ("set_object_permission", {"object": "Lead", "create": False}, {}, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        ("add_duplicate_rule", {"object": "Lead", "fields": ["Email"], "action": "block"}, {}, "DUPLICATES_DETECTED"),
        (
            "add_validation_rule",
            {"object": "Lead", "condition": [["Phone", "blank", True]], "message": "電話"},
            {},
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        ),
        ("enable_state_country_picklists", {}, {"Country": "日本"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("add_queue", {"name": "Q", "objects": ["Case"]}, {"OwnerId": "x"}, "MALFORMED_ID"),
    ],
)
def test_a_switch_refuses_from_then_on(
    controlled_raw: Raw, operation: str, arguments: dict[str, Any], lead: dict[str, Any], code: str
) -> None:
    assert controlled_raw("POST", "sobjects/Lead", _LEAD).status_code == 201
    answer = requests.post(f"{controlled_raw.url}/emulator/{operation}", json=arguments, timeout=5)
    assert answer.status_code == 200, answer.text
    refused = controlled_raw("POST", "sobjects/Lead", {**_LEAD, **lead})
    assert refused.json()[0]["errorCode"] == code


def test_audit_fields_over_the_control(controlled_raw: Raw) -> None:
    requests.post(f"{controlled_raw.url}/emulator/allow_audit_fields", json={}, timeout=5).raise_for_status()
    created = controlled_raw("POST", "sobjects/Lead", {**_LEAD, "CreatedDate": "2020-01-01T00:00:00Z"})
    assert created.status_code == 201


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("set_field_access", {"object": "Lead", "field": "Title", "access": "none"}),
        ("set_field_access", {"object": "Lead", "field": "Nope", "access": "read"}),
        ("add_duplicate_rule", {"object": "Lead", "fields": ["Nope"]}),
        ("add_duplicate_rule", {"object": "Lead", "fields": ["Email"], "action": "warn"}),
        ("add_validation_rule", {"object": "Lead", "condition": [["Phone", "like", 1]], "message": "x"}),
    ],
)
def test_wrong_switches_are_refused(controlled_raw: Raw, operation: str, arguments: dict[str, Any]) -> None:
    answer = requests.post(f"{controlled_raw.url}/emulator/{operation}", json=arguments, timeout=5)
    assert answer.status_code == 400
