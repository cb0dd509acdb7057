"""Writing to a portal through the real client."""

import json

import pytest

from crm_pipeline.crm.protocol import Outcome, Write
from crm_pipeline.emulator.faults import CutAfter, CutBefore, Delay, Status
from crm_pipeline.errors import PermanentError


def _outcomes(results):
    return {result.token: result.outcome for result in results}


def test_an_update_sends_text_and_clears_with_the_empty_string(portal):
    (one,) = portal.contacts(1)
    portal.store.update("contacts", one, {"phone": "03-1234-5678"})
    portal.store.define_property("contacts", {"name": "flag", "label": "F", "type": "string", "fieldType": "text"})
    fields = {"phone": None, "lastname": "松本", "firstname": 5, "flag": True, "city": 12.0}
    (result,) = portal.client().update("contacts", [Write("a", fields, record_id=one)])
    assert (result.outcome, result.record_id) == (Outcome.LANDED, one)
    assert result.observed == {"phone": None, "lastname": "松本", "firstname": "5", "flag": "true", "city": "12"}
    (sent,) = json.loads(portal.sent("/batch/update")[0].body)["inputs"]
    assert sent["properties"]["phone"] == ""


def test_bad_rows_are_named_and_all_others_land_once(portal):
    ids = portal.contacts(120)
    bad = {7, 8, 55, 111}
    writes = [
        Write(str(n), {"no_such_property" if n in bad else "lastname": "新"}, record_id=one)
        for n, one in enumerate([*ids, "999999"])
    ]
    results = {result.token: result for result in portal.client().update("contacts", writes)}
    rejected = {token for token, result in results.items() if result.outcome is Outcome.REJECTED}
    assert len(results) == 121
    assert rejected == {*map(str, bad), "120"}
    assert results["7"].code == "PROPERTY_DOESNT_EXIST"
    assert results["120"].code == "OBJECT_NOT_FOUND"
    values = [portal.store.read("contacts", one).get("lastname") for one in ids]
    assert [n for n, value in enumerate(values) if value != "新"] == sorted(bad)


def test_a_refused_value_is_not_in_the_result(portal):
    (one,) = portal.contacts(1)
    (result,) = portal.client().update("contacts", [Write("a", {"lifecyclestage": "秘密の値"}, record_id=one)])
    assert (result.outcome, result.code) == (Outcome.REJECTED, "INVALID_OPTION")
    assert result.message == "lifecyclestage: INVALID_OPTION"


def test_a_value_that_another_record_holds_names_that_record(portal):
    one, other = portal.contacts(2)
    client = portal.client()
    (updated,) = client.update("contacts", [Write("a", {"email": "person0@example.com"}, record_id=other)])
    (created,) = client.create("contacts", "our_key", [Write("b", {"email": "person0@example.com"}, key="k")])
    assert [(result.outcome, result.code) for result in (updated, created)] == [(Outcome.REJECTED, "CONFLICT")] * 2
    assert "person0" not in updated.message + created.message
    assert (updated.record_id, created.record_id) == (other, one)


def test_creating_twice_by_the_same_key_makes_one_record(portal):
    client = portal.client()
    writes = [Write("a", {"email": "new@example.com"}, key="g1/contacts/1"), Write("b", {"lastname": "x"}, key="g2")]
    first, second = (client.create("contacts", "our_key", writes) for _ in range(2))
    assert _outcomes(first) == _outcomes(second) == {"a": Outcome.LANDED, "b": Outcome.LANDED}
    assert [result.record_id for result in first] == [result.record_id for result in second]
    assert len(portal.store.ids("contacts")) == 2


@pytest.mark.parametrize("fault", [CutAfter(), Status(500), Status(502), Status(504), Status(200, "<html>")])
def test_a_write_without_an_answer_is_unknown_and_never_sent_again(portal, fault):
    portal.faults.add(path="/batch/upsert", action=fault)
    results = portal.client().create("contacts", "our_key", [Write("a", {}, key="k"), Write("b", {}, key="l")])
    assert _outcomes(results) == {"a": Outcome.UNKNOWN, "b": Outcome.UNKNOWN}
    assert len(portal.sent("/batch/upsert")) == 1


def test_a_write_that_landed_behind_a_cut_connection_is_found_by_its_key(portal):
    portal.faults.add(path="/batch/upsert", action=CutAfter())
    client = portal.client()
    client.create("contacts", "our_key", [Write("a", {}, key="k")])
    assert set(client.read_by_key("contacts", "our_key", ["k"], [])) == {"k"}


def test_a_write_that_was_cut_before_is_unknown_too(portal):
    (one,) = portal.contacts(1)
    portal.faults.add(path="/batch/update", action=CutBefore())
    (result,) = portal.client().update("contacts", [Write("a", {"lastname": "x"}, record_id=one)])
    assert result.outcome is Outcome.UNKNOWN


def test_a_write_that_takes_too_long_is_unknown(portal):
    (one,) = portal.contacts(1)
    portal.faults.add(path="/batch/update", action=Delay(1.0))
    client = portal.client(answer_seconds=0.2)
    (result,) = client.update("contacts", [Write("a", {"lastname": "x"}, record_id=one)])
    assert result.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "fault",
    [
        Status(429, {"policyName": "TEN_SECONDLY_ROLLING"}, {"Retry-After": "0.02"}),
        Status(423, "", {"Retry-After": "0.02"}),
        Status(477, "", {"Retry-After": "0.02"}),
        Status(503),
    ],
)
def test_a_write_that_was_surely_not_handled_is_sent_again(portal, fault):
    (one,) = portal.contacts(1)
    portal.faults.add(path="/batch/update", action=fault)
    (result,) = portal.client().update("contacts", [Write("a", {"lastname": "x"}, record_id=one)])
    assert result.outcome is Outcome.LANDED
    assert len(portal.sent("/batch/update")) == 2


def test_a_day_used_up_in_the_middle_keeps_what_landed(portal):
    ids = portal.contacts(150)
    portal.faults.add(path="/batch/update", action=Status(429, {"policyName": "DAILY"}), after=1)
    writes = [Write(one, {"lastname": "x"}, record_id=one) for one in ids]
    results = portal.client().update("contacts", writes)
    assert [result.outcome for result in results] == [Outcome.LANDED] * 100 + [Outcome.RETRY] * 50
    assert results[-1].code == "DAILY"


def test_a_missing_permission_is_raised(portal):
    (one,) = portal.contacts(1)
    portal.faults.add(path="/batch/update", action=Status(403, {"category": "MISSING_SCOPES"}))
    with pytest.raises(PermanentError, match="writing contacts"):
        portal.client().update("contacts", [Write("a", {"lastname": "x"}, record_id=one)])


def test_archived_records_leave_the_list(portal):
    first, second = portal.contacts(2)
    results = portal.client().archive("contacts", [first, "999999"])
    assert {result.outcome for result in results} == {Outcome.LANDED}
    assert portal.store.ids("contacts") == [second]
