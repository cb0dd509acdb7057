import json
import uuid

import dagster as dg
import pytest

from crm_pipeline.orchestration.build import build_definitions
from crm_pipeline.orchestration.resources import HubSpot, Pipeline, Salesforce
from crm_pipeline_tests.orchestration.history import engines_kept

#: Nothing listens there: a step that calls a CRM fails at once.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="session", autouse=True)
def _engines_kept():
    with engines_kept():
        yield


@pytest.fixture
def pipeline(tmp_path):
    return pipeline_in(tmp_path)


@pytest.fixture
def definitions(pipeline):
    return definitions_of(pipeline)


def pipeline_in(folder):
    """Settings of a folder of its own."""
    settings = folder / "settings.yaml"
    paths = {"warehouse": str(folder / "crm.duckdb"), "published": str(folder / "analytics.duckdb")}
    paths |= {"reports": str(folder / "reports")}
    settings.write_text(json.dumps(paths), encoding="utf-8")
    return Pipeline(settings_file=str(settings))


def definitions_of(pipeline):
    """The code location with CRMs that are away; it takes a second."""
    return build_definitions(
        pipeline=pipeline,
        hubspot=HubSpot(access_token="t", base_url=NOWHERE),
        salesforce=Salesforce(login_url=NOWHERE, client_id="i", client_secret="s"),
    )


@pytest.fixture
def instance():
    with dg.instance_for_test() as instance:
        yield instance


def run_of(job, status):
    """A run as Dagster's list has it; `create_run_for_job` takes seconds for a job of every asset."""
    return dg.DagsterRun(job_name=job, run_id=str(uuid.uuid4()), status=status)
