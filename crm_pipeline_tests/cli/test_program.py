"""The program as a shell sees it: exit codes, one sentence on standard error, an answer without delay."""

import os
import subprocess
import sys

import pytest

from crm_pipeline.warehouse import Warehouse

PROGRAM = (sys.executable, "-c", "from crm_pipeline.cli import main; main()")


def program(*words, **environment):
    return subprocess.run(
        [*PROGRAM, *words], capture_output=True, text=True, env=os.environ | environment, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("run",), 2, "HUBSPOT_ACCESS_TOKEN is not set"),
        (("push",), 2, "HUBSPOT_ACCESS_TOKEN is not set"),
        (("plan", "show"), 3, "run the pipeline once first"),
        (("sql", "select 1"), 8, "run the pipeline once first"),
        (("approve", "0123456789"), 2, "--by"),
        (("approve", "0123456789", "--by", " "), 2, "--by is blank"),
        (("hold", "person-1", "--by", ""), 2, "--by is blank"),
        (("undo", "--by", "佐藤"), 2, "say what to take back"),
        (("nonsense",), 2, "No such command"),
        (("dev", "--port", "99999"), 2, "1<=x<=65535"),
    ],
)
def test_an_error_is_one_sentence_and_an_exit_code(home, words, code, says):
    ended = program(*words)
    assert ended.returncode == code
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_a_push_without_a_plan_says_so_before_anything_is_made(home):
    variables = ("HUBSPOT_ACCESS_TOKEN", "SALESFORCE_LOGIN_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET")
    there = dict.fromkeys(variables, "https://crm.invalid")
    ended = program("push", **there)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.endswith("does not exist yet; run the pipeline once first\n")
    assert "✓" not in ended.stderr
    assert [path.name for path in home.iterdir()] == ["settings.yaml"]

    with Warehouse(home / "crm.duckdb").connect():
        pass
    ended = program("push", **there)
    assert (ended.returncode, ended.stdout) == (8, "")
    assert ended.stderr.endswith("there is no plan yet; make one with `crm-pipeline run --preview`\n")
    assert "✓" not in ended.stderr
    assert not (home / "analytics.duckdb").exists()
    with Warehouse(home / "crm.duckdb").read() as connection:
        assert connection.execute("from state.run").fetchall() == []


def test_a_mistake_in_the_settings_is_named_with_file_and_line(home, tmp_path):
    mistaken = tmp_path / "mistaken.yaml"
    mistaken.write_text("time_zone: Asia/Tokyo\nschedul: x\n", encoding="utf-8")
    ended = program("run", CRM_PIPELINE_SETTINGS=str(mistaken))
    assert ended.returncode == 2
    assert f"{mistaken} line 2" in ended.stderr


def test_help_imports_nothing_heavy():
    seen = (
        "import sys; from crm_pipeline.cli import commands; commands.main(['--help'], standalone_mode=False); "
        "print(sorted(set(sys.modules) & {'dagster', 'duckdb', 'pandas', 'pydantic', 'rich', 'requests'}))"
    )
    ended = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"
