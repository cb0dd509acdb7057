"""A step of a run is noted with its time, its calls and its end; a note that cannot be kept stops nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from crm_pipeline.crm.calls import CallClass, Calls
from crm_pipeline.crm.limits import Limits
from crm_pipeline.errors import SafetyError, WarehouseError
from crm_pipeline.model import System
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.steps import recorded


@dataclass
class Client:
    """Of a CRM only its account book is asked."""

    calls: Calls


@pytest.fixture
def warehouse(tmp_path):
    return Warehouse(tmp_path / "crm.duckdb")


def noted(warehouse):
    with warehouse.connect() as connection:
        return connection.execute("select step, failed, seconds >= 0, calls from state.step order by all").fetchall()


def test_reading_is_written_down_with_the_plan(warehouse):
    calls = Calls(System.HUBSPOT, Limits())
    calls.learn_daily(100, 1000)
    with recorded(warehouse, 1, "extract", "hubspot_contacts", {System.HUBSPOT: Client(calls)}):
        calls.admit(CallClass.READ)
    assert not warehouse.path.exists()
    with recorded(warehouse, 1, "plan", "plan", {}):
        pass
    (read, plan) = noted(warehouse)
    assert read[:3] == ("hubspot_contacts", None, True)
    assert json.loads(read[3]) == {"hubspot": {"made": 1, "today": 101, "limit": 1000}}
    assert plan[:3] == ("plan", None, True)


def test_a_step_that_is_done_again_replaces_its_note(warehouse):
    for _ in range(2):
        with recorded(warehouse, 1, "push", "push", {}):
            pass
    assert [row[0] for row in noted(warehouse)] == ["push"]


def test_a_sentence_of_ours_is_kept_at_once(warehouse):
    with pytest.raises(SafetyError), recorded(warehouse, 1, "extract", "hubspot_contacts", {}):
        raise SafetyError("too many records vanished")
    assert noted(warehouse)[0][:2] == ("hubspot_contacts", "too many records vanished")


def test_law_45_the_text_of_any_other_failure_is_not(warehouse):
    with pytest.raises(ValueError, match="部長"), recorded(warehouse, 1, "match", "match", {}):
        raise ValueError("部長")
    assert noted(warehouse)[0][1] == "unexpected: ValueError"


def test_where_the_database_failed_nothing_is_noted_in_it(warehouse):
    with pytest.raises(WarehouseError), recorded(warehouse, 1, "plan", "plan", {}):
        raise WarehouseError("the disk is full")
    assert not warehouse.path.exists()
