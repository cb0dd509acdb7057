"""What each type of field takes, stores and refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.salesforce import SalesforceStore, create_app
from crm_pipeline.emulator.server import serving
from crm_pipeline_tests.emulator.salesforce.conftest import NOON, Raw

_CHOICES = [{"active": active, "defaultValue": False, "label": v, "validFor": None, "value": v} for v, active in
            (("赤", True), ("青", True), ("黄", True), ("旧", False))]  # fmt: skip
_FIELDS: list[dict[str, Any]] = [
    {"name": "Colour__c", "type": "picklist", "picklistValues": _CHOICES, "restrictedPicklist": True},
    {"name": "Free__c", "type": "picklist", "picklistValues": _CHOICES},
    {"name": "Colours__c", "type": "multipicklist", "picklistValues": _CHOICES, "restrictedPicklist": True},
    {"name": "Any__c", "type": "multipicklist", "picklistValues": _CHOICES},
    {"name": "Share__c", "type": "percent", "precision": 5, "scale": 2},
    {"name": "Price__c", "type": "currency", "precision": 10, "scale": 2},
    {"name": "Count__c", "type": "double", "precision": 4, "scale": 0},
    {"name": "Site__c", "type": "url", "length": 30},
    {"name": "Call__c", "type": "phone", "length": 10},
    {"name": "Note__c", "type": "textarea", "length": 10},
    {"name": "Day__c", "type": "date"},
    {"name": "Time__c", "type": "datetime"},
    {"name": "Flag__c", "type": "boolean"},
    {"name": "Number__c", "autoNumber": True, "createable": False, "updateable": False, "length": 30},
    {"name": "Formula__c", "type": "double", "calculated": True, "createable": False, "updateable": False},
]


@pytest.fixture(scope="module")
def typed() -> Iterator[tuple[SalesforceStore, Raw]]:
    """An organisation whose leads have a field of each type."""
    clock = Clock()
    clock.set(NOON)
    store = SalesforceStore(clock)
    for field in _FIELDS:
        store.define_field("Lead", field)
    with serving(create_app(store)) as server:
        raw = Raw(server.url, store.sessions.issue(NOON))
        with raw.session:
            yield store, raw


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("Colour__c", "赤", "赤"),
        ("Colour__c", " 青 ", "青"),
        ("Free__c", "緑", "緑"),
        ("Colours__c", "黄;赤", "赤;黄"),
        ("Colours__c", "青;青;", "青"),
        ("Any__c", "緑;赤", "赤;緑"),
        ("Any__c", ";", None),
        ("Share__c", 12.5, 12.5),
        ("Share__c", "99.999", 100.0),
        ("Price__c", 1234567.891, 1234567.89),
        ("Price__c", "1e3", 1000.0),
        ("Price__c", "", None),
        ("Count__c", -9999, -9999.0),
        ("Count__c", 2.5, 3.0),
        ("Site__c", "example.co.jp/会社", "example.co.jp/会社"),
        ("Call__c", "０３-1234", "０３-1234"),
        ("Note__c", "a\r\nb\rc\nd", "a\r\nb\r\nc\r\nd"),
        ("Day__c", "4000-12-31", "4000-12-31"),
        ("Day__c", "1700-01-01", "1700-01-01"),
        ("Time__c", "2026-11-24T00:00:00.5+0900", "2026-11-23T15:00:00.000+0000"),
        ("Flag__c", "TRUE", True),
    ],
)
def test_stored(typed: tuple[SalesforceStore, Raw], field: str, sent: Any, stored: Any) -> None:
    store, raw = typed
    created = raw("POST", "sobjects/Lead", {"LastName": "山田", "Company": "C", field: sent})
    assert created.status_code == 201, created.json()
    assert store.read("Lead", created.json()["id"])[field] == stored


@pytest.mark.parametrize(
    ("field", "sent", "code"),
    [
        ("Colour__c", "緑", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Colour__c", "旧", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Colour__c", "赤;青", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Colours__c", "赤;緑", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Free__c", "x" * 256, "STRING_TOO_LONG"),
        ("Share__c", 1000, "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Price__c", 10**8, "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Price__c", "¥100", "JSON_PARSER_ERROR"),
        ("Price__c", True, "JSON_PARSER_ERROR"),
        ("Count__c", 10000, "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Site__c", "https://example.co.jp/" + "x" * 9, "STRING_TOO_LONG"),
        ("Call__c", "03-1234-5678", "STRING_TOO_LONG"),
        ("Note__c", "12345678\n1", "STRING_TOO_LONG"),
        ("Day__c", "4001-01-01", "FIELD_INTEGRITY_EXCEPTION"),
        ("Day__c", "1699-12-31", "FIELD_INTEGRITY_EXCEPTION"),
        ("Day__c", "2026/11/24", "JSON_PARSER_ERROR"),
        ("Day__c", 20261124, "JSON_PARSER_ERROR"),
        ("Time__c", "9999-01-01T00:00:00Z", "FIELD_INTEGRITY_EXCEPTION"),
        ("Time__c", "2026-11-24", "JSON_PARSER_ERROR"),
        ("Flag__c", 1, "JSON_PARSER_ERROR"),
        ("Flag__c", None, "JSON_PARSER_ERROR"),
        ("Number__c", "1", "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Formula__c", 1, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Address", {"city": "札幌市"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_refused(typed: tuple[SalesforceStore, Raw], field: str, sent: Any, code: str) -> None:
    store, raw = typed
    before = store.ids("Lead")
    answer = raw("POST", "sobjects/Lead", {"LastName": "山田", "Company": "C", field: sent})
    assert (answer.status_code, answer.json()[0]["errorCode"], store.ids("Lead")) == (400, code, before)


def test_a_date_that_is_not_kept_is_told_the_platforms_way(typed: tuple[SalesforceStore, Raw]) -> None:
    _, raw = typed
    (error,) = raw("POST", "sobjects/Lead", {"LastName": "山田", "Company": "C", "Day__c": "4001-01-01"}).json()
    assert (error["message"], error["fields"]) == ("Day: invalid date: Mon Jan 01 00:00:00 GMT 4001", ["Day__c"])
