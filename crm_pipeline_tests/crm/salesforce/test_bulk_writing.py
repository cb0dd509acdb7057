"""Writing by jobs of the Bulk API 2.0: the same as single writes; the results are a receipt after any crash."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.crm.protocol import Outcome, Write
from crm_pipeline.emulator.faults import Call, CutAfter, CutBefore, Status
from crm_pipeline.errors import CrmError, SafetyError

KEY = "Our_Key__c"
TEXTS = ['say "so",\r\nhe said', "one\u2028two\x85three", "NA", "null", "007", "=1+1", "髙﨑 ｶﾅ 全角", "𠮷野家 e\u0301"]


def _outcomes(results: Any) -> dict[str, Outcome]:
    return {result.token: result.outcome for result in results}


def _jobs(organisation: Any) -> list[Any]:
    return list(organisation.store.bulk.all(organisation.store.clock.now()))


def _send(jobs: Any, writes: list[Write], key_field: str = "") -> Any:
    return jobs.send(jobs.open("Contact", key_field), "Contact", key_field, writes)


def _sent(organisation: Any, method: str) -> int:
    return len([one for one in organisation.sent("/jobs/ingest") if one.method == method])


def test_updates_set_clear_and_leave_fields(organisation: Any) -> None:
    organisation.store.define_field("Contact", {"name": "Vip__c", "type": "boolean"})
    ids = organisation.contacts(3, Phone="03-1234-5678", Title="部長")
    writes = [
        Write("a", {"Phone": None, "LastName": "松本"}, record_id=ids[0][:15]),
        Write("b", {"Title": ""}, record_id=ids[1]),
        Write("c", {"Vip__c": True, "Phone": "06"}, record_id=ids[2]),
    ]
    results = _send(organisation.client().jobs, writes)
    assert _outcomes(results) == dict.fromkeys("abc", Outcome.LANDED)
    assert [one.record_id for one in sorted(results, key=lambda one: one.token)] == ids
    found = [organisation.store.read("Contact", one) for one in ids]
    assert [(one.get("Phone"), one["LastName"], one.get("Title")) for one in found] == [
        (None, "松本", "部長"),
        ("03-1234-5678", "Person 1", None),
        ("06", "Person 2", "部長"),
    ]
    assert found[2]["Vip__c"] is True


def test_law_46_every_text_arrives_byte_for_byte(organisation: Any) -> None:
    ids = organisation.contacts(len(TEXTS))
    jobs = organisation.client().jobs
    _send(jobs, [Write(one, {"Description": text}, record_id=one) for one, text in zip(ids, TEXTS, strict=True)])
    assert [organisation.store.read("Contact", one)["Description"] for one in ids] == TEXTS


def test_a_text_that_would_clear_is_not_for_a_job(organisation: Any) -> None:
    jobs = organisation.client().jobs
    assert not jobs.takes(Write("a", {"Title": "#N/A"}, record_id="003"))
    assert jobs.takes(Write("a", {"Title": "N/A"}, record_id="003"))


def test_a_create_goes_by_its_key_and_never_twice(organisation: Any) -> None:
    jobs = organisation.client().jobs
    writes = [Write(f"k/{n}", {"LastName": f"新 {n}"}, key=f"k/{n}") for n in range(3)]
    first = {one.token: one.record_id for one in _send(jobs, writes, KEY)}
    again = {one.token: one.record_id for one in _send(jobs, writes, KEY)}
    assert first == again
    assert len(organisation.store.ids("Contact")) == 3
    assert organisation.store.read("Contact", first["k/1"])[KEY] == "k/1"


def test_law_24_a_bad_row_stays_alone_with_its_code_and_without_its_value(organisation: Any) -> None:
    ids = organisation.contacts(5)
    writes = [Write(str(n), {"LastName": "長" * 90 if n == 3 else "新"}, record_id=one) for n, one in enumerate(ids)]
    results = {one.token: one for one in _send(organisation.client().jobs, writes)}
    assert [token for token, one in results.items() if one.outcome is not Outcome.LANDED] == ["3"]
    assert (results["3"].outcome, results["3"].code) == (Outcome.REJECTED, "STRING_TOO_LONG")
    assert "長" not in results["3"].message
    assert results["3"].message.startswith("LastName")


def test_a_job_that_salesforce_cannot_take_leaves_its_rows_for_single_writes(organisation: Any) -> None:
    ids = organisation.contacts(2)
    writes = [Write(one, {"Nowhere__c": "x"}, record_id=one) for one in ids]
    assert _outcomes(_send(organisation.client().jobs, writes)) == dict.fromkeys(ids, Outcome.RETRY)


def test_a_lost_upload_is_aborted_and_surely_not_done(organisation: Any) -> None:
    ids = organisation.contacts(2)
    organisation.faults.add(method="PUT", path="/batches", action=CutAfter())
    results = _send(organisation.client().jobs, [Write(one, {"Title": "部長"}, record_id=one) for one in ids])
    assert _outcomes(results) == dict.fromkeys(ids, Outcome.RETRY)
    assert [job.state for job in _jobs(organisation)] == ["Aborted"]
    assert not organisation.store.read("Contact", ids[0]).get("Title")


@pytest.mark.parametrize("action", [CutAfter(), CutBefore()], ids=["closed", "not closed"])
def test_a_lost_answer_to_the_close_is_looked_up(organisation: Any, action: Any) -> None:
    (one,) = organisation.contacts(1)
    organisation.faults.add(method="PATCH", path="/jobs/ingest", action=action)
    results = _send(organisation.client().jobs, [Write("a", {"Title": "部長"}, record_id=one)])
    assert _outcomes(results) == {"a": Outcome.LANDED}


def test_a_dry_run_opens_no_job(organisation: Any) -> None:
    with pytest.raises(SafetyError, match="dry run"):
        organisation.client(read_only=True).jobs.open("Contact")
    assert _jobs(organisation) == []


def _writes(ids: list[str]) -> list[Write]:
    titles = ["部長", "x" * 200]
    return [Write(one, {"Title": title}, record_id=one) for one, title in zip(ids, titles, strict=True)]


#: What breaks -> what the receipt says of a good row and of a bad one.
NOTHING, EVERYTHING = [Outcome.RETRY, Outcome.RETRY], [Outcome.LANDED, Outcome.REJECTED]
BROKEN = [
    ("PUT", r"/batches", NOTHING),
    ("PATCH", r"/jobs/ingest/\w+$", NOTHING),
    ("GET", r"/jobs/ingest/\w+$", EVERYTHING),
    ("GET", r"/successfulResults", EVERYTHING),
    ("GET", r"/failedResults", EVERYTHING),
]


@pytest.mark.parametrize(("method", "path", "told"), BROKEN)
def test_after_any_interruption_the_results_are_the_receipt(
    organisation: Any, method: str, path: str, told: list[Outcome]
) -> None:
    ids = organisation.contacts(2)
    jobs = organisation.client(patience_seconds=0).jobs
    job_id = jobs.open("Contact")
    organisation.faults.add(method=method, path=path, action=Status(503), times=None)
    with pytest.raises(CrmError):
        jobs.send(job_id, "Contact", "", _writes(ids))
    organisation.faults.clear()
    organisation.store.bulk.worker.wait()
    uploads = _sent(organisation, "PUT")
    reading = organisation.client(read_only=True).jobs
    outcomes = _outcomes(reading.receipt(job_id, "", _writes(ids)))
    assert [outcomes[one] for one in ids] == told
    assert _sent(organisation, "PUT") == uploads, "nothing is sent twice"
    jobs.abort(job_id)
    assert [job.state for job in _jobs(organisation)] == ["Aborted" if told is NOTHING else "JobComplete"]


def test_a_job_that_is_gone_tells_nothing(organisation: Any) -> None:
    (one,) = organisation.contacts(1)
    jobs = organisation.client().jobs
    results = jobs.receipt("750000000000001AAA", "", [Write("a", {"Title": "部長"}, record_id=one)])
    assert _outcomes(results) == {"a": Outcome.UNKNOWN}
    jobs.abort("750000000000001AAA")


def test_an_aborted_job_tells_what_it_did_not_come_to(organisation: Any) -> None:
    """Somebody aborts it in Setup before it is worked on."""
    ids = organisation.contacts(2)
    organisation.store.bulk.delay = 60.0

    def abort() -> None:
        for job in _jobs(organisation):
            job.move("Aborted", job.modified)
        organisation.store.bulk.worker.hurry()

    organisation.faults.add(method="GET", path=r"/jobs/ingest/\w+$", action=Call(abort))
    results = _send(organisation.client().jobs, _writes(ids))
    assert _outcomes(results) == dict.fromkeys(ids, Outcome.RETRY)
