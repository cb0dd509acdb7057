"""Pipelines and their stages over the API, and what they mean for the records in them."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline_tests.emulator.hubspot.conftest import Raw

DEALS = "/crm/v3/pipelines/deals"
RENEWALS = {
    "label": "更新",
    "displayOrder": 1,
    "stages": [
        {"label": "見積", "displayOrder": 0, "metadata": {"probability": "0.5"}},
        {"label": "受注", "displayOrder": 1, "metadata": {"probability": 1}},
        {"label": "失注", "displayOrder": 2, "metadata": {"probability": "0.0"}},
    ],
}
STAGE = {"label": "a", "displayOrder": 1}


@pytest.mark.parametrize(
    ("object_", "pipeline", "stages"),
    [
        (
            "deals",
            ("default", "Sales Pipeline"),
            [
                ("appointmentscheduled", "0.2"),
                ("qualifiedtobuy", "0.4"),
                ("presentationscheduled", "0.6"),
                ("decisionmakerboughtin", "0.8"),
                ("contractsent", "0.9"),
                ("closedwon", "1.0"),
                ("closedlost", "0.0"),
            ],
        ),
        ("tickets", ("0", "Support Pipeline"), [("1", "OPEN"), ("2", "OPEN"), ("3", "OPEN"), ("4", "CLOSED")]),
    ],
)
def test_a_new_portal_has_one_pipeline(raw: Raw, object_: str, pipeline: Any, stages: Any) -> None:
    (one,) = raw("GET", f"/crm/v3/pipelines/{object_}").json()["results"]

    key = "probability" if object_ == "deals" else "ticketState"
    assert (one["id"], one["label"]) == pipeline
    assert [(stage["id"], stage["metadata"][key]) for stage in one["stages"]] == stages
    assert {stage["metadata"]["isClosed"] for stage in one["stages"]} == {"true", "false"}
    assert raw("GET", f"/crm/pipelines/2026-03/{object_}/{one['id']}").json() == one
    assert raw("GET", f"/crm/v3/pipelines/{object_}/{one['id']}/stages").json() == {"results": one["stages"]}
    first = one["stages"][0]
    assert raw("GET", f"/crm/v3/pipelines/{object_}/{one['id']}/stages/{first['id']}").json() == first


@pytest.mark.parametrize("object_", ["contacts", "notes"])
def test_other_objects_have_no_pipelines(raw: Raw, object_: str) -> None:
    assert raw("GET", f"/crm/v3/pipelines/{object_}").json() == {"results": []}
    assert raw("POST", f"/crm/v3/pipelines/{object_}", RENEWALS).status_code == 400


def test_a_second_pipeline_takes_records_by_its_own_stages(raw: Raw) -> None:
    created = raw("POST", DEALS, RENEWALS)
    pipeline = created.json()
    quoted, won, _ = (stage["id"] for stage in pipeline["stages"])
    deals = "/crm/v3/objects/deals"

    assert created.status_code == 201
    assert [stage["metadata"]["isClosed"] for stage in pipeline["stages"]] == ["false", "true", "true"]
    refused = raw("POST", deals, {"properties": {"dealname": "a", "dealstage": quoted}})
    deal = raw("POST", deals, {"properties": {"dealname": "a", "pipeline": pipeline["id"], "dealstage": quoted}})
    assert (refused.status_code, deal.status_code) == (400, 201)
    assert f"{quoted} was not one of the allowed options: [appointmentscheduled" in refused.json()["message"]

    one = f"{deals}/{deal.json()['id']}"
    moved = raw("PATCH", one, {"properties": {"dealstage": won}})
    assert raw("PATCH", one, {"properties": {"pipeline": "default"}}).status_code == 400
    assert raw("PATCH", one, {"properties": {"dealstage": "closedwon"}}).status_code == 400
    back = raw("PATCH", one, {"properties": {"pipeline": "default", "dealstage": "closedlost"}})
    assert (moved.status_code, back.status_code) == (200, 200)
    assert raw("GET", f"{one}?properties=hs_is_closed_lost").json()["properties"]["hs_is_closed_lost"] == "true"


def test_the_stage_property_lists_the_stages_of_all_pipelines(raw: Raw) -> None:
    pipeline = raw("POST", DEALS, RENEWALS).json()
    ids = [stage["id"] for stage in pipeline["stages"]]

    options = raw("GET", "/crm/v3/properties/deals/dealstage").json()["options"]
    assert [option["value"] for option in options][-3:] == ids
    names = [option["value"] for option in raw("GET", "/crm/v3/properties/deals/pipeline").json()["options"]]
    assert names == ["default", pipeline["id"]]
    entered = raw("GET", f"/crm/v3/properties/deals/hs_v2_date_entered_{ids[0]}").json()
    assert entered["label"] == 'Date entered "見積 (更新)"'


def test_an_archived_stage_cannot_be_used_until_it_is_restored(raw: Raw) -> None:
    stage = f"{DEALS}/default/stages/contractsent"
    deal = {"properties": {"dealname": "a", "dealstage": "contractsent"}}

    assert raw("DELETE", stage).status_code == 204
    assert raw("GET", stage).status_code == 404
    assert raw("POST", "/crm/v3/objects/deals", deal).status_code == 400
    assert raw("PATCH", stage, {"label": "契約"}).status_code == 404
    assert raw("PATCH", stage, {"archived": False}).json()["archived"] is False
    assert raw("POST", "/crm/v3/objects/deals", deal).status_code == 201


def test_a_pipeline_changes_and_goes(raw: Raw, store: HubSpotStore) -> None:
    pipeline = raw("POST", DEALS, RENEWALS).json()
    one = f"{DEALS}/{pipeline['id']}"
    deal = store.create("deals", {"pipeline": pipeline["id"], "dealstage": pipeline["stages"][0]["id"]})

    assert raw("PATCH", one, {"label": "更新契約", "displayOrder": 0}).json()["label"] == "更新契約"
    replaced = raw("PUT", one, {**RENEWALS, "stages": RENEWALS["stages"][:1]}).json()  # type: ignore[index]
    assert [stage["label"] for stage in replaced["stages"]] == ["見積"]
    assert raw("POST", f"{one}/stages", {"label": "新", "displayOrder": 3, "metadata": {"probability": 0.1}}).ok
    assert raw("DELETE", f"{one}?validateReferencesBeforeDelete=true").status_code == 400
    assert raw("DELETE", one).status_code == 204
    assert [found["id"] for found in raw("GET", DEALS).json()["results"]] == ["default"]
    assert raw("GET", one).status_code == 404
    assert raw("PATCH", f"/crm/v3/objects/deals/{deal}", {"properties": {"amount": "1"}}).status_code == 200
    gone = raw("PATCH", f"/crm/v3/objects/deals/{deal}", {"properties": {"dealstage": "closedwon"}})
    moved = {"pipeline": "default", "dealstage": "closedwon"}
    assert (gone.status_code, gone.json()["errors"][0]["code"]) == (400, "INVALID_OPTION")
    assert raw("PATCH", f"/crm/v3/objects/deals/{deal}", {"properties": moved}).status_code == 200
    assert raw("PATCH", one, {"archived": False}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", DEALS, {}, 400),
        ("POST", DEALS, {**RENEWALS, "stages": []}, 400),
        ("POST", DEALS, {**RENEWALS, "label": "Sales Pipeline"}, 409),
        ("POST", DEALS, {**RENEWALS, "displayOrder": "1"}, 400),
        ("POST", f"{DEALS}/default/stages", {**STAGE, "metadata": {}}, 400),
        ("POST", f"{DEALS}/default/stages", {**STAGE, "metadata": {"probability": 2}}, 400),
        ("POST", f"{DEALS}/default/stages", STAGE, 400),
        ("POST", "/crm/v3/pipelines/tickets/0/stages", {**STAGE, "metadata": {"ticketState": "X"}}, 400),
        ("PUT", f"{DEALS}/default/stages/closedwon", {"label": "a"}, 400),
        ("PATCH", f"{DEALS}/default", {"archived": True}, 400),
        ("PATCH", f"{DEALS}/default", {"archived": False}, 400),
        ("PATCH", f"{DEALS}/default", [], 400),
        ("DELETE", f"{DEALS}/default", None, 400),
        ("GET", f"{DEALS}/nowhere", None, 404),
        ("GET", f"{DEALS}/default/stages/nowhere", None, 404),
    ],
)
def test_a_wrong_pipeline_call_is_refused(raw: Raw, method: str, path: str, body: Any, status: int) -> None:
    before = raw("GET", DEALS).json()

    answer = raw(method, path, body)

    assert (answer.status_code, answer.json()["status"]) == (status, "error")
    assert raw("GET", DEALS).json() == before


def test_pipelines_survive_a_save(raw: Raw, store: HubSpotStore, tmp_path: Any) -> None:
    raw("POST", DEALS, RENEWALS)
    raw("POST", "/crm/v3/properties/deals/groups", {"name": "ours", "label": "Ours"})
    store.save(tmp_path / "portal.json")

    loaded = HubSpotStore.load(tmp_path / "portal.json")

    assert loaded.schema.dump() == store.schema.dump()
