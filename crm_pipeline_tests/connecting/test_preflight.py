"""`crm-pipeline preflight`: what it finds in two CRMs, and that it only reads."""

import json
from datetime import timedelta

import pytest

from crm_pipeline.config.load import DEFAULTS
from crm_pipeline.emulator.faults import Status

_READS = ("/search", "/access-token-info", "/services/oauth2/token")


@pytest.fixture
def points(run):
    """Run it; gives the points by system and key, and the exit code under ''."""

    def points():
        code, shown = run("preflight", "--json")
        return {"": code} | {f"{point['system'] or 'both'}.{point['key']}": point for point in json.loads(shown)}

    return points


def _feature(store, object_, name, type_="string"):
    described = {"name": name, "label": name, "type": type_, "length": 255 if type_ == "string" else 0}
    store.rows.add_field(store.schema.objects[object_], store.schema.add_standard_field(object_, described))


def test_two_crms_that_are_set_up_pass_and_nothing_but_reading_is_sent(world, run):
    for log in world.logs:
        log.clear()
    code, shown = run("preflight")
    assert code == 0
    assert "0 fail" in shown
    assert "portal 12345678, https://app.hubspot.com, as in the settings" in shown
    assert "Enterprise Edition, a sandbox" in shown
    for log in world.logs:
        assert log.requests
        assert log.writing() == []
        assert [one for one in log.requests if one.method != "GET" and not one.path.endswith(_READS)] == []


def test_three_defects_are_three_points_with_what_to_do_and_hide_nothing_else(world, points, run):
    world.hubspot.scopes -= {"crm.objects.deals.read", "crm.objects.deals.write"}
    world.hubspot.definitions["contacts"]["crm_pipeline_key"]["hasUniqueValue"] = False
    world.salesforce.lock_field("Lead", "Title")
    found = points()
    assert found[""] == 1
    failing = {key: point for key, point in found.items() if key and point["state"] == "fails"}
    assert set(failing) == {"hubspot.scopes", "hubspot.key.contacts", "both.field.person.job_title"}
    assert failing["hubspot.scopes"]["found"] == "missing: crm.objects.deals.read, crm.objects.deals.write"
    assert "archive the property" in failing["hubspot.key.contacts"]["to_do"]
    assert "read-only for us" in failing["both.field.person.job_title"]["found"]
    assert "mapping.yaml line " in failing["both.field.person.job_title"]["to_do"]
    assert found["hubspot.key.companies"]["state"] == "ok"
    code, shown = run("preflight", "--lang", "ja")
    assert code == 1
    assert "不可     スコープ: 不足：crm.objects.deals.read" in shown
    assert "不可 3件" in shown


def test_of_a_lost_property_it_says_that_setup_creates_it(world, points):
    world.hubspot.archive_property("contacts", "birth_date")
    world.salesforce.hide_field("Lead", "Title")
    found = points()
    lost = found["both.field.person.birth_date"]
    assert "contacts.birth_date cannot be seen" in lost["found"]
    assert "crm-pipeline setup creates the field" in lost["to_do"]
    assert "mapping.yaml line " in lost["to_do"]
    assert "setup" not in found["both.field.person.job_title"]["to_do"]


def test_a_crm_that_does_not_let_us_in_fails_alone(world, points, monkeypatch):
    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "pat-na1-s3cret")
    monkeypatch.delenv("SALESFORCE_CLIENT_SECRET")
    found = points()
    assert found[""] == 1
    assert "revoked, replaced or mistyped" in found["hubspot.connection"]["found"]
    assert "SALESFORCE_CLIENT_SECRET is not set" in found["salesforce.connection"]["found"]
    monkeypatch.setenv("SALESFORCE_CLIENT_SECRET", "demo-secret")
    found = points()
    assert found["salesforce.access.Lead"]["state"] == "ok"
    assert "s3cret" not in json.dumps(found)


def test_another_account_than_that_of_the_settings_fails(world, points):
    text = world.settings.read_text(encoding="utf-8")
    world.settings.write_text(text.replace("12345678", "87654321"), encoding="utf-8")
    found = points()
    assert found["hubspot.account"]["found"].endswith("and the settings say hubspot.portal_id: 87654321")
    assert (found["hubspot.account"]["state"], found["salesforce.account"]["state"]) == ("fails", "ok")


def test_access_that_is_missing_names_object_and_right(world, points):
    world.salesforce.set_object_permission("Opportunity", create=False, update=False)
    world.salesforce.set_object_permission("Task", read=False)
    world.salesforce.set_permission("PermissionsViewAllData", False)
    world.salesforce.set_permission("PermissionsModifyAllData", False)
    found = points()
    assert found["salesforce.access.Opportunity"]["found"] == "Opportunity: Create, Edit is missing"
    assert found["salesforce.access.Task"]["found"] == "Task cannot be seen"
    assert found["salesforce.permissions.sharing"]["state"] == "warning"
    assert not any(key.startswith("both.field.task") for key in found)


