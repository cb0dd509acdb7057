"""`crm-pipeline dev` as a person uses it: the UI comes up, a job runs from it, Ctrl-C leaves nothing behind."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from crm_pipeline.demo.world import running
from crm_pipeline_tests.browser.chromium import chromium

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "data" / "demo"
LAUNCH = """
mutation($job: String!) {
  launchRun(executionParams: {
    selector: {
      repositoryLocationName: "crm_pipeline.definitions", repositoryName: "__repository__", jobName: $job
    },
    runConfigData: {}, mode: "default"
  }) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } }
}
"""
STATUS = "query($run: ID!) { runOrError(runId: $run) { ... on Run { status tags { key value } } } }"
FAILURES = """
query($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events {
  ... on ExecutionStepFailureEvent { stepKey failureMetadata { description } error { cause { message } } } } } } }
"""
PLAN = """
{ assetNodes(group: {repositoryLocationName: "crm_pipeline.definitions", repositoryName: "__repository__",
  groupName: "plan"}) { assetKey { path } assetMaterializations(limit: 1) {
  metadataEntries { label ... on MarkdownMetadataEntry { mdStr } ... on TextMetadataEntry { text } } } } }
"""
COLOUR = "line => getComputedStyle(line).color"


class Ui:
    """The UI's GraphQL, asked until it answers."""

    def __init__(self, port):
        self._url = f"http://127.0.0.1:{port}/graphql"

    def ask(self, query, **variables):
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["data"]

    def wait_for(self, what, seconds=120):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if found := what():
                    return found
            except (OSError, urllib.error.URLError):
                pass
            time.sleep(0.3)
        raise TimeoutError


@pytest.fixture
def home(tmp_path):
    """A folder as `make dev` finds it after a demo, with a small organisation."""
    shutil.copytree(DEMO, tmp_path / "data" / "demo")
    with running(tmp_path / "data", fresh=True, size=0.02):
        pass
    return tmp_path


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def descendants(pid):
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found, waiting = set(), {pid}
    while waiting:
        waiting = {child for child, parent in pairs if parent in waiting} - found
        found |= waiting
    return found


def alive(pids):
    listed = subprocess.run(["ps", "-eo", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    return {int(pid) for pid, state in map(str.split, listed.splitlines()) if not state.startswith("Z")} & pids


def test_the_ui_runs_a_preview_and_ctrl_c_leaves_no_process(home):
    port = free_port()
    program = subprocess.Popen(
        [sys.executable, "-c", "from crm_pipeline.cli import main; main()", "dev", "--port", str(port)],
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    started = set()
    try:
        ui = Ui(port)
        ui.wait_for(lambda: ui.ask("{ version }"))
        launched = ui.wait_for(lambda: ui.ask(LAUNCH, job="preview"))["launchRun"]
        run_id = launched["run"]["runId"]

        def ended():
            run = ui.ask(STATUS, run=run_id)["runOrError"]
            return run["status"] in ("SUCCESS", "FAILURE", "CANCELED") and run

        run = ui.wait_for(ended)
        assert run["status"] == "SUCCESS", ui.ask(FAILURES, run=run_id)
        tags = {tag["key"]: tag["value"] for tag in run["tags"]}
        assert tags["sync/mode"] == "preview"
        assert tags["sync/plan"].endswith("held")

        [change] = [node for node in ui.ask(PLAN)["assetNodes"] if node["assetKey"]["path"][-1] == "change"]
        shown = {entry["label"]: entry for entry in change["assetMaterializations"][0]["metadataEntries"]}
        assert shown["changes"]["mdStr"].startswith("```diff\n")
        assert "yamada@aaa.jp" not in json.dumps(shown)
        assert shown["to approve"]["text"].startswith("the job approve_plan ")
        started = descendants(program.pid)
        assert len(started) >= 3
        with suppress(pytest.skip.Exception):  # without Chromium the rest of the test counts
            assert_plan_is_shown(f"http://127.0.0.1:{port}")
    finally:
        program.send_signal(signal.SIGINT)
        code = program.wait(60)
    assert code == 0
    assert alive(started) == set()
    assert_examples_run(home / "data" / "demo_analytics.duckdb")
    assert_nothing_personal(home / "data" / "dagster")


def assert_plan_is_shown(url):
    """The plan as people see it: red and green lines, and links to the records in their CRMs; no value in full."""
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"{url}/assets/plan/change?view=events", timeout=60_000)
        page.wait_for_selector(".hljs-deletion", timeout=60_000)
        red, green = (page.locator(f".hljs-{what}").first for what in ("deletion", "addition"))
        assert red.inner_text().startswith("- ")
        assert green.inner_text().startswith("+ ")
        assert red.evaluate(COLOUR) != green.evaluate(COLOUR)
        assert page.locator("a[href*='/record/0-'], a[href*='/lightning/r/']").count() >= 1
        assert "yamada@aaa.jp" not in page.inner_text("body")


def assert_nothing_personal(dagster_home):
    """Law 45: no value of a record and no secret is in what Dagster keeps."""
    kept = b"".join(path.read_bytes() for path in sorted(dagster_home.rglob("*")) if path.is_file())
    assert b"prefer_salesforce" in kept  # the plan as it is shown, so that there is something to find
    sentinels = (
        "demo-token",
        "demo-secret",
        "yamada@aaa.jp",
        "mathu@bbb.co.jp",
        "000-111-2222",
        "1988-04-09",
        "桜新町",
    )
    as_kept = {text: (text.encode(), json.dumps(text)[1:-1].encode()) for text in sentinels}
    assert [text for text, spellings in as_kept.items() if any(spelling in kept for spelling in spellings)] == []


def assert_examples_run(published):
    """What docs/query.md tells analysts to type works on the copy that the run made."""
    examples = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "query.md").read_text(encoding="utf-8"), re.DOTALL)
    with duckdb.connect(str(published), read_only=True) as connection:
        for example in examples:
            connection.execute(example)
