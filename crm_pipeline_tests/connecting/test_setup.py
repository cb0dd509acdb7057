"""`crm-pipeline setup`: shows first, creates then, and does nothing twice."""

import json

import pytest

from crm_pipeline.errors import SafetyError
from crm_pipeline_tests.connecting.conftest import lead_to


@pytest.fixture
def bare(portal, organisation, tmp_path, monkeypatch):
    """Two new accounts: no field of ours; the user may set up, and its permission set is there."""
    world = lead_to(portal, organisation, tmp_path, monkeypatch)
    for name in ("CustomizeApplication", "ManageProfilesPermissionsets"):
        world.salesforce.set_permission(f"Permissions{name}", True)
    world.salesforce.add_permission_set("CRM_Pipeline")
    return world


@pytest.fixture
def setup(run):
    def steps(*options):
        code, shown = run("setup", "--json", *options)
        return code, {f"{one['object']}.{one['name']} {one['doing']}": one["words"] for one in json.loads(shown)}

    return steps


def test_first_it_only_shows_then_it_creates_and_then_everything_is_there(bare, setup, run):
    code, wanted = setup()
    assert code == 0
    assert wanted["contacts.crm_pipeline_key create"] == "single-line text, unique values"
    assert wanted["contacts.birth_date create"] == "date picker"
    assert wanted["contacts.lead_source create"] == "dropdown select, 5 values"
    assert wanted["Lead.CRM_Pipeline_Key__c create"] == "Text (80), External ID, Unique"
    assert wanted["Lead.Birthdate__c create"] == "Date"
    assert wanted["Task.CRM_Pipeline_Key__c grant"] == "read and edit, by the permission set CRM_Pipeline"
    assert all(log.writing() == [] for log in bare.logs)
    code, shown = run("setup", "--apply")
    assert code == 0
    assert "created   Lead.CRM_Pipeline_Key__c" in shown
    assert "granted   Lead.CRM_Pipeline_Key__c" in shown
    assert "Done." in shown
    for log in bare.logs:
        log.clear()
    code, left = setup("--apply")
    assert code == 0
    assert {key.rpartition(" ")[2] for key in left} == {"there"}
    assert all(log.writing() == [] for log in bare.logs)
    code, shown = run("preflight")
    assert "FAILS    unique key field" not in shown


def test_it_refuses_another_account_and_changes_none_that_the_settings_do_not_name(bare, setup, run):
    text = bare.settings.read_text(encoding="utf-8")
    bare.settings.write_text(text.replace("12345678", "87654321"), encoding="utf-8")
    for options in ((), ("--apply",)):
        with pytest.raises(SafetyError, match="portal_id: 87654321"):
            run("setup", *options)
    bare.settings.write_text(text.replace("12345678", "null"), encoding="utf-8")
    assert setup()[0] == 0
    with pytest.raises(SafetyError, match=r"write hubspot\.portal_id: 12345678 into them first"):
        run("setup", "--apply")
    assert all(log.writing() == [] for log in bare.logs)


def test_what_the_api_may_not_do_is_told_click_by_click(bare, setup, run):
    bare.hubspot.scopes.discard("crm.schemas.deals.write")
    for name in ("CustomizeApplication", "ManageProfilesPermissionsets"):
        bare.salesforce.set_permission(f"Permissions{name}", False)
    key = {"name": "crm_pipeline_key", "label": "key", "type": "string", "fieldType": "text"}
    bare.hubspot.define_property("companies", key)
    code, steps = setup()
    assert code == 1
    assert "Create property: internal name crm_pipeline_key" in steps["deals.crm_pipeline_key by hand"]
    assert "not unique, which HubSpot cannot change" in steps["companies.crm_pipeline_key by hand"]
    assert "Object Settings > Lead > Edit" in steps["Lead.CRM_Pipeline_Key__c by hand"]
    code, shown = run("setup", "--apply", "--lang", "ja")
    assert code == 1
    assert "設定 > オブジェクトマネージャー > Activity > 項目とリレーション > 新規" in shown
    assert "手作業の項目が残っています" in shown
    assert "crm_pipeline_key" in bare.hubspot.definitions["contacts"]


def test_a_field_that_is_there_and_hidden_is_granted_not_made_again(bare, setup, run):
    run("setup", "--apply")
    bare.salesforce.hide_field("Lead", "CRM_Pipeline_Key__c")
    bare.salesforce.lock_field("Task", "CRM_Pipeline_Key__c")
    _, steps = setup()
    assert {key for key in steps if not key.endswith("there")} == {
        "Lead.CRM_Pipeline_Key__c grant",
        "Task.CRM_Pipeline_Key__c grant",
    }
    assert run("setup", "--apply")[0] == 0
    assert {key.rpartition(" ")[2] for key in setup()[1]} == {"there"}


def test_mapped_fields_that_are_there_are_listed_in_neither_crm(bare, setup, run):
    run("setup", "--apply")
    assert {key.partition(" ")[0].partition(".")[2] for key in setup()[1]} == {
        "crm_pipeline_key",
        "CRM_Pipeline_Key__c",
    }


def test_edit_is_not_granted_on_a_formula(bare, setup):
    formula = {"name": "Birthdate__c", "type": "date", "calculated": True, "createable": False, "updateable": False}
    bare.salesforce.define_field("Lead", formula)
    assert not [key for key in setup()[1] if "Birthdate__c" in key]


def test_a_permission_set_that_the_user_does_not_have_is_told(bare, setup):
    bare.salesforce.add_permission_set("Other", assigned=False)
    code, steps = setup("--permission-set", "Other")
    assert code == 1
    assert "Manage Assignments" in steps["PermissionSet.Other by hand"]


def test_a_newcomer_comes_from_two_new_accounts_to_a_first_plan(bare, run, monkeypatch):
    bare.hubspot.create("contacts", {"email": "b@example.jp", "lastname": "佐藤"})
    monkeypatch.chdir(bare.folder)
    assert run("init", "mine")[0] == 0
    monkeypatch.setenv("CRM_PIPELINE_SETTINGS", "mine/settings.yaml")
    monkeypatch.setenv("CRM_PIPELINE_MAPPING", "mine/mapping.yaml")
    for words in (("setup", "--apply"), ("preflight",), ("run", "--preview")):
        assert run(*words)[0] == 0, words
    assert "Salesforce Lead      create" in run("plan", "show")[1]
