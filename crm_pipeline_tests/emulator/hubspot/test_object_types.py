"""Every object type: its names, what a read returns by default, what a create requires, what HubSpot computes."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.conftest import NOON, Raw

AT = "2026-11-24T12:00:00.000Z"
#: Object type -> singular, type id, the least that a create needs.
TYPES: dict[str, tuple[str, str, dict[str, str]]] = {
    "contacts": ("contact", "0-1", {}),
    "companies": ("company", "0-2", {}),
    "deals": ("deal", "0-3", {}),
    "tickets": ("ticket", "0-5", {"hs_pipeline_stage": "1"}),
    "tasks": ("task", "0-27", {"hs_timestamp": AT}),
    "notes": ("note", "0-46", {"hs_timestamp": AT}),
    "meetings": ("meeting", "0-47", {"hs_timestamp": AT}),
    "calls": ("call", "0-48", {"hs_timestamp": AT}),
    "emails": ("email", "0-49", {"hs_timestamp": AT}),
}
ACTIVITY = ["hs_createdate", "hs_lastmodifieddate", "hs_object_id"]
DEFAULTS = {
    "contacts": ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"],
    "companies": ["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"],
    "deals": [
        "amount",
        "closedate",
        "createdate",
        "dealname",
        "dealstage",
        "hs_lastmodifieddate",
        "hs_object_id",
        "pipeline",
    ],
    "tickets": [
        "content",
        "createdate",
        "hs_lastmodifieddate",
        "hs_object_id",
        "hs_pipeline",
        "hs_pipeline_stage",
        "hs_ticket_category",
        "hs_ticket_priority",
        "subject",
    ],
    **dict.fromkeys(("tasks", "notes", "meetings", "calls", "emails"), ACTIVITY),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_goes_by_its_plural_singular_and_id(raw: Raw, store: HubSpotStore, name: str) -> None:
    singular, type_id, least = TYPES[name]
    record_id = store.create(name, least)

    for path in (
        f"/crm/v3/objects/{name}",
        f"/crm/v3/objects/{singular}",
        f"/crm/v3/objects/{type_id}",
        f"/crm/objects/2026-03/{name}",
        f"/crm/objects/2026-09/{type_id}",
    ):
        (one,) = raw("GET", path).json()["results"]
        assert one["id"] == record_id
        assert f"/record/{type_id}/{record_id}" in one["url"]


@pytest.mark.parametrize("name", TYPES)
def test_a_read_returns_the_default_properties_of_its_type(raw: Raw, store: HubSpotStore, name: str) -> None:
    record_id = store.create(name, TYPES[name][2])

    read = raw("GET", f"/crm/v3/objects/{name}/{record_id}").json()
    (listed,) = raw("GET", f"/crm/v3/objects/{name}").json()["results"]

    assert sorted(read["properties"]) == sorted(listed["properties"]) == DEFAULTS[name]
    assert (read["createdAt"], read["updatedAt"], read["archived"]) == (AT, AT, False)


@pytest.mark.parametrize("name", TYPES)
def test_an_answer_always_has_id_and_times(raw: Raw, store: HubSpotStore, name: str) -> None:
    record_id = store.create(name, TYPES[name][2])

    shown = raw("GET", f"/crm/v3/objects/{name}/{record_id}?properties=hubspot_owner_id").json()["properties"]

    created = "hs_createdate" if DEFAULTS[name] == ACTIVITY else "createdate"
    modified = "lastmodifieddate" if name == "contacts" else "hs_lastmodifieddate"
    assert shown == {"hubspot_owner_id": None, created: AT, modified: AT, "hs_object_id": record_id}


@pytest.mark.parametrize("name", [name for name, (_, _, least) in TYPES.items() if least])
def test_a_create_without_required_properties_is_refused(raw: Raw, store: HubSpotStore, name: str) -> None:
    singular, _, least = TYPES[name]

    for properties in ({}, dict.fromkeys(least, "")):
        answer = raw("POST", f"/crm/v3/objects/{name}", {"properties": properties})
        assert answer.status_code == 400
        assert answer.json()["message"] == f"Error creating {singular.upper()}. Some required properties were not set."
        assert answer.json()["category"] == "VALIDATION_ERROR"
        assert answer.json()["context"] == {"properties": list(least)}
    assert raw("POST", f"/crm/v3/objects/{name}", {}).status_code == 400
    assert store.ids(name) == []
    assert raw("POST", f"/crm/v3/objects/{name}", {"properties": least}).status_code == 201


def test_an_unknown_type_is_refused(raw: Raw) -> None:
    for path in ("/crm/v3/objects/dealz", "/crm/v3/properties/dealz", "/crm/v3/pipelines/dealz"):
        answer = raw("GET", path)
        assert (answer.status_code, answer.json()["message"]) == (400, "Unable to infer object type from: dealz")


@pytest.mark.parametrize(
    ("object_", "written", "computed"),
    [
        ("contacts", {"firstname": "太郎", "lastname": "山田"}, {"hs_full_name_or_email": "太郎 山田"}),
        ("contacts", {"email": "a@b.jp"}, {"hs_full_name_or_email": "a@b.jp", "hs_email_domain": "b.jp"}),
        ("contacts", {"lifecyclestage": "lead"}, {"hs_lifecyclestage_lead_date": AT, "hs_v2_date_entered_lead": AT}),
        ("companies", {"lifecyclestage": "customer"}, {"hs_v2_date_entered_customer": AT}),
        ("contacts", {}, {"hs_object_source": "INTEGRATION", "hs_object_source_id": "7654321", "hs_createdate": AT}),
        ("companies", {"domain": "https://www.Aozora.co.jp/ja"}, {"domain": "aozora.co.jp", "website": "aozora.co.jp"}),
        ("companies", {"website": "http://aozora.co.jp:80/x"}, {"domain": None}),
        ("companies", {"website": "b.jp", "domain": "a.jp"}, {"domain": "a.jp", "website": "b.jp"}),
        ("deals", {}, {"pipeline": "default", "dealstage": None}),
        ("deals", {"amount": "1000", "dealstage": "contractsent"}, {"hs_projected_amount": "900"}),
        (
            "deals",
            {"amount": "1000", "dealstage": "closedwon"},
            {
                "hs_is_closed": "true",
                "hs_is_closed_won": "true",
                "hs_is_closed_lost": "false",
                "hs_closed_amount": "1000",
                "hs_deal_stage_probability": "1.0",
                "closedate": AT,
                "days_to_close": "0",
                "hs_v2_date_entered_closedwon": AT,
            },
        ),
        (
            "deals",
            {"dealstage": "closedlost", "closedate": "2026-11-27T12:00:00Z"},
            {"hs_is_closed_won": "false", "hs_is_closed_lost": "true", "days_to_close": "3", "hs_closed_amount": None},
        ),
        ("tickets", {"hs_pipeline_stage": "1"}, {"hs_pipeline": "0", "hs_is_closed": "false", "closed_date": None}),
        ("tickets", {"hs_pipeline_stage": "4"}, {"hs_is_closed": "true", "closed_date": AT, "time_to_close": "0"}),
        ("tasks", {"hs_timestamp": AT}, {"hs_task_status": "NOT_STARTED", "hs_task_type": "TODO"}),
        (
            "tasks",
            {"hs_timestamp": AT, "hs_task_status": "COMPLETED"},
            {"hs_task_completion_date": AT, "hs_task_is_completed": "1"},
        ),
        (
            "notes",
            {"hs_timestamp": AT, "hs_note_body": "<p>次回&amp;<b>見積</b></p>"},
            {"hs_body_preview": "次回& 見積", "hs_body_preview_is_truncated": "false"},
        ),
    ],
)
def test_hubspot_computes_what_follows(
    raw: Raw, object_: str, written: dict[str, str], computed: dict[str, str | None]
) -> None:
    answer = raw("POST", f"/crm/v3/objects/{object_}", {"properties": written})

    names = ",".join(computed)
    read = raw("GET", f"/crm/v3/objects/{object_}/{answer.json()['id']}?properties={names}").json()["properties"]
    assert {name: read[name] for name in computed} == computed


def test_computed_values_have_a_history_of_their_own(raw: Raw, store: HubSpotStore, clock: Clock) -> None:
    deal = store.create("deals", {"dealname": "更新", "dealstage": "contractsent"})
    clock.set(NOON.replace(hour=13))

    raw("PATCH", f"/crm/v3/objects/deals/{deal}", {"properties": {"dealstage": "closedwon"}})

    names = "dealstage,hs_is_closed,hs_v2_date_exited_contractsent,hs_v2_cumulative_time_in_contractsent"
    read = raw("GET", f"/crm/v3/objects/deals/{deal}?propertiesWithHistory={names}").json()["propertiesWithHistory"]
    assert next((one["value"], one["sourceType"]) for one in read["dealstage"]) == ("closedwon", "INTEGRATION")
    assert next((one["value"], one["sourceType"]) for one in read["hs_is_closed"]) == ("true", "CALCULATED")
    assert read["hs_v2_date_exited_contractsent"][0]["value"] == "2026-11-24T13:00:00.000Z"
    assert read["hs_v2_cumulative_time_in_contractsent"][0]["value"] == "3600000"


def test_a_ticket_that_is_opened_again_has_no_close_date(raw: Raw, store: HubSpotStore) -> None:
    ticket = store.create("tickets", {"hs_pipeline_stage": "4"})

    raw("PATCH", f"/crm/v3/objects/tickets/{ticket}", {"properties": {"hs_pipeline_stage": "2"}})

    kept = store.read("tickets", ticket)
    assert ("closed_date" in kept, kept["hs_is_closed"]) == (False, "false")


def test_an_owner_is_among_all_owners_since_a_moment(raw: Raw, store: HubSpotStore) -> None:
    owner = store.add_owner("hanako@example.jp", "花子", "佐藤")
    contact = store.create("contacts", {"hubspot_owner_id": owner})

    kept = store.read("contacts", contact)
    assert (kept["hs_all_owner_ids"], kept["hubspot_owner_assigneddate"]) == (owner, AT)
    raw("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"hubspot_owner_id": ""}})
    assert {"hs_all_owner_ids", "hubspot_owner_assigneddate"}.isdisjoint(store.read("contacts", contact))


@pytest.mark.parametrize(
    ("object_", "property_", "value", "message"),
    [
        ("deals", "dealstage", "won", "won was not one of the allowed options: [appointmentscheduled, "),
        ("deals", "dealstage", "1", "1 was not one of the allowed options: [appointmentscheduled, "),
        ("deals", "pipeline", "sales", "sales was not one of the allowed options: [default"),
        ("deals", "dealtype", "new", "new was not one of the allowed options: [newbusiness, existingbusiness]"),
        ("deals", "hs_is_closed", "true", '"hs_is_closed" is a read only property; its value cannot be set.'),
        ("tickets", "hs_pipeline_stage", "9", "9 was not one of the allowed options: [1, 2, 3, 4]"),
        ("tickets", "hs_ticket_priority", "high", "high was not one of the allowed options: [LOW, MEDIUM, HIGH, "),
        ("calls", "hs_call_direction", "IN", "IN was not one of the allowed options: [INBOUND, OUTBOUND]"),
        ("calls", "hs_call_duration", "long", "long was not a valid long."),
        ("meetings", "hs_meeting_start_time", "noon", "noon was not a valid datetime."),
        ("emails", "hs_email_from_email", "a@b.jp", '"hs_email_from_email" is a read only property; its value'),
        ("notes", "hs_note_body", "あ" * 65_537, "The value is 65537 characters long; at most 65536 are allowed."),
    ],
)
def test_a_value_that_a_property_cannot_have_is_refused(
    raw: Raw, object_: str, property_: str, value: str, message: str
) -> None:
    properties = {**TYPES[object_][2], property_: value}

    answer = raw("POST", f"/crm/v3/objects/{object_}", {"properties": properties})

    assert answer.status_code == 400
    assert message in answer.json()["message"].replace('\\"', '"')


def test_a_value_of_the_greatest_length_is_stored(raw: Raw) -> None:
    text: Any = "あ" * 65_536

    answer = raw("POST", "/crm/v3/objects/notes", {"properties": {"hs_timestamp": AT, "hs_note_body": text}})

    assert answer.json()["properties"]["hs_note_body"] == text
