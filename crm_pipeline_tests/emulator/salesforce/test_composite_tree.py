"""composite/tree: new records with their children, all of them or none."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw


def _leaf(name: str, reference: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": name, "referenceId": reference}, **fields}


def test_a_tree_creates_records_with_their_children(raw: Raw, store: SalesforceStore) -> None:
    contacts = [_leaf("Contact", "c1", LastName="x"), _leaf("Contact", "c2", LastName="y")]
    records = [
        _leaf("Account", "a1", Name="A", Contacts={"records": contacts}),
        _leaf("Account", "a2", Name="B"),
    ]
    answer = raw("POST", "composite/tree/Account/", {"records": records})
    body = answer.json()
    assert (answer.status_code, body["hasErrors"]) == (201, False)
    made = {result["referenceId"]: result["id"] for result in body["results"]}
    assert made.keys() == {"a1", "a2", "c1", "c2"}
    assert {store.read("Contact", made[name])["AccountId"] for name in ("c1", "c2")} == {made["a1"]}


def test_a_tree_with_an_error_creates_nothing_and_tells_the_errors(raw: Raw, store: SalesforceStore) -> None:
    contacts = [_leaf("Contact", "c1", LastName="x", Email="no address"), _leaf("Contact", "c2", LastName="y")]
    records = [_leaf("Account", "a1", Name="A", Contacts={"records": contacts}), _leaf("Account", "a2")]
    answer = raw("POST", "composite/tree/Account", {"records": records})
    assert answer.status_code == 400
    assert answer.json() == {
        "hasErrors": True,
        "results": [
            {
                "referenceId": "c1",
                "errors": [
                    {
                        "statusCode": "INVALID_EMAIL_ADDRESS",
                        "message": "Email: invalid email address: no address",
                        "fields": ["Email"],
                    }
                ],
            },
            {
                "referenceId": "a2",
                "errors": [
                    {
                        "statusCode": "REQUIRED_FIELD_MISSING",
                        "message": "Required fields are missing: [Name]",
                        "fields": ["Name"],
                    }
                ],
            },
        ],
    }
    assert store.ids("Account") == store.ids("Contact") == []


def _nested(levels: int) -> dict[str, Any]:
    record = _leaf("Account", f"a{levels}", Name="A")
    return record if levels == 1 else {**record, "ChildAccounts": {"records": [_nested(levels - 1)]}}


@pytest.mark.parametrize(
    "records",
    [
        [_leaf("Account", f"a{n}", Name="A") for n in range(201)],
        [_leaf("Account", "a", Name="A"), _leaf("Account", "a", Name="B")],
        [{"attributes": {"type": "Account"}, "Name": "A"}],
        [_leaf("Contact", "c", LastName="x")],
        [_leaf("Account", "a", Name="A", Nopes={"records": []})],
        [_nested(6)],
        [],
        "x",
    ],
    ids=["201", "reference twice", "no reference", "type", "relationship", "levels", "none", "no list"],
)
def test_malformed_trees_do_nothing(raw: Raw, store: SalesforceStore, records: Any) -> None:
    answer = raw("POST", "composite/tree/Account", {"records": records})
    assert (answer.status_code, store.ids("Account")) == (400, [])
