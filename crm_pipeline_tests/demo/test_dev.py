"""`crm-pipeline dev` around Dagster: what it starts ends with it, however it ends; a second one gets a sentence."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

from crm_pipeline.demo.dev import require_free
from crm_pipeline.demo.home import OWN, dagster_home, data_folder
from crm_pipeline.errors import SafetyError

ROOT = Path(__file__).parents[2]
PARENT = """
import subprocess, sys, time
guarded = subprocess.Popen(
    [sys.executable, "-m", "crm_pipeline.demo.guarded", sys.executable, "-c",
     "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
     "print(child.pid, flush=True); time.sleep(60)"],
    stdin=subprocess.PIPE, start_new_session=True)
time.sleep(60)
"""


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes as Linux shows them")
def test_what_was_started_is_gone_when_its_starter_was_killed():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=ROOT)
    grandchild = int(parent.stdout.readline())
    assert is_alive(grandchild)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 20
    while is_alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_alive(grandchild)
    parent.stdout.close()


def test_a_program_that_ends_by_itself_gives_its_exit_code():
    words = [sys.executable, "-m", "crm_pipeline.demo.guarded", sys.executable, "-c", "raise SystemExit(3)"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, cwd=ROOT) as process:
        assert process.wait(20) == 3


def test_a_port_that_is_taken_is_a_sentence_with_the_next_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SafetyError, match=rf"port {port} is taken .*--port {port + 1}"):
            require_free(port)


def test_the_home_is_sane_and_known_to_this_dagster(tmp_path):
    home = dagster_home(tmp_path, fresh=False)
    assert home.is_absolute()
    chosen = yaml.safe_load((home / "dagster.yaml").read_text(encoding="utf-8"))
    assert chosen["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert not chosen["telemetry"]["enabled"]
    assert not chosen["nux"]["enabled"]
    read, _ = dagster_instance_config(str(home))  # raises for a key that it does not know
    assert read["retention"]["sensor"]["purge_after_days"]["skipped"] == 1


def test_any_folder_will_do(tmp_path):
    assert data_folder(tmp_path) == ROOT / "data"
    (tmp_path / "data" / "demo").mkdir(parents=True)
    assert data_folder(tmp_path) == (tmp_path / "data").resolve()


def test_a_second_one_on_the_own_crms_is_a_sentence(tmp_path):
    home = dagster_home(tmp_path / "data", fresh=False, name=OWN)
    with (home / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        words = [sys.executable, "-c", "from crm_pipeline.cli import main; main()", "dev", "--own"]
        ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 7
    assert "dagster-own is running already; stop it there first" in ended.stderr
