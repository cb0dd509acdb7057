"""The program as a shell sees it: exit codes, one sentence on standard error, an answer without delay."""

import os
import subprocess
import sys

import pytest

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
