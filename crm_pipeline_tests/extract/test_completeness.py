"""What is missing is found and read, what is only here is kept until something proves that it is gone (laws 29, 30).

One world for all tests, each of which has an object of its own: a world costs more than what is tested in it.
"""

from collections.abc import Iterator

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.emulator.faults import Call, Status
from crm_pipeline.errors import PermanentError, SafetyError
from crm_pipeline.extract import stage
from crm_pipeline.extract.completeness import sample
from crm_pipeline.model import System
from crm_pipeline.plan.load import obstacles
from crm_pipeline_tests.extract.conftest import World
from crm_pipeline_tests.extract.one_object import HOUR, RUNS, Object

_DAY = 24 * HOUR


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    world.settings = load_settings()  # all objects
    with world.served():
        for crm in world.crms.values():
            stage.extract_schema(world.warehouse, crm, world.settings, next(RUNS))
        yield world


@pytest.fixture
def an_object(shared: World, request: pytest.FixtureRequest) -> Iterator[Object]:
    usual = shared.settings
    yield Object(shared, request.param)
    shared.settings = usual
    shared.salesforce.commit_delay = 0
    shared.hubspot.search_lag = 0
    shared.faults.clear()


def of(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("an_object", names, indirect=True)


@of("Lead")
def test_rows_that_become_visible_behind_the_overlap_are_found_by_the_counts_of_the_next_run(an_object):
    ids = an_object.create(5)
    an_object.read()
    an_object.store.commit_delay = 3 * HOUR
    late = an_object.create(2)
    assert an_object.read().here == 5
    an_object.read(later=1.5 * HOUR)
    assert an_object.live == {*ids, *late}
    row = an_object.row
    assert (row["here"], row["there"], row["missing"], row["method"]) == (7, 7, 2, "spans")
    assert row["explained"].startswith("2 records that the read had not brought were found")


@of("tickets")
def test_records_that_a_search_index_shows_late_are_found_by_the_counts_of_the_next_run(an_object):
    ids = an_object.create(5)
    an_object.read()
    an_object.store.search_lag = 3 * HOUR
    late = an_object.create(1)
    an_object.read()
    an_object.read(later=1.5 * HOUR)
    assert an_object.live == {*ids, *late}
    assert an_object.row["missing"] == 1


@of("notes")
def test_a_record_that_the_index_does_not_count_yet_is_simply_live(an_object):
    ids = an_object.create(3)
    an_object.store.search_lag = 4 * HOUR
    late = an_object.create(1)
    an_object.read()  # all records are listed, which does not ask the index
    assert an_object.live == {*ids, *late}
    row = an_object.row
    assert (row["here"], row["there"], row["surplus"], row["explained"]) == (4, 4, 0, "")


@of("Account")
def test_records_hidden_by_a_permission_are_kept_and_come_back_in_silence(an_object):
    ids = an_object.create(20)
    an_object.read()
    hidden = an_object.hide(ids[3])
    for _ in range(2):
        an_object.read()
        row = an_object.row
        assert (row["surplus"], row["there"]) == (1, 19)
    assert an_object.live == set(ids)
    an_object.store.rows.put("Account", hidden)
    an_object.read()
    row = an_object.row
    assert (row["here"], row["there"], row["surplus"], row["explained"]) == (20, 20, 0, "")


@of("contacts")
def test_contacts_that_were_purged_are_kept_and_not_looked_for_every_night(an_object):
    ids = an_object.create(20)
    an_object.read()
    quiet = an_object.calls()
    an_object.store.archive("contacts", ids[0])
    for purged in ids[:2]:  # one of them from the archive
        an_object.store.purge("contacts", purged)
    assert an_object.calls() > quiet
    row = an_object.row
    assert (row["here"], row["there"], row["surplus"]) == (20, 18, 2)
    assert row["explained"].startswith("2 records here are not there and have no tombstone: kept")
    assert an_object.world.rows("from raw.tombstone where object = 'contacts'") == []
    assert an_object.calls() == quiet
    row = an_object.row
    assert (row["surplus"], row["sample_wrong"]) == (2, 0)


@of("Contact")
def test_deletions_that_salesforce_forgot_are_not_guessed(an_object):
    ids = an_object.create(20)
    an_object.read()
    an_object.store.delete("Contact", ids[0])
    an_object.store.empty_recycle_bin()
    an_object.read(later=_DAY)
    assert an_object.live == set(ids[1:])  # the list of deletions knows it still
    an_object.store.delete("Contact", ids[1])
    an_object.store.empty_recycle_bin()
    late = an_object.create(1)
    an_object.read(later=20 * _DAY)
    assert an_object.live == {*ids[1:], *late}
    row = an_object.row
    assert (row["here"], row["there"], row["surplus"], row["method"]) == (20, 19, 1, "all_ids")


@of("Case")
def test_all_ids_are_compared_when_salesforce_says_that_it_forgot(an_object):
    ids = an_object.create(20)
    an_object.read()
    an_object.store.delete("Case", ids[0])
    an_object.store.empty_recycle_bin()
    an_object.store.purge_deletion_log()
    an_object.read()
    row = an_object.row
    assert (row["surplus"], row["method"]) == (1, "all_ids")
    assert an_object.live == set(ids)


@of("Opportunity")
def test_one_missing_and_one_too_many_are_found_when_all_ids_are_compared(an_object):
    ids = an_object.create(20)
    an_object.read()
    an_object.store.commit_delay = 3 * HOUR
    (late,) = an_object.create(1)
    an_object.store.commit_delay = 0
    an_object.read()
    an_object.hide(ids[0])
    an_object.read(later=2 * HOUR)
    assert late not in an_object.live  # the counts agree
    an_object.read(later=7 * _DAY)
    row = an_object.row
    assert (row["missing"], row["surplus"], row["method"]) == (1, 1, "all_ids")
    assert an_object.live == {*ids, late}


@of("companies")
def test_a_drop_that_a_higher_limit_accepted_once_stays_accepted(an_object):
    ids = an_object.create(20)
    an_object.read()
    for record_id in ids[:3]:
        an_object.store.purge("companies", record_id)
    with pytest.raises(SafetyError, match=r"3 of 20 known records .* which accepts it"):
        an_object.read()
    assert an_object.row["explained"] == ""
    usual = an_object.world.settings
    raised = usual.extract.model_copy(update={"max_drop_percent": 20})
    an_object.world.settings = usual.model_copy(update={"extract": raised})
    assert an_object.read().there == 17
    an_object.world.settings = usual
    assert an_object.read().there == 17
    for record_id in ids[3:6]:
        an_object.store.purge("companies", record_id)
    with pytest.raises(SafetyError, match="3 of 20 known records"):
        an_object.read()


@of("calls")
def test_a_list_that_was_cut_short_is_completed(an_object):
    ids = an_object.create(30)
    an_object.world.faults.add(method="GET", path=r"/objects/.*calls$", action=Status(200, {"results": []}))
    an_object.read()
    assert an_object.live == set(ids)
    assert an_object.row["missing"] == 30


@of("meetings")
def test_ids_that_were_cut_short_as_well_do_not_make_the_counts_agree(an_object):
    an_object.create(30)
    an_object.world.faults.add(
        method="GET", path=r"/objects/.*meetings$", action=Status(200, {"results": []}), times=99
    )
    with pytest.raises(SafetyError, match="only 0 of the 30 records"):
        an_object.read()
    assert an_object.row["there"] == 30


@of("Task")
def test_a_record_deleted_while_ids_are_compared_is_no_difference(an_object):
    ids = an_object.create(5)
    an_object.read()
    an_object.store.commit_delay = 3 * HOUR
    late = an_object.create(2)
    an_object.store.commit_delay = 0
    an_object.read()
    delete = Call(lambda: an_object.store.delete("Task", late[0]))
    an_object.world.faults.add(path=r"/query", query=r"(\+|%20)IN(\+|%20)", action=delete)
    an_object.read(later=2 * HOUR)
    assert an_object.row["missing"] == 1
    an_object.read()
    assert an_object.live == {*ids, late[1]}
    assert an_object.row["explained"] == ""


@of("emails")
def test_a_change_that_no_read_saw_is_found_by_the_sample(an_object):
    ids = an_object.create(30)
    an_object.read()
    assert (an_object.row["sampled"], an_object.row["sample_wrong"]) == (sample.SIZE, 0)
    with an_object.world.warehouse.connect() as connection:
        connection.execute(
            "update raw.hubspot_emails set digest = 0, fields = json_merge_patch(fields, ?::json) where record_id <> ?",
            ['{"hs_email_subject": "x"}', ids[0]],
        )
        once, again, later = (sample.chosen(connection, System.HUBSPOT, "emails", run_id) for run_id in (1, 1, 2))
        assert once == again != later  # the same ones whenever one run asks
    an_object.read()
    row = an_object.row
    assert row["sample_wrong"] in (sample.SIZE - 1, sample.SIZE)
    assert row["here"] == row["there"]
    assert "records read back by id are not as here" in row["explained"]
    an_object.read(full=True)
    assert an_object.row["explained"] == ""


@pytest.mark.parametrize(("an_object", "is_mapped"), [("contacts", True), ("meetings", False)], indirect=["an_object"])
def test_an_object_that_could_not_be_read_has_a_row_that_says_so(an_object, is_mapped):
    refused = Status(403, {"status": "error", "category": "MISSING_SCOPES", "message": "no"})
    an_object.world.faults.add(path=rf"/objects/.*{an_object.name}", action=refused, times=99)
    if is_mapped:
        with pytest.raises(PermanentError):
            an_object.read()
    else:
        assert an_object.read().explained
    row = an_object.row
    assert (row["there"], row["method"]) == (None, "unread")
    assert row["explained"].startswith("it could not be read, what is here is as it was when it was read last: HubSpot")
    with an_object.world.warehouse.read() as connection:
        person = an_object.world.settings.mapping.person
        assert not is_mapped or System.HUBSPOT in obstacles(connection, person).incomplete
