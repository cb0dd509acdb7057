"""Property definitions and groups over the API."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.conftest import Raw

PROPERTIES = "/crm/v3/properties/contacts"
NEW = {
    "name": "rank",
    "label": "ランク",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "contactinformation",
}
OPTIONS = [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]


@pytest.mark.parametrize(
    ("object_", "least", "groups", "some"),
    [
        ("contacts", 190, 9, ["hs_lead_status", "notes_last_contacted", "hubspot_team_id", "hs_persona"]),
        ("companies", 120, 4, ["numberofemployees", "annualrevenue", "num_associated_deals", "hs_all_owner_ids"]),
        ("deals", 110, 5, ["amount", "dealstage", "hs_is_closed_won", "hs_v2_date_entered_closedwon"]),
        ("tickets", 90, 4, ["subject", "hs_pipeline_stage", "hs_ticket_priority", "closed_date"]),
        ("calls", 70, 2, ["hs_call_disposition", "hs_timestamp", "hs_activity_type"]),
        ("emails", 70, 2, ["hs_email_html", "hs_email_headers", "hs_attachment_ids"]),
        ("meetings", 70, 2, ["hs_meeting_outcome", "hs_internal_meeting_notes", "hubspot_owner_id"]),
        ("notes", 45, 2, ["hs_note_body", "hs_queue_membership_ids"]),
        ("tasks", 70, 2, ["hs_task_subject", "hs_task_is_overdue", "hs_task_priority"]),
    ],
)
def test_a_new_portal_has_the_properties_that_connectors_read(
    raw: Raw, object_: str, least: int, groups: int, some: list[str]
) -> None:
    found = {one["name"]: one for one in raw("GET", f"/crm/v3/properties/{object_}").json()["results"]}
    named = {one["name"] for one in raw("GET", f"/crm/v3/properties/{object_}/groups").json()["results"]}

    assert len(found) >= least
    assert set(some) <= set(found)
    assert {one["groupName"] for one in found.values()} == named
    assert len(named) == groups
    assert all(one["hubspotDefined"] and not one["modificationMetadata"]["archivable"] for one in found.values())
    assert all(one["options"] or one["externalOptions"] for one in found.values() if one["type"] == "enumeration")
    assert all(one["modificationMetadata"]["readOnlyValue"] for one in found.values() if one["calculated"])


def test_a_property_is_created_changed_archived_and_created_again(raw: Raw, store: HubSpotStore) -> None:
    created = raw("POST", PROPERTIES, {**NEW, "options": OPTIONS})
    contact = store.create("contacts", {"rank": "a"})

    changed = raw("PATCH", f"{PROPERTIES}/rank", {"label": "会員ランク", "options": OPTIONS[1:]}).json()
    refused = raw("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"rank": "a"}})
    archived = raw("DELETE", f"{PROPERTIES}/rank")
    again = raw("DELETE", f"{PROPERTIES}/rank")

    assert (created.status_code, "hubspotDefined" in created.json()) == (201, False)
    assert (changed["label"], [one["value"] for one in changed["options"]]) == ("会員ランク", ["b"])
    assert (refused.status_code, archived.status_code, again.status_code) == (400, 204, 204)
    assert raw("GET", f"{PROPERTIES}/rank").status_code == 404
    kept = raw("GET", f"{PROPERTIES}/rank?archived=true").json()
    assert (kept["archived"], kept["archivedAt"]) == (True, "2026-11-24T12:00:00.000Z")
    assert [one["name"] for one in raw("GET", f"{PROPERTIES}?archived=true").json()["results"]] == ["rank"]
    read = raw("GET", f"/crm/v3/objects/contacts/{contact}?properties=rank").json()
    assert "rank" not in read["properties"]
    assert raw("POST", PROPERTIES, {**NEW, "options": OPTIONS}).status_code == 201
    assert raw("GET", f"{PROPERTIES}?archived=true").json()["results"] == []


def test_some_properties_are_read_by_name(raw: Raw) -> None:
    listed = raw("GET", f"{PROPERTIES}?properties=email,phone&dataSensitivity=non_sensitive").json()["results"]
    batch = raw("POST", f"{PROPERTIES}/batch/read", {"archived": False, "inputs": [{"name": "email"}, {"name": "no"}]})

    assert [one["name"] for one in listed] == ["email", "phone"]
    assert batch.status_code == 207
    assert [one["name"] for one in batch.json()["results"]] == ["email"]
    assert (batch.json()["numErrors"], batch.json()["errors"][0]["category"]) == (1, "OBJECT_NOT_FOUND")


def test_properties_are_created_and_archived_in_batches(raw: Raw) -> None:
    names = ["one", "two"]
    inputs = [{**NEW, "name": name, "options": OPTIONS} for name in names]

    created = raw("POST", f"{PROPERTIES}/batch/create", {"inputs": inputs})
    mixed = raw("POST", f"{PROPERTIES}/batch/create", {"inputs": [inputs[0], {**inputs[1], "name": "three"}]})
    archived = raw("POST", f"{PROPERTIES}/batch/archive", {"inputs": [{"name": name} for name in names]})
    missing = raw("POST", f"{PROPERTIES}/batch/archive", {"inputs": [{"name": "three"}, {"name": "no"}]})

    assert (created.status_code, created.json()["status"]) == (201, "COMPLETE")
    assert (mixed.status_code, [one["name"] for one in mixed.json()["results"]]) == (207, ["three"])
    assert mixed.json()["errors"][0]["context"] == {"name": ["one"]}
    assert (archived.status_code, missing.status_code) == (204, 404)
    assert raw("GET", f"{PROPERTIES}/three").status_code == 200


def test_a_group_is_created_changed_used_and_archived(raw: Raw) -> None:
    groups = f"{PROPERTIES}/groups"

    created = raw("POST", groups, {"name": "ours", "label": "当社", "displayOrder": 3})
    changed = raw("PATCH", f"{groups}/ours", {"label": "当社の項目"})
    used = raw("POST", PROPERTIES, {**NEW, "options": OPTIONS, "groupName": "ours"})

    assert (created.status_code, changed.status_code, used.status_code) == (201, 200, 201)
    shown = {"name": "ours", "label": "当社の項目", "displayOrder": 3, "archived": False}
    assert raw("GET", f"{groups}/ours").json() == shown
    assert raw("DELETE", f"{groups}/ours").status_code == 400
    raw("DELETE", f"{PROPERTIES}/rank")
    assert raw("DELETE", f"{groups}/ours").status_code == 204
    assert raw("GET", f"{groups}/ours").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", "", {"name": "a"}, 400, "Some required fields were not set: [groupName, label, type, fieldType]"),
        ("POST", "", {**NEW, "options": []}, 400, "Property rank of type enumeration needs options"),
        ("POST", "", {**NEW, "options": [OPTIONS[0], OPTIONS[0]]}, 400, "options with the same value"),
        ("POST", "", {**NEW, "options": [{"value": "a"}]}, 400, "Every option needs a label and a value"),
        ("POST", "", {**NEW, "type": "string"}, 400, "Field type select is not valid for property type string"),
        ("POST", "", {**NEW, "type": "money"}, 400, "Field type select is not valid for property type money"),
        ("POST", "", {**NEW, "name": "a" * 101, "options": OPTIONS}, 400, "must be lower case"),
        ("POST", "", {**NEW, "name": "email", "options": OPTIONS}, 409, "A property named 'email' already exists."),
        ("POST", "", {**NEW, "groupName": "no", "options": OPTIONS}, 400, "Property group no does not exist"),
        ("PATCH", "/email", {"label": "E"}, 400, "is defined by HubSpot"),
        ("PATCH", "/nothing", {"label": "E"}, 404, "No property exists with the name 'nothing'"),
        ("DELETE", "/email", None, 400, "is defined by HubSpot"),
        ("DELETE", "/nothing", None, 404, "No property exists"),
        ("GET", "/email?archived=true", None, 404, "No property exists"),
        ("POST", "/batch/read", {"inputs": []}, 400, "at least one"),
        ("POST", "/batch/read", {"inputs": [{}]}, 400, "every input needs a name"),
        ("POST", "/groups", {"name": "a"}, 400, "Some required fields were not set: [label]"),
        ("POST", "/groups", {"name": "contactinformation", "label": "C"}, 409, "already exists"),
        ("DELETE", "/groups/contactinformation", None, 400, "still has properties"),
        ("PUT", "/email", {}, 405, "HTTP 405 Method Not Allowed"),
    ],
)
def test_a_wrong_call_is_refused(raw: Raw, method: str, path: str, body: Any, status: int, message: str) -> None:
    before = raw("GET", PROPERTIES).json()

    answer = raw(method, PROPERTIES + path, body)

    assert (answer.status_code, answer.json()["status"]) == (status, "error")
    assert message in answer.json()["message"]
    assert raw("GET", PROPERTIES).json() == before


def test_standard_objects_have_a_schema_and_the_account_no_custom_ones(raw: Raw) -> None:
    assert raw("GET", "/crm/v3/schemas").json() == {"results": []}
    assert raw("GET", "/crm-object-schemas/v3/schemas").json() == {"results": []}
    assert raw("GET", "/crm-object-schemas/2026-03/schemas?archived=false").json() == {"results": []}
    schema = raw("GET", "/crm-object-schemas/v3/schemas/tickets").json()
    assert (schema["objectTypeId"], schema["name"], schema["fullyQualifiedName"]) == ("0-5", "TICKET", "TICKET")
    assert schema["labels"] == {"singular": "Ticket", "plural": "Tickets"}
    assert {"0-1", "0-2"} <= {one["toObjectTypeId"] for one in schema["associations"]}
    assert len(schema["properties"]) > 90


def test_the_account_says_how_many_records_it_may_hold(raw: Raw, store: HubSpotStore) -> None:
    store.create("companies", {"name": "青空商事"})

    for path in ("/crm/v3/limits/records", "/crm/limits/2026-03/records"):
        limits = raw("GET", path).json()
        usage = {one["objectTypeId"]: one["usage"] for one in limits["hubspotDefinedObjectTypes"]}
        assert (usage["0-1"], usage["0-2"], len(usage)) == (0, 1, 9)
        assert limits["customObjectTypes"]["byObjectType"] == []
