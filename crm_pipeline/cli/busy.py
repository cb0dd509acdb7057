"""A sign of life of commands that think for a while.

Belongs here: the sign, on a terminal only. Not here: the progress of a run with its steps (progress.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Say what is being done while the block runs; a script and a log are told nothing."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.markup import escape

    from crm_pipeline.cli.progress import Patient

    with Patient(stderr=True).status(f"{escape(what)} …"):
        yield
