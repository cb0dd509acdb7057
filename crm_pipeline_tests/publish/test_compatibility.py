"""The mart of compatibility: how each mapped field fits both CRMs, as of the newest plan; an undo has none."""

from __future__ import annotations

import duckdb

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.model import Kind
from crm_pipeline.plan.fit.compatibility import pairings
from crm_pipeline.plan.kept import compatibility_table
from crm_pipeline.publish import stage
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.publish.conftest import add_plan


def test_a_field_that_does_not_fit_says_why_in_both_languages(warehouse: Warehouse, settings: Settings) -> None:
    add_plan(warehouse, plan_id=2)
    add_plan(warehouse, plan_id=3, purpose="undo")
    with warehouse.connect() as connection:
        mapping = load_settings().mapping
        compatibility_table.save(connection, 2, mapping, pairings(mapping.of(Kind.COMPANY), {}))
        compatibility_table.save(connection, 1, mapping, pairings(mapping.of(Kind.PERSON), {}))
    stage.run(warehouse, settings, 1)
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        rows = connection.execute(
            "select kind, field, label_ja, salesforce_name, verdict, synced, why, why_ja, allowed_rules, place "
            "from compatibility where field = 'phone'"
        ).fetchall()
    ((kind, field, label, name, verdict, synced, why, why_ja, rules, place),) = rows
    assert (kind, field, label, name, verdict, synced) == (
        "company", "phone", "電話番号", "Phone", "incompatible", False
    )  # fmt: skip
    assert "cannot be seen" in why
    assert "互換性がありません" in why_ja
    assert rules == ["dont_sync"]
    assert " line " in place
