"""The Dagster UI, on the demo organisation (both emulated CRMs beside it) or on somebody's own CRMs, until Ctrl-C.

Belongs here: starting and stopping them together, so that no process is left, also after kill -9 (guarded.py). Not
here: what the UI shows (orchestration/).
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from crm_pipeline.config import load_settings
from crm_pipeline.demo.guarded import PATIENCE_SECONDS
from crm_pipeline.demo.home import OWN, dagster_home
from crm_pipeline.demo.world import running
from crm_pipeline.errors import SafetyError

_HOST = "127.0.0.1"


def serve(data: Path, port: int, *, own: bool = False) -> int:
    """Serve the UI on 127.0.0.1 until Ctrl-C or SIGTERM, or until Dagster ends. `data` as in world.running.

    `own`: no emulated CRMs, but those of the environment's variables. Returns the exit code: 0 when it was stopped,
    Dagster's own when it ended by itself. Raises SafetyError when it is running already or the port is taken,
    ConfigError for settings that are wrong.
    """
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with _own_crms(data) if own else _demo(data) as variables:
        require_free(port)
        dagster = "-m", "dagster", "dev", "-m", "crm_pipeline.definitions", "-h", _HOST, "-p", str(port)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-m", "crm_pipeline.demo.guarded", sys.executable, *dagster],
            env=os.environ | variables,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            print(
                f"The Dagster UI: http://{_HOST}:{port} (takes some ten seconds). Ctrl-C stops everything.", flush=True
            )
            while not stop.wait(0.2):
                if process.poll() is not None:
                    return process.returncode
            return 0
        finally:
            _end(process)


@contextmanager
def _demo(data: Path) -> Iterator[dict[str, str]]:
    """Both emulated CRMs, and the variables that lead Dagster to them. Works in the folder above `data`, to which the
    settings there are relative."""
    if (data / "demo").is_dir():
        os.chdir(data.resolve().parent)
        data = Path(data.name)
    with running(data, fresh=False) as world:
        yield {**world.environment, "DAGSTER_HOME": str(dagster_home(data, fresh=False))}


@contextmanager
def _own_crms(data: Path) -> Iterator[dict[str, str]]:
    """The home of somebody's own runs, which the system lets go of when this process ends."""
    load_settings()
    home = dagster_home(data, fresh=False, name=OWN)
    with (home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SafetyError(f"the Dagster UI of {home} is running already; stop it there first") from None
        yield {"DAGSTER_HOME": str(home)}


def require_free(port: int) -> None:
    """Raises SafetyError if the port is taken; Dagster itself would only print a stack trace."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((_HOST, port))
        except OSError:
            raise SafetyError(
                f"port {port} is taken by another program (another Dagster?); stop it, or choose another one: "
                f"crm-pipeline dev --port {port + 1}"
            ) from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let go of the process that leads the session, and wait until it and all of its session are gone."""
    if process.stdin:
        process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE_SECONDS + 5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
