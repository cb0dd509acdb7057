"""An exception that nobody foresaw, in words: a sentence for a person, and a log that quotes no value.

Belongs here: what both the command line and the orchestrator say of it. Not here: errors raised on purpose (errors.py),
how a command ends (cli/failing.py).
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

#: Beside the warehouse, else in the folder for temporary files.
LOG = "crm-pipeline-errors.log"
_OWNER_ONLY = 0o600
#: Their text names parts of a program, not what it worked on; that of others may quote a value (law 45).
_SPEAK = (AttributeError, ImportError, NameError)


def defect(error: Exception) -> str:
    """A sentence about an exception that nobody foresaw, which may quote a value; where it happened goes into a log."""
    place = _last_place(error)
    try:
        log = _write_down(error)
    except OSError:
        return f"a defect of this program ({place}), and no log of it could be written; run again, and report it"
    return f"a defect of this program ({place}); {log} says where, without values: run again, and report it with that"


def _write_down(error: Exception) -> Path:
    """Put where and why it happened into the log, without the values that were worked on. Raises OSError."""
    for folder in _folders():
        path = folder / LOG
        try:
            with open(path, "a", encoding="utf-8", opener=_for_its_owner) as file:
                command = " ".join(word for word in sys.argv[1:2] if word.replace("-", "").isalpha())
                file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC  crm-pipeline {command}\n{_told(error)}\n")
            return path
        except OSError as again:
            last = again
    raise last


def _told(error: BaseException) -> str:
    """The traceback with the lines of the program, and of each exception its type; its text only if that cannot quote
    a value."""
    lines: list[str] = []
    for one in _chain(error):
        text = f": {one}" if isinstance(one, _SPEAK) else ""
        lines += [*traceback.format_tb(one.__traceback__), f"{type(one).__module__}.{type(one).__qualname__}{text}\n"]
    return "".join(lines)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """What led to it first."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _chain(before)
    yield error


def _last_place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}crm_pipeline{os.sep}" in frame.filename] or list(frames)
    where = f" in {Path(ours[-1].filename).name} line {ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}"


def _folders() -> Iterator[Path]:
    # settings that cannot be read have a sentence of their own; here the log needs another place
    with contextlib.suppress(Exception):
        from crm_pipeline.config import load_settings

        yield load_settings().warehouse.absolute().parent
    yield Path(tempfile.gettempdir())


def _for_its_owner(name: str, flags: int) -> int:
    return os.open(name, flags, _OWNER_ONLY)
