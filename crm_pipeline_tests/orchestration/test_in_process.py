"""A job run in this process: recorded in the instance, told step by step, and a failure is its sentence."""

import dagster as dg
import pytest

from crm_pipeline import definitions
from crm_pipeline.errors import CrmPipelineError
from crm_pipeline.orchestration.in_process import run_job


@pytest.fixture
def instance(tmp_path, monkeypatch):
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))


@dg.asset
def first(context: dg.AssetExecutionContext) -> None:
    context.log.info("first: 3 read")
    context.log.debug("not for people")


@dg.asset(deps=[first])
def second(context: dg.AssetExecutionContext) -> None:
    raise dg.Failure(description="HubSpot refused the token; make a new one", allow_retries=False)


@dg.asset(deps=[second])
def third() -> None: ...


DEFINITIONS = dg.Definitions(
    assets=[first, second, third],
    jobs=[
        dg.define_asset_job("good", dg.AssetSelection.assets(first)),
        dg.define_asset_job("bad", dg.AssetSelection.all()),
    ],
)


def test_every_step_is_told_and_the_run_is_recorded(instance):
    told = []

    run_job(DEFINITIONS, "good", told.append)

    assert told == ["first: 3 read"]
    with dg.DagsterInstance.get() as found:
        [run] = found.get_runs()
        assert (run.job_name, run.status) == ("good", dg.DagsterRunStatus.SUCCESS)


def test_a_run_stands_on_the_page_of_its_job_in_the_code_location(instance):
    run_job(DEFINITIONS, "good", lambda _: None)

    with dg.DagsterInstance.get() as found:
        [run] = found.get_runs()
    assert run.tags[".dagster/repository"] == f"__repository__@{definitions.__name__}"


def test_a_failure_is_the_sentence_of_the_step_that_failed_first(instance):
    with pytest.raises(CrmPipelineError, match="HubSpot refused the token; make a new one"):
        run_job(DEFINITIONS, "bad", lambda _: None)
