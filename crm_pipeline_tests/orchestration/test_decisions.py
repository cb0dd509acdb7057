"""Jobs by which a person decides, and what is told at the end of a run: the same functions as the command line's."""

import http.server
import json
import logging
import threading

import dagster as dg
import pytest

from crm_pipeline.alerts.slack import WEBHOOK
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.orchestration.conftest import definitions_of, pipeline_in, run_of
from crm_pipeline_tests.report.night import HASH, write_night


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    return pipeline_in(tmp_path_factory.mktemp("pipeline"))


@pytest.fixture(scope="module")
def definitions(pipeline):
    return definitions_of(pipeline)


@pytest.fixture
def warehouse(pipeline):
    """Anew for each test."""
    path = pipeline.settings().warehouse
    path.unlink(missing_ok=True)
    return write_night(path)


@pytest.fixture
def run(definitions, instance):
    """Run a job of one step; gives its run and the sentence with which it failed."""

    def of(job, **config):
        [op] = [node.name for node in definitions.resolve_job_def(job).nodes]
        result = definitions.resolve_job_def(job).execute_in_process(
            run_config={"ops": {op: {"config": config}}}, instance=instance, raise_on_error=False
        )
        failures = result.filter_events(lambda event: event.is_step_failure)
        sentence = failures[0].step_failure_data.user_failure_data.description if failures else ""
        return instance.get_run_by_id(result.run_id), sentence

    return of


def of_plan(job):
    """The assets of the step that plans."""
    return [key for key in job.asset_layer.executable_asset_keys if key.path[0] == "plan"]


def states(warehouse):
    with warehouse.read() as connection:
        return connection.execute("select state, approved_by from plan.plan order by plan_id").fetchall()


def test_a_plan_is_approved_by_its_hash_in_a_name_and_the_second_approval_says_whose_it_is(run, warehouse, instance):
    approved, sentence = run("approve_plan", plan_hash=HASH[:6], by="佐藤", why="read it")
    assert sentence == ""
    assert states(warehouse) == [("approved", "佐藤")]
    assert approved.tags["sync/mode"] == "approve"
    assert (approved.tags["sync/plan_id"], approved.tags["sync/plan"]) == ("1", f"{HASH} approved")
    [seen] = instance.fetch_observations(dg.AssetKey(["plan", "change"]), limit=5).records
    assert seen.asset_observation.metadata["plan hash"].text == HASH

    _, sentence = run("approve_plan", plan_hash=HASH, by="鈴木")
    assert (
        sentence == f"plan {HASH} is approved by 佐藤; only a plan that is held can be approved: "
        "send it with `crm-pipeline push`"
    )


def test_as_the_launchpad_opens_them_they_decide_nothing(run, warehouse):
    for job, config, expected in (
        ("approve_plan", {}, "an approval needs a name: say who approves (by)"),
        ("approve_plan", {"by": "佐藤"}, "give at least 6 characters"),
        ("undo_run", {}, "say what to take back: the number of a run (run_id), or a record: system/object/id"),
        ("undo_run", {"run_id": 1}, "an undo needs a name: say who asks for it (by)"),
        ("undo_run", {"by": "佐藤", "run_id": 41}, "41"),
    ):
        assert expected in run(job, **config)[1]
    assert states(warehouse) == [("held", None)]


def test_settings_that_became_wrong_are_the_sentence_of_the_job(tmp_path, instance):
    pipeline = pipeline_in(tmp_path)
    definitions = definitions_of(pipeline)
    (tmp_path / "settings.yaml").write_text("shedule: x\n", encoding="utf-8")
    for job in ("approve_plan", "undo_run"):
        result = definitions.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False)
        [failure] = result.filter_events(lambda event: event.is_step_failure)
        assert "'shedule' is not a known key" in failure.step_failure_data.user_failure_data.description


def test_a_retry_lets_out_what_is_in_quarantine_before_its_first_step(definitions, instance, warehouse, pipeline):
    with warehouse.connect() as connection:
        connection.execute(
            "insert into state.quarantine "
            "values ('f', 'salesforce/Lead/1', 'phone', 'STRING_TOO_LONG', '', 1, null, 'salesforce')"
        )
    job = definitions.resolve_job_def("retry_failed")
    result = job.execute_in_process(
        run_config=job.run_config, instance=instance, raise_on_error=False, asset_selection=of_plan(job)
    )
    assert not result.success  # nothing was read yet
    with warehouse.read() as connection:
        [(released,)] = connection.execute("select released_at is not null from state.quarantine").fetchall()
    assert released


