"""What answers change: bases, links, and what a record held before we wrote there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.model import Act, System, Value
from crm_pipeline.push.operation import Group, Op
from crm_pipeline.push.outbox import Answers
from crm_pipeline.warehouse import Warehouse

SETTINGS = load_settings()


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "crm.duckdb")


def land(warehouse: Warehouse, old: Value, new: Value, observed: Mapping[str, Value] | None = None) -> None:
    """Our write of a lead's title was acknowledged."""
    op = Op(
        "o", System.SALESFORCE, "Lead", "1", None, Act.UPDATE, "job_title", {"Title": old}, {"Title": new}, "person-1",
        "two_way", "why", None, {},
    )  # fmt: skip
    answers = Answers(SETTINGS, 1, 1)
    answers.landed(Group((op,)), observed=observed)
    with warehouse.connect() as connection:
        answers.apply(connection)


def held_before(warehouse: Warehouse) -> Value:
    with warehouse.connect() as connection:
        ((held,),) = connection.execute("select held_before from state.written").fetchall()
    value: Value = json.loads(held) if held else None
    return value


def test_two_writes_of_ours_keep_what_the_user_had(warehouse: Warehouse) -> None:
    land(warehouse, "user's", "ours")
    land(warehouse, "ours", "ours again")
    assert held_before(warehouse) == "user's"


def test_a_users_edit_between_counts(warehouse: Warehouse) -> None:
    land(warehouse, "user's", "ours")
    land(warehouse, "user's second", "ours again")
    assert held_before(warehouse) == "user's second"


def test_a_value_that_the_crm_rewrote_is_still_ours(warehouse: Warehouse) -> None:
    land(warehouse, "user's", "ours", {"Title": "OURS"})
    land(warehouse, "OURS", "ours again")
    assert held_before(warehouse) == "user's"


def test_a_users_clear_is_not_mistaken_for_an_unknown_answer(warehouse: Warehouse) -> None:
    land(warehouse, "user's", "ours")
    land(warehouse, None, "ours again")
    assert held_before(warehouse) is None


def test_a_clear_of_ours_reads_back_as_blank(warehouse: Warehouse) -> None:
    land(warehouse, "user's", "")
    land(warehouse, None, "ours again")
    assert held_before(warehouse) == "user's"


def test_the_base_is_what_was_sent_and_what_the_crm_made_of_it(warehouse: Warehouse) -> None:
    land(warehouse, "a", "b", {"Title": "B"})
    with warehouse.connect() as connection:
        rows = connection.execute("select record_key, field, value, observed from state.base").fetchall()
    assert rows == [("salesforce/Lead/1", "job_title", '["b"]', '["B"]')]
