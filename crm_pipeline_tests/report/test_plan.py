from dataclasses import replace

import pytest

from crm_pipeline.errors import NotFoundError
from crm_pipeline.report import plan as plans
from crm_pipeline.report.diff import lines
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.report.night import HASH, _change, write_night


@pytest.fixture
def connection(tmp_path):
    with write_night(tmp_path / "crm.duckdb").read() as connection:
        yield connection


def test_the_newest_plan_says_what_it_would_do_and_what_it_leaves_out(connection):
    plan = plans.plan(connection)
    assert (plan.hash, plan.waits, plan.changes, plan.problems) == (HASH, True, 3, 1)
    counted = {(count.operation, count.field): count.number for count in plans.counts(connection, 1)}
    assert counted == {("update", "phone"): 1, ("clear", "job_title"): 1}


def test_the_members_of_a_set_are_counted_together(tmp_path):
    with write_night(tmp_path / "other.duckdb").connect() as connection:
        insert(
            connection,
            "plan.change",
            [
                _change(str(10 + n), operation="associate", field=f"people/person-{n}", old={}, new={"people": str(n)})
                for n in range(3)
            ],
        )
        counted = {(count.operation, count.field): count.number for count in plans.counts(connection, 1)}
    assert counted["associate", "people"] == 3


def test_a_plan_is_found_by_the_beginning_of_its_hash(connection):
    assert plans.plan(connection, HASH[:6]).plan_id == 1
    with pytest.raises(NotFoundError, match="zzz"):
        plans.plan(connection, "zzz")


def test_what_takes_a_value_away_comes_first_and_what_is_not_sent_last(connection):
    changes = plans.changes(connection, 1)
    assert [change.operation for change in changes] == ["clear", "update", "update"]
    assert [bool(change.problem) for change in changes] == [False, False, True]


@pytest.mark.parametrize(
    ("in_full", "expected"),
    [
        (False, ["- 部…", "- (blank)", "+ 0…", "- (blank)", "+ x…"]),
        (True, ["- 部長", "- (blank)", "+ 000-111-2222", "- (blank)", "+ x"]),
    ],
)
def test_a_diff_shows_values_only_when_asked(connection, in_full, expected):
    lines = list(plans.diff(plans.changes(connection, 1), in_full=in_full))
    assert [line for line in lines if line[0] in "+-"] == expected


def test_a_refused_value_without_a_form_in_the_crm_does_not_look_like_a_clear(connection):
    refused = replace(plans.changes(connection, 1)[-1], old={"OwnerId": "005"}, new={"OwnerId": None})
    assert [line[0] for line in plans.diff([refused])] == [" ", "-"]


@pytest.mark.parametrize(
    ("problem", "why"),
    [
        ("the picklist has no such value", "the picklist has no such value"),
        ("held by hubspot/contacts/151", "held by another record"),
        (
            "blocked: waits for company-7: HubSpot has no companies of it, and none is being created",
            "blocked: HubSpot has no companies of it, and none is being created",
        ),
    ],
)
def test_refusals_are_counted_by_their_reason_and_name_no_record(tmp_path, problem, why):
    with write_night(tmp_path / "other.duckdb").connect() as connection:
        connection.execute("update plan.change set problem = ? where problem is not null", [problem])
        assert plans.refusals(connection, 1) == [("Salesforce Lead", why, 1)]


def test_a_tripped_guard_is_a_sentence(connection):
    first, second = plans.guards(connection, 1)
    assert (first.tripped, second.tripped) == (True, False)
    assert plans.guard_words(second) == "Salesforce Lead: 2 updates for 10 linked records, allowed 20 %"
    assert plans.guard_words(first) == "Salesforce Lead: first run of this mapping"


def test_a_record_yet_to_be_made_is_named_and_only_taking_away_comes_first(tmp_path):
    with write_night(tmp_path / "crm.duckdb").connect() as connection:
        insert(
            connection,
            "plan.change",
            [
                _change("8", operation="associate", field="employer", old={"associations.companies": "7"}, new={}),
                _change("9", operation="clear", field="phone", old={"phone": "1"}, new={"phone": None}),
            ],
        )
        connection.execute(
            "update plan.change set needs = '{\"associations.companies\": \"company-3\"}' where op_id = '8'"
        )
        found = plans.changes(connection, 1)
    ordered = [change.operation for change in found if change.operation in ("associate", "clear")]
    assert ordered == ["clear", "clear", "associate"]
    (associate,) = [change for change in found if change.operation == "associate"]
    assert list(plans.diff([associate]))[1:] == ["- 7…", "+ → company-3"]
    assert lines.values(associate, False) == ("7…", "→ company-3")
