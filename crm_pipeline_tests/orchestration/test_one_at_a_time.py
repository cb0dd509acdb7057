"""One run at a time between real processes: Dagster against the command line, both ways, and two operators at once."""

import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from crm_pipeline.orchestration.build import build_definitions
from crm_pipeline.orchestration.resources import HubSpot, Salesforce
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.runs import at_work
from crm_pipeline_tests.report.night import HASH, write_night

CLI = [sys.executable, "-c", "from crm_pipeline.cli import main; main()"]


@pytest.fixture
def deaf():
    """A CRM that takes every connection and never answers: whoever asks it is at work until he is killed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        reached, kept = threading.Event(), []

        def accept():
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return
                reached.set()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", reached
        for connection in kept:
            connection.close()


@pytest.fixture
def environment(deaf, pipeline):
    url, _ = deaf
    return os.environ | {
        "CRM_PIPELINE_SETTINGS": pipeline.settings_file,
        "HUBSPOT_BASE_URL": url,
        "HUBSPOT_ACCESS_TOKEN": "t",
        "SALESFORCE_LOGIN_URL": url,
        "SALESFORCE_CLIENT_ID": "i",
        "SALESFORCE_CLIENT_SECRET": "s",
    }


@pytest.fixture
def warehouse(pipeline):
    return write_night(pipeline.settings().warehouse)


def test_dagster_is_refused_while_the_command_line_is_at_work_which_a_kill_ends(
    warehouse, environment, deaf, pipeline, instance
):
    url, reached = deaf
    program = subprocess.Popen([*CLI, "run"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert reached.wait(60)
        definitions = build_definitions(
            pipeline=pipeline,
            hubspot=HubSpot(access_token="t", base_url=url),
            salesforce=Salesforce(login_url=url, client_id="i", client_secret="s"),
        )
        job = definitions.resolve_job_def("push_approved")
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        first = result.filter_events(lambda event: event.is_step_failure)[0]
        sentence = first.step_failure_data.user_failure_data.description
        assert sentence.startswith(f"crm-pipeline run (process {program.pid}) is at work on ")
        second = subprocess.run([*CLI, "push"], env=environment, capture_output=True, text=True, check=False)
        assert second.returncode == 4
        assert f"crm-pipeline run (process {program.pid}) is at work on " in second.stderr
        assert at_work(warehouse)
    finally:
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
    assert at_work(warehouse) == ""
    with warehouse.read() as connection:
        ours = "select outcome from state.run where external_id like 'crm-pipeline run %'"
        assert connection.execute(ours).fetchall() == [(None,)]  # what the next look calls killed


def test_the_command_line_is_refused_while_dagster_is_at_work(warehouse, environment, deaf):
    _, reached = deaf
    run = (
        "import dagster as dg\n"
        "from crm_pipeline.definitions import defs\n"
        "with dg.instance_for_test() as instance:\n"
        "    defs.resolve_job_def('preview').execute_in_process(instance=instance)\n"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", run], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        assert reached.wait(60)
        refused = subprocess.run([*CLI, "run"], env=environment, capture_output=True, text=True, check=False)
    finally:
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
    assert refused.returncode == 4
    assert "the Dagster run " in refused.stderr
    assert f"(process {program.pid}) is at work on " in refused.stderr


def test_of_two_operators_who_approve_at_once_the_second_is_told_whose_approval_it_is(warehouse, environment):
    both = [
        subprocess.Popen([*CLI, "approve", HASH, "--by", by], env=environment, stderr=subprocess.PIPE, text=True)
        for by in ("佐藤", "鈴木")
    ]
    errors = [program.communicate()[1] for program in both]
    assert sorted(program.returncode for program in both) == [0, 7]
    with Warehouse(warehouse.path).read() as connection:
        [(by,)] = connection.execute("select approved_by from state.approval").fetchall()
    assert f"plan {HASH} is approved by {by}; only a plan that is held can be approved" in "".join(errors)
