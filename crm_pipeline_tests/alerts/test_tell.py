"""What a channel gets, over real requests: once, again when it could not be sent, and without a value of a record."""

import logging
import ssl

import pytest

from crm_pipeline.alerts import look
from crm_pipeline.alerts.channel import NotSentError
from crm_pipeline.alerts.slack import WEBHOOK
from crm_pipeline.alerts.tell import channels, tell
from crm_pipeline.alerts.watch import conclude, watched
from crm_pipeline.cli import commands
from crm_pipeline.errors import ConfigError, CrmPipelineError, RunAtWorkError
from crm_pipeline.warehouse.runs import exclusive
from crm_pipeline_tests.report.night import HASH


@pytest.fixture
def settings(configured):
    return configured(late_hours=30)


def failing(warehouse, settings, said, external_id="a", sentence="HubSpot refused the token"):
    with pytest.raises(CrmPipelineError), watched(warehouse, settings, "crm-pipeline run", external_id, said.append):
        raise CrmPipelineError(sentence)


def test_a_held_plan_is_told_once_and_its_end_once(warehouse, settings, slack, said):
    assert tell(warehouse, settings, said.append) == 1
    assert tell(warehouse, settings, said.append) == 0
    [text] = slack.posts
    assert f"Plan {HASH} waits for approval: 2 writes" in text
    assert "first run of this mapping" in text
    assert f"crm-pipeline approve {HASH} --by YOUR_NAME" in text
    assert "(run 1, plan 1)" in text
    with warehouse.connect() as connection:
        connection.execute("update plan.plan set state = 'applied'")
    assert tell(warehouse, settings, said.append) == 1
    assert "No plan waits for approval any more" in slack.posts[-1]
    assert tell(warehouse, settings, said.append) == 0


def test_what_could_not_be_sent_is_tried_again_and_says_nothing_of_the_address(warehouse, settings, slack, said):
    slack.status = 500
    assert tell(warehouse, settings, said.append) == 0
    assert said == ["no alert by slack: Slack answered 500; it is tried again after the next run"]
    slack.status = 200
    assert tell(warehouse, settings, said.append) == 1
    assert not any("sentinel-secret" in sentence for sentence in said)


def test_a_redirect_is_not_followed(warehouse, settings, slack, said):
    slack.status = 302
    assert tell(warehouse, settings, said.append) == 0
    assert len(slack.posts) == 1


def test_the_authority_of_the_settings_of_the_crms_is_trusted_here_too(
    warehouse, settings, slack, said, certificates, monkeypatch
):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    slack.socket = context.wrap_socket(slack.socket, server_side=True)
    monkeypatch.setenv(WEBHOOK, f"https://localhost:{slack.server_port}/services/sentinel-secret")
    assert tell(warehouse, settings, said.append) == 0
    assert "Slack shows a TLS certificate that this machine does not trust" in said[-1]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates.authority))
    assert tell(warehouse, settings, said.append) == 1
    assert len(slack.posts) == 1
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/company.pem")
    tell(warehouse, settings, said.append)
    assert said[-1].startswith("no alert by slack: REQUESTS_CA_BUNDLE names /nowhere/company.pem")


def test_no_proxy_and_no_log_learns_the_address(warehouse, settings, slack, said, monkeypatch, caplog):
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    caplog.set_level(logging.DEBUG)
    assert tell(warehouse, settings, said.append) == 1
    assert "sentinel-secret" not in caplog.text + str(said)


def test_a_server_that_is_away_fails_no_run(warehouse, settings, monkeypatch, said):
    monkeypatch.setenv("CRM_PIPELINE_SLACK_WEBHOOK", "http://127.0.0.1:9/x")
    with watched(warehouse, settings, "crm-pipeline run", "a", said.append):
        pass
    assert said[0].startswith("no alert by slack: Slack cannot be reached (ConnectionRefusedError)")


def test_a_way_that_is_set_up_wrongly_does_not_silence_the_other(warehouse, configured, mail_server, monkeypatch, said):
    box, port = mail_server()
    mail = {"to": ["crm@example.com"], "sender": "p@example.com", "server": "127.0.0.1", "port": port}
    settings = configured(mail={**mail, "security": "none"})
    monkeypatch.setenv("CRM_PIPELINE_SLACK_WEBHOOK", "ftp://hooks.slack.com/sentinel-secret")
    assert tell(warehouse, settings, said.append) == 1
    assert len(box.letters) == 1
    assert said[0].startswith("no alert by slack: CRM_PIPELINE_SLACK_WEBHOOK must be an https:// address")
    assert not any("sentinel-secret" in sentence for sentence in said)

    with pytest.raises(NotSentError, match=r"^no alert by slack: CRM_PIPELINE_SLACK_WEBHOOK must be an https"):
        commands.main(["alerts", "--test"], standalone_mode=False)
    assert len(box.letters) == 2
    commands.main(["alerts", "--send"], standalone_mode=False)  # nothing is news
    commands.main(["alerts"], standalone_mode=False)  # only looks: no way is asked for


def test_a_webhook_without_encryption_is_refused(settings, monkeypatch):
    monkeypatch.setenv("CRM_PIPELINE_SLACK_WEBHOOK", "http://hooks.slack.com/services/x")
    with pytest.raises(ConfigError, match="must be an https"):
        channels(settings)


