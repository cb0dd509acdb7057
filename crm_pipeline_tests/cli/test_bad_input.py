"""What people and machines get wrong, run as a shell runs it: one sentence with the next step, a code, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import duckdb
import pytest

from crm_pipeline.cli import failing
from crm_pipeline.cli.program import UnreadError
from crm_pipeline.defect import LOG
from crm_pipeline.errors import ConfigError, NotFoundError, WarehouseError
from crm_pipeline_tests.cli.test_program import PROGRAM, program

SENTINEL = "ウロボロス"


@pytest.fixture
def said(capsys):
    """(exit code, standard error) of an ending."""

    def end(work):
        return failing.ended(work), capsys.readouterr().err

    return end


def raising(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"time_zone: Asia/Tokyo\n\tschedule: x\n", "line 2: a tab stands where YAML needs spaces"),
        ("time_zone: 東京\n".encode("cp932"), "line 1: this is not UTF-8 text; save it as UTF-8"),
        (b"- a\n", "line 1: expected `key: value` lines, found a list"),
        (b"hubspot: pat-secret\n", "line 1: hubspot: write keys with their values under it"),
        (b"shedule: x\n", "'shedule' is not a known key here; remove it or correct its spelling"),
        (b'schedule: "99 2 * * *"\n', "is not a schedule; write five cron fields like '0 2 * * *'"),
        (b"warehouse: 5\n", "line 1: warehouse: write the name of a file here"),
        (b"a: [1, 2\n", "this is not valid YAML"),
    ],
)
def test_settings_that_cannot_be_used_name_the_line_and_what_to_write(cli, home, text, says):
    (home / "settings.yaml").write_bytes(text)
    with pytest.raises(ConfigError) as error:
        cli("hold", "list")
    assert f"{home / 'settings.yaml'} " in str(error.value)
    assert says in str(error.value)
    assert "pat-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [("nothere.yaml", "does not exist; create it, or name another one"), ("folder", "is a folder; name a file")],
)
def test_a_settings_file_that_is_not_there_or_a_folder(cli, home, monkeypatch, name, says):
    (home / "folder").mkdir()
    monkeypatch.setenv("CRM_PIPELINE_SETTINGS", str(home / name))
    with pytest.raises(ConfigError, match=says):
        cli("hold", "list")


def test_an_empty_mapping_says_where_one_is(cli, home, monkeypatch):
    (home / "empty.yaml").touch()
    monkeypatch.setenv("CRM_PIPELINE_MAPPING", str(home / "empty.yaml"))
    with pytest.raises(ConfigError, match="is empty; `crm-pipeline init` writes a mapping"):
        cli("hold", "list")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: b"", "is not a database of this version of DuckDB; put back a copy"),
        (lambda data: b"x" * 10_000, "is not a database of this version of DuckDB; put back a copy"),
        (lambda data: data[:100_000], "is damaged; put back a copy"),
        (lambda data: data[:12_288] + os.urandom(len(data) - 12_288), "is damaged; put back a copy"),
    ],
)
def test_a_damaged_database_is_called_so_at_once(cli, warehouse, damage, says):
    warehouse.path.write_bytes(damage(warehouse.path.read_bytes()))
    with pytest.raises(WarehouseError, match=says) as error:
        cli("plan", "show")
    assert error.value.exit_code == 3  # not 4: nobody holds it


def test_a_database_that_is_a_folder(cli, home):
    (home / "crm.duckdb").mkdir()
    with pytest.raises(ConfigError, match=r"warehouse: .* is no file; name one"):
        cli("plan", "show")


def test_a_newer_database_names_the_next_step(cli, warehouse):
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("insert into state.version values (99)")
    for words in (("plan", "show"), ("hold", "list"), ("approve", "01234567", "--by", "x")):
        with pytest.raises(WarehouseError, match="install the newer program"):
            cli(*words)


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        (("undo", "99", "--by", "x"), NotFoundError, "there is no run 99"),
        (("plan", "show", "ffffffff"), NotFoundError, "`crm-pipeline plan show` names the newest one"),
        (("hold", "lift", "9", "--by", "x"), NotFoundError, "`crm-pipeline hold list` shows them"),
        (("review", "show", "zzz"), NotFoundError, "`crm-pipeline review list` names them"),
        (("undo", "--record", "nonsense", "--by", "x"), ConfigError, "'nonsense' names no record; write system/"),
        (("undo", "--record", "", "--by", "x"), ConfigError, "'' names no record"),
        (("undo", "--record", "hubspot/contacts/", "--by", "x"), ConfigError, "'hubspot/contacts/' names no record"),
        (("hold", "set", "", "--by", "x"), ConfigError, "the name is blank; write a golden record, such as person-12"),
        (("sql", " "), ConfigError, "the query is empty; try"),
        (("sql", "from x", "--csv", "--json"), ConfigError, "choose one form"),
    ],
)
def test_what_does_not_exist_is_said_with_the_command_that_lists_it(cli, warehouse, words, error, says):
    with pytest.raises(error, match=says):
        cli(*words)


def test_a_defect_is_a_sentence_and_a_log_without_values(said, home):
    def deep(value):
        raise ValueError(f"cannot use {value}") from KeyError(value)

    code, sentence = said(lambda: deep(SENTINEL))
    log = home / LOG
    assert code == 9
    assert "a defect of this program (ValueError in " in sentence
    assert str(log) in sentence
    text = log.read_text(encoding="utf-8")
    assert "builtins.KeyError" in text
    assert "builtins.ValueError" in text
    assert SENTINEL not in text + sentence
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (OSError(28, "No space left on device", "data/x.csv"), 3, "data/x.csv: there is no room left to write; free"),
        (PermissionError(13, "Permission denied", "data/x.csv"), 3, "data/x.csv: Permission denied; correct it"),
        (MemoryError(), 3, "the memory is not enough; nothing of this step was kept"),
        (KeyboardInterrupt(), 130, "stopped; what was finished is kept, run it again to go on"),
    ],
)
def test_other_endings_have_a_sentence_and_a_code(said, error, code, says):
    ended, sentence = said(raising(error))
    assert ended == code
    assert says in sentence


def test_a_closed_pipe_is_no_error_to_speak_of(said, monkeypatch):
    monkeypatch.setattr(failing, "_forget_output", lambda: None)
    assert said(raising(UnreadError())) == (141, "")
    assert said(raising(BrokenPipeError())) == (141, "")


def test_a_command_that_exits_by_itself_keeps_its_code(said):
    assert said(lambda: 1)[0] == 1
    assert said(raising(SystemExit(5)))[0] == 5
    assert said(lambda: None)[0] == 0


def test_a_terminal_that_lacks_characters_shows_their_numbers(home, warehouse):
    lacking = {"LC_ALL": "C", "PYTHONIOENCODING": "latin-1", "HOME": "", "TERM": "", "COLUMNS": "20"}
    shown = program("plan", "show", "--values", **lacking)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "\\u90e8\\u9577" in shown.stdout  # 部長


def test_a_reader_that_goes_away_and_no_output_at_all(home, warehouse):
    environment = os.environ | {"CRM_PIPELINE_SETTINGS": str(home / "settings.yaml")}
    long = f"{sys.executable} -c 'from crm_pipeline.cli import main; main()' emulator --help"
    ended = subprocess.run(["sh", "-c", f"{long} >&-"], capture_output=True, text=True, env=environment, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    words = [*PROGRAM, "plan", "show", b"\xe9\x82"]
    ended = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == 2
    assert "a word of the command is not UTF-8" in ended.stderr