def test_a_retry_of_a_code_that_nothing_ended_with_is_a_warning(definitions, instance, warehouse, pipeline):
    with warehouse.connect() as connection:
        connection.execute(
            "insert into state.quarantine "
            "values ('f', 'salesforce/Lead/1', 'phone', 'STRING_TOO_LONG', '', 1, null, 'salesforce')"
        )
    job = definitions.resolve_job_def("retry_failed")
    chosen = {"settings_file": pipeline.settings_file, "release": "NOSUCH"}
    result = job.execute_in_process(
        run_config={"resources": {"pipeline": {"config": chosen}}},
        instance=instance,
        raise_on_error=False,
        asset_selection=of_plan(job),
    )
    warnings = [entry.user_message for entry in instance.all_logs(result.run_id) if entry.level == logging.WARNING]
    assert warnings == ["nothing that ended with NOSUCH is in quarantine; push/quarantine shows what is"]
    with warehouse.read() as connection:
        assert connection.execute("select released_at from state.quarantine").fetchall() == [(None,)]


def test_the_end_of_a_run_is_written_down_and_told(definitions, instance, warehouse, pipeline, monkeypatch):
    posts = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(WEBHOOK, f"http://127.0.0.1:{server.server_port}/")
        job = definitions.resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(asset_selection=of_plan(job), instance=instance, raise_on_error=False)
        sensor = definitions.get_repository_def().get_sensor_def("alerts")
        cursor = json.dumps({"failed": 0.0, "looked": 0.0})
        context = dg.build_sensor_context(
            instance=instance, cursor=cursor, repository_def=definitions.get_repository_def()
        )
        skipped = sensor.evaluate_tick(context).skip_message
        server.shutdown()
    with warehouse.read() as connection:
        [ended] = connection.execute("select external_id, outcome, failed from state.run").fetchall()
    assert ended[:2] == (result.run_id, "failed")
    [text] = posts
    assert "The run failed\n  - there is nothing to plan: no extract has been made yet" in text
    assert f"Plan {HASH} waits" in text
    assert skipped == "0 messages"  # the run has told it


def test_a_run_that_did_not_start_is_told_by_the_sensor(definitions, instance, warehouse, monkeypatch):
    run = instance.add_run(run_of("nightly_sync", dg.DagsterRunStatus.STARTING))
    instance.report_run_failed(run, "Error: environment variable HUBSPOT_ACCESS_TOKEN is not set")
    context = dg.build_sensor_context(
        instance=instance,
        cursor=json.dumps({"failed": 0.0, "looked": 0.0}),
        repository_def=definitions.get_repository_def(),
    )
    sensor = definitions.get_repository_def().get_sensor_def("alerts")
    assert sensor.evaluate_tick(context).skip_message == "nobody is told: see alerts in the settings"
    with Warehouse(warehouse.path).read() as connection:
        [(failed,)] = connection.execute("select failed from state.run").fetchall()
    assert failed.startswith("the environment variable HUBSPOT_ACCESS_TOKEN is not set")


def test_an_undo_that_can_take_nothing_back_says_what_stays_and_makes_no_plan(run, warehouse):
    with warehouse.connect() as connection:
        connection.execute(
            "insert into push.outbox (op_id, plan_id, run_id, request_id, state, system, object, record_id, golden_id, "
            "field, operation, old, new, ended_at) select op_id, plan_id, 1, 'r', 'landed', system, object, record_id, "
            "golden_id, field, operation, old, new, now() from plan.change where problem is null"
        )
    undone, sentence = run("undo_run", run_id=1, by="佐藤", why="wrong")
    assert sentence == ""
    assert (undone.tags["sync/mode"], undone.tags["sync/run_id"]) == ("undo", "1")
    assert states(warehouse) == [("held", None)]
    with warehouse.read() as connection:
        assert connection.execute("select outcome from state.run").fetchall() == [("done",)]
