"""docs/operate.md names the jobs, schedules, checks and assets that there are."""

import re

import pytest

from crm_pipeline_tests.architecture.modules import ROOT
from crm_pipeline_tests.orchestration.conftest import definitions_of, pipeline_in

PAGE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def definitions(tmp_path_factory):
    return definitions_of(pipeline_in(tmp_path_factory.mktemp("documented")))


def _table(head):
    """First cells of the table whose first column is called so."""
    rows = re.search(rf"^\| {head} \|.*\n\|[ -|]+\n((?:\|.*\n)+)", PAGE, re.M)[1]
    return set(re.findall(r"^\| `(\w+)` \|", rows, re.M))


def test_every_job_and_schedule_is_in_the_table(definitions):
    assert _table("job") == {job.name for job in definitions.jobs}
    assert {f"`{schedule.name}`" for schedule in definitions.schedules} <= set(re.findall(r"`\w+`", PAGE))


def test_every_check_is_in_the_table(definitions):
    there = {key.name for checks in (*definitions.asset_checks, *definitions.assets) for key in checks.check_keys}
    assert _table("check") == there


def test_every_asset_that_is_named_exists(definitions):
    there = {"/".join(key.path) for assets in definitions.assets for key in assets.keys}
    named = set(re.findall(r"`((?:extract|normalise|match|golden|plan|push|publish)/\w+)`", PAGE))
    assert named
    assert named <= there
