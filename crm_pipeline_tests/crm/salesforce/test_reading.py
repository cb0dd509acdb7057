"""Reading an organisation through the real client."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from crm_pipeline.crm.protocol import Tombstone, Write
from crm_pipeline.emulator.faults import Call, CutAfter, CutBefore, Status
from crm_pipeline.errors import DailyLimitError, PermanentError, TransientError

START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _ids(pages) -> list[str]:
    return [record.record_id for page in pages for record in page]


def _lead(organisation, name: str = "Lead") -> str:
    return organisation.store.create("Lead", {"LastName": name, "Company": "-"})


def test_a_full_read_follows_locators_and_brings_every_record_once(organisation):
    ids = organisation.contacts(25)
    organisation.store.batch_limit = 10
    pages = list(organisation.client().pages("Contact", ["LastName", "Phone", "Birthdate"]))
    assert [len(page) for page in pages] == [10, 10, 5]
    assert _ids(pages) == ids
    assert pages[0].records[0].fields == {"LastName": "Person 0", "Phone": None, "Birthdate": None}


def test_an_incremental_read_is_half_open_and_keeps_ties(organisation, clock):
    clock.set(START - SECOND)
    organisation.contacts(1)
    clock.set(START)
    tied = organisation.contacts(25)
    clock.set(START + SECOND)
    organisation.contacts(1)
    organisation.store.batch_limit = 10
    pages = list(organisation.client().pages("Contact", ["LastName"], since=START, until=START + SECOND))
    assert [len(page) for page in pages] == [10, 10, 5]
    assert _ids(pages) == tied


def test_values_keep_their_json_types(organisation):
    organisation.store.create("Account", {"Name": "ACME", "NumberOfEmployees": 12})
    ((record,),) = organisation.client().pages("Account", ["Name", "NumberOfEmployees", "IsDeleted"])
    assert record.fields == {"Name": "ACME", "NumberOfEmployees": 12, "IsDeleted": False}


def test_a_path_over_a_relation_is_read_and_blank_without_one(organisation):
    account = organisation.store.create("Account", {"Name": "ACME"})
    organisation.contacts(1, AccountId=account)
    organisation.contacts(1)
    ((one, other),) = organisation.client().pages("Contact", ["Account.Name"])
    assert (one.fields, other.fields) == ({"Account.Name": "ACME"}, {"Account.Name": None})


def test_a_hidden_field_is_unknown_and_does_not_stop_the_read(organisation):
    organisation.contacts(1)
    fields = ["LastName", "Hidden__c", "Account.Hidden__c", "Nothing.Name"]
    ((record,),) = organisation.client().pages("Contact", fields)
    assert record.fields == {"LastName": "Person 0"}


def test_an_expired_cursor_is_taken_up_behind_the_last_record(organisation):
    ids = organisation.contacts(25)
    organisation.store.batch_limit = 10
    expired = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]
    organisation.faults.add(path="/query/.+", action=Status(400, expired))
    assert _ids(organisation.client().pages("Contact", ["LastName"])) == ids


def test_who_modified_a_record_last_and_when(organisation, clock):
    clock.set(START)
    (one,) = organisation.contacts(1)
    client = organisation.client()
    clock.advance(60)
    us = client.account().integration_user
    assert client.read("Contact", [one], [])[one].modified_by != us
    client.update("Contact", [Write("a", {"LastName": "ours"}, record_id=one)])
    record = client.read("Contact", [one], [])[one]
    assert (record.modified_by, record.created_at, record.modified_at) == (us, START, START + 60 * SECOND)


def test_converted_leads_are_tombstones_and_nothing_else(organisation, clock):
    clock.set(START)
    kept, converted = _lead(organisation), _lead(organisation)
    _, contact = organisation.store.convert_lead(converted)
    client = organisation.client()
    assert _ids(client.pages("Lead", ["LastName"])) == [kept]
    assert client.count("Lead") == 1
    assert list(client.read("Lead", [kept, converted], [])) == [kept]
    ((stone,),) = client.tombstones("Lead")
    assert stone == Tombstone("Lead", converted, "converted", START, "Contact", contact)


def test_tombstones_name_what_was_deleted_and_what_was_merged(organisation, clock):
    clock.set(START)
    winner, loser, gone = organisation.contacts(3)
    clock.advance(1)
    organisation.store.merge(winner, loser)
    organisation.store.delete("Contact", gone)
    client = organisation.client()
    at = START + SECOND
    expected = [
        Tombstone("Contact", loser, "merged", at, "Contact", winner),
        Tombstone("Contact", gone, "deleted", at),
    ]
    (page,) = client.pages("Contact", ["LastName"], since=at, until=at + SECOND)
    assert ([record.record_id for record in page], page.gone) == ([winner], expected)
    assert [stone for stones in client.tombstones("Contact") for stone in stones] == expected
    (nothing,) = client.pages("Contact", ["LastName"], since=at + SECOND)
    assert (nothing.records, nothing.gone) == ([], [])
    assert (client.count("Contact"), list(client.read("Contact", [loser, gone], []))) == (1, [])


def test_what_left_the_recycle_bin_is_still_a_tombstone(organisation, clock):
    clock.set(START)
    winner, loser, binned = organisation.contacts(3)
    organisation.store.merge(winner, loser)
    organisation.store.delete("Contact", binned)
    purged, at = "0035g00000009ZZAAY", "2026-06-01T03:00:00.000+0000"
    listed = [{"id": one, "deletedDate": at} for one in (loser, binned, purged)]
    organisation.faults.add(path="/deleted", action=Status(200, {"deletedRecords": listed}))
    stones = [stone for page in organisation.client().tombstones("Contact", since=START) for stone in page]
    assert [(stone.record_id, stone.reason, stone.at) for stone in stones] == [
        (loser, "merged", START),
        (binned, "deleted", START),
        (purged, "deleted", START),
    ]


@pytest.mark.parametrize("since", [None, START, START - timedelta(days=400)])
def test_the_list_of_deletions_is_asked_for_a_span_that_salesforce_accepts(organisation, clock, since):
    clock.set(START)
    organisation.store.delete("Contact", *organisation.contacts(1))
    list(organisation.client().tombstones("Contact", since=since))
    (request,) = organisation.sent("/deleted")
    assert request.status == 200


def test_a_list_of_deletions_that_salesforce_forgot_does_not_stop_the_read(organisation):
    forgot = [{"errorCode": "INVALID_REPLICATION_DATE", "message": "startDate before org replication enabled date"}]
    organisation.faults.add(path="/deleted", action=Status(400, forgot))
    assert list(organisation.client().tombstones("Contact")) == []


def test_ids_of_15_characters_are_answered_under_the_id_asked_for(organisation):
    (one,) = organisation.contacts(1)
    found = organisation.client().read("Contact", [one[:15], one], ["LastName"])
    assert {asked: record.record_id for asked, record in found.items()} == {one[:15]: one, one: one}


def test_reading_many_ids_keeps_addresses_short(organisation):
    ids = organisation.contacts(700)
    assert len(organisation.client().read("Contact", ids, ["LastName", "Email"])) == 700
    queries = [request for request in organisation.log.requests if "query" in request.path]
    assert len(queries) == 2
    assert all(len(request.query) < 16_000 for request in queries)


def test_records_are_read_by_our_key_whatever_is_in_it(organisation):
    (one,) = organisation.contacts(1, Our_Key__c="g/O'Neill/1")
    found = organisation.client().read_by_key("Contact", "Our_Key__c", ["g/O'Neill/1", "other"], ["LastName"])
    assert {key: record.record_id for key, record in found.items()} == {"g/O'Neill/1": one}


def test_contacts_and_accounts_know_each_other(organisation):
    account = organisation.store.create("Account", {"Name": "ACME"})
    (person,) = organisation.contacts(1, AccountId=account)
    (alone,) = organisation.contacts(1)
    client = organisation.client()
    (there,) = client.associations("Contact", "Account", [person, alone])
    (back,) = client.associations("Account", "Contact", [account])
    assert (there.from_id, there.to_id, there.primary) == (person, account, True)
    assert (back.from_id, back.to_id) == (account, person)
    assert client.associations("Lead", "Account", [_lead(organisation)]) == []


def test_users_include_the_inactive_ones(organisation):
    gone = organisation.store.add_user("gone@example.com", "Gone", active=False)
    users = {user.user_id: user for user in organisation.client().users()}
    assert (users[gone].e_mail, users[gone].active) == ("gone@example.com", False)
    assert users[organisation.store.integration_user_id].active


def test_the_schema_tells_what_can_be_written_and_what_is_required(organisation):
    fields = {field.name: field for field in organisation.client().schema("Lead")}
    assert fields["Our_Key__c"].unique
    assert fields["LastName"].required_on_create
    assert not fields["FirstName"].required_on_create
    assert not fields["Name"].updateable
    assert fields["OwnerId"].references
    assert fields["LastName"].length == 80


def test_the_account_is_the_organisation(organisation):
    account = organisation.client().account()
    assert account.account_id == organisation.store.organisation_id
    assert account.integration_user == organisation.store.integration_user_id
    assert (account.time_zone, account.sandbox) == ("Asia/Tokyo", True)


def test_one_token_serves_all_calls_and_an_expired_one_is_renewed_once(organisation):
    client = organisation.client()
    client.count("Contact")
    client.count("Lead")
    organisation.store.expire_sessions()
    client.count("Contact")
    assert len(organisation.sent("/oauth2/token")) == 2


def test_a_token_that_stays_refused_ends_with_a_sentence(organisation):
    expired = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    organisation.faults.add(path="/query", action=Status(401, expired), times=99)
    with pytest.raises(PermanentError, match="SALESFORCE_CLIENT_ID"):
        organisation.client().count("Contact")
    assert len(organisation.sent("/query")) == 2


@pytest.mark.parametrize(
    "fault",
    [
        CutBefore(),
        CutAfter(),
        Status(500),
        Status(503, "<html>"),
        Status(200, "<html>"),
        Status(200, ""),
        Status(400, [{"errorCode": "QUERY_TIMEOUT", "message": "too long"}]),
        Status(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests Limit exceeded."}]),
    ],
)
@pytest.mark.parametrize("path", ["/query", "/oauth2/token"])
def test_reading_goes_on_after_a_failure_that_passes(organisation, fault, path):
    ids = organisation.contacts(3)
    organisation.faults.add(path=path, action=fault)
    client = organisation.client()
    assert _ids(client.pages("Contact", ["LastName"])) == ids
    assert client.calls.usage.retries == 1


@pytest.mark.parametrize("body", [{}, [], {"status": "ok"}])
def test_json_of_somebody_else_is_no_answer(organisation, body):
    organisation.faults.add(path="/query", action=Status(200, body))
    with pytest.raises(TransientError, match="proxy"):
        list(organisation.client().pages("Contact", []))


def test_the_used_up_day_stops_at_once(organisation):
    client = organisation.client()
    client.count("Contact")
    organisation.log.clear()
    refused = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    organisation.faults.add(path="/query", action=Status(403, refused), times=9)
    with pytest.raises(DailyLimitError, match="no API calls left today; the run stopped at Contact"):
        client.count("Contact")
    assert len(organisation.log.requests) == 1


def test_our_share_of_the_day_is_learnt_from_every_answer(organisation):
    client = organisation.client(run_percent=0.004)  # 4 of 100,000
    for _ in range(2):  # and one each for the token and the describe
        client.count("Contact")
    with pytest.raises(DailyLimitError, match="this run's share"):
        client.count("Contact")
    assert len(organisation.log.requests) == 4


def test_patience_ends_with_a_sentence_that_holds_no_query(organisation):
    organisation.faults.add(path="/query", action=Status(503), times=1000)
    client = organisation.client(patience_seconds=0.05)
    with pytest.raises(TransientError, match="Salesforce is not available while reading Contact") as error:
        client.read_by_key("Contact", "Our_Key__c", ["s3ntinel"], [])
    assert "s3ntinel" not in str(error.value) + repr(error.value.__cause__) + repr(error.value.__context__)


def test_a_refused_query_names_object_and_code_and_no_query(organisation):
    refused = [{"errorCode": "INVALID_FIELD", "message": "SELECT s3ntinel ERROR at Row:1"}]
    organisation.faults.add(path="/query", action=Status(400, refused))
    with pytest.raises(PermanentError, match=r"reading Contact \(status 400 INVALID_FIELD\)") as error:
        organisation.client().read_by_key("Contact", "Our_Key__c", ["s3ntinel"], [])
    assert "s3ntinel" not in str(error.value)


def test_an_edit_between_two_pages_neither_loses_nor_doubles_a_record(organisation):
    ids = organisation.contacts(25)
    organisation.store.batch_limit = 10
    edit = Call(lambda: organisation.store.update("Contact", ids[0], {"LastName": "edited"}))
    organisation.faults.add(path="/query/.+", action=edit)
    assert _ids(organisation.client().pages("Contact", ["LastName"])) == ids


def test_queries_ask_for_the_largest_page(organisation):
    list(organisation.client().pages("Contact", ["LastName"]))
    (request,) = organisation.sent("/query")
    assert request.headers["sforce-query-options"] == "batchSize=2000"
    assert "LastModifiedDate" in parse_qs(request.query)["q"][0]
