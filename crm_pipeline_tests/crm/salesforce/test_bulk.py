"""Reading by jobs of the Bulk API 2.0: the same records as by queries, whatever is in them and whatever happens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm_pipeline.crm.salesforce import bulk, reading
from crm_pipeline.crm.salesforce.reading import BULK_FROM
from crm_pipeline.emulator.faults import Call, CutBefore, CutWithin, Edit, Status, truncated
from crm_pipeline.errors import PermanentError, TransientError
from crm_pipeline.model import SourceRecord

_TEXTS = (
    "山田\r\n太郎\r\n\r\n花子",
    'say ""so"", "he" said',
    "one\u2028two\u2029three\x85four",
    "nul\x00byte",
    "NA",
    "null",
    "None",
    "#N/A",
    "true",
    "007",
    "1e5",
    "=1+1",
    "a,b;c\td",
    "𠮷野家 e\u0301",
)
_FIELDS = [
    *("LastName", "FirstName", "Description", "Email", "Phone", "Birthdate", "AccountId", "OwnerId", "Flag__c"),
    *(
        "MailingStreet",
        "MailingLatitude",
        "MailingAddress",
        "Score__c",
        "Amount__c",
        "Share__c",
        "Number__c",
        "Seen__c",
    ),
    *("CreatedDate", "IsDeleted", "Account.Name", "Account.AnnualRevenue", "Account.Owner.IsActive", "Hidden__c"),
]


def _records(pages: Any) -> list[SourceRecord]:
    return sorted((record for page in pages for record in page), key=lambda record: record.record_id)


def _jobs(organisation: Any) -> list[Any]:
    return list(organisation.store.bulk.all(organisation.store.clock.now()))


def _awkward(organisation: Any) -> None:
    store = organisation.store
    for name, type_ in (
        *(("Score__c", "double"), ("Amount__c", "currency"), ("Share__c", "percent"), ("Number__c", "int")),
        *(("Seen__c", "datetime"), ("Flag__c", "boolean")),
    ):
        store.define_field("Contact", {"name": name, "type": type_})
    account = store.create("Account", {"Name": 'A "quoted", one', "AnnualRevenue": 12})
    for place, text in enumerate(_TEXTS):
        numbers = {"Score__c": place / 3, "Amount__c": place, "Share__c": 0.1, "Number__c": -place}
        times = {"Birthdate": "1900-02-28", "Seen__c": "2026-02-03T04:05:06.000+0900"}
        fields = {"LastName": f"{text}.", "Description": text, "Flag__c": place % 2 == 0}
        store.create("Contact", {**fields, **(numbers if place % 3 else {}), **(times if place % 2 else {})})
        store.create("Contact", {"LastName": "x", "AccountId": account, "MailingLatitude": 35.0 + place})


def test_a_job_gives_the_values_of_a_query(organisation):
    _awkward(organisation)
    client = organisation.client()
    by_query = _records(client.pages("Contact", _FIELDS))
    by_job = _records(client.pages("Contact", _FIELDS, expected=BULK_FROM))
    assert by_job == by_query
    assert [{name: type(value) for name, value in one.fields.items()} for one in by_job] == [
        {name: type(value) for name, value in one.fields.items()} for one in by_query
    ]
    assert len(organisation.sent("/jobs/query")) >= 4
    by_text = {record.fields["Description"]: record.fields for record in by_job}
    assert by_text.keys() == {None, *_TEXTS}
    assert {type(by_text["NA"][name]) for name in ("Score__c", "Amount__c", "Share__c")} == {float}
    assert "MailingAddress" not in by_text["NA"]


def test_a_job_names_what_happened_in_a_window(organisation, clock, monkeypatch):
    monkeypatch.setattr(reading, "BULK_FROM", 3)
    organisation.store.batch_limit = 2
    start = datetime(2026, 6, 1, tzinfo=UTC)
    clock.set(start)
    winner, loser, gone, _ = organisation.contacts(4)
    clock.advance(60)
    organisation.store.merge(winner, loser)
    organisation.store.delete("Contact", gone)
    organisation.store.update("Contact", winner, {"Phone": "1"})
    pages = list(organisation.client().pages("Contact", ["Phone"], since=clock.now()))
    assert len(organisation.sent("/results")) == 1
    assert [record.record_id for record in _records(pages)] == [winner]
    stones = {stone.record_id: (stone.reason, stone.survivor_id) for page in pages for stone in page.gone}
    assert stones == {loser: ("merged", winner), gone: ("deleted", "")}


def test_many_rows_found_by_a_query_are_left_to_a_job(organisation, monkeypatch):
    monkeypatch.setattr(reading, "BULK_FROM", 20)
    organisation.store.batch_limit = 10
    ids = organisation.contacts(25)
    pages = list(organisation.client().pages("Contact", []))
    assert [record.record_id for record in _records(pages)] == ids
    assert (len(organisation.sent("/results")), len(organisation.sent("/query/01g"))) == (1, 0)
    assert [page.span is None for page in pages] == [True, False]  # all is done at the end, and nothing is known before
    assert sorted(one for some in organisation.client().ids("Contact") for one in some) == ids


def test_pages_of_a_result_are_bounded_and_each_has_its_head_line(organisation, monkeypatch):
    monkeypatch.setattr(bulk, "_ROWS", (4, 4))
    ids = organisation.contacts(9)
    pages = list(organisation.client().pages("Contact", ["LastName"], expected=BULK_FROM))
    assert [len(page) for page in pages] == [4, 4, 1, 0]
    assert [record.record_id for record in _records(pages)] == ids
    assert [("locator=" in one.query, "maxRecords=4" in one.query) for one in organisation.sent("/results")] == [
        (False, True),
        (True, True),
        (True, True),
    ]


def test_a_query_that_takes_too_long_goes_by_job(organisation):
    ids = organisation.contacts(3)
    slow = [{"errorCode": "QUERY_TIMEOUT", "message": "Your query request was running for too long."}]
    organisation.faults.add(path=r"/v[\d.]+/query", action=Status(400, slow), times=99)
    pages = organisation.client(patience_seconds=0.01).pages("Contact", [])
    assert [record.record_id for record in _records(pages)] == ids


def test_a_query_that_is_too_long_for_an_address_goes_by_job(organisation):
    fields = [f"A_field_with_quite_a_long_name_{n:03}__c" for n in range(400)]
    for name in fields:
        organisation.store.define_field("Contact", {"name": name, "type": "string", "length": 20})
    (one,) = organisation.contacts(1, **{fields[0]: "first", fields[-1]: "last"})
    client = organisation.client()
    by_job = _records(client.pages("Contact", [*fields, "Account.Name"]))
    assert len(organisation.sent("/results")) == 1
    refused = [{"errorCode": "INVALIDENTITY", "message": "not supported by the Bulk API"}]
    organisation.faults.add(method="POST", path="/jobs/query", action=Status(400, refused))
    assert _records(client.pages("Contact", [*fields, "Account.Name"])) == by_job
    assert client.read("Contact", [one], [*fields, "Account.Name"]) == {one: by_job[0]}
    assert (by_job[0].fields[fields[0]], by_job[0].fields[fields[-1]]) == ("first", "last")
    assert all(len(request.query) < 16_000 and request.status < 414 for request in organisation.sent("/query"))


@pytest.mark.parametrize(
    ("method", "path", "fault"),
    [
        ("POST", "/jobs/query$", Status(400, [{"errorCode": "INVALIDENTITY", "message": "no bulk"}])),
        ("POST", "/jobs/query$", Status(400, [{"errorCode": "LIMIT_EXCEEDED", "message": "jobs a day"}])),
        ("GET", r"/jobs/query/\w+$", Status(200, {"state": "Failed", "errorMessage": "no"})),
    ],
    ids=["refused", "no jobs left", "failed"],
)
def test_what_the_bulk_api_does_not_answer_is_asked_by_query(organisation, method, path, fault):
    ids = organisation.contacts(3)
    organisation.faults.add(method=method, path=path, action=fault)
    pages = list(organisation.client().pages("Contact", [], expected=BULK_FROM))
    assert [record.record_id for record in _records(pages)] == ids
    assert (pages[-1].span.to, _jobs(organisation)) == (None, [])


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/results", Status(200, "<html>", {"Content-Type": "text/html"})),
        ("/results", Status(200, "\n <html>", {"Content-Type": "text/csv"})),
        ("/results", Status(200, {"Id": "x"})),
        ("/results", Status(503)),
        ("/results", CutWithin()),
        ("/jobs/query$", CutBefore()),
        ("/jobs/query$", Status(200, "<html>")),
        (r"/jobs/query/\w+$", Status(500)),
    ],
)
def test_a_job_goes_on_after_a_failure_that_passes(organisation, path, fault):
    ids = organisation.contacts(3)
    organisation.faults.add(path=path, action=fault)
    client = organisation.client()
    assert [one.record_id for one in _records(client.pages("Contact", ["LastName"], expected=BULK_FROM))] == ids
    assert client.calls.usage.retries == 1


@pytest.mark.parametrize(
    "fault",
    [
        truncated(),
        Edit(lambda body: body.replace(b'"LastName"', b'"FirstName"')),
        Edit(lambda body: body.replace(b',"Person 1"', b"")),
        Edit(lambda body: body.replace(b"Person 1", b"Person \xff")),
        Edit(lambda body: body[: body.rindex(b'\n"')] + b"\n"),
        Edit(lambda body: b""),
        Status(200, '"Id"\n', {"Content-Type": "text/csv"}),
    ],
    ids=["cut short", "other columns", "a value less", "no text", "a row less", "nothing", "no locator"],
)
def test_a_damaged_result_is_never_taken_for_all_of_it(organisation, fault):
    organisation.contacts(3)
    organisation.faults.add(path="/results", action=fault)
    with pytest.raises(TransientError, match="damaged or incomplete"):
        list(organisation.client().pages("Contact", ["LastName"], expected=BULK_FROM))
    assert _jobs(organisation) == []


def test_a_result_that_is_gone_half_way_is_asked_for_anew(organisation, monkeypatch):
    monkeypatch.setattr(bulk, "_ROWS", (4, 4))
    ids = organisation.contacts(9)
    gone = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    organisation.faults.add(path="/results", action=Status(404, gone), after=1)
    pages = organisation.client().pages("Contact", [], expected=BULK_FROM)
    assert sorted({record.record_id for page in pages for record in page}) == ids
    organisation.faults.add(path="/results", action=Status(404, gone), times=2)
    with pytest.raises(PermanentError, match="NOT_FOUND"):
        list(organisation.client().pages("Contact", [], expected=BULK_FROM))


def test_a_session_that_ends_in_the_middle_is_renewed(organisation, monkeypatch):
    monkeypatch.setattr(bulk, "_ROWS", (4, 4))
    ids = organisation.contacts(9)
    organisation.faults.add(path="/results", action=Call(organisation.store.expire_sessions), after=1)
    pages = organisation.client().pages("Contact", [], expected=BULK_FROM)
    assert [record.record_id for record in _records(pages)] == ids
    assert len(organisation.sent("/oauth2/token")) == 2


def test_a_reader_that_leaves_early_leaves_no_job_behind(organisation, monkeypatch):
    monkeypatch.setattr(bulk, "_ROWS", (4, 4))
    organisation.contacts(9)
    pages = organisation.client().pages("Contact", [], expected=BULK_FROM)
    next(pages)
    assert len(_jobs(organisation)) == 1
    pages.close()
    assert _jobs(organisation) == []


def test_a_job_that_does_not_end_is_aborted_with_a_sentence(organisation):
    organisation.store.bulk.delay = 60.0
    running = [{"errorCode": "INVALIDJOBSTATE", "message": "Deleting the job is not allowed while it is in progress"}]
    organisation.faults.add(method="DELETE", path="/jobs/query/", action=Status(400, running))
    client = organisation.client(patience_seconds=0.002)
    with pytest.raises(TransientError, match="bulk query of Contact had not ended"):
        list(client.pages("Contact", [], expected=BULK_FROM))
    assert _jobs(organisation) == []
    assert [one.method for one in organisation.sent("/jobs/query/")][-3:] == ["DELETE", "PATCH", "DELETE"]
    organisation.store.bulk.worker.hurry()


def test_a_job_that_an_administrator_aborted_says_so(organisation):
    organisation.faults.add(method="GET", path=r"/jobs/query/\w+$", action=Status(200, {"state": "Aborted"}))
    with pytest.raises(TransientError, match="was aborted in Salesforce"):
        list(organisation.client().pages("Contact", [], expected=BULK_FROM))


def test_a_dry_run_may_read_by_job(organisation):
    ids = organisation.contacts(3)
    pages = organisation.client(read_only=True).pages("Contact", [], expected=BULK_FROM)
    assert [record.record_id for record in _records(pages)] == ids
