"""Every failure of HubSpot on demand: over the control API, seen by the real SDK or by plain requests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
from hubspot.crm.objects import BatchInputSimplePublicObjectBatchInput, SimplePublicObjectInput
from hubspot.crm.objects.exceptions import ApiException

from crm_pipeline.emulator.control import controlled
from crm_pipeline.emulator.faults import Faults
from crm_pipeline.emulator.hubspot import HubSpotStore, create_app
from crm_pipeline.emulator.hubspot.control import HubSpotControl
from crm_pipeline.emulator.request_log import RequestLog
from crm_pipeline.emulator.server import serving
from crm_pipeline_tests.emulator.hubspot.conftest import Raw

CONTACTS = "/crm/v3/objects/contacts"


@dataclass(frozen=True)
class Portal:
    url: str
    store: HubSpotStore
    log: RequestLog
    control: HubSpotControl
    raw: Raw

    def do(self, operation: str, **arguments: Any) -> Any:
        """Call an operation of the control API as another program would: without a token."""
        answer = requests.post(f"{self.url}/emulator/{operation}", json=arguments, timeout=5)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]


@pytest.fixture
def portal(store: HubSpotStore) -> Iterator[Portal]:
    log, faults = RequestLog(), Faults()
    control = HubSpotControl(store, log, faults)
    with serving(controlled(create_app(store, log=log, faults=faults), control)) as server:
        yield Portal(server.url, store, log, control, Raw(server.url))


def test_the_control_says_what_it_can_do(portal: Portal) -> None:
    answer = requests.get(f"{portal.url}/emulator", timeout=5).json()

    assert {"fault", "refuse", "before", "edit", "lag_search", "take_scope"} <= set(answer["operations"])
    assert answer["operations"]["edit"]["meaning"] == "A user changes a record."
    assert "html_body" in answer["faults"]
    assert "conflict" in answer["refusals"]


@pytest.mark.parametrize(
    ("method", "path", "body", "part"),
    [
        ("POST", "/emulator/explode", b"", "is not there"),
        ("GET", "/emulator/edit", b"", "is not there"),
        ("POST", "/emulator/edit", b"{", "no JSON"),
        ("POST", "/emulator/edit", b"[]", "must be a JSON object"),
        ("POST", "/emulator/edit", b'{"object": "contacts"}', "missing a required argument"),
        ("POST", "/emulator/fault", b'{"name": "earthquake"}', "There is no fault earthquake"),
        ("POST", "/emulator/refuse", b'{"name": "whim"}', "There is no refusal whim"),
        ("POST", "/emulator/before", b'{"do": "nothing", "arguments": {}}', "There is no operation nothing"),
        ("POST", "/emulator/before", b'{"do": "edit", "arguments": {"id": "1"}}', "edit: missing a required argument"),
        ("POST", "/emulator/set_clock", b'{"at": "2026-11-24T09:00:00"}', "no time with a zone"),
        ("POST", "/emulator/edit", b'{"object": "contacts", "id": "1", "properties": {}}', "Object not found"),
    ],
)
def test_a_call_of_the_control_that_makes_no_sense_says_why(
    portal: Portal, method: str, path: str, body: bytes, part: str
) -> None:
    answer = requests.request(method, portal.url + path, data=body, timeout=5)

    assert answer.status_code == 400
    assert part in answer.json()["error"]


def test_control_calls_are_not_in_the_log_and_meet_no_fault(portal: Portal) -> None:
    portal.do("fault", name="internal_error", times=None)
    portal.raw("GET", CONTACTS)

    logged = requests.get(f"{portal.url}/emulator/requests", timeout=5).json()

    assert [(one["method"], one["path"], one["status"]) for one in logged] == [("GET", CONTACTS, 500)]
    assert "demo-token" not in str(logged)
    portal.do("forget_requests")
    assert requests.get(f"{portal.url}/emulator/requests", timeout=5).json() == []


@pytest.mark.parametrize(
    ("name", "status", "part"),
    [
        ("rate_limit_ten_secondly", 429, '"policyName":"TEN_SECONDLY_ROLLING"'),
        ("rate_limit_secondly", 429, '"policyName":"SECONDLY"'),
        ("rate_limit_daily", 429, '"policyName":"DAILY"'),
        ("internal_error", 500, '"status":"error"'),
        ("html_body", 502, "<html>"),
        ("service_unavailable", 503, '"status":"error"'),
        ("gateway_timeout", 504, "504"),
        ("locked", 423, "LOCKED"),
        ("migration", 477, "MIGRATION"),
        ("unauthorised", 401, "INVALID_AUTHENTICATION"),
    ],
)
def test_a_named_fault_answers_once_in_the_platforms_words(portal: Portal, name: str, status: int, part: str) -> None:
    portal.do("fault", name=name, path="/contacts$", method="POST")

    answers = [portal.raw("POST", CONTACTS, {"properties": {"lastname": "山田"}}) for _ in range(2)]

    assert answers[0].status_code == status
    assert part in answers[0].text.replace('": "', '":"')
    assert answers[1].status_code == 201
    assert len(portal.store.ids("contacts")) == 1


@pytest.mark.parametrize(("name", "written"), [("cut_before", 0), ("cut_after", 1)])
def test_a_connection_is_cut_before_or_after_the_write_landed(portal: Portal, name: str, written: int) -> None:
    portal.do("fault", name=name)

    with pytest.raises(requests.exceptions.ConnectionError):
        portal.raw("POST", CONTACTS, {"properties": {"lastname": "山田"}})

    assert len(portal.store.ids("contacts")) == written


def test_an_answer_can_be_slow(portal: Portal) -> None:
    portal.do("fault", name="slow")
    started = time.monotonic()

    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(portal.url + CONTACTS, headers=dict(portal.raw.session.headers), timeout=0.3)

    assert time.monotonic() - started < 2


def test_a_users_edit_happens_between_read_and_write(portal: Portal) -> None:
    record_id = portal.store.create("contacts", {"lastname": "山田", "phone": "1"})
    portal.do(
        "before",
        do="edit",
        arguments={"object": "contacts", "id": record_id, "properties": {"phone": "2"}},
        method="PATCH",
    )

    read = portal.raw("GET", f"{CONTACTS}/{record_id}?properties=phone").json()
    portal.raw("PATCH", f"{CONTACTS}/{record_id}", {"properties": {"phone": "3"}})

    history = portal.raw("GET", f"{CONTACTS}/{record_id}?propertiesWithHistory=phone").json()
    versions = history["propertiesWithHistory"]["phone"]
    assert read["properties"]["phone"] == "1"
    assert [(one["value"], one["sourceType"]) for one in versions][:2] == [("3", "INTEGRATION"), ("2", "CRM_UI")]


def test_one_record_of_a_batch_is_refused_with_a_207(portal: Portal, store: HubSpotStore) -> None:
    ids = [store.create("contacts", {"lastname": f"n{number}"}) for number in range(3)]
    portal.do("refuse", name="conflict", ids=[ids[1]])
    body = {"inputs": [{"id": one, "properties": {"phone": "1"}} for one in ids]}

    answer = portal.raw("POST", f"{CONTACTS}/batch/update", body)

    assert answer.status_code == 207
    assert sorted(one["id"] for one in answer.json()["results"]) == sorted([ids[0], ids[2]])
    assert answer.json()["numErrors"] == 1
    assert [store.read("contacts", one).get("phone") for one in ids] == ["1", None, "1"]


def test_a_search_sees_a_change_when_its_lag_is_over(portal: Portal, store: HubSpotStore) -> None:
    def found(name: str) -> int:
        filters = [{"propertyName": "lastname", "operator": "EQ", "value": name}]
        body = {"filterGroups": [{"filters": filters}]}
        return int(portal.raw("POST", f"{CONTACTS}/search", body).json()["total"])

    record_id = store.create("contacts", {"lastname": "before"})
    store.clock.advance(60)
    portal.do("lag_search", seconds=10)
    store.update("contacts", record_id, {"lastname": "after"})
    store.create("contacts", {"lastname": "after"})

    assert (found("before"), found("after")) == (1, 0)
    assert portal.raw("GET", f"{CONTACTS}/{record_id}?properties=lastname").json()["properties"]["lastname"] == "after"
    store.clock.advance(11)
    assert (found("before"), found("after")) == (0, 2)


def test_the_clock_can_run_ahead(portal: Portal, store: HubSpotStore) -> None:
    before = parsedate_to_datetime(portal.raw("GET", CONTACTS).headers["Date"])
    portal.do("advance_clock", seconds=300)
    after = parsedate_to_datetime(portal.raw("GET", CONTACTS).headers["Date"])

    assert after - before == timedelta(minutes=5)
    portal.do("set_clock", at="2027-01-01T00:00:00+09:00")
    assert store.clock.now().isoformat() == "2026-12-31T15:00:00+00:00"


def test_a_permission_can_be_lost_and_given_back(portal: Portal) -> None:
    portal.do("take_scope", scope="crm.objects.contacts.read")
    refused = portal.raw("GET", CONTACTS)
    portal.do("give_scope", scope="crm.objects.contacts.read")

    assert refused.status_code == 403
    assert refused.json()["category"] == "MISSING_SCOPES"
    assert portal.raw("GET", CONTACTS).status_code == 200


def test_users_delete_merge_and_purge(portal: Portal, store: HubSpotStore) -> None:
    one, two, three = (portal.do("create", object="contacts", properties={"lastname": name}) for name in "abc")
    merged = portal.do("merge", object="contacts", primary=one, other=two)
    portal.do("archive", object="contacts", id=three)

    assert store.ids("contacts") == [merged]
    assert portal.raw("GET", f"{CONTACTS}/{two}").json()["id"] == merged
    assert portal.raw("GET", f"{CONTACTS}/{three}?archived=true").json()["archived"] is True
    portal.do("purge", object="contacts", id=three)
    assert portal.raw("GET", f"{CONTACTS}/{three}?archived=true").status_code == 404


def test_limits_can_be_enforced_while_it_runs(portal: Portal, store: HubSpotStore) -> None:
    portal.do("enforce_limits", on=True)
    store.limits.per_ten_seconds = 3

    statuses = [portal.raw("GET", CONTACTS).status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 429, 429]


def test_clear_ends_everything(portal: Portal) -> None:
    portal.do("fault", name="internal_error", times=None)
    portal.do("refuse", name="conflict", times=None)
    portal.do("clear")

    assert portal.raw("POST", CONTACTS, {"properties": {"lastname": "山田"}}).status_code == 201


def test_the_sdk_sees_a_single_refused_record(portal: Portal, store: HubSpotStore) -> None:
    from hubspot import HubSpot

    record_id = store.create("contacts", {"lastname": "山田"})
    client = HubSpot(access_token="demo-token", host=portal.url, base_url=portal.url)
    portal.control.refuse("conflict", object="contacts", times=2)

    with pytest.raises(ApiException) as caught:
        client.crm.objects.basic_api.update("contacts", record_id, SimplePublicObjectInput(properties={"phone": "1"}))
    batch = BatchInputSimplePublicObjectBatchInput(inputs=[{"id": record_id, "properties": {"phone": "1"}}])
    answer = client.crm.objects.batch_api.update("contacts", batch)

    assert caught.value.status == 409
    assert answer.num_errors == 1
