"""A tool in a process of its own, with its seconds and its most resident memory. Belongs here: starting and measuring.
Not here: which tool."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class FailedError(Exception):
    """The tool ended with an error; the text is the last line it said."""


@dataclass(frozen=True)
class Run:
    """Wall seconds from start to end (imports included), and MiB of ru_maxrss."""

    seconds: float
    peak: int


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run to the end. Raises FailedError."""
    with tempfile.TemporaryDirectory() as folder:
        said, measured = Path(folder) / "said", Path(folder) / "measured"
        done = subprocess.run(
            [sys.executable, "-S", "-c", _LAUNCHER, str(said), str(measured), *command],
            env={**os.environ, **(environment or {})},
        )
        if done.returncode:
            lines = [line for line in said.read_text(errors="replace").splitlines() if line.strip()]
            raise FailedError(lines[-1] if lines else f"ended with {done.returncode}")
        seconds, peak = measured.read_text().split()
    return Run(float(seconds), int(peak) // 1024)


#: A process inherits the most memory of the one that forks it: a small one in between starts the tool.
_LAUNCHER = """
import os, sys, time
said, measured, *command = sys.argv[1:]
started = time.perf_counter()
child = os.fork()
if not child:
    os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT), 1)
    os.dup2(1, 2)
    os.execvp(command[0], command)
_, status, usage = os.wait4(child, 0)
with open(measured, "w") as file:
    file.write(f"{time.perf_counter() - started} {usage.ru_maxrss}")
sys.exit(os.waitstatus_to_exitcode(status) != 0)
"""
