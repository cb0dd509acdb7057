"""When something is worth telling: each kind at its border, read from a warehouse as runs leave it."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_pipeline.alerts.finding import Kind
from crm_pipeline.alerts.look import look
from crm_pipeline.alerts.message import message
from crm_pipeline.alerts.news import News
from crm_pipeline_tests.report.night import write_night

NOW = datetime(2026, 11, 28, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    return write_night(tmp_path_factory.mktemp("look") / "crm.duckdb")


@pytest.fixture
def found(warehouse, configured):
    """What holds after some SQL, by kind; nothing of it stays for the next test."""
    settings = configured(late_hours=30)
    with warehouse.connect() as connection:
        connection.execute("delete from plan.plan")

        def after(*statements):
            for statement in statements:
                connection.execute(statement)
            findings = look(connection, settings, NOW)
            for language in ("en", "ja") if findings else ():
                assert message(News(findings), language, settings.zone).text
            return {one.kind: one for one in findings}

        after.settings = settings
        yield after
        connection.execute("rollback")
        connection.execute("begin")


def test_an_empty_warehouse_is_no_alert(found):
    assert found() == {}


def test_data_is_late_when_the_object_read_longest_ago_is(found):
    objects = found.settings.mapping.objects
    fresh = NOW - timedelta(hours=29)
    rows = [f"('{system}', '{object_}', '{fresh.isoformat()}', '', 1)" for system, object_ in objects]
    assert found(f"insert into raw.watermark values {', '.join(rows[1:])}") == {}  # one was never read
    assert found(f"insert into raw.watermark values {rows[0]}") == {}
    old = (NOW - timedelta(hours=31)).isoformat()
    late = found(f"update raw.watermark set read_until = '{old}' where object = 'Lead'")[Kind.LATE]
    assert (late.facts["object"], late.facts["hours"]) == ("Salesforce Lead", 31)


@pytest.mark.parametrize(
    ("here", "there", "method", "explained", "incomplete"),
    [
        (3, "3", "count", "", False),
        (3, "4", "count", "1 is in quarantine", False),
        (3, "4", "count", "", True),
        (3, "null", "unread", "it could not be read: 403", True),
    ],
)
def test_an_object_is_incomplete_unless_its_numbers_agree_or_are_explained(
    found, here, there, method, explained, incomplete
):
    columns = "(run_id, system, object, here, there, method, explained)"
    rows = f"(1, 'hubspot', 'contacts', 9, 1, 'count', ''), (2, 'hubspot', 'contacts', {here}, {there}, '{method}', "
    holds = found(f"insert into raw.reconciliation {columns} values {rows}'{explained}')")
    assert (Kind.INCOMPLETE in holds) is incomplete


@pytest.mark.parametrize(("today", "nearly"), [(719, False), (720, True)])
def test_calls_are_nearly_used_at_nine_tenths_of_what_the_settings_leave(found, today, nearly):
    calls = f'{{"hubspot": {{"made": 1, "today": {today}, "limit": 1000}}}}'
    at = NOW.isoformat()
    rows = f"(1, 'extract', 'hubspot_schema', '{at}', 1, '{calls}', null)"
    assert (
        Kind.BUDGET
        in found(
            f"insert into state.step values {rows}",
            f"insert into state.run values (1, 'x', '', '{at}', '{at}', 'done', null)",
        )
    ) is nearly


@pytest.mark.parametrize(
    ("before", "now", "jumped"), [(0, 9, False), (0, 10, True), (100, 119, False), (100, 120, True)]
)
def test_duplicates_jump_by_ten_and_by_a_fifth(found, before, now, jumped):
    rows = ", ".join(
        f"({run_id}, now(), 'hubspot', 'person', 1000, {1000 - number}, 0)"
        for run_id, number in ((1, before), (2, now))
    )
    assert (Kind.DUPLICATES in found(f"insert into publish.duplicates values {rows}")) is jumped


def test_a_write_refused_before_is_still_refused_while_it_is_in_quarantine(found):
    plan = (
        "insert into plan.plan (plan_id, run_id, hash, state, why, mapping_hash, schema_hash, created_at, expires_at) "
    )
    refused = found(
        plan + "values (1, 1, 'h', 'applied', '', '', '', now(), now())",
        "update plan.change set problem_state = 'quarantined' where op_id = '3'",
        "insert into state.quarantine values ('3', 'salesforce/Lead/1', 'x', 'LOCK', '', 1, null, 'salesforce')",
    )[Kind.REFUSED]
    assert (refused.subject, refused.number) == ("Salesforce LOCK", 1)
    assert Kind.REFUSED not in found("update plan.change set problem_state = 'invalid' where op_id = '3'")
