"""The Dagster UI on the demo organisation: both emulated CRMs and `dagster dev`, until Ctrl-C.

Belongs here: starting and stopping them together, so that no process is left, also after kill -9 (guarded.py). Not
here: what the UI shows (orchestration/).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event

from crm_pipeline.demo.guarded import PATIENCE_SECONDS
from crm_pipeline.demo.home import dagster_home
from crm_pipeline.demo.world import running
from crm_pipeline.errors import SafetyError

_HOST = "127.0.0.1"


def serve(data: Path, port: int) -> int:
    """Serve the UI on 127.0.0.1 until Ctrl-C or SIGTERM, or until Dagster ends. `data` as in world.running.

    Works in the folder above `data`, to which the settings there are relative. Returns the exit code: 0 when it was
    stopped, Dagster's own when it ended by itself. Raises SafetyError when it is running already or the port is taken.
    """
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if (data / "demo").is_dir():
        os.chdir(data.resolve().parent)
        data = Path(data.name)
    with running(data, fresh=False) as world:
        require_free(port)
        environment = os.environ | world.environment | {"DAGSTER_HOME": str(dagster_home(data, fresh=False))}
        dagster = "-m", "dagster", "dev", "-m", "crm_pipeline.definitions", "-h", _HOST, "-p", str(port)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-m", "crm_pipeline.demo.guarded", sys.executable, *dagster],
            env=environment,
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
