import json

import dagster as dg
import pytest

from crm_pipeline.orchestration.build import build_definitions
from crm_pipeline.orchestration.resources import HubSpot, Pipeline, Salesforce

#: Nothing listens there: a step that calls a CRM fails at once.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def pipeline(tmp_path):
    settings = tmp_path / "settings.yaml"
    paths = {"warehouse": str(tmp_path / "crm.duckdb"), "published": str(tmp_path / "analytics.duckdb")}
    paths |= {"reports": str(tmp_path / "reports")}
    settings.write_text(json.dumps(paths), encoding="utf-8")
    return Pipeline(settings_file=str(settings))


@pytest.fixture
def definitions(pipeline):
    return build_definitions(
        pipeline=pipeline,
        hubspot=HubSpot(access_token="t", base_url=NOWHERE),
        salesforce=Salesforce(login_url=NOWHERE, client_id="i", client_secret="s"),
    )


@pytest.fixture
def instance():
    with dg.instance_for_test() as instance:
        yield instance
