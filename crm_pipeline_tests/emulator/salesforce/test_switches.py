"""What an administrator can switch: rules, permissions, field-level security, audit fields, state and country lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_pipeline.emulator.imported import ImportedRecord
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline_tests.emulator.salesforce.conftest import NOON, Raw

_LEAD = {"LastName": "山田", "Company": "山田製作所"}
_ALLOW = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}


def _code(answer: Any) -> str:
    return str(answer.json()[0]["errorCode"])


# Duplicate rules


@pytest.mark.parametrize(("action", "headers", "status"), [("alert", _ALLOW, 201), ("block", _ALLOW, 400)])
def test_consent_passes_alerts_only(
    raw: Raw, store: SalesforceStore, action: Any, headers: dict[str, str], status: int
) -> None:
    first = store.create("Lead", {**_LEAD, "Email": "a@example.com"})
    store.add_duplicate_rule("Lead", ["Email"], action)
    twin = {**_LEAD, "Email": "A@example.com"}
    refused = raw("POST", "sobjects/Lead", twin)
    assert refused.status_code == 400
    (error,) = refused.json()
    assert (error["errorCode"], error["message"]) == ("DUPLICATES_DETECTED", "Use one of these records?")
    result = error["duplicateResut"]
    assert (result["allowSave"], result["duplicateRuleEntityType"]) == (action == "alert", "Lead")
    (matched,) = result["matchResults"]
    assert matched["matchRecords"][0]["record"]["Id"] == first
    assert raw("POST", "sobjects/Lead", twin, headers=headers).status_code == status


def test_duplicates_in_collections_updates_and_upserts(raw: Raw, store: SalesforceStore) -> None:
    store.add_duplicate_rule("Lead", ["Email", "LastName"])
    store.create("Lead", {**_LEAD, "Email": "a@example.com"})
    other = store.create("Lead", {**_LEAD, "LastName": "佐藤", "Email": "a@example.com", "Key__c": "k"})
    record = {"attributes": {"type": "Lead"}, **_LEAD, "Email": "a@example.com"}
    (result,) = raw("POST", "composite/sobjects", {"records": [record]}).json()
    assert (result["success"], result["errors"][0]["statusCode"]) == (False, "DUPLICATES_DETECTED")
    assert result["errors"][0]["duplicateResult"]["matchResults"][0]["size"] == 1
    (result,) = raw("POST", "composite/sobjects", {"records": [record]}, headers=_ALLOW).json()
    assert result["success"]
    for path in (f"sobjects/Lead/{other}", "sobjects/Lead/Key__c/k"):
        assert _code(raw("PATCH", path, {"LastName": "山田"})) == "DUPLICATES_DETECTED"
        assert raw("PATCH", path, {"Title": "部長"}).ok
    assert raw("PATCH", f"sobjects/Lead/{other}", {"LastName": "山田"}, headers=_ALLOW).status_code == 204


def test_duplicates_of_another_object_with_their_details(raw: Raw, store: SalesforceStore) -> None:
    store.create("Contact", {"LastName": "山田", "Email": "a@example.com"})
    store.add_duplicate_rule("Lead", ["Email"], against="Contact")
    headers = {"Sforce-Duplicate-Rule-Header": "allowSave=false; includeRecordDetails=true"}
    (error,) = raw("POST", "sobjects/Lead", {**_LEAD, "Email": "a@example.com"}, headers=headers).json()
    record = error["duplicateResut"]["matchResults"][0]["matchRecords"][0]["record"]
    assert (record["attributes"]["type"], record["LastName"]) == ("Contact", "山田")
    assert raw("POST", "sobjects/Lead", _LEAD).status_code == 201


# Validation rules


def test_validation_rules_see_the_record_as_it_would_be(raw: Raw, store: SalesforceStore) -> None:
    store.add_validation_rule("Lead", [("Title", "blank", True), ("Rating", "=", "Hot")], "役職が必要です", "Title")
    store.add_validation_rule("Lead", lambda row: row["Phone"] == "0", "no phone")
    lead = raw("POST", "sobjects/Lead", _LEAD).json()["id"]
    refused = raw("PATCH", f"sobjects/Lead/{lead}", {"Rating": "Hot"})
    expected = {"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "役職が必要です", "fields": ["Title"]}
    assert (refused.status_code, refused.json()) == (400, [expected])
    assert raw("PATCH", f"sobjects/Lead/{lead}", {"Rating": "Hot", "Title": "部長"}).status_code == 204
    assert raw("POST", "sobjects/Lead", {**_LEAD, "Phone": "0"}).json()[0]["fields"] == []
    with pytest.raises(ValueError, match="cannot be saved"):
        store.switches()
    with pytest.raises(ValueError, match="no operator"):
        store.add_validation_rule("Lead", [("Title", "like", "x")], "x")


# Permissions


def test_a_hidden_field_is_nowhere(raw: Raw, store: SalesforceStore) -> None:
    lead = store.create("Lead", {**_LEAD, "Email": "a@example.com"})
    store.hide_field("Lead", "Email")
    described = raw("GET", "sobjects/Lead/describe").json()
    assert "Email" not in {field["name"] for field in described["fields"]}
    assert "Email" not in raw("GET", f"sobjects/Lead/{lead}").json()
    assert _code(raw.query("SELECT Email FROM Lead")) == "INVALID_FIELD"
    assert _code(raw.query("SELECT Id FROM Lead WHERE Email = 'x'")) == "INVALID_FIELD"
    assert _code(raw("GET", f"sobjects/Lead/{lead}", params={"fields": "Email"})) == "INVALID_FIELD"
    assert _code(raw("PATCH", f"sobjects/Lead/{lead}", {"Email": "b@example.com"})) == "INVALID_FIELD"
    store.update("Lead", lead, {"Email": "c@example.com"})
    store.show_field("Lead", "Email")
    assert raw("GET", f"sobjects/Lead/{lead}").json()["Email"] == "c@example.com"


def test_a_hidden_reference_hides_its_relationship(raw: Raw, store: SalesforceStore) -> None:
    store.hide_field("Contact", "AccountId")
    assert _code(raw.query("SELECT Account.Name FROM Contact")) == "INVALID_FIELD"


def test_a_locked_field_can_be_read_only(raw: Raw, store: SalesforceStore) -> None:
    lead = store.create("Lead", {**_LEAD, "Title": "部長"})
    store.lock_field("Lead", "Title")
    refused = raw("PATCH", f"sobjects/Lead/{lead}", {"Title": "課長"})
    assert (_code(refused), refused.json()[0]["fields"]) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["Title"])
    assert raw("GET", f"sobjects/Lead/{lead}").json()["Title"] == "部長"
    (field,) = [f for f in raw("GET", "sobjects/Lead/describe").json()["fields"] if f["name"] == "Title"]
    assert (field["createable"], field["updateable"]) == (False, False)


@pytest.mark.parametrize("field", ["Id", "LastName", "SystemModstamp"])
def test_fields_that_everybody_sees(store: SalesforceStore, field: str) -> None:
    with pytest.raises(ValueError, match="everybody sees"):
        store.hide_field("Lead", field)


@pytest.mark.parametrize(
    ("action", "method", "status", "code"),
    [
        ("create", "POST", 400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        ("update", "PATCH", 403, "INSUFFICIENT_ACCESS_OR_READONLY"),
        ("delete", "DELETE", 403, "INSUFFICIENT_ACCESS_OR_READONLY"),
        ("read", "GET", 404, "NOT_FOUND"),
    ],
)
def test_what_is_not_permitted(
    raw: Raw, store: SalesforceStore, action: str, method: str, status: int, code: str
) -> None:
    lead = store.create("Lead", _LEAD)
    path, body = ("sobjects/Lead", _LEAD) if method == "POST" else (f"sobjects/Lead/{lead}", {"Title": "部長"})
    store.set_object_permission("Lead", **{action: False})
    refused = raw(method, path, body)
    assert (refused.status_code, _code(refused)) == (status, code)
    assert len(store.ids("Lead")) == 1
    store.update("Lead", lead, {"Title": "社長"})
    store.set_object_permission("Lead", **{action: True})
    assert raw(method, path, body).ok


def test_an_object_without_read_permission_is_unknown(raw: Raw, store: SalesforceStore) -> None:
    store.set_object_permission("Opportunity", read=False)
    assert "Opportunity" not in {entry["name"] for entry in raw("GET", "sobjects").json()["sobjects"]}
    assert _code(raw.query("SELECT Id FROM Opportunity")) == "INVALID_TYPE"
    children = raw("GET", "sobjects/Account/describe").json()["childRelationships"]
    assert "Opportunity" not in {child["childSObject"] for child in children}


def test_permissions_show_in_describe(raw: Raw, store: SalesforceStore) -> None:
    store.set_object_permission("Case", create=False, delete=False)
    described = raw("GET", "sobjects/Case/describe").json()
    assert [described[key] for key in ("createable", "updateable", "deletable")] == [False, True, False]


def test_audit_fields_are_set_on_creation_only(raw: Raw, store: SalesforceStore) -> None:
    past = {"CreatedDate": "2020-01-01T00:00:00Z", "LastModifiedDate": "2021-01-01T00:00:00Z"}
    assert _code(raw("POST", "sobjects/Lead", {**_LEAD, **past})) == "INVALID_FIELD_FOR_INSERT_UPDATE"
    store.allow_audit_fields()
    lead = raw("POST", "sobjects/Lead", {**_LEAD, **past, "CreatedById": store.admin_user_id}).json()["id"]
    record = store.read("Lead", lead)
    assert (record["CreatedDate"], record["LastModifiedDate"], record["SystemModstamp"], record["CreatedById"]) == (
        *("2020-01-01T00:00:00.000+0000", "2021-01-01T00:00:00.000+0000", "2026-11-24T12:00:00.000+0000"),
        store.admin_user_id,
    )
    assert _code(raw("PATCH", f"sobjects/Lead/{lead}", past)) == "INVALID_FIELD_FOR_INSERT_UPDATE"


# State and country picklists


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"State": "Tokyo", "Country": "Japan"}, ("Tokyo", "13", "Japan", "JP")),
        ({"State": "tokyo", "Country": "japan"}, ("Tokyo", "13", "Japan", "JP")),
        ({"StateCode": "20", "CountryCode": "JP"}, ("Nagano", "20", "Japan", "JP")),
        ({"StateCode": "20", "Country": "Japan"}, ("Nagano", "20", "Japan", "JP")),
        ({"Country": "France"}, (None, None, "France", "FR")),
        ({"Country": "United States", "CountryCode": "JP"}, (None, None, "Japan", "JP")),
        ({"State": None, "Country": None}, (None, None, None, None)),
        ({"City": "札幌市"}, (None, None, None, None)),
    ],
)
def test_states_and_countries_that_are_known(raw: Raw, store: SalesforceStore, sent: Any, stored: Any) -> None:
    store.enable_state_country_picklists()
    lead = raw("POST", "sobjects/Lead", {**_LEAD, **sent}).json()["id"]
    record = raw("GET", f"sobjects/Lead/{lead}").json()
    names = ("State", "StateCode", "Country", "CountryCode")
    assert tuple(record[name] for name in names) == stored
    if stored[3]:
        assert (record["Address"]["stateCode"], record["Address"]["countryCode"]) == (stored[1], stored[3])


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (
            {"State": "長野県", "Country": "Japan"},
            "There's a problem with this state, even though it may appear correct.",
        ),
        ({"State": "Texas", "Country": "Japan"}, "There's a problem with this state"),
        ({"State": "Bavaria", "Country": "Germany"}, "There's a problem with this state"),
        ({"Country": "日本"}, "There's a problem with this country, even though it may appear correct."),
        ({"State": "Tokyo"}, "A country/territory must be specified before specifying a state value"),
        ({"StateCode": "99", "CountryCode": "JP"}, "The StateCode field contains 99, which isn't an available state."),
        ({"CountryCode": "XX"}, "The CountryCode field contains XX, which isn't an available country/territory."),
    ],
)
def test_unknown_states_and_countries(raw: Raw, store: SalesforceStore, sent: Any, message: str) -> None:
    store.enable_state_country_picklists()
    refused = raw("POST", "sobjects/Lead", {**_LEAD, **sent})
    assert (refused.status_code, _code(refused)) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert refused.json()[0]["message"].startswith(message)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"MailingStateCode": "01"}, ("Hokkaido", "01", "Japan", "JP")),
        ({"MailingState": "Osaka"}, ("Osaka", "27", "Japan", "JP")),
        ({"MailingState": None}, (None, None, "Japan", "JP")),
        ({"MailingCountryCode": None}, (None, None, None, None)),
        ({"MailingCountry": "France", "MailingState": None}, (None, None, "France", "FR")),
        ({"MailingCountry": "France"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"MailingState": "Osaka", "MailingStateCode": "01"}, "FIELD_INTEGRITY_EXCEPTION"),
    ],
)
def test_changing_an_address(raw: Raw, store: SalesforceStore, sent: Any, expected: Any) -> None:
    contact = store.create("Contact", {"LastName": "山田", "MailingState": "Tokyo", "MailingCountry": "Japan"})
    store.enable_state_country_picklists()
    answer = raw("PATCH", f"sobjects/Contact/{contact}", sent)
    if isinstance(expected, str):
        assert _code(answer) == expected
        return
    record = store.read("Contact", contact)
    names = ("MailingState", "MailingStateCode", "MailingCountry", "MailingCountryCode")
    assert tuple(record[name] for name in names) == expected


def test_imported_addresses_have_the_codes_of_what_is_known(store: SalesforceStore) -> None:
    store.enable_state_country_picklists()
    addresses = [{"State": "Tokyo", "Country": "Japan"}, {"State": "東京都", "Country": "Japan"}, {"State": "東京都"}]
    imported = [ImportedRecord({**_LEAD, **address}, NOON, NOON) for address in addresses]
    records = [store.read("Lead", lead) for lead in store.import_records("Lead", imported)]
    assert [(record["StateCode"], record["CountryCode"]) for record in records] == [
        *(("13", "JP"), (None, "JP"), (None, None))
    ]


def test_describe_tells_the_states_of_a_country(raw: Raw, store: SalesforceStore) -> None:
    store.enable_state_country_picklists()
    fields = {field["name"]: field for field in raw("GET", "sobjects/Account/describe").json()["fields"]}
    states, countries = fields["BillingStateCode"], fields["BillingCountryCode"]
    assert (states["controllerName"], states["dependentPicklist"]) == ("BillingCountryCode", True)
    assert {"JP", "US", "FR"} <= {choice["value"] for choice in countries["picklistValues"]}
    japanese = {choice["validFor"] for choice in states["picklistValues"] if choice["label"] in ("Tokyo", "Nagano")}
    assert len(japanese) == 1
    assert sum(choice["validFor"] in japanese for choice in states["picklistValues"]) == 47


# Saved and loaded


def test_switches_are_saved(tmp_path: Path, store: SalesforceStore) -> None:
    store.create("Lead", {**_LEAD, "Email": "a@example.com", "State": "Tokyo", "Country": "Japan"})
    store.enable_state_country_picklists()
    store.allow_audit_fields()
    store.hide_field("Lead", "Fax")
    store.lock_field("Lead", "Title")
    store.set_object_permission("Case", read=False)
    store.set_permission("PermissionsManageProfilesPermissionsets", True)
    store.add_duplicate_rule("Lead", ["Email"], "block")
    store.add_validation_rule("Lead", [("Phone", "matches", "^0+$")], "no phone", "Phone")
    store.save(tmp_path / "organisation")
    loaded = SalesforceStore.load(tmp_path / "organisation", store.clock)
    assert loaded.switches() == store.switches()
    assert loaded.read("Lead", loaded.ids("Lead")[0])["StateCode"] == "13"
    for fields, code in (({"Email": "a@example.com"}, "DUPLICATES_DETECTED"), ({"Phone": "000"}, "VALIDATION")):
        with pytest.raises(ApiError, match=code):
            loaded.create("Lead", {**_LEAD, **fields})
