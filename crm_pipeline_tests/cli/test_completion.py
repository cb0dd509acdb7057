"""What a shell is offered while somebody types, and the script by which it asks."""

import shutil

import pytest

from crm_pipeline.cli import completion
from crm_pipeline_tests.cli.test_program import program
from crm_pipeline_tests.report.night import HASH


@pytest.fixture
def published(home, warehouse):
    with warehouse.connect() as connection:
        connection.execute("insert into state.run values (12, '', '', now(), null, null, null)")
        connection.execute(
            "insert into state.hold (hold_id, golden_id, origin, held_by, held_at, why) "
            "values (3, 'person-1', 'pinned', 'x', now(), '')"
        )
    shutil.copyfile(warehouse.path, home / "analytics.duckdb")


def offered(complete, begun=""):
    return [(item.value, item.help) for item in complete(None, None, begun)]


def test_hashes_runs_pairs_and_holds_come_from_the_published_copy(published):
    assert offered(completion.plans) == [(HASH, "held")]
    assert offered(completion.plans, "ff") == []
    assert offered(completion.runs, "1")[0][0] == "12"
    assert len(offered(completion.pairs)) == 1
    assert offered(completion.holds) == [("3", "person-1")]


def test_without_a_copy_or_with_wrong_settings_nothing_is_offered_and_nothing_said(home, capsys):
    assert offered(completion.plans) == []
    (home / "settings.yaml").write_text("nonsense: 1\n", encoding="utf-8")
    assert offered(completion.plans) == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_its_script(cli, shell):
    assert "_CRM_PIPELINE_COMPLETE" in cli("completion", shell)


def test_the_program_answers_a_shell(published):
    words = {"_CRM_PIPELINE_COMPLETE": "bash_complete", "COMP_WORDS": "crm-pipeline approve 0", "COMP_CWORD": "2"}
    asked = program(**words)
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, f"plain,{HASH}\n", "")