def test_special_features_are_told_before_they_hurt(world, points):
    _feature(world.salesforce, "Account", "IsPersonAccount", "boolean")
    _feature(world.salesforce, "Opportunity", "CurrencyIsoCode")
    world.salesforce.enable_state_country_picklists()
    world.hubspot.more_currencies = ("USD",)
    found = points()
    assert found["salesforce.features.person_accounts"]["state"] == "fails"
    assert found["salesforce.features.currencies"]["state"] == found["hubspot.currencies"]["state"] == "warning"
    assert "Lead.State" in found["salesforce.features.state_country"]["found"]


def test_a_required_field_that_nothing_fills_fails(world, points):
    world.salesforce.define_field("Lead", {"name": "Region__c", "type": "string", "nillable": False})
    assert "Region__c: required, and not mapped" in points()["salesforce.required.Lead"]["found"]


def test_rules_are_counted_where_they_can_be_seen_and_named_where_not(world, points):
    world.salesforce.add_validation_rule("Lead", [("Company", "=", "x")], "no")
    world.salesforce.add_duplicate_rule("Contact", ["Email"])
    flow = {"Label": "増員", "TriggerType": "RecordAfterSave", "TriggerObjectOrEventLabel": "Lead", "IsActive": True}
    world.salesforce.add_setup_record("FlowDefinitionView", flow)
    found = points()
    assert found["salesforce.rules.validation_rules"]["found"] == "active validation rules: Lead 1"
    assert found["salesforce.rules.duplicate_rules"]["found"] == "active duplicate rules: Contact 1"
    assert found["salesforce.rules.flows"]["found"] == "active flows: Lead 1"
    world.salesforce.set_permission("PermissionsViewSetup", False)
    world.salesforce.set_object_permission("DuplicateRule", read=False)
    found = points()
    assert (
        found["salesforce.rules.validation_rules"]["state"]
        == found["salesforce.rules.duplicate_rules"]["state"]
        == "unseen"
    )
    assert "look in Setup" in found["salesforce.rules.duplicate_rules"]["to_do"]


def test_hubspots_own_connector_is_told_on_both_sides(world, points):
    world.salesforce.add_setup_record("PackageLicense", {"NamespacePrefix": "HubSpot_Inc", "Status": "Active"})
    clock = {"name": "salesforcelastsynctime", "label": "Last sync", "type": "datetime", "fieldType": "date"}
    world.hubspot.define_property("contacts", clock)
    now = world.hubspot.clock.now()
    old = (now - timedelta(days=9)).isoformat()
    world.hubspot.create("contacts", {"email": "b@example.com", "salesforcelastsynctime": old})
    found = points()
    assert found["salesforce.connector"]["state"] == "warning"
    assert found["hubspot.connector"]["found"].startswith("was connected once")
    world.hubspot.create("contacts", {"email": "a@example.com", "salesforcelastsynctime": now.isoformat()})
    world.salesforce.set_object_permission("PackageLicense", read=False)
    found = points()
    assert found["hubspot.connector"]["found"].startswith("it is active (1 contacts")
    assert found["salesforce.connector"]["state"] == "unseen"


def test_a_production_portal_with_a_sandbox_is_a_warning(world, points):
    world.hubspot.account_type = "STANDARD"
    assert points()["both.sandbox_or_production"]["found"] == "HubSpot is production, the other is not"


def test_scopes_that_hubspot_does_not_tell_are_tried(world, points):
    unknown = Status(404, {"status": "error", "message": "unknown token", "category": "OBJECT_NOT_FOUND"})
    world.faults.hubspot.add(path="/access-token-info$", action=unknown, times=None)
    world.hubspot.scopes.remove("crm.objects.deals.read")
    found = points()
    assert found["hubspot.scopes"]["state"] == "unseen"
    assert "crm.objects.tasks" not in found["hubspot.scopes"]["to_do"]
    assert found["hubspot.access.deals"]["state"] == "fails"
    assert "crm.objects.deals.read" in found["hubspot.access.deals"]["to_do"]


def test_a_database_that_cannot_be_opened_hides_nothing_else(world, points):
    (world.folder / "crm.duckdb").write_bytes(b"no database")
    found = points()
    assert found["hubspot.cost"]["state"] == found["salesforce.cost"]["state"] == "unseen"
    assert "crm.duckdb" in found["hubspot.cost"]["found"]
    assert found["both.fields"]["state"] == "ok"


def test_a_field_that_is_only_read_and_not_there_is_told_before_a_run_stops(world, points, monkeypatch):
    text = (DEFAULTS / "mapping.yaml").read_text(encoding="utf-8")
    mapping = world.folder / "mapping.yaml"
    mapping.write_text(text.replace("    notes: [hs_body_preview,", "    notes: [hs_body_preveiw,"), encoding="utf-8")
    monkeypatch.setenv("CRM_PIPELINE_MAPPING", str(mapping))
    found = points()
    assert found["hubspot.reads.notes"]["found"] == "not there, or hidden: notes.hs_body_preveiw"
    assert [key for key in found if ".reads." in key] == ["hubspot.reads.notes"]
