"""What a person reads when a step cannot do its work."""

import pytest

from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.runs import exclusive


@pytest.fixture
def plan_alone(definitions, instance):
    """Materialise the plan's assets alone, and give what Dagster keeps of the failure."""
    job = definitions.resolve_implicit_global_asset_job_def()
    keys = [key for key in job.asset_layer.executable_asset_keys if key.path[0] == "plan"]

    def materialise():
        result = job.execute_in_process(asset_selection=keys, instance=instance, raise_on_error=False)
        [event] = result.filter_events(lambda event: event.is_step_failure)
        return event.step_failure_data

    return materialise


def test_an_error_of_ours_is_the_sentence_of_a_step_that_is_not_tried_again(plan_alone):
    data = plan_alone()
    assert "no extract has been made yet" in data.user_failure_data.description
    assert data.error.cause is None


def test_a_second_run_names_the_one_that_is_at_work(plan_alone, pipeline):
    warehouse = Warehouse(pipeline.settings().warehouse)
    with exclusive(warehouse, "somebody's crm-pipeline run"):
        data = plan_alone()
    assert "somebody's crm-pipeline run" in data.user_failure_data.description


def test_a_failed_run_lets_go_of_the_warehouse(plan_alone, pipeline):
    plan_alone()
    warehouse = Warehouse(pipeline.settings().warehouse, wait_seconds=0)
    with exclusive(warehouse, "the next one"), warehouse.connect():
        pass
