import pytest

from crm_pipeline.model import OpState, PlanState
from crm_pipeline.report.push import accounting, failures
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.report.night import write_night


def outbox(op_id, state):
    return {
        "op_id": op_id,
        "plan_id": 1,
        "run_id": 1,
        "request_id": op_id,
        "state": state,
        "system": "salesforce",
        "object": "Lead",
        "golden_id": "person-1",
        "field": "phone",
        "operation": "update",
        "old": {},
        "new": {},
        "code": "REQUIRED_FIELD_MISSING" if state == "rejected" else None,
    }


@pytest.mark.parametrize(
    ("plan", "sent", "states", "missing"),
    [
        (PlanState.HELD, {}, {OpState.HELD_BY_GUARD: 2, OpState.INVALID: 1}, 0),
        (PlanState.SUPERSEDED, {}, {OpState.SUPERSEDED: 3}, 0),
        (
            PlanState.APPLIED,
            {"1": "landed", "2": "rejected", "3": "invalid"},
            {"landed": 1, "rejected": 1, "invalid": 1},
            0,
        ),
        (PlanState.APPLIED, {"1": "landed", "2": "sent"}, {"landed": 1, "sent": 1}, 2),
        (PlanState.PROPOSED, {}, {}, 3),
    ],
)
def test_each_planned_operation_has_one_end_or_is_missing(tmp_path, plan, sent, states, missing):
    with write_night(tmp_path / "crm.duckdb", plan).connect() as connection:
        insert(connection, "push.outbox", [outbox(op_id, state) for op_id, state in sent.items()])
        account = accounting(connection, 1)
    assert (account.planned, account.states, account.missing) == (3, states, missing)


def test_failures_name_the_crms_own_code_or_the_reason_of_the_plan(tmp_path):
    with write_night(tmp_path / "crm.duckdb", PlanState.APPLIED).connect() as connection:
        rows = [outbox("1", "landed"), outbox("2", "rejected"), outbox("3", "invalid")]
        insert(connection, "push.outbox", rows)
        assert failures(connection, 1) == [
            ("invalid", "Salesforce Lead", "the picklist has no such value", 1),
            ("rejected", "Salesforce Lead", "REQUIRED_FIELD_MISSING", 1),
        ]
