"""The hold that an undo leaves: on the field that was taken back, until its rule or its values change (law 43)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.model import Kind
from crm_pipeline.plan.member import Ruled
from crm_pipeline.plan.said import holds
from crm_pipeline.push.undone import hold_undone
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert

AT = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize("field", ["account", "people/person-5"])
def test_what_was_taken_back_is_held_under_the_rule_that_nights_decide_it_by(tmp_path: Path, field: str) -> None:
    """`people/person-5` is decided by the rule of `people`."""
    settings = load_settings()
    write = {"plan_id": 1, "op_id": "1", "system": "salesforce", "object": "Opportunity", "record_id": "006"}
    write |= {"operation": "clear", "field": field, "old": {}, "new": {}, "golden_id": "deal-1"}
    plan = {"plan_id": 1, "run_id": 1, "hash": "h", "state": "applied", "why": "", "mapping_hash": "m"}
    plan |= {"schema_hash": "s", "created_at": AT, "expires_at": AT, "purpose": "undo", "undoes": "9"}
    change = {"seq": 0, "kind": "deal", "rule": "undo", "reason": "r", "fingerprint": "f"}
    with Warehouse(tmp_path / "crm.duckdb").connect() as connection:
        insert(connection, "plan.plan", [plan | {"asked_by": "佐藤", "asked_why": "wrong"}])
        insert(connection, "plan.change", [write | change])
        insert(connection, "push.outbox", [write | {"run_id": 1, "request_id": "1", "state": "landed"}])
        hold_undone(connection, settings, 1)
        found = holds.load(connection)
    assert found.holds("deal-1", None, field) is not None
    ruled = Ruled.of(settings.mapping.of(Kind.DEAL).field(field.partition("/")[0]), settings)
    assert found.ends("deal-1", field, [], ruled.hash) == []
