"""What got worse since the run before is said, with its numbers."""

import pytest

from crm_pipeline.orchestration.worsening import duplicates_kept, values_kept
from crm_pipeline.warehouse import Warehouse

NOW = "2026-11-24T02:00:00Z"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    return Warehouse(tmp_path_factory.mktemp("worsening") / "crm.duckdb")


def looked(warehouse, look, table, *rows):
    with warehouse.connect() as connection:
        connection.execute(f"delete from {table}")
        for row in rows:
            marks = ", ".join("?" * len(row))
            connection.execute(f"insert into {table} values ({marks})", list(row))
        return look(connection)


def quality(run_id, records, valid, field="phone"):
    return run_id, NOW, "hubspot", "person", field, records, valid, valid, 0


def duplicates(run_id, records, customers):
    return run_id, NOW, "salesforce", "company", records, customers, 0


@pytest.mark.parametrize(
    ("before", "now", "passed"),
    [
        ((100, 80), (100, 76), False),
        ((100, 80), (200, 77), True),
        ((19, 19), (19, 0), True),
        ((100, 0), (100, 90), True),
    ],
)
def test_a_field_that_is_worth_less_is_named(warehouse, before, now, passed):
    rows = quality(3, *before), quality(4, *now), quality(3, 100, 50, "name"), quality(4, 100, 50, "name")
    result = looked(warehouse, values_kept, "publish.quality", *rows)
    assert result.passed is passed
    if not passed:
        assert result.description == ("usable values in fewer records than after run 3: HubSpot person phone (80 → 76)")


@pytest.mark.parametrize(("customers", "passed"), [(96, True), (90, False)])
def test_a_crm_with_more_duplicates_is_named(warehouse, customers, passed):
    result = looked(
        warehouse, duplicates_kept, "publish.duplicates", duplicates(1, 100, 50), duplicates(3, 100, 99),
        duplicates(4, 100, customers),
    )  # fmt: skip
    assert result.passed is passed
    assert passed or "Salesforce company (1.0 % → 10.0 %)" in result.description


def test_the_first_run_has_nothing_to_compare_with(warehouse):
    for look, table in ((values_kept, "publish.quality"), (duplicates_kept, "publish.duplicates")):
        result = looked(warehouse, look, table)
        assert (result.passed, result.description) == (True, "nothing to compare with yet")
