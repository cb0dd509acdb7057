"""A program that ends with its parent, however that ends: `python -m crm_pipeline.demo.guarded PROGRAM ...`.

Belongs here: watching standard input, which closes when whoever started this process is gone, even by kill -9. It leads
a session of its own, so that whatever the program starts ends with it. Not here: what is run (dev.py).
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

#: `dagster dev` needs up to ten seconds to end its own processes (facts of Dagster 1.13).
PATIENCE_SECONDS = 20.0
_GLANCE_SECONDS = 0.2


def main(words: Sequence[str]) -> int:
    """Run the program until it ends or standard input closes. Returns its exit code, 0 if it was ended from here."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C reaches us by our parent, who closes standard input
    # a handled signal is reset in a new program, an ignored one is not: Dagster must be able to stop
    program = subprocess.Popen(  # noqa: S603 - our own parent's words
        list(words),
        stdin=subprocess.DEVNULL,
        preexec_fn=_hear,
    )
    while program.poll() is None:
        readable, _, _ = select.select([sys.stdin], [], [], _GLANCE_SECONDS)
        if readable and not os.read(sys.stdin.fileno(), 1):
            _end(program)
            return 0
    return program.returncode


def _hear() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(program: subprocess.Popen[bytes]) -> None:
    """Asked first, then made to; and whatever it has started, this process as well."""
    program.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        program.wait(PATIENCE_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    os.killpg(0, signal.SIGKILL) if code < 0 else sys.exit(code)