def test_a_failed_run_is_told_with_its_sentence_and_again_when_the_sentence_is_another(
    warehouse, settings, slack, said
):
    failing(warehouse, settings, said, "a", "HubSpot: 31 calls are missing")
    assert "The run failed\n  - HubSpot: 31 calls are missing" in slack.posts[0]
    assert "state.step" not in slack.posts[0]  # it had none
    failing(warehouse, settings, said, "b", "HubSpot: 57 calls are missing")
    assert len(slack.posts) == 1
    failing(warehouse, settings, said, "c", "Salesforce refused the token")
    assert "Salesforce refused the token" in slack.posts[1]
    with watched(warehouse, settings, "crm-pipeline run", "d", said.append):
        pass
    assert len(slack.posts) == 2  # a run that never began proves nothing
    conclude(warehouse, settings, "c", None)
    tell(warehouse, settings, said.append)
    assert "Runs come to their end again" in slack.posts[2]


def test_an_unexpected_error_is_told_by_its_type_alone(warehouse, settings, slack, said):
    with pytest.raises(ValueError), watched(warehouse, settings, "crm-pipeline run", "a", said.append):
        raise ValueError("yamada@aaa.jp")
    assert "unexpected: ValueError" in slack.posts[0]
    assert "yamada" not in slack.posts[0]


def test_a_run_that_a_person_stopped_is_no_alert(warehouse, settings, slack, said):
    with pytest.raises(KeyboardInterrupt), watched(warehouse, settings, "crm-pipeline run", "a", said.append):
        raise KeyboardInterrupt
    assert slack.posts == []


def test_a_run_that_was_killed_is_found_by_the_next_look(warehouse, settings, slack, said):
    with warehouse.connect() as connection:
        connection.execute("delete from plan.plan")
        connection.execute(
            "insert into state.run (run_id, external_id, mapping_hash, started_at) values (4, 'k', '', now())"
        )
        connection.execute("insert into state.step values (4, 'extract', 'hubspot_contacts', now(), 1, '{}', null)")
    with exclusive(warehouse, "the run"):
        assert tell(warehouse, settings, said.append) == 0  # it is at work
    assert tell(warehouse, settings, said.append) == 1
    assert "its process was killed, or its machine went down\n  - step: hubspot_contacts" in slack.posts[0]
    assert 'crm-pipeline sql --warehouse "from state.step where run_id = 4 order by started_at"' in slack.posts[0]


def test_a_run_that_cannot_begin_because_of_another_one_is_no_alert(warehouse, settings, slack, said):
    with (
        exclusive(warehouse, "crm-pipeline push"),
        pytest.raises(RunAtWorkError, match="crm-pipeline push \\(process"),
        watched(warehouse, settings, "crm-pipeline run", "a", said.append),
    ):
        raise AssertionError("it began")
    assert slack.posts == []


def test_a_look_while_a_run_is_at_work_is_not_taken_for_all_is_well(warehouse, settings, slack, capsys):
    with exclusive(warehouse, "crm-pipeline run"):
        with pytest.raises(RunAtWorkError, match=r"^crm-pipeline run \(process \d+\) is at work; look again when"):
            commands.main(["alerts", "--json"], standalone_mode=False)
        assert capsys.readouterr().out == ""
        commands.main(["alerts", "--send"], standalone_mode=False)
    assert "is at work; it tells at its end" in capsys.readouterr().out
    assert slack.posts == []


def test_a_failure_is_told_even_where_nothing_can_be_remembered(tmp_path, settings, slack, said):
    (tmp_path / "crm.duckdb").write_text("no database")
    from crm_pipeline.warehouse import Warehouse

    failing(Warehouse(tmp_path / "crm.duckdb"), settings, said)
    assert "HubSpot refused the token" in slack.posts[0]


def test_law_45_no_value_of_a_record_is_in_a_message(warehouse, settings, slack, said):
    sentinel = "松本sentinel"
    with warehouse.connect() as connection:
        connection.execute(
            f'update plan.change set old = \'{{"Phone": "{sentinel}"}}\', new = old, problem_state = null'
        )
        connection.execute(
            "insert into push.outbox (op_id, plan_id, run_id, request_id, state, system, object, record_id, golden_id, "
            "field, operation, old, new, code, message) select op_id, plan_id, 1, 'r', 'rejected', system, object, "
            "record_id, golden_id, field, operation, old, new, 'STRING_TOO_LONG', ? from plan.change",
            [sentinel],
        )
        connection.execute("insert into raw.quarantine values (1, 'hubspot', 'contacts', '9', ?, null)", [sentinel])
        connection.execute(
            "insert into publish.agreement values (1, now(), 'person', 'phone', 'two_way', 'unexplained', 3)"
        )
    tell(warehouse, settings, said.append)
    [text] = slack.posts
    assert "Salesforce STRING_TOO_LONG: 3 writes are refused" in text
    assert "HubSpot contacts: 1 record cannot be loaded" in text
    assert "person.phone: 3 linked pairs differ" in text
    assert sentinel not in text
    assert "00Q1" not in text
    assert look.failure(None).facts["failed"] is None
