"""What the UI shows of a night: the state of a plan, its riskiest changes, and no value in full."""

import pytest

from crm_pipeline import flow
from crm_pipeline.model import PlanState
from crm_pipeline.orchestration import metadata, plan_preview
from crm_pipeline.plan.stage import PlanResult
from crm_pipeline.push.stage import PushResult
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.report.night import HASH, NOW, write_night

MOMENT = metadata.Moment(7, NOW)


@pytest.fixture
def settings(pipeline):
    return pipeline.settings()


def shown(settings, stage, result, state=PlanState.HELD):
    """Metadata of a stage's main asset, as plain values, after the night of write_night."""
    write_night(settings.warehouse, state)
    step = next(step for step in flow.steps(settings) if step.stage == stage)
    with Warehouse(settings.warehouse).read() as connection:
        found = metadata.of_step(connection, step, settings, result, MOMENT)
    return {name: getattr(value, "value", value) for name, value in next(iter(found.values())).items()}


def plan_result(state=PlanState.HELD):
    return PlanResult(1, HASH, state, 2, 1, 0, 0, 0, 0, "first run of this mapping")


def test_a_held_plan_says_first_why_and_how_to_approve_it(settings):
    found = shown(settings, "plan", plan_result())
    assert list(found)[1:7] == ["plan id", "plan hash", "written", "state", "held because", "to approve"]
    assert found["held because"] == "- first run of this mapping"
    by_command = f"crm-pipeline approve {HASH} --by YOUR_NAME"
    assert found["to approve"] == f"the job approve_plan with this hash and your name, or: {by_command}"


def test_ids_are_text_and_counts_are_numbers(settings):
    found = shown(settings, "plan", plan_result())
    assert (found["run id"], found["plan id"]) == ("7", "1")
    assert (found["operations"], found["refused"], found["dagster/row_count"]) == (2, 1, 3)


def test_changes_that_will_be_sent_are_a_diff_without_values(settings):
    text = shown(settings, "plan", plan_result())["changes"]
    assert "2 of 2, the riskiest first" in text
    assert "- 部…" in text
    assert "000-111-2222" not in text


def test_a_diff_is_as_long_as_the_ui_shows_without_a_click(settings):
    write_night(settings.warehouse)
    with Warehouse(settings.warehouse).connect() as connection:
        connection.execute(
            "insert into plan.change select c.* replace ('x' || n as op_id, 10 + n as seq) "
            "from plan.change c, range(40) t(n) where op_id = '1'"
        )
        text = plan_preview.changes(connection)["changes"].value
    assert 800 < len(text) < 1000
    assert " of 42, the riskiest first" in text


@pytest.mark.parametrize(
    ("which", "text"),
    [("problem is null", "Nothing can be sent."), ("true", "Nothing to write: both CRMs agree.")],
)
def test_a_plan_without_changes_tells_agreement_from_refusal(settings, which, text):
    write_night(settings.warehouse)
    with Warehouse(settings.warehouse).connect() as connection:
        connection.execute(f"delete from plan.change where {which}")
        assert plan_preview.changes(connection)["changes"].value == text


def test_a_push_of_an_applied_plan_says_that_nothing_was_sent(settings):
    result = PushResult(1, PlanState.APPLIED, why=f"plan {HASH} is applied")
    found = shown(settings, "push", result, PlanState.APPLIED)
    assert found["nothing sent because"] == f"plan {HASH} is applied"
    assert "landed" not in found


def test_a_push_of_a_held_plan_says_how_to_approve_it(settings):
    result = PushResult(1, PlanState.HELD, {"held_by_guard": 2}, why="first run of this mapping")
    found = shown(settings, "push", result)
    assert (found["state"], found["held by guard"]) == ("held", 2)
    assert "not landed" not in found
    assert "to approve" in found
