"""Why a record stands where it stands, and a field holds what it holds, as the published copy tells it."""

from __future__ import annotations

import shutil

import duckdb
import pytest

from crm_pipeline.errors import NotFoundError
from crm_pipeline.plan.said import holds
from crm_pipeline.plan.said.holds import Hold
from crm_pipeline.publish import stage
from crm_pipeline.report.conflicts import conflicts
from crm_pipeline.report.why import why, words
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.publish.conftest import add_operations, add_plan, operation, settings_in

CONTACT = "hubspot/contacts/11"


def told(settings, subject, field=None, *, in_full=False):
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        return "\n".join(words(why(connection, subject, field), in_full=in_full))


@pytest.fixture(scope="module")
def shared_night(tmp_path_factory, filled):
    """Settings of a night with one landed write, one refused, one field that was read so, one that is held."""
    settings = settings_in(tmp_path_factory.mktemp("night"))
    shutil.copyfile(filled, settings.warehouse)
    warehouse = Warehouse(settings.warehouse)
    add_plan(warehouse)
    add_operations(
        warehouse,
        operation(
            "1",
            "hubspot",
            "contacts",
            "11",
            "e_mail",
            {"email": None},
            {"email": "y@a.jp"},
            source_key="salesforce/Lead/00Q1",
        ),
        operation(
            "2", "hubspot", "contacts", "11", "phone", {"phone": None}, {"phone": "x"}, "invalid", message="no number"
        ),
    )
    with warehouse.connect() as connection:
        insert(connection, "state.base", [_base(name) for name in ("name", "e_mail", "address")])
        holds.insert(connection, [Hold("person-1", None, "address", "undo", "佐藤", "wrong mapping", "h", 1)])
    stage.run(warehouse, settings, 1)
    return settings


@pytest.fixture
def night(shared_night, settings):
    """The same for a test that goes on from there."""
    shutil.copyfile(shared_night.warehouse, settings.warehouse)
    shutil.copyfile(shared_night.published, settings.published)
    return settings


@pytest.fixture
def warehouse(night):
    return Warehouse(night.warehouse)


def test_every_field_has_a_reason(shared_night):
    said = told(shared_night, CONTACT)
    assert "e_mail: run 1 wrote it from salesforce/Lead/00Q1: Salesforce has a value (prefer_salesforce)" in said
    assert "phone: a write is called for: invalid, no number" in said
    assert "name: it was read so" in said
    assert "address: our write was taken back, asked for by 佐藤: wrong mapping" in said
    assert "保留中" in said


def test_a_field_tells_its_writes_and_values_only_when_asked(shared_night):
    assert "run 1 hubspot/contacts/11 e_mail: (blank) -> y… (prefer_salesforce" in told(shared_night, CONTACT, "e_mail")
    assert "y@a.jp" in told(shared_night, CONTACT, "e_mail", in_full=True)


def test_a_customer_is_told_with_all_its_records(shared_night):
    said = told(shared_night, "person-1")
    assert f"{CONTACT} (person-1): failed" in said
    assert "salesforce/Lead/00Q1 (person-1): pinned" in said


@pytest.mark.parametrize(("subject", "field"), [("hubspot/contacts/404", None), (CONTACT, "shoe_size")])
def test_what_is_not_known_is_said(shared_night, subject, field):
    with pytest.raises(NotFoundError):
        told(shared_night, subject, field)


def test_what_somebody_typed_after_our_write_is_not_called_ours(night, warehouse):
    with warehouse.connect() as connection:
        connection.execute("update state.base set run_id = 2 where field = 'e_mail'")
    stage.run(warehouse, night, 2)
    assert "e_mail: it was read so, and decided in run 2" in told(night, CONTACT)


def test_only_what_the_newest_plan_asks_waits_for_a_person(night, warehouse):
    lead = "salesforce/Lead/00Q1"
    with warehouse.connect() as connection:
        connection.execute("update state.hold set ended_at = now()")
        insert(connection, "state.base", [_base("job_title")])
    stage.run(warehouse, night, 1)
    assert f"{lead} (person-1): conflict" in told(night, lead)
    assert "nobody has won" in told(night, CONTACT)
    with warehouse.connect() as connection:
        connection.execute("update plan.conflict set kind = 'within_side'")
    stage.run(warehouse, night, 1)
    assert "a person must decide" not in told(night, lead)
    with warehouse.connect() as connection:
        connection.execute("update plan.conflict set kind = 'ask', last_plan = 0")
    stage.run(warehouse, night, 1)
    assert f"{lead} (person-1): in sync" in told(night, lead)
    assert "nobody has won" not in told(night, CONTACT)


def test_an_undo_asks_nothing_and_hides_no_question(night, warehouse):
    add_plan(warehouse, plan_id=2, purpose="undo")
    with warehouse.connect() as connection:
        assert [one.field for one in conflicts(connection, night, waiting=True)] == ["job_title"]


def test_an_undo_hides_no_write_that_was_refused(night, warehouse):
    add_plan(warehouse, plan_id=2, purpose="undo")
    stage.run(warehouse, night, 2)
    said = told(night, CONTACT)
    assert f"{CONTACT} (person-1): failed" in said
    assert "phone: a write is called for: invalid, no number" in said


def test_what_waits_is_said_once(night, warehouse):
    waits = {"state": "blocked", "message": "blocked: waits for company-4: HubSpot has no companies of it"}
    add_operations(warehouse, operation("3", "hubspot", "contacts", "12", "employer", {}, {}, **waits))
    stage.run(warehouse, night, 1)
    said = told(night, "hubspot/contacts/12")
    assert "not written: employer blocked: waits for company-4" in said
    assert "employer: a write is called for: blocked: waits for company-4" in said


def _base(field):
    return {"golden_id": "person-1", "record_key": CONTACT, "value": ["山田"], "run_id": 1, "field": field}


def test_the_record_whose_edit_was_refused_says_so(night, warehouse):
    refused = operation(
        "3", "hubspot", "contacts", "11", "job_title", {}, {}, "rejected", source_key="salesforce/Lead/00Q1"
    )
    add_operations(warehouse, refused)
    with warehouse.connect() as connection:
        connection.execute("delete from plan.conflict; update state.hold set ended_at = now()")
    stage.run(warehouse, night, 1)
    assert "nothing to write; not written there: job_title" in told(night, "salesforce/Lead/00Q1")
