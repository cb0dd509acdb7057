"""What the UI shows of an extract: numbers that plot, what the read cost, what became of the fields."""

from datetime import UTC, datetime

import pytest

from crm_pipeline import flow
from crm_pipeline.extract.objects import ObjectResult
from crm_pipeline.extract.relations.associations import AssociationsResult
from crm_pipeline.model import System
from crm_pipeline.orchestration import metadata
from crm_pipeline.warehouse import Warehouse

H = System.HUBSPOT
MOMENT = metadata.Moment(7, datetime.now(UTC))
DEALS = ObjectResult(H, "deals", False, 40, 1, 2, 3, 4, 5, 6, 70, 71, "1 is in quarantine")


@pytest.fixture
def settings(pipeline):
    return pipeline.settings()


def shown(settings, name, result, *rows):
    """Metadata of a step's asset in run 7, as plain values. `rows`: statements that leave what the run left."""
    step = next(step for step in flow.steps(settings) if step.name == name)
    with Warehouse(settings.warehouse).connect() as connection:
        for row in rows:
            connection.execute(row)
        found = next(iter(metadata.of_step(connection, step, settings, result, MOMENT).values()))
    return {name: getattr(value, "value", value) for name, value in found.items()}


def test_the_numbers_of_a_read_are_numbers(settings):
    found = shown(settings, "hubspot_deals", DEALS)
    expected = {"read": 40, "new": 1, "changed": 2, "retired": 3, "restored": 4, "quarantined": 5, "missing": 6}
    assert {name: found[name] for name in expected} == expected
    assert found["full"] is False


def test_calls_made_stand_beside_those_foreseen(settings):
    found = shown(
        settings,
        "hubspot_deals",
        DEALS,
        "insert into raw.call values (7, 'hubspot', 'deals', 10, 12, 1, 3.21), (7, 'hubspot', 'notes', 9, 9, 0, 0)",
    )
    assert (found["calls"], found["calls foreseen"], found["calls repeated"], found["seconds waited"]) == (
        12,
        10,
        1,
        3.2,
    )


def test_the_associations_of_both_crms_cost_their_sum(settings):
    rows = [
        f"insert into raw.call values (7, '{system}', 'associations', {foreseen}, {made}, 0, 0)"
        for system, foreseen, made in (("hubspot", 3, 4), ("salesforce", 0, 1))
    ]
    found = shown(settings, "associations", AssociationsResult(5, 6), *rows)
    assert (found["calls"], found["calls foreseen"], found["records"]) == (5, 3, 5)


def test_completeness_and_the_watermark_are_shown(settings):
    found = shown(
        settings,
        "hubspot_deals",
        DEALS,
        "insert into raw.reconciliation values "
        "(7, 'hubspot', 'deals', 70, 71, 6, 2, 20, 1, 'all_ids', '1 is in quarantine')",
        "insert into raw.watermark values ('hubspot', 'deals', '2026-11-24 02:00:00+00', '', 7)",
    )
    assert (found["surplus"], found["sampled"], found["sample wrong"], found["compared by"]) == (2, 20, 1, "all ids")
    assert found["explained"] == "1 is in quarantine"
    assert found["read until"] == 1795485600.0


def test_a_schema_shows_drift_and_what_may_not_be_seen(settings):
    result = flow.SchemaResult(fields=9, changed_fields=1, hidden_objects=1, stages=3, users=2, calls_foreseen=30)
    found = shown(
        settings,
        "hubspot_schema",
        result,
        "insert into raw.schema_change values (7, 'hubspot', 'contacts', 'birth_date', 'retyped', 'date', 'string'), "
        "(6, 'hubspot', 'contacts', 'x', 'new', '', 'string'), (7, 'salesforce', 'Lead', 'y', 'gone', 'string', '')",
        "insert into raw.hidden_object values ('hubspot', 'tickets', 'no scope', 7)",
    )
    [change] = [record.data for record in getattr(found["changed"], "records", found["changed"])]
    assert change == {"field": "contacts.birth_date", "what": "retyped", "before": "date", "now": "string"}
    [hidden] = [record.data for record in getattr(found["may not be seen"], "records", found["may not be seen"])]
    assert hidden["object"] == "tickets"
    assert (found["calls foreseen"], found["changed fields"]) == (30, 1)


def test_without_drift_a_schema_shows_no_empty_table(settings):
    result = flow.SchemaResult(fields=9, changed_fields=0, hidden_objects=0, stages=3, users=2, calls_foreseen=30)
    assert not {"changed", "may not be seen"} & set(shown(settings, "hubspot_schema", result))
