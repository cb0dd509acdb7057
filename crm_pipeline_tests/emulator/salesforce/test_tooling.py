"""The Tooling API: custom fields that a client adds, and who sees them."""

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

_TEXT = {"label": "Our key", "type": "Text", "length": 80, "externalId": True, "unique": True}


def _fields(raw: Raw, object_: str) -> dict[str, dict[str, object]]:
    return {field["name"]: field for field in raw("GET", f"sobjects/{object_}/describe").json()["fields"]}


def test_a_new_field_is_seen_by_nobody_until_a_permission_set_grants_it(store: SalesforceStore, raw: Raw) -> None:
    made = {"FullName": "Activity.Our_Key__c", "Metadata": _TEXT}
    assert raw("POST", "tooling/sobjects/CustomField", made).status_code == 403
    store.set_permission("PermissionsCustomizeApplication", True)
    assert raw("POST", "tooling/sobjects/CustomField", made).status_code == 201
    assert raw("POST", "tooling/sobjects/CustomField", made).json()[0]["errorCode"] == "DUPLICATE_DEVELOPER_NAME"
    found = raw.query("SELECT TableEnumOrId FROM CustomField WHERE DeveloperName = 'Our_Key'", resource="tooling/query")
    assert [row["TableEnumOrId"] for row in found.json()["records"]] == ["Activity"]
    assert "Our_Key__c" not in _fields(raw, "Task")
    granted = {"SobjectType": "Task", "Field": "Task.Our_Key__c", "PermissionsRead": True, "PermissionsEdit": True}
    other, own = store.add_permission_set("Other", assigned=False), store.add_permission_set("Own")
    assert raw("POST", "sobjects/FieldPermissions", {"ParentId": own, **granted}).status_code in (400, 403)
    assert "Our_Key__c" not in _fields(raw, "Task")
    store.set_permission("PermissionsManageProfilesPermissionsets", True)
    assert raw("POST", "sobjects/FieldPermissions", {"ParentId": other, **granted}).status_code == 201
    assert "Our_Key__c" not in _fields(raw, "Task")
    assert raw("POST", "sobjects/FieldPermissions", {"ParentId": own, **granted}).status_code == 201
    seen = _fields(raw, "Task")["Our_Key__c"]
    assert (seen["externalId"], seen["unique"], seen["length"], seen["updateable"]) == (True, True, 80, True)
    assert "Our_Key__c" not in _fields(raw, "Event")


@pytest.mark.parametrize(
    ("metadata", "missing"),
    [
        ({"type": "Text"}, "length"),
        ({"type": "Checkbox"}, "defaultValue"),
        ({"type": "Number", "precision": 18}, "scale"),
        ({"type": "LongTextArea", "length": 300}, "visibleLines"),
        ({"type": "Picklist"}, "valueSet"),
    ],
)
def test_a_type_must_be_described_in_full(
    store: SalesforceStore, raw: Raw, metadata: dict[str, object], missing: str
) -> None:
    store.set_permission("PermissionsCustomizeApplication", True)
    answer = raw(
        "POST", "tooling/sobjects/CustomField", {"FullName": "Lead.A__c", "Metadata": {"label": "A", **metadata}}
    )
    assert answer.status_code == 400
    assert f"Must specify '{missing}'" in answer.json()[0]["message"]


def test_validation_rules_and_active_rules_can_be_listed(store: SalesforceStore, raw: Raw) -> None:
    store.add_validation_rule("Lead", [("Company", "=", "x")], "no")
    store.add_duplicate_rule("Lead", ["Email"])
    rules = raw.query("SELECT EntityDefinitionId FROM ValidationRule WHERE Active = true", resource="tooling/query")
    assert [row["EntityDefinitionId"] for row in rules.json()["records"]] == ["Lead"]
    listed = raw.query("SELECT SobjectType FROM DuplicateRule WHERE IsActive = true").json()["records"]
    assert [row["SobjectType"] for row in listed] == ["Lead"]
    store.set_permission("PermissionsViewSetup", False)
    assert raw.query("SELECT Id FROM ValidationRule", resource="tooling/query").json()[0]["errorCode"] == "INVALID_TYPE"
