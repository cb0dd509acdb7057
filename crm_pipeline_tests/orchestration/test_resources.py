"""What the steps of a run share: one rate and one budget for each CRM, anew in each run."""

import dagster as dg
import pytest

from crm_pipeline.orchestration.resources import HubSpot, Salesforce


@pytest.mark.parametrize(
    "resource",
    [
        HubSpot(access_token="t", base_url="http://127.0.0.1:9"),
        Salesforce(login_url="http://127.0.0.1:9", client_id="i", client_secret="s"),
    ],
)
def test_the_clients_of_a_run_share_its_budget_and_the_next_run_begins_anew(resource, pipeline):
    settings = pipeline.settings()
    reads, writes = (resource.client(settings, read_only=read_only) for read_only in (True, False))
    assert resource.client(settings, read_only=True) is reads
    assert writes is not reads
    assert writes.calls is reads.calls
    resource.setup_for_execution(dg.build_init_resource_context())
    assert resource.client(settings, read_only=True).calls is not reads.calls
