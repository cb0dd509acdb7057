"""Why a record stands where it stands, and a field holds what it holds, as the published copy tells it."""

from __future__ import annotations

import duckdb
import pytest

from crm_pipeline.errors import NotFoundError
from crm_pipeline.plan.said import holds
from crm_pipeline.plan.said.holds import Hold
from crm_pipeline.publish import stage
from crm_pipeline.report.why import why, words
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.publish.conftest import add_operations, add_plan, operation

CONTACT = "hubspot/contacts/11"


def told(settings, subject, field=None, *, in_full=False):
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        return "\n".join(words(why(connection, subject, field), in_full=in_full))


@pytest.fixture
def night(warehouse, settings):
    """One landed write, one refused, one field that was read so, one that is held."""
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
    base = {"golden_id": "person-1", "record_key": CONTACT, "value": ["山田"], "run_id": 1}
    with warehouse.connect() as connection:
        insert(connection, "state.base", [{**base, "field": name} for name in ("name", "e_mail", "address")])
        holds.insert(connection, [Hold("person-1", None, "address", "undo", "佐藤", "wrong mapping", "h", 1)])
    stage.run(warehouse, settings, 1)
    return settings


def test_every_field_has_a_reason(night):
    said = told(night, CONTACT)
    assert "e_mail: run 1 wrote it from salesforce/Lead/00Q1: Salesforce has a value (prefer_salesforce)" in said
    assert "phone: a write is called for: invalid, no number" in said
    assert "name: it was read so" in said
    assert "address: our write was taken back, asked for by 佐藤: wrong mapping" in said
    assert "保留中" in said


def test_a_field_tells_its_writes_and_values_only_when_asked(night):
    assert "run 1 hubspot/contacts/11 e_mail: (blank) -> y… (prefer_salesforce" in told(night, CONTACT, "e_mail")
    assert "y@a.jp" in told(night, CONTACT, "e_mail", in_full=True)


def test_a_customer_is_told_with_all_its_records(night):
    said = told(night, "person-1")
    assert f"{CONTACT} (person-1): failed" in said
    assert "salesforce/Lead/00Q1 (person-1): pinned" in said


@pytest.mark.parametrize(("subject", "field"), [("hubspot/contacts/404", None), (CONTACT, "shoe_size")])
def test_what_is_not_known_is_said(night, subject, field):
    with pytest.raises(NotFoundError):
        told(night, subject, field)
