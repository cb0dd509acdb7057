"""The schemas and their checker find what they are there to find."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline_tests.emulator.hubspot.contract.sdk_schemas import schema, violations

RECORD = {
    "id": "51",
    "properties": {"email": "a@example.jp", "phone": None},
    "createdAt": "2026-11-24T12:00:00.000Z",
    "updatedAt": "2026-11-24T12:00:00.000Z",
    "archived": False,
}
BATCH = {
    "status": "COMPLETE",
    "results": [RECORD],
    "startedAt": RECORD["createdAt"],
    "completedAt": RECORD["createdAt"],
}


def test_a_right_answer_has_no_violations() -> None:
    assert list(violations(schema("crm.objects:SimplePublicObject"), RECORD)) == []
    assert list(violations(schema("crm.objects:BatchResponseSimplePublicObject"), BATCH)) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"id": 51}, "$.id: 51 is not string"),
        ({"archived": "false"}, "$.archived: 'false' is not boolean"),
        ({"createdAt": "2026-11-24"}, "$.createdAt: '2026-11-24' is no time"),
        ({"createdAt": "yesterday"}, "$.createdAt: 'yesterday' is no time"),
        ({"properties": {"amount": 12}}, "$.properties.amount: 12 is none of the allowed"),
        ({"properties": []}, "$.properties: [] is not object"),
        ({"surprise": 1}, "$: surprise is unknown"),
    ],
)
def test_a_wrong_field_is_found(change: dict[str, Any], found: str) -> None:
    assert list(violations(schema("crm.objects:SimplePublicObject"), RECORD | change)) == [found]


def test_missing_fields_wrong_values_and_wrong_elements_are_found() -> None:
    wrong = {**BATCH, "status": "DONE", "results": [{**RECORD, "id": None}]}
    del wrong["startedAt"]

    assert list(violations(schema("crm.objects:BatchResponseSimplePublicObject"), wrong)) == [
        "$: startedAt is missing",
        "$.status: 'DONE' is not one of ['PENDING', 'PROCESSING', 'CANCELED', 'COMPLETE']",
        "$.results[0].id: None is not string",
    ]
