"""How the program ends when something goes wrong: one sentence on standard error, an exit code, never a traceback.

Belongs here: which sentence and code an exception becomes, and the log of those that nobody foresaw. Not here: the
types of our own errors (errors.py), what the codes mean (exit_codes.py).
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from crm_pipeline.cli.exit_codes import DEFECT, STOPPED, UNREAD
from crm_pipeline.cli.program import UnreadError
from crm_pipeline.errors import ConfigError, CrmPipelineError, WarehouseError

#: Beside the warehouse, else in the folder for temporary files.
LOG = "crm-pipeline-errors.log"
_OWNER_ONLY = 0o600
#: Their text names parts of a program, not what it worked on; that of others may quote a value (law 45).
_SPEAK = (AttributeError, ImportError, NameError)


def ended(work: Callable[[], object]) -> int:
    """Do the work. Returns the exit code; what went wrong is said by then."""
    try:
        _refuse_broken_words(sys.argv)
        code = work()
        if sys.stdout is not None:  # closed by whoever started us
            sys.stdout.flush()  # a pipe that somebody closed shows itself here at the latest
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except CrmPipelineError as error:
        return _say(str(error), error.exit_code)
    except (UnreadError, BrokenPipeError):
        _forget_output()
        return UNREAD
    except OSError as error:
        return _say(_about_a_file(error), WarehouseError.exit_code)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _say("stopped; what was finished is kept, run it again to go on", STOPPED)
    except MemoryError:
        return _say(
            "the memory is not enough; nothing of this step was kept; close other programs and run again",
            WarehouseError.exit_code,
        )
    except Exception as error:
        return _say(defect(error), DEFECT)
    return code if isinstance(code, int) else 0  # what a command that exits through click's context returns


def _say(sentence: str, code: int) -> int:
    try:
        click.echo(f"crm-pipeline: {sentence}", err=True)
    except BrokenPipeError:
        _forget_output()
    return code


def _refuse_broken_words(words: list[str]) -> None:
    """Raises ConfigError for bytes that are no UTF-8: neither a database nor a CRM could take them."""
    for word in words:
        if any("\ud800" <= character <= "\udfff" for character in word):
            raise ConfigError("a word of the command is not UTF-8; set the terminal to UTF-8 and type it again")


def _forget_output() -> None:
    """Nobody reads it any more; otherwise Python complains about that when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _about_a_file(error: OSError) -> str:
    what = f"{error.filename}: " if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"{what}there is no room left to write; free some space and run again: what was finished is kept"
    return f"{what}{error.strerror or error.__class__.__name__}; correct it or name another file, then run again"


def defect(error: Exception) -> str:
    """A sentence about an exception that nobody foresaw, which may quote a value; where it happened goes into a log."""
    place = _last_place(error)
    try:
        log = write_down(error)
    except OSError:
        return f"a defect of this program ({place}), and no log of it could be written; run again, and report it"
    return f"a defect of this program ({place}); {log} says where, without values: run again, and report it with that"


def write_down(error: Exception) -> Path:
    """Put where and why it happened into the log, without the values that were worked on. Raises OSError."""
    for folder in _folders():
        path = folder / LOG
        try:
            with open(path, "a", encoding="utf-8", opener=_for_its_owner) as file:
                command = " ".join(word for word in sys.argv[1:2] if word.replace("-", "").isalpha())
                file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC  crm-pipeline {command}\n{told(error)}\n")
            return path
        except OSError as again:
            last = again
    raise last


def told(error: BaseException) -> str:
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
