"""The older reading endpoints tell of the same portal as the newer ones."""

from __future__ import annotations

import pytest

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.conftest import NOON, Raw

NOON_MS = int(NOON.timestamp() * 1000)
ACTIVITIES = ("calls", "emails", "meetings", "notes", "tasks")


@pytest.mark.parametrize("path", ["/properties/v2/contacts/properties", "/properties/v1/contact/properties"])
def test_property_definitions_are_a_plain_list(raw: Raw, path: str) -> None:
    newer = raw("GET", "/crm/v3/properties/contacts").json()["results"]
    older = raw("GET", path).json()

    assert [(one["name"], one["type"], one["fieldType"]) for one in older] == [
        (one["name"], one["type"], one["fieldType"]) for one in newer
    ]
    stage = next(one for one in older if one["name"] == "lifecyclestage")
    assert {"label", "value", "readOnly", "hidden"} <= set(stage["options"][0])


def test_one_definition_by_name(raw: Raw) -> None:
    assert raw("GET", "/properties/v2/deals/properties/named/amount").json()["type"] == "number"
    assert raw("GET", "/properties/v2/deals/properties/named/nothing").status_code == 404


@pytest.mark.parametrize("object_", ["deals", "tickets"])
def test_pipelines_have_the_older_names(raw: Raw, object_: str) -> None:
    newer = raw("GET", f"/crm/v3/pipelines/{object_}").json()["results"]
    older = raw("GET", f"/crm-pipelines/v1/pipelines/{object_}").json()["results"]

    assert [one["pipelineId"] for one in older] == [one["id"] for one in newer]
    assert [stage["stageId"] for stage in older[0]["stages"]] == [stage["id"] for stage in newer[0]["stages"]]
    assert older[0]["default"] is True


@pytest.fixture
def engagements(store: HubSpotStore) -> dict[int, str]:
    """Two activities of each type, about one contact; id -> type."""
    contact = store.create("contacts", {"lastname": "山田"})
    types = {"calls": 194, "emails": 198, "meetings": 200, "notes": 202, "tasks": 204}
    made: dict[int, str] = {}
    for _ in range(2):
        for object_ in ACTIVITIES:
            record_id = store.create(object_, {"hs_timestamp": "2026-11-24T12:00:00.000Z"})
            store.associate(object_, record_id, "contacts", contact, types[object_])
            made[int(record_id)] = object_[:-1].upper()
    return made


def test_engagements_of_all_types_are_one_list_in_pages(raw: Raw, engagements: dict[int, str]) -> None:
    seen, offset, more = {}, 0, True
    while more:
        page = raw("GET", f"/engagements/v1/engagements/paged?limit=3&offset={offset}").json()
        seen |= {one["engagement"]["id"]: one["engagement"]["type"] for one in page["results"]}
        offset, more = page["offset"], page["hasMore"]

    assert seen == engagements
    assert len(engagements) == 10


def test_the_engagements_of_one_record(raw: Raw, store: HubSpotStore, engagements: dict[int, str]) -> None:
    store.create("notes", {"hs_timestamp": "2026-11-24T12:00:00.000Z"})
    path = f"/engagements/v1/engagements/associated/CONTACT/{store.ids('contacts')[0]}/paged"

    first = raw("GET", f"{path}?limit=6").json()
    rest = raw("GET", f"{path}?limit=6&offset={first['offset']}").json()

    assert [one["engagement"]["id"] for one in first["results"] + rest["results"]] == sorted(engagements)
    assert (first["hasMore"], rest["hasMore"]) == (True, False)
    assert raw("GET", path.replace("CONTACT", "COMPANY")).status_code == 404


def test_an_engagement_says_when_and_about_whom(raw: Raw, store: HubSpotStore, engagements: dict[int, str]) -> None:
    note = next(key for key, kind in engagements.items() if kind == "NOTE")
    store.update("notes", str(note), {"hs_note_body": "打ち合わせ"})

    answer = raw("GET", f"/engagements/v1/engagements/{note}").json()

    assert answer["engagement"]["timestamp"] == answer["engagement"]["createdAt"] == NOON_MS
    assert answer["associations"]["contactIds"] == [int(store.ids("contacts")[0])]
    assert answer["metadata"] == {"body": "打ち合わせ"}
    assert raw("GET", "/engagements/v1/engagements/1").status_code == 404


def test_recent_engagements_are_those_changed_since(raw: Raw, store: HubSpotStore, engagements: dict[int, str]) -> None:
    store.clock.advance(60)
    changed = max(key for key, kind in engagements.items() if kind == "TASK")
    store.update("tasks", str(changed), {"hs_task_subject": "電話"})

    all_ = raw("GET", f"/engagements/v1/engagements/recent/modified?since={NOON_MS}&count=4").json()
    new = raw("GET", f"/engagements/v1/engagements/recent/modified?since={NOON_MS + 1}").json()

    assert (all_["total"], all_["hasMore"], len(all_["results"])) == (10, True, 4)
    assert all_["results"][0]["engagement"]["id"] == changed
    assert [one["engagement"]["id"] for one in new["results"]] == [changed]
    assert raw("GET", "/engagements/v1/engagements/paged?offset=x").status_code == 400


def test_v4_paths_of_objects_are_the_v3_ones(raw: Raw, store: HubSpotStore) -> None:
    record_id = store.create("tickets", {"subject": "届かない", "hs_pipeline": "0", "hs_pipeline_stage": "1"})

    assert raw("GET", "/crm/v4/objects/tickets").json() == raw("GET", "/crm/v3/objects/tickets").json()
    assert raw("GET", f"/crm/v4/objects/tickets/{record_id}").json()["id"] == record_id
    assert raw("GET", f"/crm/v4/objects/tickets/{record_id}/associations/contacts").json()["results"] == []
