"""The Dagster UI on the demo organisation: both emulated CRMs and `dagster dev`, until Ctrl-C.

Belongs here: starting and stopping them together, so that no process is left. Not here: what the UI shows
(orchestration/).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event

from crm_pipeline.demo.home import dagster_home
from crm_pipeline.demo.world import running

#: `dagster dev` needs up to ten seconds to end its own processes (facts of Dagster 1.13).
_PATIENCE_SECONDS = 20.0


def serve(data: Path, port: int) -> int:
    """Serve the UI on 127.0.0.1 until Ctrl-C or SIGTERM, or until Dagster ends. `data` as in world.running.

    Returns the exit code: 0 when it was stopped, Dagster's own when it ended by itself.
    """
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with running(data, fresh=False) as world:
        environment = os.environ | world.environment | {"DAGSTER_HOME": str(dagster_home(data, fresh=False))}
        # A handled signal is reset in a new program, so that Dagster can be stopped even where Ctrl-C was ignored.
        dagster = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
            [
                sys.executable,
                "-m",
                "dagster",
                "dev",
                "-m",
                "crm_pipeline.definitions",
                "-h",
                "127.0.0.1",
                "-p",
                str(port),
            ],
            env=environment,
            start_new_session=True,
        )
        try:
            print(
                f"The Dagster UI: http://127.0.0.1:{port} (takes some ten seconds). Ctrl-C stops everything.",
                flush=True,
            )
            while not stop.wait(0.2):
                if dagster.poll() is not None:
                    return dagster.returncode
            return 0
        finally:
            _end(dagster)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a session, and whatever it has started: asked first, then made to."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE_SECONDS)
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()
