"""The code location as the UI shows it."""

import subprocess
import sys

import dagster as dg
import pytest

from crm_pipeline.flow import STAGES, steps
from crm_pipeline.publish.stage import MARTS

SECRETS = ("HUBSPOT_ACCESS_TOKEN", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET")


@pytest.fixture
def graph(definitions):
    return definitions.get_repository_def().asset_graph


def test_one_word_is_one_thing_group_and_key_prefix_are_the_stage(graph):
    assert {node.group_name for node in graph.asset_nodes} == set(STAGES)
    assert all(node.key.path[0] == node.group_name for node in graph.asset_nodes)


def test_assets_depend_on_earlier_stages_only(graph):
    order = {stage: number for number, stage in enumerate(STAGES)}
    for node in graph.asset_nodes:
        for parent in node.parent_keys:
            assert order[parent.path[0]] <= order[node.group_name]


def test_every_object_that_is_read_is_an_asset_with_a_completeness_check(graph, pipeline):
    objects = {f"{system}_{object_.lower()}" for system, object_ in pipeline.settings().mapping.read_objects}
    assert len(objects) == 17
    complete = {check.asset_key.path[-1] for check in graph.asset_check_keys if check.name == "complete"}
    assert complete == objects


def test_only_a_step_that_reads_records_can_be_told_to_read_all_of_them(definitions, pipeline):
    ops = definitions.resolve_job_def("nightly_sync").nodes
    told = {op.name for op in ops if getattr(op.definition.config_schema.config_type, "fields", None)}
    objects = {f"extract_{system}_{object_.lower()}" for system, object_ in pipeline.settings().mapping.read_objects}
    assert told == objects | {"extract_associations"}


def test_every_extract_asset_says_what_its_records_are_to_the_customer(graph, pipeline):
    texts = {node.key.path[-1]: node.description for node in graph.asset_nodes if node.group_name == "extract"}
    assert texts["hubspot_deals"] != texts["salesforce_lead"]
    assert all(texts.values())


def test_every_asset_says_what_it_is_whose_it_is_and_how_old_it_may_be(graph):
    for node in graph.asset_nodes:
        assert all((node.description, node.owners, node.kinds, node.freshness_policy)), node.key
        assert node.tags["stage"].endswith(f"-{node.group_name}")
        assert dg.AssetCheckKey(node.key, "contract") in graph.asset_check_keys


def test_people_of_a_crm_are_asked_about_its_records(graph):
    owners = {node.key.path[-1]: list(node.owners) for node in graph.asset_nodes}
    asked = [owners[name] for name in ("hubspot_contacts", "salesforce_lead", "associations", "change")]
    assert asked == [["team:marketing"], ["team:sales"], ["team:data"], ["team:data"]]


def test_every_mart_and_every_kind_that_is_synced_is_an_asset(graph, pipeline):
    names = {stage: {node.key.path[-1] for node in graph.asset_nodes if node.group_name == stage} for stage in STAGES}
    assert set(MARTS) <= names["publish"]
    assert {kind.kind for kind in pipeline.settings().mapping.kinds} | {"link"} == names["golden"]


def test_people_are_read_before_what_belongs_to_them(pipeline):
    names = [step.name for step in steps(pipeline.settings())]
    assert names.index("salesforce_account") < names.index("salesforce_contact") < names.index("salesforce_task")
    assert names.index("associations") > max(names.index(name) for name in ("hubspot_notes", "salesforce_event"))


@pytest.mark.parametrize(
    ("job", "stages"),
    [
        ("nightly_sync", set(STAGES)),
        ("preview", set(STAGES) - {"push"}),
        ("push_approved", {"push", "publish"}),
        ("retry_failed", set(STAGES)),
        ("full_refresh", set(STAGES)),
    ],
)
def test_a_job_holds_the_stages_that_its_name_promises(definitions, job, stages):
    keys = definitions.resolve_job_def(job).asset_layer.executable_asset_keys
    assert {key.path[0] for key in keys} == stages


def test_secrets_are_names_in_the_definitions_never_values(monkeypatch):
    for name in SECRETS:
        monkeypatch.setenv(name, "sentinel-secret")
    from crm_pipeline.orchestration.resources import default_resources

    for key in ("hubspot", "salesforce"):
        shown = str(default_resources()[key].model_dump())
        assert "sentinel-secret" not in shown


def test_loading_has_no_side_effect_and_imports_no_stage(tmp_path):
    """But for the texts of columns, which are no work. Three seconds are promised; a quiet machine takes one."""
    looked = (
        "import sys, time, crm_pipeline.definitions; assert time.process_time() < 3; "
        "stages = ('extract', 'normalise', 'match', 'golden', 'plan', 'push', 'publish', 'emulator'); "
        "print([name for name in sys.modules for s in stages if name.startswith(f'crm_pipeline.{s}.') "
        "and name != 'crm_pipeline.publish.comments'])"
    )
    ended = subprocess.run([sys.executable, "-c", looked], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
    assert list(tmp_path.iterdir()) == []
