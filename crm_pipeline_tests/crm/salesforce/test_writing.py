"""Writing to an organisation through the real client."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from crm_pipeline.crm.protocol import Outcome, Write
from crm_pipeline.emulator.faults import Call, CutAfter, CutBefore, Status
from crm_pipeline.errors import DailyLimitError

START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


def _outcomes(results):
    return {result.token: result.outcome for result in results}


def _sub_requests(organisation):
    return [one for sent in organisation.sent("/composite") for one in json.loads(sent.body)["compositeRequest"]]


def test_an_update_sets_and_clears_with_null(organisation):
    (one,) = organisation.contacts(1, Phone="03-1234-5678")
    (result,) = organisation.client().update(
        "Contact", [Write("a", {"Phone": None, "LastName": "松本"}, record_id=one[:15])]
    )
    assert (result.outcome, result.record_id) == (Outcome.LANDED, one)
    record = organisation.store.read("Contact", one)
    assert (record.get("Phone"), record["LastName"]) == (None, "松本")


def test_25_records_go_in_one_call_and_one_bad_row_stays_alone(organisation):
    ids = organisation.contacts(60)
    writes = [Write(str(n), {"LastName": None if n == 30 else "新"}, record_id=one) for n, one in enumerate(ids)]
    results = {result.token: result for result in organisation.client().update("Contact", writes)}
    assert len(organisation.sent("/composite")) == 3
    assert len(results) == 60
    assert [token for token, result in results.items() if result.outcome is not Outcome.LANDED] == ["30"]
    assert (results["30"].outcome, results["30"].code) == (Outcome.REJECTED, "REQUIRED_FIELD_MISSING")


def test_a_record_that_somebody_edited_is_stale_and_keeps_the_edit(organisation, clock):
    clock.set(START)
    edited, untouched = organisation.contacts(2)
    client = organisation.client()
    read = client.read("Contact", [edited, untouched], [])
    clock.advance(5)
    edit = Call(lambda: organisation.store.update("Contact", edited, {"LastName": "theirs"}))
    organisation.faults.add(path="/composite", action=edit)
    writes = [Write(one, {"LastName": "ours"}, record_id=one, unmodified_since=read[one].modified_at) for one in read]
    results = client.update("Contact", writes)
    assert _outcomes(results) == {edited: Outcome.STALE, untouched: Outcome.LANDED}
    assert organisation.store.read("Contact", edited)["LastName"] == "theirs"


def test_the_precondition_survives_the_end_of_a_session(organisation, clock):
    clock.set(START)
    (one,) = organisation.contacts(1)
    client = organisation.client()
    read = client.read("Contact", [one], [])[one]
    clock.advance(5)
    organisation.store.update("Contact", one, {"LastName": "theirs"})
    organisation.store.expire_sessions()
    write = Write("a", {"LastName": "ours"}, record_id=one, unmodified_since=read.modified_at)
    assert _outcomes(client.update("Contact", [write])) == {"a": Outcome.STALE}
    first, second = _sub_requests(organisation)
    assert first == second
    assert second["httpHeaders"]["If-Unmodified-Since"] == "Mon, 01 Jun 2026 03:00:00 GMT"


def test_assignment_rules_do_not_move_owners_of_leads(organisation):
    lead = organisation.store.create("Lead", {"LastName": "x", "Company": "-"})
    (contact,) = organisation.contacts(1)
    client = organisation.client()
    client.update("Lead", [Write("a", {"Title": "x"}, record_id=lead)])
    client.create("Lead", "Our_Key__c", [Write("b", {"LastName": "x", "Company": "-"}, key="k")])
    client.update("Contact", [Write("c", {"Title": "x"}, record_id=contact)])
    assert [one["httpHeaders"].get("Sforce-Auto-Assign") for one in _sub_requests(organisation)] == [
        "FALSE",
        "FALSE",
        None,
    ]


def test_creating_twice_by_the_same_key_makes_one_record(organisation):
    client = organisation.client()
    fields = {"LastName": "山田", "Company": "-"}
    writes = [Write("a", fields, key="g1/Lead/1"), Write("b", {**fields, "Our_Key__c": "g2?#&/ 1"}, key="g2?#&/ 1")]
    first, second = (client.create("Lead", "Our_Key__c", writes) for _ in range(2))
    assert _outcomes(first) == _outcomes(second) == {"a": Outcome.LANDED, "b": Outcome.LANDED}
    assert [result.record_id for result in first] == [result.record_id for result in second]
    assert set(client.read_by_key("Lead", "Our_Key__c", ["g1/Lead/1", "g2?#&/ 1"], [])) == {"g1/Lead/1", "g2?#&/ 1"}
    assert client.count("Lead") == 2


@pytest.mark.parametrize("fault", [CutBefore(), CutAfter(), Status(500), Status(504, "<html>"), Status(200, "<html>")])
def test_a_write_without_an_answer_is_unknown_and_never_sent_again(organisation, fault):
    organisation.faults.add(path="/composite", action=fault)
    results = organisation.client().create(
        "Contact", "Our_Key__c", [Write(key, {"LastName": "x"}, key=key) for key in ("a", "b")]
    )
    assert _outcomes(results) == {"a": Outcome.UNKNOWN, "b": Outcome.UNKNOWN}
    assert len(organisation.sent("/composite")) == 1


def test_a_write_that_was_surely_not_handled_is_sent_again(organisation):
    (one,) = organisation.contacts(1)
    refused = [{"errorCode": "SERVER_UNAVAILABLE", "message": "busy"}]
    organisation.faults.add(path="/composite", action=Status(503, refused))
    results = organisation.client().update("Contact", [Write("a", {"LastName": "x"}, record_id=one)])
    assert _outcomes(results) == {"a": Outcome.LANDED}


def _locked(*places: int, of: int) -> Status:
    """A composite answer in which some rows are locked and the others were written."""
    locked = [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access", "fields": []}]
    answers = [
        {
            "body": locked if place in places else None,
            "httpHeaders": {},
            "httpStatusCode": 400 if place in places else 204,
            "referenceId": f"w{place}",
        }
        for place in range(of)
    ]
    return Status(200, {"compositeResponse": answers})


def test_a_locked_row_is_sent_once_more_by_itself(organisation):
    first, second = organisation.contacts(2)
    organisation.faults.add(path="/composite", action=_locked(1, of=2))
    writes = [Write(one, {"LastName": "x"}, record_id=one) for one in (first, second)]
    assert _outcomes(organisation.client().update("Contact", writes)) == {first: Outcome.LANDED, second: Outcome.LANDED}
    assert len(_sub_requests(organisation)) == 3


def test_a_row_that_stays_locked_is_left_for_later(organisation):
    (one,) = organisation.contacts(1)
    organisation.faults.add(path="/composite", action=_locked(0, of=1), times=2)
    (result,) = organisation.client().update("Contact", [Write("a", {"LastName": "x"}, record_id=one)])
    assert (result.outcome, result.code) == (Outcome.RETRY, "UNABLE_TO_LOCK_ROW")


def test_a_refused_value_is_not_in_the_result(organisation):
    (one,) = organisation.contacts(1)
    value = "secret@@example"
    (result,) = organisation.client().update("Contact", [Write("a", {"Email": value}, record_id=one)])
    assert (result.outcome, result.code) == (Outcome.REJECTED, "INVALID_EMAIL_ADDRESS")
    assert result.message.startswith("Email: ")
    assert "secret" not in result.message


def test_a_converted_lead_is_not_written(organisation):
    lead = organisation.store.create("Lead", {"LastName": "x", "Company": "-"})
    organisation.store.convert_lead(lead)
    (result,) = organisation.client().update("Lead", [Write("a", {"Title": "x"}, record_id=lead)])
    assert (result.outcome, result.code) == (Outcome.REJECTED, "CANNOT_UPDATE_CONVERTED_LEAD")


def test_a_day_used_up_in_the_middle_keeps_what_landed(organisation):
    ids = organisation.contacts(40)
    refused = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    writes = [Write(one, {"LastName": "x"}, record_id=one) for one in ids]
    organisation.faults.add(path="/composite", action=Status(403, refused), after=1, times=9)
    client = organisation.client()
    results = client.update("Contact", writes)
    assert [result.outcome for result in results] == [Outcome.LANDED] * 25 + [Outcome.RETRY] * 15
    with pytest.raises(DailyLimitError):
        client.update("Contact", writes)


def test_deleted_records_lie_in_the_recycle_bin(organisation):
    first, second = organisation.contacts(2)
    results = organisation.client().archive("Contact", [first])
    assert _outcomes(results) == {first: Outcome.LANDED}
    assert [record.record_id for page in organisation.client().pages("Contact", []) for record in page] == [second]


def test_a_modified_time_between_two_seconds_is_no_conflict(organisation, clock):
    clock.set(START + timedelta(milliseconds=700))
    (one,) = organisation.contacts(1)
    client = organisation.client()
    modified_at = client.read("Contact", [one], [])[one].modified_at
    write = Write("a", {"LastName": "x"}, record_id=one, unmodified_since=modified_at)
    assert _outcomes(client.update("Contact", [write])) == {"a": Outcome.LANDED}
