"""When runs begin by themselves: never two, never beside the command line, and no writing before somebody says so."""

from datetime import datetime

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, ScheduleInstigatorData

from crm_pipeline import flow
from crm_pipeline.orchestration.schedules import busy
from crm_pipeline.orchestration.sensors import STARTED_BY_NOW, TOLD_BY_NOW, end_dead
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.runs import exclusive
from crm_pipeline_tests.orchestration.conftest import definitions_of, pipeline_in, run_of


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    return pipeline_in(tmp_path_factory.mktemp("pipeline"))


@pytest.fixture(scope="module")
def definitions(pipeline):
    return definitions_of(pipeline)


@pytest.fixture
def tick(definitions, instance):
    """What a schedule does now: the name of the job that it runs, or why it does not."""
    repository = definitions.get_repository_def()

    def evaluate(name):
        schedule = repository.get_schedule_def(name)
        context = dg.build_schedule_context(
            instance=instance, repository_def=repository, scheduled_execution_time=datetime(2026, 11, 24, 2)
        )
        evaluated = schedule.evaluate_tick(context)
        return schedule.job_name if evaluated.run_requests else evaluated.skip_message

    return evaluate


@pytest.fixture
def at_work(instance):
    """A run of Dagster's that says so of itself."""
    return instance.add_run(run_of("nightly_sync", dg.DagsterRunStatus.STARTED))


@pytest.fixture
def nightly_is_on(instance):
    """As the switch in the UI leaves it."""
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("crm_pipeline.definitions"), "__repository__")
    origin = RemoteInstigatorOrigin(repository, "nightly")
    data = ScheduleInstigatorData("0 2 * * *", 0.0)
    instance.add_instigator_state(InstigatorState(origin, InstigatorType.SCHEDULE, InstigatorStatus.RUNNING, data))


def test_the_nights_follow_the_settings_writing_is_off_and_the_preview_is_on(definitions):
    schedules = {schedule.name: schedule for schedule in definitions.get_repository_def().schedule_defs}
    for schedule in schedules.values():
        assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Asia/Tokyo")
    assert {name: schedule.default_status.value for name, schedule in schedules.items()} == {
        "nightly": "STOPPED",
        "nightly_preview": "RUNNING",
    }


def test_each_night_runs_its_job(tick):
    assert tick("nightly") == "nightly_sync"
    assert tick("nightly_preview") == "preview"


def test_no_preview_in_a_night_that_writes(tick, nightly_is_on):
    assert tick("nightly") == "nightly_sync"
    assert tick("nightly_preview") == "the schedule nightly is on"


def test_the_night_is_left_out_while_a_run_is_at_work(tick, at_work):
    assert tick("nightly") == f"the run {at_work.run_id[:8]} (nightly_sync) is still at work"


def test_the_night_is_left_out_while_the_command_line_is_at_work(tick, pipeline):
    with exclusive(Warehouse(pipeline.settings().warehouse), "crm-pipeline run"):
        assert tick("nightly").startswith("crm-pipeline run (process ")


def test_a_run_whose_process_is_gone_is_ended_and_keeps_no_night_waiting(instance, at_work, pipeline):
    settings = pipeline.settings()
    warehouse = Warehouse(settings.warehouse)
    started = instance.get_run_record_by_id(at_work.run_id).create_timestamp.timestamp()
    with exclusive(warehouse, "the run itself"):
        assert end_dead(instance, warehouse, started + 2 * STARTED_BY_NOW) == []
    assert end_dead(instance, warehouse, started + STARTED_BY_NOW / 2) == []
    assert end_dead(instance, warehouse, started + 2 * STARTED_BY_NOW) == [at_work.run_id]
    assert instance.get_run_by_id(at_work.run_id).status is dg.DagsterRunStatus.FAILURE
    assert busy(instance, settings) == ""


def test_a_run_that_tells_its_end_without_the_lock_is_not_ended_from_outside(instance, at_work, tmp_path):
    settings = pipeline_in(tmp_path).settings()
    warehouse = Warehouse(settings.warehouse)
    started = instance.get_run_record_by_id(at_work.run_id).create_timestamp.timestamp()
    flow.begin(warehouse, settings, at_work.run_id)
    with warehouse.connect() as connection:
        connection.execute("update state.run set outcome = 'done', ended_at = to_timestamp(?)", [started + 3600])
    assert end_dead(instance, warehouse, started + 3620) == []
    assert end_dead(instance, warehouse, started + 3600 + 2 * TOLD_BY_NOW) == [at_work.run_id]
