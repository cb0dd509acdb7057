"""How the program ends when something goes wrong: one sentence on standard error, an exit code, never a traceback.

Belongs here: which sentence and code an exception becomes. Not here: the types of our own errors (errors.py), the
sentence and log of those that nobody foresaw (defect.py), what the codes mean (exit_codes.py).
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

import click

from crm_pipeline.cli.exit_codes import DEFECT, STOPPED, UNREAD
from crm_pipeline.cli.program import UnreadError
from crm_pipeline.defect import defect
from crm_pipeline.errors import ConfigError, CrmPipelineError, WarehouseError


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
